// A whole meeting in one value: cores, browsers, sockets, the server, and one virtual clock.
#include "world.hpp"

#include <algorithm>
#include <utility>

namespace dvmeet::sim {

namespace {

/// A wake-up storm: more timers a virtual second than anything here can mean.
constexpr std::uint32_t kMostWakesPerSecond = 20;
constexpr std::uint32_t kCandidates = 3;
/// How long a browser takes to notice that the other side is gone, and to give up.
constexpr TimeMs kDisconnectedMs = 7'000;
constexpr TimeMs kFailedMs = 17'000;
constexpr std::string_view kRoom = "room";

std::string candidate_text(std::uint32_t ufrag, std::uint32_t index) {
    return "candidate:" + std::to_string(index) + " 1 udp 1 192.0.2.1 9 typ host ufrag u" +
           std::to_string(ufrag);
}

bool later(const auto& one, const auto& other) {
    return std::pair{one.due, one.number} > std::pair{other.due, other.number};
}

}  // namespace

// ---- time -----------------------------------------------------------------------------------

void World::push(TimeMs due, Payload payload) {
    items_.push_back({due, numbers_++, std::move(payload)});
    std::push_heap(items_.begin(), items_.end(),
                   [](const Item& one, const Item& other) { return later(one, other); });
}

void World::push_in(const Lane& lane, std::uint32_t delay, Payload payload) {
    TimeMs& last = lanes_[lane];
    last = std::max(last, now_ + 1 + random_.below(std::max(delay, 1U)));
    push(last, std::move(payload));
}

void World::run_until(TimeMs end) {
    while (!items_.empty() && !violation_ && items_.front().due <= end) {
        std::pop_heap(items_.begin(), items_.end(),
                      [](const Item& one, const Item& other) { return later(one, other); });
        Item item = std::move(items_.back());
        items_.pop_back();
        now_ = item.due;
        ++steps_;
        std::visit([&](const auto& each) { go(each); }, item.payload);
    }
    now_ = std::max(now_, end);
}

void World::plan(TimeMs at, NodeId node, Deed deed) { push(at, Done{node, deed}); }

void World::violate(std::string sentence) {
    if (!violation_) violation_ = "at " + std::to_string(now_) + " ms: " + std::move(sentence);
}

// ---- pages ----------------------------------------------------------------------------------

NodeId World::open_page(const std::string& name) {
    nodes_.emplace_back();
    names_.push_back(name);
    return static_cast<NodeId>(nodes_.size() - 1);
}

void World::go(const Done& item) {
    Node& node = nodes_[item.node];
    if (!node.open) return;
    if (std::holds_alternative<Join>(item.deed)) {
        handle(item.node, JoinRequested{std::string{kRoom}, names_[item.node]});
    } else if (std::holds_alternative<Leave>(item.deed)) {
        handle(item.node, LeaveRequested{});
    } else if (std::holds_alternative<Reconnect>(item.deed)) {
        handle(item.node, ReconnectRequested{});
    } else if (const auto* toggle = std::get_if<Toggle>(&item.deed)) {
        handle(item.node, MediaWished{{{toggle->slot, toggle->on, std::nullopt, false}}});
    } else {
        const std::string socket = node.socket;
        node.socket.clear();
        if (!socket.empty()) push_in({'u', item.node, 0}, delays_.network, Closed{socket});
        if (std::holds_alternative<LoseSocket>(item.deed)) {
            handle(item.node, SignalingClosed{"transport close"});
            return;
        }
        while (!node.links.empty()) close_link(item.node, node.links.begin()->first);
        node.open = false;
        node.tracks.clear();
    }
}

void World::handle(NodeId id, const Event& event) {
    if (!nodes_[id].open || violation_) return;
    if (recording_) entries_.push_back({id, now_, event});
    const Actions actions = nodes_[id].core.handle(now_, event);
    for (const Action& action : actions) perform(id, action);
}

void World::go(const ToCore& item) {
    if (!item.socket.empty() && nodes_[item.node].socket != item.socket) return;
    handle(item.node, item.event);
}

void World::go(const Wake& item) {
    Node& node = nodes_[item.node];
    if (!node.wake || *node.wake > now_) return;
    node.wake.reset();
    ++node.wakes;
    const auto seconds = static_cast<std::uint32_t>(now_ / 1000 + 10);
    if (node.wakes > seconds * kMostWakesPerSecond) violate("a timer storm");
    handle(item.node, TimePassed{});
}

// ---- actions --------------------------------------------------------------------------------

void World::perform(NodeId id, const Action& action) {
    Node& node = nodes_[id];
    if (std::holds_alternative<OpenSignaling>(action)) {
        push_in({'o', id, 0}, 2 * delays_.network, Opened{id});
    } else if (std::holds_alternative<CloseSignaling>(action)) {
        if (!node.socket.empty()) push_in({'u', id, 0}, delays_.network, Closed{node.socket});
        node.socket.clear();
    } else if (const auto* emit = std::get_if<Emit>(&action)) {
        if (!node.socket.empty())
            push_in({'u', id, 0}, delays_.network, ToServer{node.socket, emit->op, emit->message});
    } else if (const auto* create = std::get_if<CreateConnection>(&action)) {
        const std::uint32_t session = ++sessions_;
        sessions_of_[session] = {id, create->connection};
        node.links.emplace(
            create->connection,
            Node::Link{create->participant, PeerConnection{session, create->channel}, {}});
    } else if (const auto* close = std::get_if<CloseConnection>(&action)) {
        if (!node.links.contains(close->connection)) violate("a close of no connection");
        close_link(id, close->connection);
    } else if (const auto* add = std::get_if<AddTransceivers>(&action)) {
        node.links.at(add->connection).pc.add_transceivers(add->slots);
        settle(id, add->connection);
    } else if (const auto* adopt = std::get_if<AdoptTransceivers>(&action)) {
        if (const auto error = node.links.at(adopt->connection).pc.adopt(adopt->slots))
            violate("adopting was rejected: " + error->message);
    } else if (const auto* acquire = std::get_if<AcquireMedia>(&action)) {
        std::vector<Slot> slots;
        for (const auto& request : acquire->requests) slots.push_back(request.slot);
        push_in({'m', id, acquire->op}, delays_.media,
                ToCore{id, MediaAcquired{acquire->op, slots, false}, ""});
        for (const Slot slot : slots) node.tracks.insert({slot, acquire->op});
    } else if (const auto* release = std::get_if<ReleaseTrack>(&action)) {
        if (node.tracks.erase({release->track.slot, release->track.source}) == 0)
            violate("a release of no track");
    } else if (const auto* wake = std::get_if<WakeAt>(&action)) {
        node.wake = wake->time;
        if (wake->time) push(std::max(*wake->time, now_), Wake{id});
    } else {
        const auto connection = std::visit(
            [](const auto& each) -> ConnectionId {
                if constexpr (requires { each.connection; }) {
                    return each.connection;
                } else {
                    return 0;
                }
            },
            action);
        if (connection == 0) return;
        // The operations chain of a connection runs in order; the rest of its doings does, too.
        push_in({'p', id, connection}, delays_.operation, Operation{id, connection, action});
    }
}

void World::go(const Operation& item) {
    Node& node = nodes_[item.node];
    const auto found = node.links.find(item.connection);
    if (found == node.links.end()) return;
    PeerConnection& pc = found->second.pc;
    const auto answer = [&](OperationId op, const PeerConnection::Outcome& error, Event event) {
        if (error) {
            violate("the browser rejected " +
                    std::string{std::visit(
                        [](const auto& each) { return kTag<std::remove_cvref_t<decltype(each)>>; },
                        item.action)} +
                    ": " + error->name + ", " + error->message);
            handle(item.node, OperationFailed{item.connection, op, *error});
        } else {
            handle(item.node, event);
        }
    };
    if (const auto* local = std::get_if<SetLocalDescription>(&item.action)) {
        const auto error = pc.set_local();
        answer(local->op, error, LocalDescriptionSet{item.connection, local->op, pc.local()});
        if (!nodes_[item.node].links.contains(item.connection)) return;
        auto& link = nodes_[item.node].links.at(item.connection);
        if (link.gathered != link.pc.ufrag()) {
            link.gathered = link.pc.ufrag();
            for (std::uint32_t i = 0; i <= kCandidates; ++i)
                push_in({'g', item.node, item.connection}, delays_.gathering,
                        Gathered{item.node, item.connection, link.gathered, i});
        }
    } else if (const auto* remote = std::get_if<SetRemoteDescription>(&item.action)) {
        const auto error = pc.set_remote(remote->description);
        answer(remote->op, error,
               RemoteDescriptionSet{item.connection, remote->op, pc.transceivers()});
    } else if (const auto* candidate = std::get_if<AddIceCandidate>(&item.action)) {
        answer(candidate->op, pc.add_candidate(candidate->candidate),
               OperationDone{item.connection, candidate->op});
    } else if (const auto* replace = std::get_if<ReplaceTrack>(&item.action)) {
        handle(item.node, OperationDone{item.connection, replace->op});
    } else if (const auto* sample = std::get_if<SampleInbound>(&item.action)) {
        handle(item.node, InboundSampled{item.connection, sample->op, now_});
    } else if (const auto* send = std::get_if<SendOnChannel>(&item.action)) {
        if (found->second.partner) {
            const auto [other, connection] = locate(*found->second.partner);
            if (connection != 0)
                push_in({'d', item.node, item.connection}, delays_.network,
                        ToCore{other, ChannelReceived{connection, send->message}, ""});
        }
    }
    if (nodes_[item.node].links.contains(item.connection)) {
        settle(item.node, item.connection);
        look_for_match(item.node, item.connection);
    }
}

/// Spec: webrtc-pc §4.7.3, which fires once the connection is stable and its chain is empty.
void World::settle(NodeId id, ConnectionId connection) {
    auto& link = nodes_[id].links.at(connection);
    if (link.needed_announced || !link.pc.stable() || !link.pc.negotiation_needed()) return;
    link.needed_announced = true;
    push_in({'p', id, connection}, 1, Needed{id, connection});
}

void World::go(const Needed& item) {
    auto& links = nodes_[item.node].links;
    const auto found = links.find(item.connection);
    if (found == links.end()) return;
    found->second.needed_announced = false;
    if (found->second.pc.stable() && found->second.pc.negotiation_needed())
        handle(item.node, NegotiationNeeded{item.connection});
}

void World::go(const Gathered& item) {
    if (!nodes_[item.node].links.contains(item.connection)) return;
    CandidateGathered event{item.connection, std::nullopt};
    if (item.index < kCandidates)
        event.candidate = IceCandidate{candidate_text(item.ufrag, item.index), "0", 0,
                                       "u" + std::to_string(item.ufrag)};
    handle(item.node, event);
}

// ---- ICE and DTLS ---------------------------------------------------------------------------

std::pair<NodeId, ConnectionId> World::locate(std::uint32_t session) const {
    const auto found = sessions_of_.find(session);
    if (found == sessions_of_.end()) return {0, 0};
    return found->second;
}

bool World::reachable(NodeId one, NodeId other) const {
    return !cut_.contains({std::min(one, other), std::max(one, other)});
}

void World::set_reachable(NodeId one, NodeId other, bool possible) {
    const std::pair pair{std::min(one, other), std::max(one, other)};
    if (possible) {
        cut_.erase(pair);
    } else {
        cut_.insert(pair);
    }
}

void World::look_for_match(NodeId id, ConnectionId connection) {
    const auto& link = nodes_[id].links.at(connection);
    if (link.partner) return;
    for (NodeId other = 0; other < nodes_.size(); ++other) {
        if (other == id || nodes_[other].socket != link.participant || !reachable(id, other))
            continue;
        for (const auto& [number, theirs] : nodes_[other].links) {
            if (theirs.partner || !PeerConnection::match(link.pc, theirs.pc)) continue;
            push_in({'c', link.pc.session(), theirs.pc.session()}, delays_.connecting,
                    Connected{link.pc.session(), theirs.pc.session()});
        }
    }
}

void World::go(const Connected& item) {
    const auto [one, one_connection] = locate(item.one);
    const auto [other, other_connection] = locate(item.other);
    if (one_connection == 0 || other_connection == 0) return;
    auto& ours = nodes_[one].links.at(one_connection);
    auto& theirs = nodes_[other].links.at(other_connection);
    if (ours.partner || theirs.partner || !PeerConnection::match(ours.pc, theirs.pc)) return;
    ours.partner = item.other;
    theirs.partner = item.one;
    const bool channel = ours.pc.has_channel() && theirs.pc.has_channel();
    for (const auto& [node, connection] :
         {std::pair{one, one_connection}, std::pair{other, other_connection}}) {
        handle(node, ConnectionStateChanged{connection, ConnectionState::connecting});
        handle(node, ConnectionStateChanged{connection, ConnectionState::connected});
        if (channel) handle(node, ChannelOpened{connection});
    }
}

void World::close_link(NodeId id, ConnectionId connection) {
    auto& links = nodes_[id].links;
    const auto found = links.find(connection);
    if (found == links.end()) return;
    const std::uint32_t session = found->second.pc.session();
    const auto partner = found->second.partner;
    links.erase(found);
    sessions_of_.erase(session);
    if (!partner) return;
    const auto [other, theirs] = locate(*partner);
    if (theirs == 0) return;
    push_in({'d', id, connection}, delays_.network, ToCore{other, ChannelClosed{theirs}, ""});
    push(now_ + kDisconnectedMs, Gone{*partner, ConnectionState::disconnected});
    push(now_ + kFailedMs, Gone{*partner, ConnectionState::failed});
}

void World::go(const Gone& item) {
    const auto [node, connection] = locate(item.session);
    if (connection != 0) handle(node, ConnectionStateChanged{connection, item.state});
}

// ---- the server -----------------------------------------------------------------------------

void World::go(const Opened& item) {
    Node& node = nodes_[item.node];
    if (!node.open || !node.socket.empty()) return;
    node.socket = "s" + std::to_string(++sockets_);
    sockets_of_[node.socket] = item.node;
    handle(item.node, SignalingOpened{node.socket});
}

void World::go(const Closed& item) { leave_room(item.socket); }

NodeId World::node_of(const std::string& socket) const { return sockets_of_.at(socket); }

World::Member* World::member(const std::string& socket) {
    const auto found = std::find_if(members_.begin(), members_.end(),
                                    [&](const Member& each) { return each.socket == socket; });
    return found == members_.end() ? nullptr : &*found;
}

void World::to_member(const Member& to, wire::ServerMessage message) {
    push_in({'s', to.node, 0}, delays_.network,
            ToCore{to.node, SignalReceived{std::move(message)}, to.socket});
}

void World::to_others(const std::string& socket, const wire::ServerMessage& message) {
    for (const Member& each : members_)
        if (each.socket != socket) to_member(each, message);
}

void World::leave_room(const std::string& socket) {
    if (std::erase_if(members_, [&](const Member& each) { return each.socket == socket; }) == 0)
        return;
    to_others(socket, wire::UserLeft{{socket}});
    to_others(socket, wire::ParticipantLeft{{socket}});
}

void World::go(const ToServer& item) {
    if (const auto* join = std::get_if<wire::JoinRoom>(&item.message)) {
        serve_join(item, *join);
    } else if (Member* from = member(item.socket)) {
        serve(*from, item);
    }
}

void World::serve_join(const ToServer& item, const wire::JoinRoom& message) {
    const NodeId node = node_of(item.socket);
    if (nodes_[node].socket != item.socket) return;
    wire::Entry entry{item.socket,          message.user_name,     message.is_muted,
                      message.is_video_off, message.is_camera_off, message.is_sharing,
                      message.protocol};
    if (member(item.socket) == nullptr) members_.push_back({item.socket, node, {}});
    member(item.socket)->entry = entry;
    wire::JoinAnswer answer;
    answer.ok = true;
    answer.participant_id = item.socket;
    for (const Member& each : members_) answer.participants.push_back(each.entry);
    push_in({'s', node, 0}, delays_.network,
            ToCore{node, JoinAnswered{item.op.value_or(0), answer}, item.socket});
    wire::ParticipantsList list;
    list.participants = answer.participants;
    to_member(*member(item.socket), list);
    wire::UserJoined joined;
    static_cast<wire::Entry&>(joined) = entry;
    to_others(item.socket, joined);
}

void World::serve(Member& from, const ToServer& item) {
    if (const auto* offer = std::get_if<wire::Offer>(&item.message)) {
        if (const Member* to = member(offer->target_id))
            to_member(*to, wire::OfferFrom{{*offer, from.socket, offer->sdp}});
    } else if (const auto* reply = std::get_if<wire::Answer>(&item.message)) {
        if (const Member* to = member(reply->target_id))
            to_member(*to, wire::AnswerFrom{{*reply, from.socket, reply->sdp}});
    } else if (const auto* candidate = std::get_if<wire::IceCandidateTo>(&item.message)) {
        if (const Member* to = member(candidate->target_id))
            to_member(*to, wire::IceCandidateFrom{*candidate, from.socket, candidate->candidate});
    } else if (const auto* state = std::get_if<wire::MediaStateChange>(&item.message)) {
        from.entry.is_muted = state->is_muted;
        from.entry.is_video_off = state->is_video_off;
        from.entry.is_camera_off = state->is_camera_off;
        to_others(from.socket, wire::MediaStateUpdated{from.socket, state->is_muted,
                                                       state->is_video_off, state->is_camera_off});
    } else if (std::holds_alternative<wire::ScreenShareStarted>(item.message)) {
        from.entry.is_sharing = true;
        to_others(from.socket, wire::ScreenShareStartedBy{{from.socket}});
    } else if (std::holds_alternative<wire::ScreenShareEnded>(item.message)) {
        from.entry.is_sharing = false;
        to_others(from.socket, wire::ScreenShareEndedBy{{from.socket}});
    } else if (std::holds_alternative<wire::LeaveRoom>(item.message)) {
        leave_room(std::string{from.socket});
    }
}

// ---- invariants -----------------------------------------------------------------------------

void World::check_quiescence() {
    if (violation_) return;
    std::vector<NodeId> present;
    for (NodeId id = 0; id < nodes_.size(); ++id) {
        const Node& node = nodes_[id];
        const Snapshot shot = node.core.snapshot();
        const bool inside = node.open && shot.connection == MeetingState::joined;
        if (inside) {
            present.push_back(id);
        } else if (!node.links.empty()) {
            violate(names_[id] + " is outside and still holds connections");
        } else if (node.open && node.wake) {
            violate(names_[id] + " is outside and still has a timer");
        }
        if (node.open && shot.connection == MeetingState::left && !node.tracks.empty())
            violate(names_[id] + " left and still holds devices");
    }
    for (const NodeId id : present) {
        const Snapshot shot = nodes_[id].core.snapshot();
        const std::string who = names_[id] + " (" + nodes_[id].socket + ")";
        if (shot.participants.size() != present.size())
            violate(who + " shows " + std::to_string(shot.participants.size()) + " tiles for " +
                    std::to_string(present.size()) + " people");
        if (nodes_[id].links.size() + 1 != present.size())
            violate(who + " holds " + std::to_string(nodes_[id].links.size()) +
                    " connections for " + std::to_string(present.size()) + " people");
        for (const auto& tile : shot.participants) {
            const auto found = std::find_if(present.begin(), present.end(), [&](NodeId other) {
                return nodes_[other].socket == tile.id;
            });
            if (found == present.end()) {
                violate(who + " shows a ghost, " + tile.id);
                continue;
            }
            const auto themselves = nodes_[*found].core.snapshot().participants.at(0);
            const bool agree = tile.name == themselves.name && tile.muted == themselves.muted &&
                               tile.video_off == themselves.video_off &&
                               tile.sharing == themselves.sharing;
            if (!agree) violate(who + " shows another state of " + tile.id + " than it has");
            if (!tile.is_self && reachable(id, *found) && tile.connection != TileState::connected)
                violate(who + " is not connected to " + tile.id);
        }
        for (const auto& [connection, link] : nodes_[id].links) {
            if (link.pc.lines() != kSlots.size())
                violate(who + " has " + std::to_string(link.pc.lines()) + " media lines");
            if (!link.partner) continue;
            // A candidate may have gone round the present description only if it came before it.
            if (link.pc.candidates() != kCandidates)
                violate(who + " used " + std::to_string(link.pc.candidates()) + " of " +
                        std::to_string(kCandidates) + " candidates");
        }
        const std::size_t cells = present.size() * (present.size() - 1);
        if (cut_.empty() && shot.links.size() != cells)
            violate(who + " knows " + std::to_string(shot.links.size()) + " of " +
                    std::to_string(cells) + " links");
    }
}

}  // namespace dvmeet::sim
