// What the world does with the actions of the cores: browsers, ICE and DTLS.
#include <algorithm>
#include <type_traits>
#include <utility>

#include "random.hpp"
#include "world.hpp"

namespace dvmeet::sim {

namespace {

/// How long a browser takes to notice that the other side is gone, and to give up.
constexpr TimeMs kDisconnectedMs = 7'000;
constexpr TimeMs kFailedMs = 17'000;
/// How long a browser looks for a first path.
constexpr TimeMs kNoPathMs = 15'000;
/// How soon ICE finds a path that works again.
constexpr TimeMs kHealMs = 800;
/// How soon SCTP sends again what got no answer.
constexpr std::uint32_t kResendMs = 400;

/// What only a fault of ours, or of the world's, can lead to.
bool is_fault(const Report& report) {
    switch (report.code) {
        case ErrorCode::malformed_message:
        case ErrorCode::queue_full:
        case ErrorCode::negotiation_failed:
        case ErrorCode::track_rejected:
        case ErrorCode::too_many_participants: return true;
        default: return false;
    }
}

/// Spec: webrtc-pc §4.4.1.2, the operations chain.
bool is_chained(const Action& action) {
    return std::holds_alternative<SetLocalDescription>(action) ||
           std::holds_alternative<SetRemoteDescription>(action) ||
           std::holds_alternative<AddIceCandidate>(action);
}

ConnectionId connection_of(const Action& action) {
    return std::visit(
        [](const auto& each) -> ConnectionId {
            if constexpr (requires { each.connection; }) {
                return each.connection;
            } else {
                return 0;
            }
        },
        action);
}

/// The application's function fails so often, out of all times that it is asked.
constexpr std::uint64_t kFailuresOfApplication = 3;
/// An ICE server answers nothing to one connection of so many.
constexpr std::uint64_t kRefusalsOfServers = 8;
/// A camera refuses one size of so many, and gives less than another one.
constexpr std::uint64_t kMoodsOfCameras = 4;

/// Where bytes flow, so does all else, and well.
StatsSampled sample_of(ConnectionId connection, const SampleStats& action, std::int64_t received,
                       TimeMs now) {
    StatsSampled sample{connection, action.op, received, 0, {}, {}, {}};
    sample.pair = PairStats{
        CandidateType::host, CandidateType::host, Transport::udp, {}, 20'000, 1'000'000, 1};
    if (!action.detailed) return sample;
    sample.at = now;
    sample.received = {{.slot = Slot::camera, .bytes = received * 1000, .packets = received}};
    sample.sent = {{.slot = Slot::camera, .bytes = received * 1000, .packets = received}};
    return sample;
}

}  // namespace

// ---- actions --------------------------------------------------------------------------------

void World::perform(NodeId id, Action& action) {
    Node& node = nodes_[id];
    const Delays& delays = settings_.delays;
    if (std::holds_alternative<OpenSignaling>(action)) {
        push_in({'o', id, 0}, 2 * delays.network, Opened{id, ++node.opening});
    } else if (std::holds_alternative<CloseSignaling>(action)) {
        ++node.opening;
        drop_socket(id);
    } else if (auto* emit = std::get_if<Emit>(&action)) {
        if (node.socket != 0)
            push_in({'u', id, 0}, delays.network,
                    ToServer{node.socket, emit->op, std::move(emit->message), node.socket_life});
    } else if (auto* create = std::get_if<CreateConnection>(&action)) {
        const std::uint32_t session = session_of(id, create->connection);
        const auto made = node.links.emplace(
            create->connection,
            Node::Link{create->participant, PeerConnection{session, create->channel}});
        made.first->second.ice_servers = std::move(create->ice_servers);
        settle(id, create->connection);
    } else if (const auto* close = std::get_if<CloseConnection>(&action)) {
        if (!node.links.contains(close->connection)) violate("a close of no connection");
        close_link(id, close->connection);
    } else if (const auto* add = std::get_if<AddTransceivers>(&action)) {
        node.links.at(add->connection).pc.add_transceivers(add->slots);
        settle(id, add->connection);
    } else if (const auto* adopt = std::get_if<AdoptTransceivers>(&action)) {
        if (const auto error = node.links.at(adopt->connection).pc.adopt(adopt->slots))
            violate("adopting was rejected: " + error->message);
        settle(id, adopt->connection);
    } else if (const auto* restart = std::get_if<RestartIce>(&action)) {
        node.links.at(restart->connection).pc.restart_ice();
        settle(id, restart->connection);
    } else if (const auto* acquire = std::get_if<AcquireMedia>(&action)) {
        std::vector<Slot> slots;
        for (const auto& request : acquire->requests) slots.push_back(request.slot);
        for (const Slot slot : slots) node.tracks.insert({slot, acquire->op});
        push_in({'m', id, acquire->op}, delays.media,
                ToCore{id, MediaAcquired{acquire->op, slots, false}, 0});
    } else if (const auto* release = std::get_if<ReleaseTrack>(&action)) {
        const std::pair track{release->track.slot, release->track.source};
        if (node.tracks.erase(track) == 0) violate("a release of no track");
        node.constraints.erase(track);
    } else if (const auto* constraints = std::get_if<ApplyConstraints>(&action)) {
        constrain(id, *constraints);
    } else if (const auto* ask = std::get_if<AskIceServers>(&action)) {
        ask_application(id, *ask);
    } else if (std::holds_alternative<SampleAudio>(action)) {
        AudioSampled heard{500, {}};
        for (const auto& [connection, link] : node.links) heard.levels.push_back({connection, 100});
        push_in({'a', id, 0}, delays.operation, ToCore{id, heard, 0});
    } else if (const auto* wake = std::get_if<WakeAt>(&action)) {
        set_wake(id, wake->time);
    } else if (const auto* report = std::get_if<Report>(&action)) {
        if (is_fault(*report)) violate(names_[id] + " reports " + report->detail);
    } else if (const ConnectionId connection = connection_of(action); connection != 0) {
        const auto link = node.links.find(connection);
        if (link == node.links.end()) {
            violate("an action on no connection");
            return;
        }
        if (is_chained(action)) ++link->second.chained;
        if (const auto* encoding = std::get_if<SetEncoding>(&action)) check_encoding(id, *encoding);
        if (auto* update = std::get_if<UpdateIceServers>(&action))
            link->second.ice_servers = update->ice_servers;
        // The operations chain of a connection runs in order; the rest of its doings does, too.
        push_in({'p', id, connection}, delays.operation,
                Operation{id, connection, std::move(action)});
    }
}

/// What it gives then is not what it was asked for with every camera.
void World::constrain(NodeId id, const ApplyConstraints& action) {
    const auto& [slot, source] = action.track;
    check_constraints(id, action);
    const std::uint64_t mood = mixed(seed_ ^ mixed(std::uint64_t{id} << 32U ^ source));
    const Lane lane{'k', id, 0};
    const std::uint32_t delay = settings_.delays.media;
    if (mood % kMoodsOfCameras == 0) {
        push_in(lane, delay,
                ToCore{id, ConstraintsFailed{action.track, {"OverconstrainedError", "no"}}, 0});
        return;
    }
    const std::uint32_t part = mood % kMoodsOfCameras == 1 ? 2 : 1;
    nodes_[id].camera = {{action.width / part, action.height / part}, action.frame_rate};
    const auto& [size, rate] = nodes_[id].camera;
    push_in(lane, delay,
            ToCore{id, ConstraintsApplied{action.track, size.width, size.height, rate}, 0});
}

void World::ask_application(NodeId id, const AskIceServers& action) {
    const Lane lane{'i', id, action.op};
    const std::uint64_t luck = mixed(seed_ ^ mixed(std::uint64_t{id} << 32U ^ action.op));
    if (luck % kFailuresOfApplication == 0) {
        push_in(lane, settings_.delays.media,
                ToCore{id, IceServersFailed{action.op, {"TypeError", "Failed to fetch"}}, 0});
        return;
    }
    const std::string url = "stun:" + names_[id] + "." + std::to_string(action.op) + ".example";
    push_in(lane, settings_.delays.media,
            ToCore{id,
                   IceServersGiven{action.op,
                                   {{{url}, std::nullopt, std::nullopt}},
                                   settings_.config.ice_servers_ttl_ms},
                   0});
}

void World::answer(const Operation& item, OperationId op, const PeerConnection::Outcome& error,
                   const Event& event) {
    if (!error) {
        handle(item.node, event);
        return;
    }
    // Handed in for the descriptions of then, whose successors were under way already.
    const bool is_late =
        std::holds_alternative<AddIceCandidate>(item.action) && error->name == "OperationError";
    if (!is_late)
        violate(names_[item.node] + "'s browser rejected " +
                std::visit(
                    [](const auto& each) {
                        return std::string{kTag<std::remove_cvref_t<decltype(each)>>};
                    },
                    item.action) +
                ": " + error->name + ", " + error->message);
    handle(item.node, OperationFailed{item.connection, op, *error});
}

void World::set_description(const Operation& item, Node::Link& link) {
    PeerConnection& pc = link.pc;
    if (const auto* local = std::get_if<SetLocalDescription>(&item.action)) {
        const auto error = pc.set_local();
        gather(item.node, item.connection);
        settle(item.node, item.connection);
        answer(item, local->op, error, LocalDescriptionSet{item.connection, local->op, pc.local()});
    } else if (const auto* remote = std::get_if<SetRemoteDescription>(&item.action)) {
        const auto error = pc.set_remote(remote->description);
        settle(item.node, item.connection);
        answer(item, remote->op, error,
               RemoteDescriptionSet{item.connection, remote->op, pc.infos()});
    }
}

/// Spec: webrtc-pc setParameters(), which needs a sender that is there.
void World::set_encoding(const Operation& item, const SetEncoding& action, Node::Link& link) {
    link.lines[action.slot].setting = false;
    const auto& all = link.pc.transceivers();
    const bool is_there = std::any_of(all.begin(), all.end(), [&](const auto& each) {
        return each.slot == action.slot && each.mid.has_value();
    });
    PeerConnection::Outcome error;
    if (!is_there) error = PlatformError{"InvalidStateError", "no sender in this slot"};
    answer(item, action.op, error, OperationDone{item.connection, action.op});
}

void World::sample(const Operation& item, const SampleStats& action, Node::Link& link) {
    const bool works = path_works(session_of(item.node, item.connection), link);
    if (works) ++link.received;
    StatsSampled sample = sample_of(item.connection, action, link.received, now_);
    if (action.detailed && settings_.config.adapt && works) add_flows(item.node, link, sample);
    handle(item.node, sample);
}

Load World::load_of(NodeId id) {
    constexpr PictureSize kScreen{1920, 1080};
    Load load;
    for (auto& [connection, link] : nodes_[id].links)
        for (const auto& [slot, source] : link.sent)
            add(load, slot, link.lines[slot],
                slot == Slot::screen ? kScreen : nodes_[id].camera.size);
    return load;
}

/// All that a page sends shares what it sends through.
void World::add_flows(NodeId id, Node::Link& link, StatsSampled& sample) {
    constexpr std::int64_t kQueuedUs = 600'000;
    const Bottleneck& through = nodes_[id].through;
    const Load load = load_of(id);
    const bool is_narrow = through.uplink_bps > 0 && load.bps > through.uplink_bps;
    const TimeMs elapsed_ms = now_ - std::exchange(link.sampled_at, now_);
    std::int64_t sent_bps = 0;
    sample.sent.clear();
    for (const auto& [slot, source] : link.sent) {
        Line& line = link.lines[slot];
        sample.sent.push_back(sample_line(slot, line, through, load, elapsed_ms));
        sent_bps += line.bps;
    }
    sample.pair->available_outgoing_bps.reset();
    if (through.symptom == Symptom::estimate)
        sample.pair->available_outgoing_bps = is_narrow ? sent_bps : 2 * load.bps;
    if (through.symptom == Symptom::delay && is_narrow) *sample.pair->round_trip_us += kQueuedUs;
}

void World::go(const Operation& item) {
    auto& links = nodes_[item.node].links;
    const auto found = links.find(item.connection);
    if (found == links.end()) return;
    Node::Link& link = found->second;
    if (is_chained(item.action)) --link.chained;
    if (const auto* candidate = std::get_if<AddIceCandidate>(&item.action)) {
        answer(item, candidate->op, link.pc.add_candidate(candidate->candidate),
               OperationDone{item.connection, candidate->op});
    } else if (const auto* replace = std::get_if<ReplaceTrack>(&item.action)) {
        link.sent.erase(replace->slot);
        if (replace->track) link.sent[replace->slot] = replace->track->source;
        handle(item.node, OperationDone{item.connection, replace->op});
    } else if (const auto* sample = std::get_if<SampleStats>(&item.action)) {
        this->sample(item, *sample, link);
    } else if (const auto* encoding = std::get_if<SetEncoding>(&item.action)) {
        set_encoding(item, *encoding, link);
    } else if (std::holds_alternative<UpdateIceServers>(item.action) ||
               std::holds_alternative<SendKeyFrames>(item.action)) {
        return;
    } else if (const auto* send = std::get_if<SendOnChannel>(&item.action)) {
        link.unsent.push_back(send->message);
        if (link.unsent.size() == 1) transmit(item.node, item.connection, link);
    } else {
        set_description(item, link);
    }
    const auto left = links.find(item.connection);
    if (left == links.end()) return;
    if (left->second.looks_later) settle(item.node, item.connection);
    look_for_match(item.node, item.connection);
}

void World::go(const Resent& item) {
    Node::Link* const link = link_of(session_of(item.node, item.connection));
    if (link != nullptr) transmit(item.node, item.connection, *link);
}

/// In order: what comes later waits for what is sent again.
void World::transmit(NodeId id, ConnectionId connection, Node::Link& link) {
    const bool has_end = link.partner && link_of(*link.partner) != nullptr;
    if (has_end && !path_works(session_of(id, connection), link)) {
        push_in({'r', id, connection}, kResendMs, Resent{id, connection});
        return;
    }
    for (auto& message : std::exchange(link.unsent, {}))
        if (has_end)
            push_in({'d', id, connection}, settings_.delays.network,
                    ToCore{*link.partner >> 16U,
                           ChannelReceived{*link.partner & 0xFFFFU, std::move(message)}, 0});
}

/// Spec: webrtc-pc §4.7.3, which waits for an empty operations chain before and in the task.
void World::settle(NodeId id, ConnectionId connection) {
    Node::Link& link = nodes_[id].links.at(connection);
    link.looks_later = link.chained > 0;
    if (!link.looks_later)
        push_in({'p', id, connection}, std::min(settings_.delays.operation, 1U),
                Needed{id, connection});
}

void World::go(const Needed& item) {
    auto& links = nodes_[item.node].links;
    const auto found = links.find(item.connection);
    if (found == links.end()) return;
    if (found->second.chained > 0) {
        found->second.looks_later = true;
    } else if (found->second.pc.update_negotiation_needed()) {
        handle(item.node, NegotiationNeeded{item.connection});
    }
}

void World::gather(NodeId id, ConnectionId connection) {
    auto& link = nodes_[id].links.at(connection);
    const Sdp* const local = link.pc.local_sdp();
    if (local == nullptr || link.gathered == local->generation) return;
    link.gathered = local->generation;
    for (std::uint32_t i = 0; i <= settings_.candidates; ++i)
        push_in({'g', id, connection}, settings_.delays.gathering,
                Gathered{id, connection, link.gathered, i});
}

void World::go(const Gathered& item) {
    const auto& links = nodes_[item.node].links;
    const auto found = links.find(item.connection);
    if (found == links.end() || found->second.gathered != item.generation) return;
    const std::uint64_t luck = mixed(seed_ ^ mixed(std::uint64_t{found->second.pc.session()}));
    if (item.index == settings_.candidates && luck % kRefusalsOfServers == 0)
        handle(item.node, CandidateError{item.connection, "turn:turn.example:3478", 701, "no"});
    CandidateGathered event{item.connection, std::nullopt};
    if (item.index < settings_.candidates) {
        const std::string ufrag =
            Sdp{found->second.pc.session(), item.generation, {}, false}.ufrag();
        event.candidate = IceCandidate{"candidate:" + std::to_string(item.index) +
                                           " 1 udp 1 192.0.2.1 9 typ host ufrag " + ufrag,
                                       "0", 0, ufrag};
    }
    handle(item.node, event);
}

// ---- ICE and DTLS ---------------------------------------------------------------------------

Node::Link* World::link_of(std::uint32_t session) {
    auto& links = nodes_[session >> 16U].links;
    const auto found = links.find(session & 0xFFFFU);
    return found == links.end() ? nullptr : &found->second;
}

const Node::Link* World::link_of(std::uint32_t session) const {
    const auto& links = nodes_[session >> 16U].links;
    const auto found = links.find(session & 0xFFFFU);
    return found == links.end() ? nullptr : &found->second;
}

bool World::reachable(NodeId one, NodeId other) const {
    return !cut_.contains({std::min(one, other), std::max(one, other)});
}

bool World::can_reach(NodeId one, NodeId other) const {
    return nodes_[one].online && nodes_[other].online && reachable(one, other);
}

void World::set_reachable(NodeId one, NodeId other, bool possible) {
    const std::pair pair{std::min(one, other), std::max(one, other)};
    if (possible) {
        cut_.erase(pair);
    } else {
        cut_.insert(pair);
    }
    path_changes(one);
}

bool World::path_works(std::uint32_t session, const Node::Link& link) {
    if (!link.partner) return false;
    const NodeId one = session >> 16U;
    const NodeId other = *link.partner >> 16U;
    const Node::Link* const theirs = link_of(*link.partner);
    return theirs != nullptr && theirs->partner == session && can_reach(one, other) &&
           link.path == std::pair{nodes_[one].address, nodes_[other].address};
}

void World::look_for_match(NodeId id, ConnectionId connection) {
    const auto& link = nodes_[id].links.at(connection);
    if (link.partner && link.connected_as == link.pc.generations()) return;
    for (NodeId other = 0; other < nodes_.size(); ++other) {
        if (other == id) continue;
        for (const auto& [number, theirs] : nodes_[other].links) {
            if (!PeerConnection::match(link.pc, theirs.pc)) continue;
            push_in({'c', link.pc.session(), theirs.pc.session()}, settings_.delays.connecting,
                    Connected{link.pc.session(), theirs.pc.session()});
            if (!can_reach(id, other) && !link.partner)
                agenda_.push(now_ + kNoPathMs, {'f', link.pc.session(), 0},
                             Noticed{link.pc.session(), ConnectionState::failed, link.outage});
        }
    }
}

void World::go(const Connected& item) {
    Node::Link* const ours = link_of(item.one);
    Node::Link* const theirs = link_of(item.other);
    if (ours == nullptr || theirs == nullptr || !PeerConnection::match(ours->pc, theirs->pc))
        return;
    if (!can_reach(item.one >> 16U, item.other >> 16U)) return;  // looked at again when they can
    const bool is_done = ours->partner == item.other && theirs->partner == item.one &&
                         ours->connected_as == ours->pc.generations() &&
                         path_works(item.one, *ours);
    if (is_done) return;
    const bool has_channel =
        ours->pc.has_channel() && theirs->pc.has_channel() && !ours->partner && !theirs->partner;
    connect(item.one, item.other, has_channel);
    connect(item.other, item.one, has_channel);
}

void World::connect(std::uint32_t session, std::uint32_t partner, bool with_channel) {
    Node::Link* const link = link_of(session);
    if (link == nullptr) return;
    const NodeId node = session >> 16U;
    const ConnectionId connection = session & 0xFFFFU;
    const bool is_first = link->state == ConnectionState::fresh;
    const bool is_told = link->state != ConnectionState::connected;
    link->partner = partner;
    link->connected_as = link->pc.generations();
    link->path = {nodes_[node].address, nodes_[partner >> 16U].address};
    link->state = ConnectionState::connected;
    ++link->outage;
    if (is_first) handle(node, ConnectionStateChanged{connection, ConnectionState::connecting});
    if (is_told) handle(node, ConnectionStateChanged{connection, ConnectionState::connected});
    if (with_channel) handle(node, ChannelOpened{connection});
}

/// Whose way to the others is another one now: every path there is may break, or work again.
void World::path_changes(NodeId id) {
    for (NodeId node = 0; node < nodes_.size(); ++node) {
        for (auto& [connection, link] : nodes_[node].links) {
            const std::uint32_t session = session_of(node, connection);
            const bool concerns = node == id || (link.partner && *link.partner >> 16U == id);
            if (!link.partner || !concerns) continue;
            if (!path_works(session, link)) {
                path_breaks(session, link);
            } else if (link.state == ConnectionState::disconnected) {
                agenda_.push(now_ + kHealMs, {'f', session, 0},
                             Noticed{session, ConnectionState::connected, link.outage});
            } else {
                ++link.outage;
            }
        }
    }
    for (NodeId node = 0; node < nodes_.size(); ++node)
        for (const auto& [connection, link] : std::map{nodes_[node].links})
            if (nodes_[node].links.contains(connection)) look_for_match(node, connection);
}

void World::path_breaks(std::uint32_t session, Node::Link& link) {
    ++link.outage;
    const Lane lane{'f', session, 0};
    agenda_.push(now_ + kDisconnectedMs, lane,
                 Noticed{session, ConnectionState::disconnected, link.outage});
    agenda_.push(now_ + kFailedMs, lane, Noticed{session, ConnectionState::failed, link.outage});
}

void World::lose_path(NodeId one, NodeId other) {
    constexpr std::pair kNowhere{~0U, ~0U};
    for (auto& [connection, link] : nodes_[one].links) {
        if (!link.partner || *link.partner >> 16U != other) continue;
        Node::Link* const theirs = link_of(*link.partner);
        link.path = kNowhere;
        path_breaks(session_of(one, connection), link);
        if (theirs == nullptr) continue;
        theirs->path = kNowhere;
        path_breaks(*link.partner, *theirs);
    }
}

void World::go(const Noticed& item) {
    Node::Link* const link = link_of(item.session);
    if (link == nullptr || link->outage != item.outage || link->state == item.state) return;
    if (item.state == ConnectionState::connected && !path_works(item.session, *link)) return;
    link->state = item.state;
    handle(item.session >> 16U, ConnectionStateChanged{item.session & 0xFFFFU, item.state});
}

void World::close_link(NodeId id, ConnectionId connection) {
    auto& links = nodes_[id].links;
    const auto found = links.find(connection);
    if (found == links.end()) return;
    const std::uint32_t session = session_of(id, connection);
    const auto partner = found->second.partner;
    const bool is_heard = path_works(session, found->second);
    links.erase(found);
    Node::Link* const other = partner ? link_of(*partner) : nullptr;
    if (other == nullptr || other->partner != session) return;
    if (is_heard)
        push_in({'d', id, connection}, settings_.delays.network,
                ToCore{*partner >> 16U, ChannelClosed{*partner & 0xFFFFU}, 0});
    path_breaks(*partner, *other);
}

}  // namespace dvmeet::sim
