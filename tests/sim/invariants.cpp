// What must hold in a meeting at rest.
#include <algorithm>
#include <utility>

#include "world.hpp"

namespace dvmeet::sim {

namespace {

/// Encoders give no less; what stands there is as small as it can be.
constexpr std::uint32_t kLeastBps = 30'000;
constexpr std::uint32_t kSmallBps = 60'000;
/// As src/ice_servers.cpp promises: what has expired is asked for this often, then in pauses that
/// double so many times.
constexpr TimeMs kAskPauseMs = 10'000;
constexpr std::uint32_t kMostDoublings = 5;

}  // namespace

void World::check_batch(NodeId id, const Event& event, const Actions& actions) {
    std::size_t wakes = 0;
    bool announced = false;
    for (const Action& action : actions) {
        wakes += std::holds_alternative<WakeAt>(action) ? 1U : 0U;
        announced = announced || std::holds_alternative<AnnounceChange>(action);
        if (const auto* add = std::get_if<AddIceCandidate>(&action)) check_candidate(id, *add);
        if (const auto* restart = std::get_if<RestartIce>(&action)) check_restart(id, *restart);
        count(action);
    }
    if (wakes > 1) violate(names_[id] + " asks for two wake-ups at once");
    if (settings_.config.ice_servers_ttl_ms > 0) check_ice_servers(id, event, actions);
    if (announced && !nodes_[id].tiles.empty()) drop_tiles(id);
    if (settings_.watchful) check_seen(id, announced);
}

void World::check_seen(NodeId id, bool announced) {
    Snapshot now = nodes_[id].core.snapshot();
    if (nodes_[id].seen && !announced && *nodes_[id].seen != now)
        violate(names_[id] + " changes what is seen unannounced");
    nodes_[id].seen = std::move(now);
}

void World::count(const Action& action) {
    costs_.connections += std::holds_alternative<CreateConnection>(action) ? 1U : 0U;
    costs_.restarts += std::holds_alternative<RestartIce>(action) ? 1U : 0U;
    costs_.key_frames += std::holds_alternative<SendKeyFrames>(action) ? 1U : 0U;
    const auto* const emit = std::get_if<Emit>(&action);
    const bool joins = emit != nullptr && std::holds_alternative<wire::JoinRoom>(emit->message);
    costs_.joins += joins ? 1U : 0U;
}

/// A page has a tile for whom it shows; with the tile goes what was said of its size.
void World::drop_tiles(NodeId id) {
    const auto shown = nodes_[id].core.snapshot().participants;
    std::erase_if(nodes_[id].tiles, [&](const auto& tile) {
        return std::none_of(shown.begin(), shown.end(),
                            [&](const auto& each) { return each.id == tile.first; });
    });
}

/// A browser that is still at it refuses; and nobody asks for what there is.
void World::check_encoding(NodeId id, const SetEncoding& action) {
    Line& line = nodes_[id].links.at(action.connection).lines[action.slot];
    if (line.setting) violate(names_[id] + " sets an encoding while one is being set");
    if (line.encoding == action.encoding) violate(names_[id] + " sets the encoding there is");
    if (std::exchange(nodes_[id].fresh, false)) check_estimate(id, "from before it came");
    line.setting = true;
    line.encoding = action.encoding;
    ++line.changes;
}

void World::check_constraints(NodeId id, const ApplyConstraints& action) {
    Node& node = nodes_[id];
    const std::pair track{action.track.slot, action.track.source};
    if (!node.tracks.contains(track)) violate(names_[id] + " constrains no track");
    const auto [last, is_first] = node.constraints.try_emplace(track, action);
    if (is_first) return;
    if (last->second == action) violate(names_[id] + " asks of a track what it asked for last");
    last->second = action;
    ++node.constraint_changes;
}

/// What was learnt before, or elsewhere, says nothing.
void World::check_estimate(NodeId id, const char* when) {
    const bool is_measured = settings_.config.adapt && settings_.config.uplink_bps == 0;
    if (is_measured && nodes_[id].core.snapshot().budget.uplink_bps)
        violate(names_[id] + " keeps its estimate of the uplink " + when);
}

// ---- ICE servers of the application ---------------------------------------------------------

void World::check_ice_servers(NodeId id, const Event& event, const Actions& actions) {
    Node::Given& given = nodes_[id].given;
    const TimeMs life = settings_.config.ice_servers_ttl_ms;
    if (!given.ask_by) given.ask_by = now_ + std::max(life, kAskPauseMs);
    if (const auto* news = std::get_if<IceServersGiven>(&event); news && news->op == given.asked) {
        const std::uint32_t count = given.count + 1;
        given = {news->ice_servers, 0, 0, count, now_ + kAskPauseMs, {}};
        given.ask_by = now_ + std::max(life, kAskPauseMs);
        check_given(id, actions);
    }
    for (const Action& action : actions) {
        if (const auto* ask = std::get_if<AskIceServers>(&action)) check_asked(id, *ask);
        const auto* const create = std::get_if<CreateConnection>(&action);
        if (create != nullptr && create->ice_servers != given.ice_servers)
            violate(names_[id] + " makes a connection with other ICE servers than were given");
        const auto* const settled = std::get_if<SettleJoin>(&action);
        if (settled != nullptr && settled->failure) given.asked = 0;
    }
    if (std::holds_alternative<LeaveRequested>(event)) given.asked = 0;
    if (now_ <= *given.ask_by) return;
    if (!is_outside(id)) violate(names_[id] + " asks for no ICE servers while its own expire");
}

/// Each connection there is has them from now on.
void World::check_given(NodeId id, const Actions& actions) {
    for (const auto& [connection, link] : nodes_[id].links) {
        const UpdateIceServers expected{connection, nodes_[id].given.ice_servers};
        if (std::find(actions.begin(), actions.end(), Action{expected}) == actions.end())
            violate(names_[id] + " keeps fresh ICE servers from a connection");
    }
}

void World::check_asked(NodeId id, const AskIceServers& action) {
    Node::Given& given = nodes_[id].given;
    if (now_ < given.ask_from) violate(names_[id] + " asks for ICE servers too soon");
    given.asked = action.op;
    const TimeMs pause = kAskPauseMs << std::min(given.tries++, kMostDoublings);
    given.ask_from = now_ + pause;
    given.ask_by = now_ + pause;
}

// ---- recovery -------------------------------------------------------------------------------

/// Offers that can't be sent freeze a direction for longer, and those of both sides collide.
void World::check_restart(NodeId id, const RestartIce& action) {
    const Node& node = nodes_[id];
    const bool has_third = std::any_of(node.links.begin(), node.links.end(), [&](const auto& each) {
        return each.first != action.connection && each.second.partner.has_value();
    });
    if (node.socket == 0 && !has_third)
        violate(names_[id] + " restarts ICE while nothing can carry the offer");
    const auto found = node.links.find(action.connection);
    if (found == node.links.end() || settings_.server.plain) return;
    // An offer of one's own that another network has outlived is made anew by whoever made it.
    if (found->second.pc.state() == PeerConnection::State::have_local_offer) return;
    if (node.core.snapshot().self.id < found->second.participant)
        violate(names_[id] + " restarts ICE, which is for the other side to do");
}

/// Refused or not: a candidate is for the description that the browser holds when it is handed in.
void World::check_candidate(NodeId id, const AddIceCandidate& action) {
    const auto found = nodes_[id].links.find(action.connection);
    if (found == nodes_[id].links.end() || !action.candidate) return;
    const Sdp* const described = found->second.pc.remote_sdp();
    const auto& ufrag = action.candidate->username_fragment;
    if (described != nullptr && ufrag && *ufrag != described->ufrag())
        violate(names_[id] + " adds a candidate of another generation");
}

bool World::is_routine(const Payload& payload) const {
    if (is_void(payload)) return true;
    if (const auto* core = std::get_if<ToCore>(&payload))
        return std::holds_alternative<HeartbeatAnswered>(core->event);
    if (const auto* server = std::get_if<ToServer>(&payload))
        return std::holds_alternative<wire::Heartbeat>(server->message);
    if (const auto* operation = std::get_if<Operation>(&payload))
        return std::holds_alternative<SampleStats>(operation->action);
    return std::holds_alternative<Grace>(payload);
}

bool World::is_settled(NodeId id) {
    const Node& node = nodes_[id];
    const bool is_inside = node.open && node.socket != 0;
    if (is_inside && !(node.online && socket_works(id))) return false;
    return std::all_of(node.links.begin(), node.links.end(), [&](const auto& each) {
        const auto& [connection, link] = each;
        return link.chained == 0 && link.pc.state() == PeerConnection::State::stable &&
               path_works(session_of(id, connection), link);
    });
}

bool World::is_at_rest() {
    if (violation_ || server_.awaits_somebody()) return false;
    for (const auto& each : agenda_.items())
        if (!is_routine(agenda_.at(each))) return false;
    for (NodeId id = 0; id < nodes_.size(); ++id)
        if (!is_settled(id)) return false;
    check_quiescence();
    return !std::exchange(violation_, std::nullopt);
}

void World::check_quiescence() {
    Present present;
    for (NodeId id = 0; id < nodes_.size() && !violation_; ++id) {
        const Node& node = nodes_[id];
        const Snapshot shot = node.core.snapshot();
        const bool inside = node.open && shot.connection == MeetingState::joined;
        if (inside) {
            present.emplace_back(id, shot);
        } else if (!node.links.empty()) {
            violate(names_[id] + " is outside and still holds connections");
        } else if (node.open && node.wake) {
            violate(names_[id] + " is outside and still has a timer");
        }
        if (node.open && !inside && shot.budget != BudgetView{})
            violate(names_[id] + " is outside and still has a budget");
        if (node.open && shot.connection == MeetingState::left && !node.tracks.empty())
            violate(names_[id] + " left and still holds devices");
    }
    if (present.size() != server_.members_count())
        violate("the server holds " + std::to_string(server_.members_count()) + " participants, " +
                std::to_string(present.size()) + " are there");
    for (const auto& [id, shot] : present)
        if (!violation_) check_present(id, shot, present);
}

void World::check_present(NodeId id, const Snapshot& shot, const Present& present) {
    const std::string& who = names_[id];
    if (shot.participants.size() != present.size())
        violate(who + " shows " + std::to_string(shot.participants.size()) + " tiles for " +
                std::to_string(present.size()) + " people");
    if (nodes_[id].links.size() + 1 != present.size())
        violate(who + " holds " + std::to_string(nodes_[id].links.size()) + " connections for " +
                std::to_string(present.size()) + " people");
    for (const auto& tile : shot.participants) {
        const auto found = std::find_if(present.begin(), present.end(), [&](const auto& each) {
            return each.second.self.id == tile.id;
        });
        if (found == present.end()) {
            violate(who + " shows a ghost, " + tile.id);
            continue;
        }
        const auto& [other, view] = *found;
        const auto& themselves = view.participants.at(0);
        const bool agree = tile.name == themselves.name && tile.muted == themselves.muted &&
                           tile.video_off == themselves.video_off &&
                           tile.sharing == themselves.sharing;
        // A plain server tells a newcomer nothing of those who were there before.
        if (!agree && !settings_.server.plain)
            violate(who + " shows another state of " + names_[other] + " than it has");
        if (!tile.is_self && reachable(id, other) && tile.connection != TileState::connected)
            violate(who + " is not connected to " + names_[other]);
    }
    check_links(id, shot, present.size());
    if (settings_.config.adapt) check_uplink(id);
    check_devices(id, shot);
    check_chat(id, shot);
}

/// Whoever was inside when something was said, and still is, has it once.
void World::check_chat(NodeId id, const Snapshot& shot) {
    if (settings_.server.plain || !settings_.server.resumes) return;
    for (const Said& said : said_) {
        const auto heard = said.heard_by.find(id);
        if (heard == said.heard_by.end() || heard->second != nodes_[id].stays) continue;
        const auto copies = std::count_if(shot.chat.begin(), shot.chat.end(),
                                          [&](const auto& each) { return each.text == said.text; });
        const auto stay = said.heard_by.find(said.author);
        const Node& author = nodes_[said.author];
        // Who leaves before it got out takes it along.
        const bool author_stays = stay->second == author.stays && author.open &&
                                  author.core.snapshot().connection == MeetingState::joined;
        const auto authors = author.core.snapshot().chat;
        const bool is_refused =
            std::any_of(authors.begin(), authors.end(), [&](const ChatView& each) {
                return each.own && each.text == said.text && each.state == ChatState::failed;
            });
        // A server that ends may take along what it has taken and not told yet.
        const bool must_be_there = author_stays && server_life_ == said.server_life && !is_refused;
        if (copies > 1 || (must_be_there && copies == 0))
            violate(names_[id] + " has '" + said.text + "' " + std::to_string(copies) + " times");
    }
}

void World::check_links(NodeId id, const Snapshot& shot, std::size_t people) {
    for (const auto& [connection, link] : nodes_[id].links) {
        if (!link.partner) continue;
        const std::size_t lines = settings_.server.plain ? 2 : kSlots.size();
        if (link.pc.lines() != lines)
            violate(names_[id] + " has " + std::to_string(link.pc.lines()) + " media lines");
        for (const auto& each : link.pc.transceivers())
            if (link.pc.current_direction(each) != kSendRecv)
                violate(names_[id] + " has a line that doesn't flow both ways");
        check_tracks(id, shot, link);
        if (settings_.config.adapt) check_pictures(id, shot, link);
        const NodeId other = *link.partner >> 16U;
        // What was under way on a socket that is lost is lost.
        const bool is_lossless =
            server_life_ == 0 && nodes_[id].sockets == 1 && nodes_[other].sockets == 1;
        if (is_lossless && link.pc.candidates() < settings_.candidates)
            violate(names_[id] + " used " + std::to_string(link.pc.candidates()) + " of " +
                    std::to_string(settings_.candidates) + " candidates");
    }
    const std::size_t cells = people * (people - 1);
    const bool have_channels = !settings_.server.plain;
    const auto hears = [](const LinkView& each) { return each.receives; };
    const auto heard =
        static_cast<std::size_t>(std::count_if(shot.links.begin(), shot.links.end(), hears));
    if (have_channels && cut_.empty() && heard != cells)
        violate(names_[id] + " knows " + std::to_string(heard) + " of " + std::to_string(cells) +
                " links to work");
}

namespace {

const SlotView& view_of(const Snapshot& shot, Slot slot) {
    if (slot == Slot::microphone) return shot.self.microphone;
    return slot == Slot::camera ? shot.self.camera : shot.self.screen;
}

}  // namespace

/// What is on is sent, and nothing else.  To those who may be plain a screen goes as a camera.
void World::check_tracks(NodeId id, const Snapshot& shot, const Node::Link& link) {
    if (settings_.server.plain) return;
    for (const Slot slot : kSlots) {
        const auto sent = link.sent.find(slot);
        const bool is_sent = sent != link.sent.end();
        if (is_sent != (view_of(shot, slot).state == SlotState::on))
            violate(names_[id] + " sends other tracks than are on");
        if (is_sent && !nodes_[id].tracks.contains({slot, sent->second}))
            violate(names_[id] + " sends a track that is gone");
    }
}

/// What is seen is sent, what is hidden isn't.
void World::check_pictures(NodeId id, const Snapshot& shot, const Node::Link& link) {
    const NodeId other = *link.partner >> 16U;
    if (settings_.server.plain || !reachable(id, other)) return;
    const auto tiles = nodes_[other].tiles.find(shot.self.id);
    for (const auto& [slot, source] : link.sent) {
        if (slot == Slot::microphone) continue;
        const auto line = link.lines.find(slot);
        if (line == link.lines.end() || !line->second.encoding) {
            violate(names_[id] + " sends a picture as the browser likes");
            return;
        }
        const Encoding& encoding = *line->second.encoding;
        bool is_hidden = false;
        if (tiles != nodes_[other].tiles.end()) {
            const auto size = tiles->second.find(slot);
            is_hidden = size != tiles->second.end() && size->second.is_hidden();
        }
        if (encoding.active == is_hidden)
            violate(names_[id] + (is_hidden ? " sends " : " doesn't send ") + names_[other] +
                    (is_hidden ? " a picture that is hidden" : " a picture that is shown"));
        if (encoding.active && encoding.max_bitrate_bps < kLeastBps)
            violate(names_[id] + " sends less than a slide show");
    }
}

/// What is configured holds, unless nothing can be smaller.
void World::check_uplink(NodeId id) {
    std::int64_t sum = 0;
    bool could_be_less = false;
    for (const auto& [connection, link] : nodes_[id].links) {
        for (const auto& [slot, source] : link.sent) {
            const auto line = link.lines.find(slot);
            if (slot == Slot::microphone) sum += kVoiceBps;
            if (line == link.lines.end() || !line->second.encoding) continue;
            const Encoding& encoding = *line->second.encoding;
            if (!encoding.active) continue;
            sum += encoding.max_bitrate_bps;
            could_be_less = could_be_less || encoding.max_bitrate_bps > kSmallBps;
        }
    }
    const std::int64_t configured = settings_.config.uplink_bps;
    if (configured > 0 && could_be_less && sum > configured)
        violate(names_[id] + " sends " + std::to_string(sum) + " bit/s over " +
                std::to_string(configured));
}

/// A camera's light says that it is on; a microphone that is muted stays open.
void World::check_devices(NodeId id, const Snapshot& shot) {
    const auto& tracks = nodes_[id].tracks;
    for (const Slot slot : kSlots) {
        const auto held = std::count_if(tracks.begin(), tracks.end(),
                                        [&](const auto& each) { return each.first == slot; });
        const bool may_be_held =
            slot == Slot::microphone || view_of(shot, slot).state == SlotState::on;
        if (held > (may_be_held ? 1 : 0)) violate(names_[id] + " holds more devices than are on");
    }
}

}  // namespace dvmeet::sim
