// A meeting: the room, and the way into and out of it.
#include "dvmeet/meeting.hpp"

#include <algorithm>
#include <utility>

#include "chat.hpp"
#include "decimal.hpp"
#include "digest.hpp"
#include "ice_servers.hpp"
#include "local_media.hpp"
#include "mesh.hpp"
#include "signaling.hpp"
#include "turn.hpp"

namespace dvmeet {

namespace {

/// Units: ms.  Somebody who plays with a switch stays far below what a server lets through; the
/// last state always gets out.
constexpr TimeMs kAnnouncePauseMs = 200;

/// What the others have been told of our slots.
struct Announced {
    bool muted = false;
    bool video_off = false;
    bool camera_off = false;
    bool sharing = false;
    [[nodiscard]] auto members() const { return std::tie(muted, video_off, camera_off, sharing); }
    bool operator==(const Announced&) const = default;
};

/// What comes again and again, and neither changes local media nor makes or settles a media line.
bool is_routine(const Event& event) {
    return std::holds_alternative<TimePassed>(event) ||
           std::holds_alternative<StatsSampled>(event) ||
           std::holds_alternative<AudioSampled>(event) ||
           std::holds_alternative<HeartbeatAnswered>(event) ||
           std::holds_alternative<CandidateGathered>(event) ||
           std::holds_alternative<ChannelReceived>(event);
}

std::string crowd_sentence(std::size_t people, const Config& config) {
    return decimal(static_cast<std::int64_t>(people)) +
           " people are here, and this meeting takes " + decimal(config.max_participants) +
           ": sound and picture may suffer.";
}

ErrorCode code_of_refusal(const std::string& code) {
    return code == "room_full" ? ErrorCode::room_full : ErrorCode::join_refused;
}

}  // namespace

struct Meeting::State {
    explicit State(Config given) : config{std::move(given)}, ice_servers{config} {}

    Config config;
    Counters counters;
    TimeMs latest = 0;
    std::optional<TimeMs> woken_at;

    MeetingState state = MeetingState::idle;
    MeetingState before_join = MeetingState::idle;
    Signaling signaling;
    std::string room;
    std::string name;
    ParticipantId self;
    OperationId joining = 0;  ///< the join-room that has not let us in yet
    OperationId asked = 0;    ///< the join-room that the server has not acknowledged yet
    std::string sent_name;    ///< what that join-room called us
    std::optional<TimeMs> join_by;
    std::optional<Failure> refused;  ///< why we are not let in again
    std::string resume_token;        ///< empty: the server gives none
    std::uint32_t server_protocol = 1;
    IceServers ice_servers;
    std::optional<Announced> announced;  ///< nothing where the server may not know
    bool joined_sharing = false;         ///< what the last join-room said
    std::uint32_t refusals = 0;          ///< of the same state, in a row
    TimeMs announce_from = 0;            ///< a change right after another one waits until then
    LocalMedia media;
    Mesh mesh;
    Chat chat;
    [[nodiscard]] auto members() const {
        return std::tie(config, counters, latest, woken_at, state, before_join, signaling, room,
                        name, self, joining, asked, sent_name, join_by, refused, resume_token,
                        server_protocol, ice_servers, announced, joined_sharing, refusals,
                        announce_from, media, mesh, chat);
    }
    bool operator==(const State&) const = default;

    [[nodiscard]] Mesh::Context context() const {
        return {self,
                room,
                media,
                ice_servers.all(),
                server_protocol >= wire::kProtocol,
                state == MeetingState::joined && signaling.is_open()};
    }
    [[nodiscard]] bool wants_in() const {
        return state == MeetingState::joining || state == MeetingState::joined ||
               state == MeetingState::reconnecting;
    }
    /// Still the person's room, even while the server is away.
    [[nodiscard]] bool is_inside() const {
        return state == MeetingState::joined || state == MeetingState::reconnecting;
    }
    [[nodiscard]] Announced present() const {
        const bool camera = media.is_on(Slot::camera);
        const bool sharing = media.is_on(Slot::screen);
        return {!media.is_on(Slot::microphone), !camera && !sharing, !camera, sharing};
    }

