// The books of one meeting: what its actions have led to, and what they must not lead to.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <type_traits>
#include <vector>

#include "dvmeet/meeting.hpp"

namespace dvmeet::fuzz {

/// Which one of the client's messages.
template <class Message>
const std::size_t kKind = wire::ClientMessage{Message{}}.index();

/// The message of a client that an event is the server's answer to.
template <class Event>
struct QuestionOf {};
template <>
struct QuestionOf<JoinAnswered> : std::type_identity<wire::JoinRoom> {};
template <>
struct QuestionOf<HeartbeatAnswered> : std::type_identity<wire::Heartbeat> {};
template <>
struct QuestionOf<ChatAnswered> : std::type_identity<wire::SendMessage> {};
template <>
struct QuestionOf<IceServersAnswered> : std::type_identity<wire::GetIceServers> {};
template <class Event>
concept Answers = requires {
    typename QuestionOf<Event>::type;
};

/// Knows nothing of how a meeting decides: it follows events and actions as a browser would, and
/// ends the run when an action can't be carried out, or breaks what the headers promise.
///
/// Order:  hand_in() the event, then settle() the actions that the meeting answered with.
class Ledger {
public:
    struct Encoded {
        Encoding encoding;
        int refusals = 0;  ///< of this one
    };
    struct Connection {
        ConnectionId id = 0;
        ParticipantId participant;
        bool has_remote = false;        ///< a remote description was set
        bool answers = false;           ///< the last one set was an offer, not answered yet
        OperationId setting_local = 0;  ///< 0, here and below: none under way
        OperationId setting_remote = 0;
        SdpType remote_type = SdpType::offer;  ///< of the one that is being set
        OperationId sampling = 0;
        bool detailed = false;  ///< what is being sampled
        std::map<Slot, OperationId> replacing{};
        std::map<Slot, OperationId> encoding{};  ///< those that are being set
        std::map<Slot, Encoded> encoded{};       ///< what was asked for last
        std::set<Slot> slots{};                  ///< those that were given a transceiver
        std::set<Slot> claimed{};                ///< those that the browser says have one
        std::vector<OperationId> candidates{};
    };
    /// What was sent and waits for its acknowledgement.
    struct Question {
        OperationId op = 0;
        std::size_t kind = 0;  ///< which one of the client's messages
        template <Answers Event>
        [[nodiscard]] bool is_for(const Event& event) const {
            return op == event.op && kind == kKind<typename QuestionOf<Event>::type>;
        }
    };
    struct Request {
        OperationId op = 0;
        std::vector<Slot> slots;
        bool supplied = false;
    };

    /// Whether an event answers something that nobody asked for, or that is over.
    [[nodiscard]] bool is_of_nothing(const Event& event) const;
    [[nodiscard]] bool awaits_heartbeat() const;
    void hand_in(const Event& event);
    void settle(TimeMs now, const Actions& actions, const Snapshot& before, const Snapshot& after);
    void check_left(const Snapshot& after) const;

    [[nodiscard]] const std::vector<Connection>& connections() const { return connections_; }
    [[nodiscard]] const std::vector<Request>& requests() const { return requests_; }
    [[nodiscard]] const std::vector<TrackId>& tracks() const { return tracks_; }
    [[nodiscard]] const std::vector<Question>& questions() const { return questions_; }
    [[nodiscard]] const std::vector<OperationId>& asked() const { return asked_; }
    [[nodiscard]] std::optional<TimeMs> wake() const { return wake_; }
    [[nodiscard]] ConnectionId last_connection() const { return last_connection_; }
    [[nodiscard]] const Connection* connection_to(const ParticipantId& id) const;

private:
    struct Batch;

    [[nodiscard]] const Connection* find(ConnectionId id) const;
    Connection* find(ConnectionId id);
    Connection& live(ConnectionId id, std::string_view action);
    void use(OperationId op);
    void add_slots(Connection& connection, const std::vector<Slot>& slots);

    // What an event reports as done.
    template <class Any>
    void note(const Any& event) {
        if constexpr (Answers<Any>)
            std::erase_if(questions_, [&](const Question& each) { return each.is_for(event); });
    }
    void note(const IceServersGiven& event) { std::erase(asked_, event.op); }
    void note(const IceServersFailed& event) { std::erase(asked_, event.op); }
    void note(const JoinRequested& event);
    void note(const MediaAcquired& event);
    void note(const MediaFailed& event);
    void note(const SignalingOpened& event);
    void note(const SignalingClosed& event);
    void note(const LocalDescriptionSet& event);
    void note(const RemoteDescriptionSet& event);
    void note(const OperationDone& event);
    void note(const OperationFailed& event);
    void note(const StatsSampled& event);
    void note(const TimePassed& event);

    // What an action asks for.
    /// Whatever else is asked of a connection needs one that is there.
    template <class Any>
    void carry_out(const Any& action) {
        if constexpr (requires { action.connection; }) live(action.connection, kTag<Any>);
    }
    void carry_out(const OpenSignaling& action);
    void carry_out(const CloseSignaling& /*action*/) { socket_wanted_ = socket_open_ = false; }
    void carry_out(const Emit& action);
    void carry_out(const AskIceServers& action);
    void carry_out(const CreateConnection& action);
    void carry_out(const CloseConnection& action);
    void carry_out(const AddTransceivers& action);
    void carry_out(const AdoptTransceivers& action);
    void carry_out(const ReplaceTrack& action);
    void carry_out(const SetEncoding& action);
    void carry_out(const ApplyConstraints& action);
    void carry_out(const SetLocalDescription& action);
    void carry_out(const SetRemoteDescription& action);
    void carry_out(const AddIceCandidate& action);
    void carry_out(const SampleStats& action);
    void carry_out(const AcquireMedia& action);
    void carry_out(const ReleaseTrack& action);
    void carry_out(const SettleJoin& action);
    void carry_out(const WakeAt& action) { wake_ = action.time; }

    std::vector<Connection> connections_;
    std::vector<Request> requests_;
    std::vector<TrackId> tracks_;
    std::vector<TrackId> released_;  ///< in this batch, which may say so for each mention
    std::vector<Question> questions_;
    std::vector<OperationId> asked_;      ///< of the application, for ICE servers
    std::vector<TrackId> constrained_{};  ///< what was asked for another size
    std::optional<TimeMs> wake_;
    ConnectionId last_connection_ = 0;
    OperationId last_operation_ = 0;
    bool socket_wanted_ = false;  ///< asked for, and neither closed nor broken since
    bool socket_open_ = false;
    bool join_pending_ = false;  ///< somebody waits for SettleJoin
};

}  // namespace dvmeet::fuzz
