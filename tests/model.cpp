// A small world to run meetings in: browsers' peer connections, a signaling server, and chance.
#include "model.hpp"

#include <algorithm>
#include <variant>

namespace dvmeet::model {

namespace {
constexpr std::string_view kUfrag = "a=ice-ufrag:";
constexpr std::string_view kMid = "a=mid:";
constexpr std::string_view kMedia = "m=";

template <class... Arms>
struct Overloaded : Arms... {
    using Arms::operator()...;
};
template <class... Arms>
Overloaded(Arms...) -> Overloaded<Arms...>;
}  // namespace

Description parse(const SessionDescription& description) {
    Description parsed{description.type, description.sdp, "", {}};
    std::string_view rest = description.sdp;
    while (!rest.empty()) {
        const std::size_t end = rest.find("\r\n");
        const std::string_view line = rest.substr(0, end);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 2);
        if (line.substr(0, kMedia.size()) == kMedia) {
            const bool audio = line.substr(kMedia.size(), 5) == "audio";
            parsed.lines.push_back({"", audio ? MediaKind::audio : MediaKind::video});
        } else if (line.substr(0, kMid.size()) == kMid) {
            parsed.lines.back().first = std::string{line.substr(kMid.size())};
        } else if (line.substr(0, kUfrag.size()) == kUfrag) {
            parsed.ufrag = std::string{line.substr(kUfrag.size())};
        }
    }
    return parsed;
}

// ---- one connection -------------------------------------------------------------------------

Connection::Connection(ConnectionId own_id, ParticipantId of, ParticipantId with, bool has_channel,
                       std::uint32_t candidates)
    : id{own_id},
      owner{std::move(of)},
      participant{std::move(with)},
      channel{has_channel},
      candidates_{candidates} {}

void Connection::add_transceivers(const std::vector<Slot>& slots) {
    for (const Slot slot : slots) {
        const bool audio = slot == Slot::microphone;
        transceivers_.push_back({audio ? MediaKind::audio : MediaKind::video, {}, slot, false});
    }
    need_check();
}

void Connection::adopt(const std::vector<SlotMid>& slots) {
    for (const SlotMid& each : slots) {
        const auto found =
            std::find_if(transceivers_.begin(), transceivers_.end(),
                         [&](const Transceiver& one) { return one.mid == each.mid; });
        if (found == transceivers_.end() || found->slot) {
            problems.push_back("adopts a transceiver that is not there or taken");
            continue;
        }
        found->slot = each.slot;
    }
    need_check();
}

void Connection::set_local(OperationId op) {
    chain_.push_back({op, [this, op] { return run_set_local(op); }});
}

void Connection::set_remote(OperationId op, const SessionDescription& description) {
    chain_.push_back({op, [this, op, description] { return run_set_remote(op, description); }});
}

void Connection::add_candidate(OperationId op, const std::optional<IceCandidate>& candidate) {
    chain_.push_back({op, [this, op, candidate] { return run_add_candidate(op, candidate); }});
}

void Connection::replace_track(OperationId op, Slot slot) {
    chain_.push_back({op, [this, op, slot]() -> Event {
                          for (const Transceiver& each : transceivers_)
                              if (each.slot == slot) return OperationDone{id, op};
                          return failed(op, "replaces the track of a slot that is not there");
                      }});
}

bool Connection::has_work() const {
    return !chain_.empty() || !completions_.empty() || !gathering_.empty() || !inbox.empty() ||
           check_needed_;
}

std::optional<Event> Connection::work(Chance& chance) {
    const auto take = [](std::deque<Event>& events) {
        Event event = std::move(events.front());
        events.pop_front();
        return event;
    };
    for (;;) {
        switch (chance.below(5)) {
            case 0:
                if (chain_.empty()) break;
                completions_.push_back(chain_.front().run());
                chain_.pop_front();
                return std::nullopt;
            case 1:
                if (completions_.empty()) break;
                return take(completions_);
            case 2: {
                if (gathering_.empty()) break;
                const auto candidate = gathering_.front();
                gathering_.pop_front();
                return CandidateGathered{id, candidate};
            }
            case 3:
                if (inbox.empty()) break;
                return take(inbox);
            default:
                // The browser looks when its operations chain is empty.
                if (!check_needed_ || !chain_.empty()) break;
                return check_negotiation();
        }
    }
}