    // The person.
    void on(const JoinRequested& event, Turn& turn);
    void on(const LeaveRequested& event, Turn& turn);
    void on(const RenameRequested& event, Turn& turn);
    void on(const ReconnectRequested& event, Turn& turn);
    void on(const ChatSubmitted& event, Turn& turn);
    void on(const ChatRetried& event, Turn& turn);
    // Signaling.
    void on(const SignalingOpened& event, Turn& turn);
    void on(const SignalingClosed& event, Turn& turn);
    void on(const SignalReceived& event, Turn& turn);
    void on(const SignalRejected& event, Turn& turn);
    void on(const JoinAnswered& event, Turn& turn);
    void on(const HeartbeatAnswered& event, Turn& turn) { signaling.handle(event, turn); }
    void on(const ChatAnswered& event, Turn& turn) { chat.handle(event, turn); }
    void on(const IceServersAnswered& event, Turn& turn) {
        if (ice_servers.handle(event, turn)) tell_ice_servers(turn);
    }
    void on(const IceServersGiven& event, Turn& turn) {
        if (ice_servers.handle(event, turn)) tell_ice_servers(turn);
    }
    void on(const IceServersFailed& event, Turn& turn) { ice_servers.handle(event, turn); }
    // The network.
    void on(const NetworkChanged& event, Turn& turn);
    void on(const PageShown& event, Turn& turn);
    void on(const StatsWatched& event, Turn& turn) { mesh.handle(event, turn); }
    void on(const TileSized& event, Turn& turn) { mesh.handle(event, turn); }
    void on(const ConstraintsApplied& event, Turn& /*turn*/) { mesh.handle(event); }
    void on(const ConstraintsFailed& event, Turn& turn) { mesh.handle(event, turn); }
    void on(const AudioSampled& event, Turn& turn) { mesh.handle(event, context(), turn); }
    /// The timer is spent, even where it came early.
    void on(const TimePassed& /*event*/, Turn& /*turn*/) { woken_at.reset(); }

    void on(const MediaWished& event, Turn& turn) {
        media.handle(event, state != MeetingState::left, turn);
    }
    void on(const MediaAcquired& event, Turn& turn) { media.handle(event, turn); }
    void on(const MediaFailed& event, Turn& turn) { media.handle(event, turn); }
    void on(const TrackEnded& event, Turn& turn) { media.handle(event, turn); }
    void on(const TrackMuted& event, Turn& turn) { media.handle(event, turn); }
    void on(const TrackUnmuted& event, Turn& turn) { media.handle(event, turn); }
    void on(const DevicesChanged& event, Turn& turn) {
        media.handle(event, state != MeetingState::left, turn);
    }
    template <class ConnectionEvent>
    void on(const ConnectionEvent& event, Turn& turn) {
        mesh.route(event, context(), turn);
    }

    // Messages of the server.
    void read(const wire::UserJoined& message, Turn& turn) {
        mesh.handle(message, context(), turn);
    }
    void read(const wire::ParticipantsList& message, Turn& turn);
    void read(const wire::RoomUsers& message, Turn& turn) {
        mesh.handle_list(message.participants, context(), turn);
    }
    void read(const wire::OfferFrom& message, Turn& turn) { mesh.handle(message, context(), turn); }
    void read(const wire::AnswerFrom& message, Turn& turn) {
        mesh.handle(message, context(), turn);
    }
    void read(const wire::IceCandidateFrom& message, Turn& turn) {
        mesh.handle(message, context(), turn);
    }
    void read(const wire::IceRestartFrom& message, Turn& turn) {
        mesh.handle(message, context(), turn);
    }
    void read(const wire::MediaStateUpdated& message, Turn& turn) { mesh.set_media(message, turn); }
    void read(const wire::ScreenShareStartedBy& message, Turn& turn) {
        mesh.set_sharing(message.socket_id, true, turn);
    }
    void read(const wire::ScreenShareEndedBy& message, Turn& turn) {
        mesh.set_sharing(message.socket_id, false, turn);
    }
    void read(const wire::NewMessage& message, Turn& turn);
    void read(const wire::UserLeft& message, Turn& turn) {
        if (message.socket_id != self) mesh.handle_left(message.socket_id, turn);
    }
    void read(const wire::ParticipantLeft& message, Turn& turn) {
        if (message.socket_id != self) mesh.handle_left(message.socket_id, turn);
    }
    void read(const wire::ServerError& message, Turn& turn);

