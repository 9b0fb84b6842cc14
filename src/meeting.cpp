// A meeting: the room, and the way into and out of it.
#include "dvmeet/meeting.hpp"

#include <algorithm>
#include <utility>

#include "chat.hpp"
#include "local_media.hpp"
#include "mesh.hpp"
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
    bool operator==(const Announced&) const = default;
};

ErrorCode code_of_refusal(const std::string& code) {
    return code == "room_full" ? ErrorCode::room_full : ErrorCode::join_refused;
}

}  // namespace

struct Meeting::State {
    explicit State(Config given) : config{std::move(given)} {}

    enum class Signaling : std::uint8_t { closed, opening, open };

    Config config;
    Counters counters;
    TimeMs latest = 0;
    std::optional<TimeMs> woken_at;

    MeetingState state = MeetingState::idle;
    MeetingState before_join = MeetingState::idle;
    Signaling signaling = Signaling::closed;
    std::string room;
    std::string name;
    ParticipantId self;
    OperationId joining = 0;  ///< the join-room that has not let us in yet
    OperationId asked = 0;    ///< the join-room that the server has not acknowledged yet
    std::string sent_name;    ///< what that join-room called us
    std::optional<TimeMs> join_by;
    std::optional<TimeMs> reopen_at;
    std::uint32_t reopen_tries = 0;
    std::uint32_t server_protocol = 1;
    std::vector<IceServer> ice_servers;  ///< ours and the server's
    std::optional<Announced> announced;  ///< nothing where the server may not know
    std::uint32_t refusals = 0;          ///< of the same state, in a row
    TimeMs announce_from = 0;            ///< a change right after another one waits until then
    LocalMedia media;
    Mesh mesh;
    Chat chat;
    bool operator==(const State&) const = default;