Event Connection::failed(OperationId op, const std::string& why) {
    problems.push_back(why);
    return OperationFailed{id, op, {"OperationError", why}};
}

Event Connection::run_set_local(OperationId op) {
    const bool answers = signaling_ == Signaling::have_remote_offer;
    const Description made = make(answers ? SdpType::answer : SdpType::offer);
    pending_local_ = made;
    start_gathering(made.ufrag);
    if (answers) {
        settle();
    } else {
        signaling_ = Signaling::have_local_offer;
    }
    return LocalDescriptionSet{id, op, {made.type, made.sdp}};
}

Event Connection::run_set_remote(OperationId op, const SessionDescription& description) {
    Description given = parse(description);
    if (given.type == SdpType::offer) {
        if (signaling_ == Signaling::have_remote_offer)
            return failed(op, "sets an offer upon an offer");
        if (signaling_ == Signaling::have_local_offer) roll_back();
        for (const auto& line : given.lines) {
            const auto found =
                std::find_if(transceivers_.begin(), transceivers_.end(),
                             [&](const Transceiver& one) { return one.mid == line.first; });
            if (found == transceivers_.end())
                transceivers_.push_back({line.second, line.first, {}, false});
        }
        pending_remote_ = std::move(given);
        signaling_ = Signaling::have_remote_offer;
    } else {
        if (given.type != SdpType::answer || signaling_ != Signaling::have_local_offer)
            return failed(op, "sets an answer without an offer");
        if (given.lines.size() != pending_local_->lines.size())
            return failed(op, "sets an answer with other lines than its offer");
        pending_remote_ = std::move(given);
        settle();
    }
    RemoteDescriptionSet done{id, op, {}};
    for (const Transceiver& each : transceivers_)
        if (each.mid) done.transceivers.push_back({*each.mid, each.kind, each.slot});
    return done;
}

Event Connection::run_add_candidate(OperationId op, const std::optional<IceCandidate>& candidate) {
    if (!current_remote_ && !pending_remote_)
        return failed(op, "adds a candidate before the remote description");
    const std::string ufrag =
        candidate ? candidate->username_fragment.value_or("") : remote_ufrag();
    const bool known = (current_remote_ && current_remote_->ufrag == ufrag) ||
                       (pending_remote_ && pending_remote_->ufrag == ufrag);
    if (!known) return failed(op, "adds a candidate of generation " + ufrag);
    auto& so_far = taken[ufrag];
    if (candidate && !so_far.empty() && !so_far.back())
        problems.push_back("adds a candidate of " + ufrag + " after their end");
    so_far.push_back(candidate);
    return OperationDone{id, op};
}

Description Connection::make(SdpType type) {
    Description made{type, "", "", {}};
    const std::string kept = current_local_ ? current_local_->ufrag : "";
    made.ufrag = kept.empty() ? owner + std::to_string(id) + "." + std::to_string(++ufrags_) : kept;
    if (type == SdpType::answer) {
        made.lines = pending_remote_->lines;
    } else {
        if (current_local_) made.lines = current_local_->lines;
        for (Transceiver& each : transceivers_) {
            if (each.mid) continue;
            each.mid = std::to_string(made.lines.size());
            made.lines.push_back({*each.mid, each.kind});
        }
    }
    made.sdp = text(made);
    ++versions_;
    return made;
}

std::string Connection::text(const Description& description) const {
    std::string sdp = "v=0\r\no=- " + owner + std::to_string(id) + " " + std::to_string(versions_) +
                      " IN IP4 127.0.0.1\r\ns=-\r\n";
    for (const auto& line : description.lines) {
        sdp += line.second == MediaKind::audio ? "m=audio 9 RTP 0\r\n" : "m=video 9 RTP 0\r\n";
        sdp += std::string{kMid} + line.first + "\r\n";
        sdp += std::string{kUfrag} + description.ufrag + "\r\n";
    }
    return sdp;
}

void Connection::settle() {
    current_local_ = std::move(pending_local_);
    current_remote_ = std::move(pending_remote_);
    pending_local_.reset();
    pending_remote_.reset();
    signaling_ = Signaling::stable;
    for (Transceiver& each : transceivers_)
        if (each.mid) each.negotiated = true;
    needed_ = false;
    need_check();
}

