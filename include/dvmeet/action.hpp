// Everything a meeting asks of the world, as imperative commands.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "dvmeet/channel.hpp"
#include "dvmeet/error.hpp"
#include "dvmeet/types.hpp"
#include "dvmeet/wire.hpp"

namespace dvmeet {

// ---- signaling ------------------------------------------------------------------------------

struct OpenSignaling {
    static constexpr auto fields() { return std::tuple{}; }
    bool operator==(const OpenSignaling&) const = default;
};

struct CloseSignaling {
    static constexpr auto fields() { return std::tuple{}; }
    bool operator==(const CloseSignaling&) const = default;
};

/// Send one message; with `op`: ask for an acknowledgement, which comes back as JoinAnswered,
/// HeartbeatAnswered, ChatAnswered or IceServersAnswered.
struct Emit {
    std::optional<OperationId> op;
    wire::ClientMessage message;
    static constexpr auto fields() {
        return std::tuple{field("op", &Emit::op, kCounter), field("", &Emit::message)};
    }
    bool operator==(const Emit&) const = default;
};

// ---- one connection -------------------------------------------------------------------------

/// Make an RTCPeerConnection; `channel`: with the negotiated control channel.
struct CreateConnection {
    ConnectionId connection = 0;
    ParticipantId participant;
    std::vector<IceServer> ice_servers;
    bool channel = false;
    static constexpr auto fields() {
        return std::tuple{field("connection", &CreateConnection::connection, kCounter),
                          field("participant", &CreateConnection::participant, kIdText),
                          field("iceServers", &CreateConnection::ice_servers, kIceServerList),
                          field("channel", &CreateConnection::channel)};
    }
    bool operator==(const CreateConnection&) const = default;
};

struct CloseConnection {
    ConnectionId connection = 0;
    static constexpr auto fields() {
        return std::tuple{field("connection", &CloseConnection::connection, kCounter)};
    }
    bool operator==(const CloseConnection&) const = default;
};

/// One `sendrecv` transceiver for each slot, without a track, in this order.
struct AddTransceivers {
    ConnectionId connection = 0;
    std::vector<Slot> slots;
    static constexpr auto fields() {
        return std::tuple{field("connection", &AddTransceivers::connection, kCounter),
                          field("slots", &AddTransceivers::slots, List{kSlots.size()})};
    }
    bool operator==(const AddTransceivers&) const = default;
};

struct SlotMid {
    Slot slot = Slot::microphone;
    std::string mid;
    static constexpr auto fields() {
        return std::tuple{field("slot", &SlotMid::slot), field("mid", &SlotMid::mid, kShortText)};
    }
    bool operator==(const SlotMid&) const = default;
};

/// Take over transceivers that the remote offer made: these slots, `sendrecv`.
struct AdoptTransceivers {
    ConnectionId connection = 0;
    std::vector<SlotMid> slots;
    static constexpr auto fields() {
        return std::tuple{field("connection", &AdoptTransceivers::connection, kCounter),
                          field("slots", &AdoptTransceivers::slots, List{kSlots.size()})};
    }
    bool operator==(const AdoptTransceivers&) const = default;
};

/// Send this track, or none, in this slot of the connection.
struct ReplaceTrack {
    ConnectionId connection = 0;
    OperationId op = 0;
    Slot slot = Slot::microphone;
    std::optional<TrackId> track;
    static constexpr auto fields() {
        return std::tuple{field("connection", &ReplaceTrack::connection, kCounter),
                          field("op", &ReplaceTrack::op, kCounter),
                          field("slot", &ReplaceTrack::slot), field("track", &ReplaceTrack::track)};
    }
    bool operator==(const ReplaceTrack&) const = default;
};

/// How one picture is sent.
/// Units: bits per second; permille of what is taken, sideways and upwards alike; pictures a
///        second.
/// Spec:  webrtc-pc RTCRtpEncodingParameters.
struct Encoding {
    bool active = true;
    std::uint32_t max_bitrate_bps = 0;
    std::uint32_t scale_down_permille = 1000;
    std::uint32_t max_frame_rate = 0;
    Preference prefers = Preference::motion;
    static constexpr auto fields() {
        return std::tuple{field("active", &Encoding::active),
                          field("maxBitrateBps", &Encoding::max_bitrate_bps, kCounter),
                          field("scaleDownPermille", &Encoding::scale_down_permille, kCounter),
                          field("maxFrameRate", &Encoding::max_frame_rate, kFrameRate),
                          field("prefers", &Encoding::prefers)};
    }
    bool operator==(const Encoding&) const = default;
};

/// Send what goes in this slot of the connection like this.  Spec: webrtc-pc setParameters().
struct SetEncoding {
    ConnectionId connection = 0;
    OperationId op = 0;
    Slot slot = Slot::camera;
    Encoding encoding;
    static constexpr auto fields() {
        return std::tuple{field("connection", &SetEncoding::connection, kCounter),
                          field("op", &SetEncoding::op, kCounter),
                          field("slot", &SetEncoding::slot),
                          field("encoding", &SetEncoding::encoding)};
    }
    bool operator==(const SetEncoding&) const = default;
};

/// Parameterless: the browser makes the description that fits.
struct SetLocalDescription {
    ConnectionId connection = 0;
    OperationId op = 0;
    static constexpr auto fields() {
        return std::tuple{field("connection", &SetLocalDescription::connection, kCounter),
                          field("op", &SetLocalDescription::op, kCounter)};
    }
    bool operator==(const SetLocalDescription&) const = default;
};

struct SetRemoteDescription {
    ConnectionId connection = 0;
    OperationId op = 0;
    SessionDescription description;
    static constexpr auto fields() {
        return std::tuple{field("connection", &SetRemoteDescription::connection, kCounter),
                          field("op", &SetRemoteDescription::op, kCounter),
                          field("description", &SetRemoteDescription::description)};
    }
    bool operator==(const SetRemoteDescription&) const = default;
};

/// Absent candidate: end-of-candidates.
struct AddIceCandidate {
    ConnectionId connection = 0;
    OperationId op = 0;
    std::optional<IceCandidate> candidate;
    static constexpr auto fields() {
        return std::tuple{field("connection", &AddIceCandidate::connection, kCounter),
                          field("op", &AddIceCandidate::op, kCounter),
                          field("candidate", &AddIceCandidate::candidate)};
    }
    bool operator==(const AddIceCandidate&) const = default;
};

/// Make the next descriptions ask for new ICE credentials; `negotiationneeded` follows.
/// Spec: webrtc-pc restartIce().
struct RestartIce {
    ConnectionId connection = 0;
    static constexpr auto fields() {
        return std::tuple{field("connection", &RestartIce::connection, kCounter)};
    }
    bool operator==(const RestartIce&) const = default;
};

/// Use these from the next gathering on.  Spec: webrtc-pc setConfiguration().
struct UpdateIceServers {
    ConnectionId connection = 0;
    std::vector<IceServer> ice_servers;
    static constexpr auto fields() {
        return std::tuple{field("connection", &UpdateIceServers::connection, kCounter),
                          field("iceServers", &UpdateIceServers::ice_servers, kIceServerList)};
    }
    bool operator==(const UpdateIceServers&) const = default;
};

/// Let camera and screen begin anew with a picture that needs no other, where the browser can.
/// Why: a receiver whose path was dead shows nothing until one comes, and asks for it late.
struct SendKeyFrames {
    ConnectionId connection = 0;
    static constexpr auto fields() {
        return std::tuple{field("connection", &SendKeyFrames::connection, kCounter)};
    }
    bool operator==(const SendKeyFrames&) const = default;
};

struct SendOnChannel {
    ConnectionId connection = 0;
    channel::Message message;
    static constexpr auto fields() {
        return std::tuple{field("connection", &SendOnChannel::connection, kCounter),
                          field("", &SendOnChannel::message)};
    }
    bool operator==(const SendOnChannel&) const = default;
};

/// Sum the media bytes received on this connection; `detailed`: and tell all that is counted.
struct SampleStats {
    ConnectionId connection = 0;
    OperationId op = 0;
    bool detailed = false;
    static constexpr auto fields() {
        return std::tuple{field("connection", &SampleStats::connection, kCounter),
                          field("op", &SampleStats::op, kCounter),
                          field("detailed", &SampleStats::detailed)};
    }
    bool operator==(const SampleStats&) const = default;
};

/// Tell how loud everybody is.
struct SampleAudio {
    static constexpr auto fields() { return std::tuple{}; }
    bool operator==(const SampleAudio&) const = default;
};

// ---- local media ----------------------------------------------------------------------------

struct MediaRequest {
    Slot slot = Slot::microphone;
    std::optional<std::string> device_id;
    bool supplied = false;
    static constexpr auto fields() {
        return std::tuple{field("slot", &MediaRequest::slot),
                          field("deviceId", &MediaRequest::device_id, kShortText),
                          field("supplied", &MediaRequest::supplied)};
    }
    bool operator==(const MediaRequest&) const = default;
};

/// Open these devices in one request; the tracks are known by (slot, op) from then on.
struct AcquireMedia {
    OperationId op = 0;
    std::vector<MediaRequest> requests;
    static constexpr auto fields() {
        return std::tuple{field("op", &AcquireMedia::op, kCounter),
                          field("requests", &AcquireMedia::requests, List{kSlots.size()})};
    }
    bool operator==(const AcquireMedia&) const = default;
};

/// Forget a local track, and stop it unless it belongs to the application.
struct ReleaseTrack {
    TrackId track;
    bool stop = true;
    static constexpr auto fields() {
        return std::tuple{field("track", &ReleaseTrack::track), field("stop", &ReleaseTrack::stop)};
    }
    bool operator==(const ReleaseTrack&) const = default;
};

/// Let the camera give pictures of about this size, this often, without opening it anew.
/// Answered by ConstraintsApplied or ConstraintsFailed.
/// Spec: mediacapture-main applyConstraints().
struct ApplyConstraints {
    TrackId track;
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    std::uint32_t frame_rate = 0;
    static constexpr auto fields() {
        return std::tuple{field("track", &ApplyConstraints::track),
                          field("width", &ApplyConstraints::width, kPixels),
                          field("height", &ApplyConstraints::height, kPixels),
                          field("frameRate", &ApplyConstraints::frame_rate, kFrameRate)};
    }
    bool operator==(const ApplyConstraints&) const = default;
};

// ---- the application ------------------------------------------------------------------------

/// The pending join is done: in the room, or not and why.
struct SettleJoin {
    std::optional<Failure> failure;
    static constexpr auto fields() { return std::tuple{field("failure", &SettleJoin::failure)}; }
    bool operator==(const SettleJoin&) const = default;
};

/// The snapshot differs from the last one announced.
struct AnnounceChange {
    static constexpr auto fields() { return std::tuple{}; }
    bool operator==(const AnnounceChange&) const = default;
};

/// Somebody else's chat message was appended to the snapshot's chat: it is the last one there.
struct AnnounceChat {
    std::string id;
    static constexpr auto fields() {
        return std::tuple{field("id", &AnnounceChat::id, kMessageIdText)};
    }
    bool operator==(const AnnounceChat&) const = default;
};

/// There are new figures of this participant.
struct AnnounceStats {
    ParticipantId participant;
    static constexpr auto fields() {
        return std::tuple{field("participant", &AnnounceStats::participant, kIdText)};
    }
    bool operator==(const AnnounceStats&) const = default;
};

/// Ask the application's function for ICE servers whose credentials are fresh; IceServersGiven or
/// IceServersFailed follows.
struct AskIceServers {
    OperationId op = 0;
    static constexpr auto fields() { return std::tuple{field("op", &AskIceServers::op, kCounter)}; }
    bool operator==(const AskIceServers&) const = default;
};

/// Something worth knowing; `error` ones are for the person.
struct Report {
    Level level = Level::debug;
    ErrorCode code = ErrorCode::out_of_place;
    std::string detail;
    ParticipantId participant;  ///< whom it is about, or empty
    static constexpr auto fields() {
        return std::tuple{field("level", &Report::level), field("code", &Report::code),
                          field("detail", &Report::detail, kSentenceText),
                          field("participant", &Report::participant, Text{0, 64})};
    }
    bool operator==(const Report&) const = default;
};

/// Dispatch TimePassed then; replaces the previous wish; absent: never.  At most one a batch.
struct WakeAt {
    std::optional<TimeMs> time;
    static constexpr auto fields() {
        return std::tuple{field("time", &WakeAt::time, wire::kTimestamp)};
    }
    bool operator==(const WakeAt&) const = default;
};

using Action =
    std::variant<OpenSignaling, CloseSignaling, Emit, CreateConnection, CloseConnection,
                 AddTransceivers, AdoptTransceivers, ReplaceTrack, SetEncoding, SetLocalDescription,
                 SetRemoteDescription, AddIceCandidate, RestartIce, UpdateIceServers, SendKeyFrames,
                 SendOnChannel, SampleStats, SampleAudio, AcquireMedia, ReleaseTrack,
                 ApplyConstraints, SettleJoin, AnnounceChange, AnnounceChat, AnnounceStats,
                 AskIceServers, Report, WakeAt>;
using Actions = std::vector<Action>;

}  // namespace dvmeet
