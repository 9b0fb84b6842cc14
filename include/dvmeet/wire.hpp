// The Socket.IO table: one struct per message, with its event name and its fields.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "dvmeet/types.hpp"

/// Shape:  the dvMeet protocol is fixed in name and shape; what `extension()` marks is ours, sent
///         to everybody and read from those who send it.
///         A struct with kBare stands for its only field's value, without an object around it.
/// Spec:   Socket.IO events; RTCSessionDescriptionInit, RTCIceCandidateInit of webrtc-pc.
namespace dvmeet::wire {

/// Milliseconds since 1970, as far as a JavaScript number counts exactly.
inline constexpr Integer kTimestamp{0, 9'007'199'254'740'991};
inline constexpr std::uint32_t kProtocol = 2;  ///< what we announce; plain dvMeet peers say nothing

/// One participant as the server describes it in lists and announcements.
struct Entry {
    ParticipantId socket_id;
    std::string user_name;
    std::optional<bool> is_muted;  ///< absent, here and below: nothing is said of it
    std::optional<bool> is_video_off;
    std::optional<bool> is_camera_off;  ///< the camera alone; absent: as is_video_off
    std::optional<bool> is_sharing;
    std::uint32_t protocol = 1;
    static constexpr auto fields() {
        return std::tuple{field("socketId", &Entry::socket_id, kIdText),
                          extension("userName", &Entry::user_name, Text{0, 256}),
                          field("isMuted", &Entry::is_muted),
                          field("isVideoOff", &Entry::is_video_off),
                          field("isCameraOff", &Entry::is_camera_off),
                          field("isSharing", &Entry::is_sharing),
                          extension("protocol", &Entry::protocol, Integer{1, 1000})};
    }
    bool operator==(const Entry&) const = default;
};

// ---- server → client ------------------------------------------------------------------------

struct UserJoined : Entry {
    static constexpr std::string_view kEvent = "user-joined";
};

struct Entries {
    static constexpr bool kBare = true;
    std::vector<Entry> participants;
    static constexpr auto fields() {
        return std::tuple{field("participants", &Entries::participants, List{kMaxParticipants})};
    }
    bool operator==(const Entries&) const = default;
};
/// To the one who joined; lists everybody, self included.
struct ParticipantsList : Entries {
    static constexpr std::string_view kEvent = "participants-list";
};
/// The answer to `get-users`.
struct RoomUsers : Entries {
    static constexpr std::string_view kEvent = "room-users";
};

/// Which RTCPeerConnection a message comes from and which one of the receiver it is meant for.
struct Generations {
    std::optional<ConnectionId> generation;
    std::optional<ConnectionId> peer_generation;  ///< absent while the sender doesn't know ours
    bool operator==(const Generations&) const = default;
};

/// `round` counts the offers of a connection; an answer names the one it answers.
/// `replaces`: the first offer of a connection says which one of the receiver its predecessor
/// talked to, so that nobody waits for an answer there any more.
struct DescriptionFrom : Generations {
    ParticipantId from_id;
    SessionDescription sdp;
    std::optional<std::uint32_t> round;
    std::optional<ConnectionId> replaces;
    static constexpr auto fields() {
        return std::tuple{field("fromId", &DescriptionFrom::from_id, kIdText),
                          field("sdp", &DescriptionFrom::sdp),
                          field("round", &DescriptionFrom::round, kCounter),
                          field("replaces", &DescriptionFrom::replaces, kCounter),
                          field("generation", &DescriptionFrom::generation, kCounter),
                          field("peerGeneration", &DescriptionFrom::peer_generation, kCounter)};
    }
    bool operator==(const DescriptionFrom&) const = default;
};
struct OfferFrom : DescriptionFrom {
    static constexpr std::string_view kEvent = "offer";
};
struct AnswerFrom : DescriptionFrom {
    static constexpr std::string_view kEvent = "answer";
};

struct IceCandidateFrom : Generations {
    static constexpr std::string_view kEvent = "ice-candidate";
    ParticipantId from_id;
    std::optional<IceCandidate> candidate;  ///< absent or null: end-of-candidates
    static constexpr auto fields() {
        return std::tuple{field("fromId", &IceCandidateFrom::from_id, kIdText),
                          field("candidate", &IceCandidateFrom::candidate),
                          field("generation", &IceCandidateFrom::generation, kCounter),
                          field("peerGeneration", &IceCandidateFrom::peer_generation, kCounter)};
    }
    bool operator==(const IceCandidateFrom&) const = default;
};

/// The sender can't lead an ICE restart of its pair with the receiver, and asks for one.
struct IceRestartFrom : Generations {
    static constexpr std::string_view kEvent = "ice-restart";
    ParticipantId from_id;
    static constexpr auto fields() {
        return std::tuple{field("fromId", &IceRestartFrom::from_id, kIdText),
                          field("generation", &IceRestartFrom::generation, kCounter),
                          field("peerGeneration", &IceRestartFrom::peer_generation, kCounter)};
    }
    bool operator==(const IceRestartFrom&) const = default;
};

struct MediaStateUpdated {
    static constexpr std::string_view kEvent = "media-state-updated";
    ParticipantId socket_id;
    bool is_muted = false;
    bool is_video_off = false;
    std::optional<bool> is_camera_off;
    static constexpr auto fields() {
        return std::tuple{field("socketId", &MediaStateUpdated::socket_id, kIdText),
                          field("isMuted", &MediaStateUpdated::is_muted),
                          field("isVideoOff", &MediaStateUpdated::is_video_off),
                          field("isCameraOff", &MediaStateUpdated::is_camera_off)};
    }
    bool operator==(const MediaStateUpdated&) const = default;
};

/// A participant, as the payload of messages about nothing else.
struct Subject {
    ParticipantId socket_id;
    static constexpr auto fields() {
        return std::tuple{field("socketId", &Subject::socket_id, kIdText)};
    }
    bool operator==(const Subject&) const = default;
};
struct ScreenShareStartedBy : Subject {
    static constexpr std::string_view kEvent = "screen-share-started";
};
struct ScreenShareEndedBy : Subject {
    static constexpr std::string_view kEvent = "screen-share-ended";
};
struct UserLeft : Subject {
    static constexpr std::string_view kEvent = "user-left";
    static constexpr bool kBare = true;
};
struct ParticipantLeft : Subject {
    static constexpr std::string_view kEvent = "participant-left";
    static constexpr bool kBare = true;
};

/// A chat message.  `sender` is what the author called itself; the last two are the server's word,
/// where the server is one of ours, and anybody's elsewhere.
struct NewMessage {
    static constexpr std::string_view kEvent = "new-message";
    std::string id;
    std::string sender;
    std::string time;  ///< as the sender's clock shows it, for display only
    std::string text;
    std::optional<ParticipantId> from_id;
    std::optional<bool> earlier;  ///< it was said before the receiver came
    static constexpr auto fields() {
        return std::tuple{field("id", &NewMessage::id, kMessageIdText),
                          field("sender", &NewMessage::sender, Text{0, 256}),
                          field("time", &NewMessage::time, Text{0, 256}),
                          field("text", &NewMessage::text, Text{1, 16'384}),
                          field("fromId", &NewMessage::from_id, kIdText),
                          field("earlier", &NewMessage::earlier)};
    }
    bool operator==(const NewMessage&) const = default;
};

/// Our server refused one of our messages.
struct ServerError {
    static constexpr std::string_view kEvent = "server-error";
    std::string code;
    std::string message;
    std::string event;
    static constexpr auto fields() {
        return std::tuple{field("code", &ServerError::code, kShortText),
                          field("message", &ServerError::message, kSentenceText),
                          extension("event", &ServerError::event, kShortText)};
    }
    bool operator==(const ServerError&) const = default;
};

using ServerMessage =
    std::variant<UserJoined, ParticipantsList, RoomUsers, OfferFrom, AnswerFrom, IceCandidateFrom,
                 IceRestartFrom, MediaStateUpdated, ScreenShareStartedBy, ScreenShareEndedBy,
                 NewMessage, UserLeft, ParticipantLeft, ServerError>;

inline constexpr Text kTokenText{0, 2048};  ///< a signed token has some 300 bytes

/// Our server's answer to `join-room`; plain servers give none.
/// Units: all times in milliseconds.
struct JoinAnswer {
    bool ok = false;
    std::string code;
    std::string message;
    ParticipantId participant_id;
    std::vector<Entry> participants;
    std::vector<IceServer> ice_servers;
    std::uint32_t ice_servers_ttl_ms = 0;     ///< their credentials expire then; 0: they don't
    std::string resume_token;                 ///< for joining as the same participant again
    bool resumed = false;                     ///< this join did
    std::uint32_t heartbeat_ms = 0;           ///< how often the server answers one; 0: never
    std::uint32_t settles_in_ms = 0;          ///< who is missing until then may still come back
    std::optional<std::string> last_chat_id;  ///< the newest message of the room, if any
    static constexpr auto fields() {
        return std::tuple{
            field("ok", &JoinAnswer::ok),
            extension("code", &JoinAnswer::code, kShortText),
            extension("message", &JoinAnswer::message, kSentenceText),
            extension("participantId", &JoinAnswer::participant_id, Text{0, 64}),
            extension("participants", &JoinAnswer::participants, List{kMaxParticipants}),
            extension("iceServers", &JoinAnswer::ice_servers, kIceServerList),
            extension("iceServersTtlMs", &JoinAnswer::ice_servers_ttl_ms, kDuration),
            extension("resumeToken", &JoinAnswer::resume_token, kTokenText),
            extension("resumed", &JoinAnswer::resumed),
            extension("heartbeatMs", &JoinAnswer::heartbeat_ms, kDuration),
            extension("settlesInMs", &JoinAnswer::settles_in_ms, kDuration),
            field("lastChatId", &JoinAnswer::last_chat_id, kMessageIdText)};
    }
    bool operator==(const JoinAnswer&) const = default;
};

/// Our server's answer to `send-message`.
struct ChatAnswer {
    bool ok = false;
    std::string code;
    std::string message;
    static constexpr auto fields() {
        return std::tuple{field("ok", &ChatAnswer::ok),
                          extension("code", &ChatAnswer::code, kShortText),
                          extension("message", &ChatAnswer::message, kSentenceText)};
    }
    bool operator==(const ChatAnswer&) const = default;
};

/// Our server's answer to `get-ice-servers`.
struct IceServersAnswer {
    bool ok = false;
    std::vector<IceServer> ice_servers;
    std::uint32_t ice_servers_ttl_ms = 0;
    static constexpr auto fields() {
        return std::tuple{
            field("ok", &IceServersAnswer::ok),
            extension("iceServers", &IceServersAnswer::ice_servers, kIceServerList),
            extension("iceServersTtlMs", &IceServersAnswer::ice_servers_ttl_ms, kDuration)};
    }
    bool operator==(const IceServersAnswer&) const = default;
};

// ---- client → server ------------------------------------------------------------------------

struct JoinRoom {
    static constexpr std::string_view kEvent = "join-room";
    std::string room_id;
    std::string user_name;
    std::optional<ParticipantId> socket_id;
    bool is_muted = false;
    bool is_video_off = false;
    std::optional<bool> is_camera_off;
    bool is_sharing = false;
    std::uint32_t protocol = 1;
    std::optional<std::string> resume;
    std::optional<std::string> last_chat_id;  ///< the newest message that is here
    static constexpr auto fields() {
        return std::tuple{field("roomId", &JoinRoom::room_id, kRoomText),
                          field("userName", &JoinRoom::user_name, kNameText),
                          field("socketId", &JoinRoom::socket_id, kIdText),
                          extension("isMuted", &JoinRoom::is_muted),
                          extension("isVideoOff", &JoinRoom::is_video_off),
                          field("isCameraOff", &JoinRoom::is_camera_off),
                          extension("isSharing", &JoinRoom::is_sharing),
                          extension("protocol", &JoinRoom::protocol, Integer{1, 1000}),
                          field("resume", &JoinRoom::resume, kTokenText),
                          field("lastChatId", &JoinRoom::last_chat_id, kMessageIdText)};
    }
    bool operator==(const JoinRoom&) const = default;
};

struct GetUsers {
    static constexpr std::string_view kEvent = "get-users";
    std::string room_id;
    static constexpr auto fields() {
        return std::tuple{field("roomId", &GetUsers::room_id, kRoomText)};
    }
    bool operator==(const GetUsers&) const = default;
};

struct DescriptionTo : Generations {
    std::string room_id;
    ParticipantId target_id;
    SessionDescription sdp;
    std::optional<std::uint32_t> round;
    std::optional<ConnectionId> replaces;
    static constexpr auto fields() {
        return std::tuple{field("roomId", &DescriptionTo::room_id, kRoomText),
                          field("targetId", &DescriptionTo::target_id, kIdText),
                          field("sdp", &DescriptionTo::sdp),
                          field("round", &DescriptionTo::round, kCounter),
                          field("replaces", &DescriptionTo::replaces, kCounter),
                          field("generation", &DescriptionTo::generation, kCounter),
                          field("peerGeneration", &DescriptionTo::peer_generation, kCounter)};
    }
    bool operator==(const DescriptionTo&) const = default;
};
struct Offer : DescriptionTo {
    static constexpr std::string_view kEvent = "offer";
};
struct Answer : DescriptionTo {
    static constexpr std::string_view kEvent = "answer";
};

struct IceCandidateTo : Generations {
    static constexpr std::string_view kEvent = "ice-candidate";
    std::string room_id;
    ParticipantId target_id;
    std::optional<IceCandidate> candidate;
    static constexpr auto fields() {
        return std::tuple{field("roomId", &IceCandidateTo::room_id, kRoomText),
                          field("targetId", &IceCandidateTo::target_id, kIdText),
                          field("candidate", &IceCandidateTo::candidate),
                          field("generation", &IceCandidateTo::generation, kCounter),
                          field("peerGeneration", &IceCandidateTo::peer_generation, kCounter)};
    }
    bool operator==(const IceCandidateTo&) const = default;
};

struct IceRestartTo : Generations {
    static constexpr std::string_view kEvent = "ice-restart";
    std::string room_id;
    ParticipantId target_id;
    static constexpr auto fields() {
        return std::tuple{field("roomId", &IceRestartTo::room_id, kRoomText),
                          field("targetId", &IceRestartTo::target_id, kIdText),
                          field("generation", &IceRestartTo::generation, kCounter),
                          field("peerGeneration", &IceRestartTo::peer_generation, kCounter)};
    }
    bool operator==(const IceRestartTo&) const = default;
};

/// To see whether the server is still there.
struct Heartbeat {
    static constexpr std::string_view kEvent = "heartbeat";
    static constexpr auto fields() { return std::tuple{}; }
    bool operator==(const Heartbeat&) const = default;
};

/// For ICE servers whose credentials are fresh.
struct GetIceServers {
    static constexpr std::string_view kEvent = "get-ice-servers";
    std::string room_id;
    static constexpr auto fields() {
        return std::tuple{field("roomId", &GetIceServers::room_id, kRoomText)};
    }
    bool operator==(const GetIceServers&) const = default;
};

/// `is_video_off`: nothing to see on the one video line a plain client knows.
struct MediaStateChange {
    static constexpr std::string_view kEvent = "media-state-change";
    ParticipantId socket_id;
    bool is_muted = false;
    bool is_video_off = false;
    std::optional<bool> is_camera_off;
    std::optional<std::int64_t> timestamp;
    static constexpr auto fields() {
        return std::tuple{field("socketId", &MediaStateChange::socket_id, kIdText),
                          field("isMuted", &MediaStateChange::is_muted),
                          field("isVideoOff", &MediaStateChange::is_video_off),
                          field("isCameraOff", &MediaStateChange::is_camera_off),
                          field("timestamp", &MediaStateChange::timestamp, kTimestamp)};
    }
    bool operator==(const MediaStateChange&) const = default;
};

struct ScreenShare {
    std::string meeting_id;
    std::optional<std::string> user_name;
    std::optional<std::int64_t> timestamp;
    static constexpr auto fields() {
        return std::tuple{field("meetingId", &ScreenShare::meeting_id, kRoomText),
                          field("userName", &ScreenShare::user_name, kNameText),
                          field("timestamp", &ScreenShare::timestamp, kTimestamp)};
    }
    bool operator==(const ScreenShare&) const = default;
};
struct ScreenShareStarted : ScreenShare {
    static constexpr std::string_view kEvent = "screen-share-started";
};
struct ScreenShareEnded : ScreenShare {
    static constexpr std::string_view kEvent = "screen-share-ended";
};

struct SendMessage {
    static constexpr std::string_view kEvent = "send-message";
    std::string room_id;
    NewMessage message;
    static constexpr auto fields() {
        return std::tuple{field("roomId", &SendMessage::room_id, kRoomText),
                          field("message", &SendMessage::message)};
    }
    bool operator==(const SendMessage&) const = default;
};

struct LeaveRoom {
    static constexpr std::string_view kEvent = "leave-room";
    std::string room_id;
    static constexpr auto fields() {
        return std::tuple{field("roomId", &LeaveRoom::room_id, kRoomText)};
    }
    bool operator==(const LeaveRoom&) const = default;
};

using ClientMessage = std::variant<JoinRoom, GetUsers, Offer, Answer, IceCandidateTo, IceRestartTo,
                                   MediaStateChange, ScreenShareStarted, ScreenShareEnded,
                                   SendMessage, LeaveRoom, Heartbeat, GetIceServers>;

}  // namespace dvmeet::wire