void Connection::roll_back() {
    for (Transceiver& each : transceivers_)
        if (!each.negotiated) each.mid.reset();
    pending_local_.reset();
    signaling_ = Signaling::stable;
    if (!current_local_) gathering_.clear();
    need_check();
}

bool Connection::needs_negotiation() const {
    return std::any_of(transceivers_.begin(), transceivers_.end(),
                       [](const Transceiver& each) { return !each.negotiated; });
}

std::optional<Event> Connection::check_negotiation() {
    check_needed_ = false;
    if (signaling_ != Signaling::stable) return std::nullopt;
    if (!needs_negotiation()) {
        needed_ = false;
        return std::nullopt;
    }
    if (needed_) return std::nullopt;
    needed_ = true;
    return NegotiationNeeded{id};
}

void Connection::start_gathering(const std::string& ufrag) {
    if (gathered.count(ufrag) > 0) return;
    auto& all = gathered[ufrag];
    for (std::uint32_t i = 0; i < candidates_; ++i) {
        all.push_back(IceCandidate{
            "candidate:" + std::to_string(i) + " 1 udp 1 192.0.2.1 9 typ host", "0", 0, ufrag});
    }
    all.push_back(std::nullopt);
    gathering_.insert(gathering_.end(), all.begin(), all.end());
}

std::string Connection::local_ufrag() const { return current_local_ ? current_local_->ufrag : ""; }

std::string Connection::remote_ufrag() const {
    if (pending_remote_) return pending_remote_->ufrag;
    return current_remote_ ? current_remote_->ufrag : "";
}

std::size_t Connection::line_count() const {
    return current_local_ ? current_local_->lines.size() : 0;
}

bool Connection::has_remote_candidate() const {
    const auto found = taken.find(remote_ufrag());
    return found != taken.end() && std::any_of(found->second.begin(), found->second.end(),
                                               [](const auto& each) { return each.has_value(); });
}

bool Connection::fits(const Connection& other) const {
    return is_stable() && other.is_stable() && current_local_ && other.current_local_ &&
           current_local_->sdp == other.current_remote_->sdp &&
           current_remote_->sdp == other.current_local_->sdp;
}

// ---- the world ------------------------------------------------------------------------------

World::World(std::uint64_t seed, Settings settings)
    : settings_{std::move(settings)}, chance_{seed} {}

Page& World::add(const ParticipantId& id) {
    pages.emplace_back(id, settings_.config);
    return pages.back();
}

Page* World::find(const ParticipantId& id) {
    for (Page& page : pages)
        if (page.id == id) return &page;
    return nullptr;
}

void World::problem(const Page& page, const std::string& what) {
    problems.push_back(std::to_string(now) + " " + page.id + " " + what);
}

/// What the glue does with each action.
struct World::Carry {
    World& world;
    Page& page;