    void tell_ice_servers(Turn& turn) const { mesh.set_ice_servers(ice_servers.all(), turn); }
    void send_join(Turn& turn);
    void send_chat(const wire::NewMessage& message, Turn& turn);
    void become(const ParticipantId& id, Turn& turn);
    void enter(const std::vector<wire::Entry>& entries, TimeMs settles_in_ms, Turn& turn);
    void leave(MeetingState end, Turn& turn, bool with_goodbye = true);
    void refuse(ErrorCode code, std::string detail, Turn& turn);
    void leave_signaling(Turn& turn);
    void announce(Turn& turn);
    void pass_time(Turn& turn);
    void replace_socket(Turn& turn);
    void finish(bool is_routine, Turn& turn);
    [[nodiscard]] Deadline deadline() const;
    [[nodiscard]] ParticipantView self_tile() const;
};

// ---- the person -----------------------------------------------------------------------------

void Meeting::State::on(const JoinRequested& event, Turn& turn) {
    if (wants_in()) {
        turn.report(Level::info, ErrorCode::out_of_place, "already in a room, or on the way in");
        if (state != MeetingState::joining) turn.act(SettleJoin{});
        return;
    }
    room = event.room;
    name = event.name;
    before_join = state;
    state = MeetingState::joining;
    join_by = turn.now + config.join_timeout_ms;
    server_protocol = 1;
    ice_servers.begin();
    chat.clear();
    turn.changed = true;
    media.resume(turn);
    signaling.open(turn);
}

void Meeting::State::on(const LeaveRequested& /*event*/, Turn& turn) {
    if (state == MeetingState::left) return;
    if (state == MeetingState::joining)
        turn.act(SettleJoin{Failure{ErrorCode::left, "The meeting was left."}});
    leave(MeetingState::left, turn);
    media.release_all(turn);
}

void Meeting::State::leave(MeetingState end, Turn& turn, bool with_goodbye) {
    mesh.clear(with_goodbye, turn);
    const bool may_be_inside = server_protocol >= wire::kProtocol || joining != 0;
    if (signaling.is_open() && may_be_inside && with_goodbye)
        turn.act(Emit{std::nullopt, wire::LeaveRoom{room}});
    signaling.close(turn);
    chat.fail_unsent(turn);
    state = end;
    self.clear();
    resume_token.clear();
    joining = 0;
    asked = 0;
    join_by.reset();
    refused.reset();
    ice_servers.leave();
    turn.changed = true;
}

void Meeting::State::on(const RenameRequested& event, Turn& turn) {
    turn.changed = turn.changed || name != event.name;
    if (name == event.name) return;
    name = event.name;
    if (state == MeetingState::joined && server_protocol >= wire::kProtocol) send_join(turn);
}

void Meeting::State::on(const ReconnectRequested& event, Turn& turn) {
    signaling.hurry(turn);
    mesh.reconnect(event.participant, context(), turn);
}

void Meeting::State::on(const ChatSubmitted& event, Turn& turn) {
    chat.submit(event, self, name, is_inside() ? ChatState::sending : ChatState::failed, turn);
}

void Meeting::State::on(const ChatRetried& event, Turn& turn) {
    if (!is_inside()) {
        turn.report(Level::info, ErrorCode::out_of_place, "a message can't go out from outside");
        return;
    }
    chat.retry(event, self, turn);
}

/// A plain server answers nothing; what it was sent counts as sent.
void Meeting::State::send_chat(const wire::NewMessage& message, Turn& turn) {
    const OperationId op = turn.next_operation();
    chat.await(message.id, op);
    const bool answers = server_protocol >= wire::kProtocol;
    turn.act(Emit{answers ? std::optional{op} : std::nullopt, wire::SendMessage{room, message}});
    if (!answers) chat.handle({op, {true, "", ""}}, turn);
}

// ---- signaling ------------------------------------------------------------------------------

void Meeting::State::on(const SignalingOpened& event, Turn& turn) {
    if (!wants_in()) return;
    signaling.opened();
    // Who can prove who it is stays the same participant, whatever socket it comes over.
    if (resume_token.empty() && self != event.socket_id) {
        if (!self.empty()) mesh.clear(false, turn);
        self = event.socket_id;
        turn.changed = true;
    }
    if (state == MeetingState::reconnecting) signaling.await_welcome(turn);
    send_join(turn);
}

void Meeting::State::send_join(Turn& turn) {
    const Announced now = present();
    announced = now;
    joined_sharing = now.sharing;
    joining = asked = turn.next_operation();
    sent_name = name;
    mesh.begin_join();
    wire::JoinRoom message{
        room, name, self, now.muted, now.video_off, now.camera_off, now.sharing, wire::kProtocol,
        {},   {}};
    if (!resume_token.empty()) {
        message.resume = resume_token;
        message.last_chat_id = chat.newest();
    }
    turn.act(Emit{joining, std::move(message)});
}

void Meeting::State::on(const SignalingClosed& event, Turn& turn) {
    signaling.closed();
    joining = asked = 0;
    if (state == MeetingState::joining) {
        refuse(ErrorCode::signaling_unreachable,
               "The signaling server can't be reached (" + event.reason +
                   "). Check the connection and the address, then join again.",
               turn);
        return;
    }
    if (!wants_in()) return;
    if (state == MeetingState::joined)
        turn.report(Level::warn, ErrorCode::signaling_lost,
                    "The connection to the server was lost (" + event.reason + "); trying again.");
    leave_signaling(turn);
    signaling.retry_later(turn);
}

/// Running calls go on; the place in the room is won back.
void Meeting::State::leave_signaling(Turn& turn) {
    state = MeetingState::reconnecting;
    joining = asked = 0;
    turn.changed = true;
}

/// A plain server would see us leave and join: with it, only the pairs are looked after.
void Meeting::State::on(const NetworkChanged& /*event*/, Turn& turn) {
    if (!wants_in() || state == MeetingState::joining) return;
    mesh.doubt_all(turn);
    if (state == MeetingState::joined && resume_token.empty()) return;
    leave_signaling(turn);
    signaling.renew(turn);
}

void Meeting::State::on(const PageShown& /*event*/, Turn& turn) {
    if (!wants_in()) return;
    media.revive(turn);
    mesh.encourage_all(turn);
    signaling.hurry(turn);
    signaling.probe(turn);
}

void Meeting::State::on(const SignalReceived& event, Turn& turn) {
    if (!wants_in() || !signaling.is_open()) {
        turn.report(Level::debug, ErrorCode::out_of_place, "a message while not in a room");
        return;
    }
    signaling.hear(turn);
    std::visit([&](const auto& message) { read(message, turn); }, event.message);
}

void Meeting::State::on(const SignalRejected& event, Turn& turn) {
    turn.report(Level::warn, ErrorCode::malformed_message,
                "'" + event.name +
                    "': " + (event.field_path.empty() ? "the payload" : event.field_path) + " " +
                    event.detail,
                event.from);
}

void Meeting::State::on(const JoinAnswered& event, Turn& turn) {
    if (event.op != asked || asked == 0) return;
    asked = 0;
    if (!event.answer.ok) {
        joining = 0;
        refuse(code_of_refusal(event.answer.code), event.answer.message, turn);
        return;
    }
    const wire::JoinAnswer& answer = event.answer;
    server_protocol = wire::kProtocol;
    become(answer.participant_id, turn);
    if (resume_token.empty()) chat.begin_after(answer.last_chat_id);
    resume_token = answer.resume_token;
    signaling.watch(answer.heartbeat_ms, turn);
    if (ice_servers.give(answer.ice_servers, answer.ice_servers_ttl_ms, turn))
        tell_ice_servers(turn);
    if (joining != 0) {
        enter(answer.participants, answer.settles_in_ms, turn);
    } else {
        mesh.handle_list(answer.participants, context(), turn);
    }
    if (name != sent_name && state == MeetingState::joined) send_join(turn);
}

/// The server's word on who we are.  Where it has forgotten who we were, so have the others.
void Meeting::State::become(const ParticipantId& id, Turn& turn) {
    if (id.empty() || id == self) return;
    if (resume_token.empty()) {
        mesh.remove(id, turn);  // a list that came first took us for another
    } else {
        mesh.clear(false, turn);
    }
    self = id;
    turn.changed = true;
}

/// A plain server passes on what the author has written, whoever it says it is.
void Meeting::State::read(const wire::NewMessage& message, Turn& turn) {
    wire::NewMessage told = message;
    if (server_protocol < wire::kProtocol) {
        told.from_id.reset();
        told.earlier.reset();
    }
    chat.receive(told, told.from_id ? mesh.name_of(*told.from_id) : "", turn);
}

void Meeting::State::read(const wire::ServerError& message, Turn& turn) {
    if (message.code == "displaced") {
        const std::string detail =
            "This meeting was taken over by another page. Join again to take it back.";
        turn.report(Level::error, ErrorCode::displaced, detail);
        if (state == MeetingState::joining)
            turn.act(SettleJoin{Failure{ErrorCode::displaced, detail}});
        leave(MeetingState::left, turn, false);  // the other page goes on as us
        media.release_all(turn);
        return;
    }
    turn.report(
        Level::warn, ErrorCode::server_error,
        "The server refused '" + message.event + "' (" + message.code + "): " + message.message);
    const bool was_state = message.event == wire::MediaStateChange::kEvent ||
                           message.event == wire::ScreenShareStarted::kEvent ||
                           message.event == wire::ScreenShareEnded::kEvent;
    if (was_state) {
        announced.reset();
        announce_from = turn.now + (kAnnouncePauseMs << std::min(++refusals, 6U));
    }
}

void Meeting::State::read(const wire::ParticipantsList& message, Turn& turn) {
    if (joining != 0) {
        announced.reset();  // a server without acknowledgements has not read our state either
        enter(message.participants, 0, turn);
    } else {
        mesh.handle_list(message.participants, context(), turn);
    }
}

void Meeting::State::enter(const std::vector<wire::Entry>& entries, TimeMs settles_in_ms,
                           Turn& turn) {
    const auto others = static_cast<std::size_t>(
        std::count_if(entries.begin(), entries.end(),
                      [&](const wire::Entry& each) { return each.socket_id != self; }));
    if (state == MeetingState::joining && others >= config.max_participants) {
        refuse(ErrorCode::room_full,
               "The room is full: " + decimal(static_cast<std::int64_t>(others)) +
                   " people are in it, and this meeting takes " + decimal(config.max_participants) +
                   " at most.",
               turn);
        return;
    }
    joining = 0;
    join_by.reset();
    refused.reset();
    signaling.settle();
    const bool first = state == MeetingState::joining;
    const bool was_away = state == MeetingState::reconnecting;
    state = MeetingState::joined;
    turn.changed = true;
    mesh.handle_join_list({entries, was_away, settles_in_ms}, context(), turn);
    // A plain client reads no more of us than a name where it hears that we have come.
    const bool is_plain = std::any_of(entries.begin(), entries.end(), [](const wire::Entry& each) {
        return each.protocol < wire::kProtocol;
    });
    if (is_plain && announced && *announced != Announced{}) announced.reset();
    if (was_away) chat.send_again();
    if (first) turn.act(SettleJoin{});
}

/// The first time, a person waits for the answer; later the place in the room is ours to win
/// back, and a refused change of name costs nothing but the name.
void Meeting::State::refuse(ErrorCode code, std::string detail, Turn& turn) {
    if (state != MeetingState::joining) {
        turn.report(Level::warn, code, detail);
        if (state != MeetingState::reconnecting) return;
        leave_signaling(turn);
        signaling.retry_later(turn);
        refused = Failure{
            code, clipped("The server does not let us in again: " + detail + " Trying again.",
                          kSentenceText.max)};
        return;
    }
    leave(before_join, turn);
    if (before_join == MeetingState::left) media.release_all(turn);
    turn.act(SettleJoin{Failure{code, clipped(std::move(detail), kSentenceText.max)}});
}

void Meeting::State::announce(Turn& turn) {
    if (state != MeetingState::joined) return;
    const Announced now = present();
    if (now == announced || turn.now < announce_from) return;
    announce_from = turn.now + kAnnouncePauseMs;
    if (announced) refusals = 0;
    // A server that may not have read our join still may have: both its guesses are put right.
    const bool shared = announced ? announced->sharing : joined_sharing && !now.sharing;
    const bool slots_differ = !announced || now.muted != announced->muted ||
                              now.video_off != announced->video_off ||
                              now.camera_off != announced->camera_off;
    if (slots_differ)
        turn.act(Emit{std::nullopt, wire::MediaStateChange{self, now.muted, now.video_off,
                                                           now.camera_off, std::nullopt}});
    if (now.sharing != shared) {
        wire::ScreenShare share{room, name, std::nullopt};
        if (now.sharing) {
            turn.act(Emit{std::nullopt, wire::ScreenShareStarted{std::move(share)}});
        } else {
            turn.act(Emit{std::nullopt, wire::ScreenShareEnded{std::move(share)}});
        }
    }
    announced = now;
}

// ---- time and convergence -------------------------------------------------------------------

void Meeting::State::pass_time(Turn& turn) {
    if (join_by && *join_by <= turn.now) {
        refuse(ErrorCode::join_timeout,
               "The server did not let us into the room in time. Try to join again.", turn);
    }
    // The first join has its own deadline, and a person who waits for it.
    if (signaling.pass_time(mesh.is_cut_off(), turn) && wants_in() &&
        state != MeetingState::joining)
        replace_socket(turn);
    ice_servers.pass_time(room, wants_in(), state == MeetingState::joined, turn);
    media.pass_time(turn);
    mesh.pass_time(context(), turn);
    if (state == MeetingState::joined)
        for (const auto& message : chat.take_due(turn.now)) send_chat(message, turn);
}

/// Who hears nobody at all has lost the network, and may have another one; where only the server
/// is silent it is so to everybody, and they had better not come back in step.
void Meeting::State::replace_socket(Turn& turn) {
    if (signaling.is_open()) {
        turn.report(Level::warn, ErrorCode::signaling_lost,
                    "The server does not answer any more; connecting to it again.");
        leave_signaling(turn);
        if (mesh.is_cut_off()) {
            signaling.renew(turn);
            return;
        }
    }
    signaling.retry_soon(turn);
}

void Meeting::State::finish(bool is_routine, Turn& turn) {
    if (!is_routine || turn.removed) mesh.converge(media, turn);
    announce(turn);
    if (turn.changed) turn.act(AnnounceChange{});
    const auto next = deadline().time();
    if (next != woken_at) {
        woken_at = next;
        turn.act(WakeAt{next});
    }
}

Deadline Meeting::State::deadline() const {
    Deadline earliest = mesh.deadline();
    earliest.note(join_by);
    earliest.note(signaling.deadline(config, mesh.is_cut_off()));
    earliest.note(media.deadline());
    earliest.note(ice_servers.deadline(wants_in(), state == MeetingState::joined));
    if (state != MeetingState::joined) return earliest;
    earliest.note(chat.deadline());
    if (present() != announced) earliest.note(announce_from);
    return earliest;
}

// ---- what is seen ---------------------------------------------------------------------------

ParticipantView Meeting::State::self_tile() const {
    const Announced now = present();
    TileState tile = TileState::connected;
    if (state == MeetingState::joining) tile = TileState::connecting;
    if (state == MeetingState::reconnecting) tile = TileState::reconnecting;
    return {self,        name,        true,  now.muted, now.camera_off,
            now.sharing, now.sharing, false, tile,      std::nullopt};
}

// ---- the value ------------------------------------------------------------------------------

namespace {
/// Why:    assigning actions to each other, as erasing does, takes 4 KB of the module.
Actions without_emits(Actions actions) {
    const auto is_emit = [](const Action& each) { return std::holds_alternative<Emit>(each); };
    if (std::none_of(actions.begin(), actions.end(), is_emit)) return actions;
    Actions kept;
    for (Action& each : actions)
        if (!is_emit(each)) kept.push_back(std::move(each));
    return kept;
}
}  // namespace

Meeting::Meeting(Config config) : state_{std::make_unique<State>(std::move(config))} {}
Meeting::Meeting(const Meeting& other) : state_{std::make_unique<State>(*other.state_)} {}
Meeting::Meeting(Meeting&& other) noexcept = default;
Meeting& Meeting::operator=(const Meeting& other) {
    if (this != &other) *state_ = *other.state_;
    return *this;
}
Meeting& Meeting::operator=(Meeting&& other) noexcept = default;
Meeting::~Meeting() = default;
bool Meeting::operator==(const Meeting& other) const { return *state_ == *other.state_; }

Fingerprint Meeting::fingerprint() const {
    Digest digest;
    digest.add(*state_);
    return digest.value();
}

Actions Meeting::handle(TimeMs now, const Event& event) {
    State& state = *state_;
    state.latest = std::max(state.latest, now);
    Turn turn{state.latest, state.config, state.counters};
    const bool was_open = state.signaling.is_open();
    std::visit([&](const auto& each) { state.on(each, turn); }, event);
    state.pass_time(turn);
    state.finish(is_routine(event), turn);
    // Socket.IO would keep them and send them, outdated, ahead of the next join.
    return was_open || state.signaling.is_open() ? std::move(turn.actions)
                                                 : without_emits(std::move(turn.actions));
}

Snapshot Meeting::snapshot() const {
    const State& state = *state_;
    Snapshot shot;
    shot.room = state.room;
    shot.connection = state.state;
    shot.self = {state.self, state.name, state.media.view(Slot::microphone),
                 state.media.view(Slot::camera), state.media.view(Slot::screen)};
    shot.chat = state.chat.view();
    if (!state.wants_in()) return shot;
    shot.participants = state.mesh.view();
    shot.participants.insert(shot.participants.begin(), state.self_tile());
    shot.active_speaker = state.mesh.active_speaker();
    shot.budget = state.mesh.budget(state.config);
    if (!state.self.empty()) shot.links = state.mesh.links(state.self);
    for (const auto& tile : shot.participants) {
        if (tile.error) shot.warnings.push_back({tile.error->code, tile.error->detail, tile.id});
        if (tile.signaling_lost)
            shot.warnings.push_back({ErrorCode::signaling_lost,
                                     "The server has lost this participant; the connection still "
                                     "works.",
                                     tile.id});
    }
    if (shot.participants.size() > state.config.max_participants)
        shot.warnings.push_back({ErrorCode::too_many_participants,
                                 crowd_sentence(shot.participants.size(), state.config), ""});
    if (auto warning = state.mesh.uplink_warning(state.config))
        shot.warnings.push_back(*std::move(warning));
    for (const Slot slot : kSlots)
        if (state.media.view(slot).muted)
            shot.warnings.push_back({ErrorCode::media_muted, LocalMedia::muted_sentence(slot), ""});
    if (state.refused) {
        shot.warnings.push_back({state.refused->code, state.refused->detail, ""});
    } else if (state.state == MeetingState::reconnecting) {
        shot.warnings.push_back({ErrorCode::signaling_lost,
                                 "The connection to the server was lost; trying again.", ""});
    }
    return shot;
}

std::optional<StatsView> Meeting::stats(const ParticipantId& id) const {
    return state_->mesh.stats(id, state_->ice_servers.all());
}

}  // namespace dvmeet