    [[nodiscard]] Mesh::Context context() const {
        return {self, room, media, ice_servers, server_protocol >= wire::kProtocol};
    }
    [[nodiscard]] bool wants_in() const {
        return state == MeetingState::joining || state == MeetingState::joined ||
               state == MeetingState::reconnecting;
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
    // Signaling.
    void on(const SignalingOpened& event, Turn& turn);
    void on(const SignalingClosed& event, Turn& turn);
    void on(const SignalReceived& event, Turn& turn);
    void on(const SignalRejected& event, Turn& turn);
    void on(const JoinAnswered& event, Turn& turn);
    /// The timer is spent, even where it came early.
    void on(const TimePassed& /*event*/, Turn& /*turn*/) { woken_at.reset(); }

    void on(const MediaWished& event, Turn& turn) {
        media.handle(event, state != MeetingState::left, turn);
    }
    void on(const MediaAcquired& event, Turn& turn) { media.handle(event, turn); }
    void on(const MediaFailed& event, Turn& turn) { media.handle(event, turn); }
    void on(const TrackEnded& event, Turn& turn) { media.handle(event, turn); }
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
    void read(const wire::MediaStateUpdated& message, Turn& turn) { mesh.set_media(message, turn); }
    void read(const wire::ScreenShareStartedBy& message, Turn& turn) {
        mesh.set_sharing(message.socket_id, true, turn);
    }
    void read(const wire::ScreenShareEndedBy& message, Turn& turn) {
        mesh.set_sharing(message.socket_id, false, turn);
    }
    void read(const wire::NewMessage& message, Turn& turn) {
        chat.receive(message, message.from_id ? mesh.name_of(*message.from_id) : "", turn);
    }
    void read(const wire::UserLeft& message, Turn& turn) {
        mesh.handle_left(message.socket_id, turn);
    }
    void read(const wire::ParticipantLeft& message, Turn& turn) {
        mesh.handle_left(message.socket_id, turn);
    }
    void read(const wire::ServerError& message, Turn& turn) {
        turn.report(Level::warn, ErrorCode::server_error,
                    "The server refused '" + message.event + "' (" + message.code +
                        "): " + message.message);
        if (message.event == wire::SendMessage::kEvent) chat.refuse_last(turn);
        const bool was_state = message.event == wire::MediaStateChange::kEvent ||
                               message.event == wire::ScreenShareStarted::kEvent ||
                               message.event == wire::ScreenShareEnded::kEvent;
        if (was_state) {
            announced.reset();
            announce_from = turn.now + (kAnnouncePauseMs << std::min(++refusals, 6U));
        }
    }

    void open_signaling(Turn& turn);
    void send_join(Turn& turn);
    void enter(const std::vector<wire::Entry>& entries, Turn& turn);
    void leave(MeetingState end, Turn& turn);
    void refuse(ErrorCode code, std::string detail, Turn& turn);
    void retry_later(Turn& turn);
    void announce(Turn& turn);
    void pass_time(Turn& turn);
    void finish(Turn& turn);
    [[nodiscard]] std::optional<TimeMs> deadline() const;
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
    ice_servers = config.ice_servers;
    chat.clear();
    turn.changed = true;
    media.resume(turn);
    if (signaling == Signaling::open) {
        send_join(turn);
    } else {
        open_signaling(turn);
    }
}

void Meeting::State::on(const LeaveRequested& /*event*/, Turn& turn) {
    if (state == MeetingState::left) return;
    if (state == MeetingState::joining)
        turn.act(SettleJoin{Failure{ErrorCode::left, "The meeting was left."}});
    leave(MeetingState::left, turn);
    media.release_all(turn);
}

void Meeting::State::leave(MeetingState end, Turn& turn) {
    mesh.clear(true, turn);
    const bool may_be_inside = server_protocol >= wire::kProtocol || joining != 0;
    if (signaling == Signaling::open && may_be_inside)
        turn.act(Emit{std::nullopt, wire::LeaveRoom{room}});
    if (signaling != Signaling::closed) turn.act(CloseSignaling{});
    signaling = Signaling::closed;
    state = end;
    self.clear();
    joining = 0;
    asked = 0;
    join_by.reset();
    reopen_at.reset();
    turn.changed = true;
}

void Meeting::State::on(const RenameRequested& event, Turn& turn) {
    turn.changed = turn.changed || name != event.name;
    if (name == event.name) return;
    name = event.name;
    if (state == MeetingState::joined && server_protocol >= wire::kProtocol) send_join(turn);
}

void Meeting::State::on(const ReconnectRequested& event, Turn& turn) {
    if (reopen_at) reopen_at = turn.now;
    mesh.reconnect(event.participant, context(), turn);
}

void Meeting::State::on(const ChatSubmitted& event, Turn& turn) {
    const bool can_send = state == MeetingState::joined;
    const auto message =
        chat.submit(event, self, name, can_send ? ChatState::sent : ChatState::failed, turn);
    if (can_send) turn.act(Emit{std::nullopt, wire::SendMessage{room, message}});
}

// ---- signaling ------------------------------------------------------------------------------

void Meeting::State::open_signaling(Turn& turn) {
    reopen_at.reset();
    signaling = Signaling::opening;
    turn.act(OpenSignaling{});
}

void Meeting::State::on(const SignalingOpened& event, Turn& turn) {
    if (!wants_in()) return;
    signaling = Signaling::open;
    reopen_at.reset();
    turn.changed = turn.changed || self != event.socket_id;
    if (!self.empty() && self != event.socket_id) mesh.clear(false, turn);
    self = event.socket_id;
    send_join(turn);
}

void Meeting::State::send_join(Turn& turn) {
    if (state != MeetingState::joined && !join_by) join_by = turn.now + config.join_timeout_ms;
    const Announced now = present();
    announced = now;
    joining = asked = turn.next_operation();
    sent_name = name;
    mesh.begin_join();
    wire::JoinRoom message{room,          name,           self,        now.muted,
                           now.video_off, now.camera_off, now.sharing, wire::kProtocol};
    turn.act(Emit{joining, std::move(message)});
}

void Meeting::State::on(const SignalingClosed& event, Turn& turn) {
    signaling = Signaling::closed;
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
    retry_later(turn);
}

/// Away from the server, and back to it after a pause that grows.
void Meeting::State::retry_later(Turn& turn) {
    if (signaling != Signaling::closed) turn.act(CloseSignaling{});
    signaling = Signaling::closed;
    state = MeetingState::reconnecting;
    joining = asked = 0;
    join_by.reset();
    const std::uint32_t pause = std::min(config.signaling_retry_longest_ms,
                                         config.signaling_retry_ms << std::min(reopen_tries, 8U));
    ++reopen_tries;
    reopen_at = turn.now + pause;
    turn.changed = true;
}

void Meeting::State::on(const SignalReceived& event, Turn& turn) {
    if (!wants_in() || signaling != Signaling::open) {
        turn.report(Level::debug, ErrorCode::out_of_place, "a message while not in a room");
        return;
    }
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
    server_protocol = wire::kProtocol;
    if (!event.answer.participant_id.empty()) self = event.answer.participant_id;
    ice_servers = config.ice_servers;
    for (const auto& server : event.answer.ice_servers) ice_servers.push_back(server);
    if (joining != 0) {
        enter(event.answer.participants, turn);
    } else {
        mesh.handle_list(event.answer.participants, context(), turn);
    }
    if (name != sent_name) send_join(turn);
}

void Meeting::State::read(const wire::ParticipantsList& message, Turn& turn) {
    if (joining != 0) {
        announced.reset();  // a server without acknowledgements has not read our state either
        enter(message.participants, turn);
    } else {
        mesh.handle_list(message.participants, context(), turn);
    }
}

void Meeting::State::enter(const std::vector<wire::Entry>& entries, Turn& turn) {
    joining = 0;
    join_by.reset();
    reopen_tries = 0;
    const bool first = state == MeetingState::joining;
    const bool was_away = state == MeetingState::reconnecting;
    state = MeetingState::joined;
    turn.changed = true;
    mesh.handle_join_list(entries, context(), turn, was_away);
    if (first) turn.act(SettleJoin{});
}

/// The first time, a person waits for the answer; later the place in the room is ours to win
/// back, and a refused change of name costs nothing but the name.
void Meeting::State::refuse(ErrorCode code, std::string detail, Turn& turn) {
    if (state != MeetingState::joining) {
        turn.report(Level::warn, code, std::move(detail));
        if (state == MeetingState::reconnecting) retry_later(turn);
        return;
    }
    leave(before_join, turn);
    if (before_join == MeetingState::left) media.release_all(turn);
    turn.act(SettleJoin{Failure{code, std::move(detail)}});
}

void Meeting::State::announce(Turn& turn) {
    if (state != MeetingState::joined) return;
    const Announced now = present();
    if (now == announced || turn.now < announce_from) return;
    announce_from = turn.now + kAnnouncePauseMs;
    if (announced) refusals = 0;
    const bool shared = announced && announced->sharing;
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
    if (reopen_at && *reopen_at <= turn.now) open_signaling(turn);
    mesh.pass_time(context(), turn);
}

void Meeting::State::finish(Turn& turn) {
    mesh.converge(context(), turn);
    announce(turn);
    if (turn.changed) turn.act(AnnounceChange{});
    const auto next = deadline();
    if (next != woken_at) {
        woken_at = next;
        turn.act(WakeAt{next});
    }
}

std::optional<TimeMs> Meeting::State::deadline() const {
    std::optional<TimeMs> earliest = mesh.deadline();
    for (const auto& time : {join_by, reopen_at})
        if (time) earliest = earliest ? std::min(*earliest, *time) : *time;
    if (state == MeetingState::joined && present() != announced)
        earliest = earliest ? std::min(*earliest, announce_from) : announce_from;
    return earliest;
}

// ---- what is seen ---------------------------------------------------------------------------

ParticipantView Meeting::State::self_tile() const {
    const Announced now = present();
    TileState tile = TileState::connected;
    if (state == MeetingState::joining) tile = TileState::connecting;
    if (state == MeetingState::reconnecting) tile = TileState::reconnecting;
    return {self,        name,        true, now.muted,   now.camera_off,
            now.sharing, now.sharing, tile, std::nullopt};
}

// ---- the value ------------------------------------------------------------------------------

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

Actions Meeting::handle(TimeMs now, const Event& event) {
    State& state = *state_;
    state.latest = std::max(state.latest, now);
    Turn turn{state.latest, state.config, state.counters};
    const bool was_open = state.signaling == State::Signaling::open;
    std::visit([&](const auto& each) { state.on(each, turn); }, event);
    state.pass_time(turn);
    state.finish(turn);
    // Socket.IO would keep them and send them, outdated, ahead of the next join.
    if (!was_open && state.signaling != State::Signaling::open)
        std::erase_if(turn.actions,
                      [](const Action& each) { return std::holds_alternative<Emit>(each); });
    return std::move(turn.actions);
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
    if (!state.self.empty()) shot.links = state.mesh.links(state.self);
    for (const auto& tile : shot.participants) {
        if (tile.error) shot.warnings.push_back({tile.error->code, tile.error->detail, tile.id});
    }
    if (state.state == MeetingState::reconnecting)
        shot.warnings.push_back({ErrorCode::signaling_lost,
                                 "The connection to the server was lost; trying again.", ""});
    return shot;
}

}  // namespace dvmeet