    Connection* connection(ConnectionId id) const {
        const auto found = page.connections.find(id);
        if (found != page.connections.end()) return &found->second;
        world.problem(page, "uses connection " + std::to_string(id) + ", which is not there");
        return nullptr;
    }
    void operator()(const OpenSignaling&) const {
        page.down.emplace_back(SignalingOpened{page.id});
    }
    void operator()(const CloseSignaling&) const {
        page.socket_open = false;
        page.up.clear();
        page.down.clear();
        world.serve_left(page.id);
    }
    void operator()(const Emit& action) const {
        if (!page.socket_open) world.problem(page, "emits into a socket that is not open");
        page.up.push_back(action);
    }
    void operator()(const CreateConnection& action) const {
        for (const auto& each : page.connections) {
            if (each.second.participant == action.participant)
                world.problem(page, "has two connections to " + action.participant);
        }
        page.connections.emplace(action.connection,
                                 Connection{action.connection, page.id, action.participant,
                                            action.channel, world.settings_.candidates});
        ++page.created;
    }
    void operator()(const CloseConnection& action) const {
        const auto found = page.connections.find(action.connection);
        if (found == page.connections.end()) return;
        const Connection gone = found->second;
        page.connections.erase(found);
        world.connection_closed(page.id, gone);
    }
    void operator()(const AddTransceivers& action) const {
        if (auto* found = connection(action.connection)) found->add_transceivers(action.slots);
    }
    void operator()(const AdoptTransceivers& action) const {
        if (auto* found = connection(action.connection)) found->adopt(action.slots);
    }
    void operator()(const ReplaceTrack& action) const {
        if (auto* found = connection(action.connection))
            found->replace_track(action.op, action.slot);
    }
    void operator()(const SetLocalDescription& action) const {
        if (auto* found = connection(action.connection)) found->set_local(action.op);
    }
    void operator()(const SetRemoteDescription& action) const {
        if (auto* found = connection(action.connection))
            found->set_remote(action.op, action.description);
    }
    void operator()(const AddIceCandidate& action) const {
        if (auto* found = connection(action.connection))
            found->add_candidate(action.op, action.candidate);
    }
    void operator()(const SendOnChannel& action) const {
        auto* found = connection(action.connection);
        if (found == nullptr) return;
        Page* other = world.find(found->participant);
        if (other == nullptr) return;
        for (auto& each : other->connections) {
            if (each.second.participant == page.id && each.second.channel_open)
                each.second.inbox.emplace_back(ChannelReceived{each.first, action.message});
        }
    }
    void operator()(const SampleInbound& action) const {
        if (auto* found = connection(action.connection))
            found->inbox.emplace_back(InboundSampled{action.connection, action.op, world.now});
    }
    void operator()(const AcquireMedia& action) const {
        MediaAcquired acquired{action.op, {}, false};
        for (const auto& request : action.requests) acquired.slots.push_back(request.slot);
        page.media.emplace_back(acquired);
    }
    void operator()(const WakeAt& action) const { page.wake = action.time; }
    void operator()(const Report& action) const {
        world.log.push_back(std::to_string(world.now) + " " + page.id + " reports " +
                            action.detail + " " + action.participant);
        if (action.level == Level::error) world.problem(page, "reports an error: " + action.detail);
    }
    template <class Other>
    void operator()(const Other& /*released tracks, announcements*/) const {}
};

void World::check_batch(Page& page, const Actions& actions, const Snapshot& before) {
    std::size_t wakes = 0;
    bool announced = false;
    for (const Action& action : actions) {
        wakes += std::holds_alternative<WakeAt>(action) ? 1U : 0U;
        announced = announced || std::holds_alternative<AnnounceChange>(action);
    }
    if (wakes > 1) problem(page, "asks for two wake-ups at once");
    const bool only_id = before.self.id != page.meeting.snapshot().self.id;
    if (!announced && !only_id && !(before == page.meeting.snapshot()))
        problem(page, "changes what is seen unannounced");
}

void World::dispatch(Page& page, const Event& event) {
    if (std::holds_alternative<SignalingOpened>(event)) page.socket_open = true;
    if (std::holds_alternative<SignalingClosed>(event)) page.socket_open = false;
    const Snapshot before = page.meeting.snapshot();
    const Actions actions = page.meeting.handle(now, event);
    check_batch(page, actions, before);
    if (watch) watch(page, event, actions);
    for (const Action& action : actions) std::visit(Carry{*this, page}, action);
    for (auto& each : page.connections) {
        for (const auto& what : each.second.problems) problem(page, what);
        each.second.problems.clear();
    }
    connect_matching();
}

bool World::step() {
    if (chance_.percent(settings_.haste_percent) && pass_time(now + 1 + chance_.below(2000)))
        return true;
    std::vector<std::function<void()>> possible;
    for (Page& page : pages) {
        if (!page.up.empty()) {
            possible.push_back([this, &page] {
                const Emit emit = page.up.front();
                page.up.pop_front();
                serve(page, emit);
            });
        }
        for (auto* source : {&page.down, &page.media}) {
            if (source->empty()) continue;
            possible.push_back([this, &page, source] {
                const Event event = source->front();
                source->pop_front();
                dispatch(page, event);
            });
        }
        for (auto& each : page.connections) {
            Connection* const connection = &each.second;
            if (!connection->has_work()) continue;
            possible.push_back([this, &page, connection] {
                const auto event = connection->work(chance_);
                connect_matching();
                if (event) dispatch(page, *event);
            });
        }
    }
    if (possible.empty()) return false;
    possible[chance_.below(static_cast<std::uint32_t>(possible.size()))]();
    return true;
}

void World::run(TimeMs until) {
    for (int guard = 0; guard < 200'000; ++guard) {
        if (step()) continue;
        if (!pass_time(until)) return;
    }
    problems.push_back("the world does not come to rest");
}

/// Moves on to the next wake-up that falls into the time allowed; false when there is none.
bool World::pass_time(TimeMs until) {
    Page* next = nullptr;
    for (Page& page : pages)
        if (page.wake && (next == nullptr || *page.wake < *next->wake)) next = &page;
    if (next == nullptr || *next->wake > until) return false;
    now = std::max(now, *next->wake);
    next->wake.reset();
    dispatch(*next, TimePassed{});
    return true;
}

// ---- the network between the connections ----------------------------------------------------

void World::connect_matching() {
    for (Page& page : pages) {
        for (auto& each : page.connections) {
            Connection& mine = each.second;
            Page* other = find(mine.participant);
            if (other == nullptr || mine.state == ConnectionState::connected) continue;
            for (auto& candidate : other->connections) {
                Connection& theirs = candidate.second;
                const bool meet = theirs.participant == page.id && mine.fits(theirs) &&
                                  mine.has_remote_candidate() && theirs.has_remote_candidate();
                if (!meet) continue;
                for (Connection* one : {&mine, &theirs}) {
                    one->state = ConnectionState::connected;
                    one->inbox.emplace_back(ConnectionStateChanged{one->id, one->state});
                    one->channel_open = mine.channel && theirs.channel;
                    if (one->channel_open) one->inbox.emplace_back(ChannelOpened{one->id});
                }
            }
        }
    }
}

void World::connection_closed(const ParticipantId& owner, const Connection& gone) {
    Page* other = find(gone.participant);
    if (other == nullptr || gone.state != ConnectionState::connected) return;
    for (auto& each : other->connections) {
        Connection& theirs = each.second;
        if (theirs.participant != owner || theirs.state != ConnectionState::connected) continue;
        if (!theirs.fits(gone)) continue;
        theirs.state = ConnectionState::disconnected;
        if (theirs.channel_open) theirs.inbox.emplace_back(ChannelClosed{theirs.id});
        theirs.channel_open = false;
        theirs.inbox.emplace_back(ConnectionStateChanged{theirs.id, theirs.state});
    }
}

// ---- the signaling server -------------------------------------------------------------------

bool World::is_member(const ParticipantId& id) const {
    return std::any_of(members_.begin(), members_.end(),
                       [&](const Member& each) { return each.id == id; });
}

wire::Entry World::entry(const Member& member) const {
    wire::Entry made;
    made.socket_id = member.id;
    made.user_name = member.profile.user_name;
    made.is_muted = member.profile.is_muted;
    made.is_video_off = member.profile.is_video_off;
    if (settings_.plain_server) return made;
    made.is_camera_off = member.profile.is_camera_off;
    made.is_sharing = member.profile.is_sharing;
    made.protocol = member.profile.protocol;
    return made;
}

std::vector<wire::Entry> World::entries() const {
    std::vector<wire::Entry> all;
    for (const Member& each : members_) all.push_back(entry(each));
    return all;
}

void World::tell_others(const ParticipantId& from, const wire::ServerMessage& message) {
    for (const Member& each : members_)
        if (each.id != from) find(each.id)->down.emplace_back(SignalReceived{message});
}

void World::relay(const ParticipantId& from, const ParticipantId& to,
                  const wire::ServerMessage& message) {
    if (is_member(from) && is_member(to)) find(to)->down.emplace_back(SignalReceived{message});
}

void World::serve_join(Page& from, const Emit& emit, const wire::JoinRoom& message) {
    const bool is_new = !is_member(from.id);
    if (is_new) members_.push_back({from.id, message});
    for (Member& each : members_)
        if (each.id == from.id) each.profile = message;
    wire::ParticipantsList list;
    list.participants = entries();
    const SignalReceived listed{list};
    if (settings_.plain_server || settings_.list_before_answer) from.down.emplace_back(listed);
    if (!settings_.plain_server && emit.op)
        from.down.emplace_back(JoinAnswered{*emit.op, {true, "", "", from.id, entries(), {}}});
    if (!settings_.plain_server && !settings_.list_before_answer) from.down.emplace_back(listed);
    for (const Member& each : members_) {
        if (each.id != from.id) continue;
        wire::UserJoined joined;
        static_cast<wire::Entry&>(joined) = entry(each);
        tell_others(from.id, joined);
    }
}

void World::serve_left(const ParticipantId& id) {
    if (!is_member(id)) return;
    members_.erase(std::find_if(members_.begin(), members_.end(),
                                [&](const Member& each) { return each.id == id; }));
    tell_others(id, wire::UserLeft{{id}});
    tell_others(id, wire::ParticipantLeft{{id}});
}

void World::serve(Page& from, const Emit& emit) {
    const auto generations = [&](const wire::Generations& sent) {
        return settings_.plain_server ? wire::Generations{} : sent;
    };
    std::visit(
        Overloaded{
            [&](const wire::JoinRoom& message) { serve_join(from, emit, message); },
            [&](const wire::Offer& message) {
                relay(from.id, message.target_id,
                      wire::OfferFrom{{generations(message), from.id, message.sdp}});
            },
            [&](const wire::Answer& message) {
                relay(from.id, message.target_id,
                      wire::AnswerFrom{{generations(message), from.id, message.sdp}});
            },
            [&](const wire::IceCandidateTo& message) {
                relay(from.id, message.target_id,
                      wire::IceCandidateFrom{generations(message), from.id, message.candidate});
            },
            [&](const wire::MediaStateChange& message) {
                tell_others(from.id,
                            wire::MediaStateUpdated{from.id, message.is_muted, message.is_video_off,
                                                    message.is_camera_off});
            },
            [&](const wire::ScreenShareStarted&) {
                tell_others(from.id, wire::ScreenShareStartedBy{{from.id}});
            },
            [&](const wire::ScreenShareEnded&) {
                tell_others(from.id, wire::ScreenShareEndedBy{{from.id}});
            },
            [&](const wire::SendMessage& message) {
                wire::NewMessage sent = message.message;
                sent.from_id = from.id;
                tell_others(from.id, sent);
            },
            [&](const wire::GetUsers&) {
                wire::RoomUsers users;
                users.participants = entries();
                from.down.emplace_back(SignalReceived{users});
            },
            [&](const wire::LeaveRoom&) { serve_left(from.id); },
        },
        emit.message);
}

// ---- what must hold when all is done --------------------------------------------------------

std::string World::check_pairs() const {
    for (const Page& page : pages) {
        const Snapshot shot = page.meeting.snapshot();
        if (shot.participants.size() != pages.size())
            return page.id + " sees " + std::to_string(shot.participants.size()) + " participants";
        if (page.connections.size() + 1 != pages.size())
            return page.id + " has " + std::to_string(page.connections.size()) + " connections";
        for (const ParticipantView& tile : shot.participants) {
            if (tile.connection != TileState::connected)
                return page.id + " shows " + tile.id + " unconnected";
        }
        for (const auto& each : page.connections) {
            const Connection& mine = each.second;
            const std::string pair = page.id + " to " + mine.participant;
            const Connection* theirs = nullptr;
            for (const Page& other : pages) {
                for (const auto& back : other.connections) {
                    if (other.id == mine.participant && back.second.participant == page.id)
                        theirs = &back.second;
                }
            }
            if (theirs == nullptr) return pair + ": nobody at the far end";
            if (!mine.fits(*theirs)) return pair + ": descriptions don't match";
            if (mine.line_count() != theirs->line_count()) return pair + ": lines differ";
            const std::size_t lines = mine.channel ? 3 : mine.line_count();
            if (mine.line_count() != lines || mine.transceiver_count() != lines)
                return pair + ": " + std::to_string(mine.transceiver_count()) + " transceivers";
            const auto sent = theirs->gathered.find(theirs->local_ufrag());
            const auto taken = mine.taken.find(theirs->local_ufrag());
            if (taken == mine.taken.end()) return pair + ": no candidates";
            auto expected = sent->second;
            // The end of candidates is not told to plain peers.
            if (!mine.channel && taken->second.size() + 1 == expected.size()) expected.pop_back();
            if (!(taken->second == expected))
                return pair + ": took " + std::to_string(taken->second.size()) + " of " +
                       std::to_string(expected.size()) + " candidates, or out of order";
        }
    }
    return {};
}

}  // namespace dvmeet::model
