// Everything that can happen to a meeting, as past-tense facts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "dvmeet/channel.hpp"
#include "dvmeet/stats.hpp"
#include "dvmeet/types.hpp"
#include "dvmeet/wire.hpp"

namespace dvmeet {

// ---- the person -----------------------------------------------------------------------------

struct JoinRequested {
    std::string room;
    std::string name;
    static constexpr auto fields() {
        return std::tuple{field("room", &JoinRequested::room, kRoomText),
                          field("name", &JoinRequested::name, kNameText)};
    }
    bool operator==(const JoinRequested&) const = default;
};

struct LeaveRequested {
    static constexpr auto fields() { return std::tuple{}; }
    bool operator==(const LeaveRequested&) const = default;
};

struct RenameRequested {
    std::string name;
    static constexpr auto fields() {
        return std::tuple{field("name", &RenameRequested::name, kNameText)};
    }
    bool operator==(const RenameRequested&) const = default;
};

/// Build the connection to one participant anew; without one: to all that are not well.
struct ReconnectRequested {
    std::optional<ParticipantId> participant;
    static constexpr auto fields() {
        return std::tuple{field("participant", &ReconnectRequested::participant, kIdText)};
    }
    bool operator==(const ReconnectRequested&) const = default;
};

/// What the person wants of one slot.
struct Wish {
    Slot slot = Slot::microphone;
    bool wanted = false;
    std::optional<std::string> device_id;  ///< absent: the device as before, or any
    bool supplied = false;                 ///< the application brings the track itself
    static constexpr auto fields() {
        return std::tuple{field("slot", &Wish::slot), field("wanted", &Wish::wanted),
                          field("deviceId", &Wish::device_id, kShortText),
                          extension("supplied", &Wish::supplied)};
    }
    bool operator==(const Wish&) const = default;
};

/// Slots wished in one event are opened in one request, with one permission prompt; the last wish
/// for a slot counts.
struct MediaWished {
    std::vector<Wish> wishes;
    static constexpr auto fields() {
        return std::tuple{field("wishes", &MediaWished::wishes, List{kSlots.size()})};
    }
    bool operator==(const MediaWished&) const = default;
};

struct ChatSubmitted {
    std::string text;
    std::string time;  ///< as the person's clock shows it
    static constexpr auto fields() {
        return std::tuple{field("text", &ChatSubmitted::text, Text{1, 16'384}),
                          field("time", &ChatSubmitted::time, Text{0, 64})};
    }
    bool operator==(const ChatSubmitted&) const = default;
};

/// A message of ours that shows as failed is to go out after all.
struct ChatRetried {
    std::string id;
    static constexpr auto fields() {
        return std::tuple{field("id", &ChatRetried::id, kMessageIdText)};
    }
    bool operator==(const ChatRetried&) const = default;
};

/// Somebody looks at figures, levels and speakers, or nobody does any more.
struct StatsWatched {
    bool on = false;
    static constexpr auto fields() { return std::tuple{field("on", &StatsWatched::on)}; }
    bool operator==(const StatsWatched&) const = default;
};

/// How large the application shows a participant; 0 × 0: not at all.
/// Units: pixels of the device.
struct TileSized {
    ParticipantId participant;
    Slot slot = Slot::camera;
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    static constexpr auto fields() {
        return std::tuple{field("participant", &TileSized::participant, kIdText),
                          field("slot", &TileSized::slot),
                          field("width", &TileSized::width, kTilePixels),
                          field("height", &TileSized::height, kTilePixels)};
    }
    bool operator==(const TileSized&) const = default;
};

// ---- local media ----------------------------------------------------------------------------

/// Completes AcquireMedia: the glue now holds a track for each of these slots.
struct MediaAcquired {
    OperationId op = 0;
    std::vector<Slot> slots;
    bool supplied = false;  ///< the application's own tracks, which are not ours to stop
    std::vector<std::string> device_ids;  ///< where they come from, slot by slot, as far as known
    static constexpr auto fields() {
        return std::tuple{
            field("op", &MediaAcquired::op, kCounter),
            field("slots", &MediaAcquired::slots, List{kSlots.size()}),
            extension("supplied", &MediaAcquired::supplied),
            extension("deviceIds", &MediaAcquired::device_ids, List{kSlots.size(), kShortText})};
    }
    bool operator==(const MediaAcquired&) const = default;
};

/// Completes AcquireMedia: nothing was opened.
struct MediaFailed {
    OperationId op = 0;
    PlatformError error;
    static constexpr auto fields() {
        return std::tuple{field("op", &MediaFailed::op, kCounter),
                          field("error", &MediaFailed::error)};
    }
    bool operator==(const MediaFailed&) const = default;
};

/// What the camera gives now, 0 where the browser doesn't tell: completes ApplyConstraints, and
/// follows MediaAcquired where the application brings the track.
struct ConstraintsApplied {
    TrackId track;
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    std::uint32_t frame_rate = 0;
    static constexpr auto fields() {
        constexpr Integer kAnyFrameRate{0, kFrameRate.max};
        constexpr Integer kAnyPixels{0, kPixels.max};
        return std::tuple{field("track", &ConstraintsApplied::track),
                          field("width", &ConstraintsApplied::width, kAnyPixels),
                          field("height", &ConstraintsApplied::height, kAnyPixels),
                          field("frameRate", &ConstraintsApplied::frame_rate, kAnyFrameRate)};
    }
    bool operator==(const ConstraintsApplied&) const = default;
};

/// Completes ApplyConstraints: the camera goes on as it was.
struct ConstraintsFailed {
    TrackId track;
    PlatformError error;
    static constexpr auto fields() {
        return std::tuple{field("track", &ConstraintsFailed::track),
                          field("error", &ConstraintsFailed::error)};
    }
    bool operator==(const ConstraintsFailed&) const = default;
};

/// A local track's `ended`: unplugged, taken away, or the browser's own "stop sharing".
struct TrackEnded {
    TrackId track;
    static constexpr auto fields() { return std::tuple{field("track", &TrackEnded::track)}; }
    bool operator==(const TrackEnded&) const = default;
};

/// A local track's `mute`: its device gives nothing for now, whatever this page wants of it.
/// Spec: mediacapture-main, "muted": a switch on the device, a closed lid, another application.
struct TrackMuted {
    TrackId track;
    static constexpr auto fields() { return std::tuple{field("track", &TrackMuted::track)}; }
    bool operator==(const TrackMuted&) const = default;
};

struct TrackUnmuted {
    TrackId track;
    static constexpr auto fields() { return std::tuple{field("track", &TrackUnmuted::track)}; }
    bool operator==(const TrackUnmuted&) const = default;
};

/// One camera or microphone; browsers name it only once a device of its kind was allowed.
struct MediaDevice {
    Slot slot = Slot::microphone;
    std::string device_id;
    static constexpr auto fields() {
        return std::tuple{field("slot", &MediaDevice::slot),
                          field("deviceId", &MediaDevice::device_id, kShortText)};
    }
    bool operator==(const MediaDevice&) const = default;
};

/// All devices there are now, the default one of each kind first: at the start, when the first was
/// allowed, and on each `devicechange`.
struct DevicesChanged {
    static constexpr std::size_t kMaxDevices = 64;
    std::vector<MediaDevice> devices;
    static constexpr auto fields() {
        return std::tuple{field("devices", &DevicesChanged::devices, List{kMaxDevices})};
    }
    bool operator==(const DevicesChanged&) const = default;
};

// ---- signaling ------------------------------------------------------------------------------

struct SignalingOpened {
    ParticipantId socket_id;
    static constexpr auto fields() {
        return std::tuple{field("socketId", &SignalingOpened::socket_id, kIdText)};
    }
    bool operator==(const SignalingOpened&) const = default;
};

/// The socket could not be opened, or broke.
struct SignalingClosed {
    std::string reason;
    static constexpr auto fields() {
        return std::tuple{field("reason", &SignalingClosed::reason, kSentenceText)};
    }
    bool operator==(const SignalingClosed&) const = default;
};

struct SignalReceived {
    wire::ServerMessage message;
    static constexpr auto fields() { return std::tuple{field("", &SignalReceived::message)}; }
    bool operator==(const SignalReceived&) const = default;
};

/// A message that broke its shape or limits; made by the edge, which reads messages.
struct SignalRejected {
    std::string name;
    std::string from;  ///< its sender, where it says one
    std::string field_path;
    std::string detail;
    static constexpr auto fields() {
        return std::tuple{field("name", &SignalRejected::name, kShortText),
                          extension("from", &SignalRejected::from, Text{0, 64}),
                          field("field", &SignalRejected::field_path, kShortText),
                          field("detail", &SignalRejected::detail, kSentenceText)};
    }
    bool operator==(const SignalRejected&) const = default;
};

/// The server's answer to an Emit that carried an op.
struct JoinAnswered {
    OperationId op = 0;
    wire::JoinAnswer answer;
    static constexpr auto fields() {
        return std::tuple{field("op", &JoinAnswered::op, kCounter),
                          field("answer", &JoinAnswered::answer)};
    }
    bool operator==(const JoinAnswered&) const = default;
};

struct HeartbeatAnswered {
    OperationId op = 0;
    static constexpr auto fields() {
        return std::tuple{field("op", &HeartbeatAnswered::op, kCounter)};
    }
    bool operator==(const HeartbeatAnswered&) const = default;
};

struct ChatAnswered {
    OperationId op = 0;
    wire::ChatAnswer answer;
    static constexpr auto fields() {
        return std::tuple{field("op", &ChatAnswered::op, kCounter),
                          field("answer", &ChatAnswered::answer)};
    }
    bool operator==(const ChatAnswered&) const = default;
};

struct IceServersAnswered {
    OperationId op = 0;
    wire::IceServersAnswer answer;
    static constexpr auto fields() {
        return std::tuple{field("op", &IceServersAnswered::op, kCounter),
                          field("answer", &IceServersAnswered::answer)};
    }
    bool operator==(const IceServersAnswered&) const = default;
};

/// Completes AskIceServers: what the application's function gave.
struct IceServersGiven {
    OperationId op = 0;
    std::vector<IceServer> ice_servers;
    std::uint32_t ice_servers_ttl_ms = 0;  ///< their credentials expire then; 0: they don't
    static constexpr auto fields() {
        return std::tuple{
            field("op", &IceServersGiven::op, kCounter),
            field("iceServers", &IceServersGiven::ice_servers, kIceServerList),
            extension("iceServersTtlMs", &IceServersGiven::ice_servers_ttl_ms, kDuration)};
    }
    bool operator==(const IceServersGiven&) const = default;
};

/// Completes AskIceServers: the application's function threw, or its promise was rejected.
struct IceServersFailed {
    OperationId op = 0;
    PlatformError error;
    static constexpr auto fields() {
        return std::tuple{field("op", &IceServersFailed::op, kCounter),
                          field("error", &IceServersFailed::error)};
    }
    bool operator==(const IceServersFailed&) const = default;
};

// ---- the network ----------------------------------------------------------------------------

/// The browser says that it is online again, or on another network: addresses may be new, and a
/// socket that looks open may be dead.
struct NetworkChanged {
    static constexpr auto fields() { return std::tuple{}; }
    bool operator==(const NetworkChanged&) const = default;
};

/// The page is seen again, after nobody knows what: a laptop that slept, a phone in a pocket.
struct PageShown {
    static constexpr auto fields() { return std::tuple{}; }
    bool operator==(const PageShown&) const = default;
};

// ---- one connection -------------------------------------------------------------------------

/// An action on this connection threw: a configuration the browser refuses, a transceiver that is
/// stopped.
struct ActionFailed {
    ConnectionId connection = 0;
    PlatformError error;
    static constexpr auto fields() {
        return std::tuple{field("connection", &ActionFailed::connection, kCounter),
                          field("error", &ActionFailed::error)};
    }
    bool operator==(const ActionFailed&) const = default;
};

/// Order:  in the socket's and the connection's own order; completions of operations whose
///         connection was closed meanwhile are ignored.
/// Spec:   webrtc-pc RTCPeerConnection events and promises.
struct NegotiationNeeded {
    ConnectionId connection = 0;
    static constexpr auto fields() {
        return std::tuple{field("connection", &NegotiationNeeded::connection, kCounter)};
    }
    bool operator==(const NegotiationNeeded&) const = default;
};

struct LocalDescriptionSet {
    ConnectionId connection = 0;
    OperationId op = 0;
    SessionDescription description;
    static constexpr auto fields() {
        return std::tuple{field("connection", &LocalDescriptionSet::connection, kCounter),
                          field("op", &LocalDescriptionSet::op, kCounter),
                          field("description", &LocalDescriptionSet::description)};
    }
    bool operator==(const LocalDescriptionSet&) const = default;
};

/// A transceiver as the browser lists it; `slot` where one was assigned already.
struct TransceiverInfo {
    std::string mid;
    MediaKind kind = MediaKind::audio;
    std::optional<Slot> slot;
    static constexpr auto fields() {
        return std::tuple{field("mid", &TransceiverInfo::mid, kShortText),
                          field("kind", &TransceiverInfo::kind),
                          field("slot", &TransceiverInfo::slot)};
    }
    bool operator==(const TransceiverInfo&) const = default;
};

struct RemoteDescriptionSet {
    ConnectionId connection = 0;
    OperationId op = 0;
    std::vector<TransceiverInfo> transceivers;  ///< those with a mid, in the browser's order
    static constexpr auto fields() {
        return std::tuple{field("connection", &RemoteDescriptionSet::connection, kCounter),
                          field("op", &RemoteDescriptionSet::op, kCounter),
                          field("transceivers", &RemoteDescriptionSet::transceivers, List{64})};
    }
    bool operator==(const RemoteDescriptionSet&) const = default;
};

/// Completes AddIceCandidate, ReplaceTrack and SetEncoding.
struct OperationDone {
    ConnectionId connection = 0;
    OperationId op = 0;
    static constexpr auto fields() {
        return std::tuple{field("connection", &OperationDone::connection, kCounter),
                          field("op", &OperationDone::op, kCounter)};
    }
    bool operator==(const OperationDone&) const = default;
};

struct OperationFailed {
    ConnectionId connection = 0;
    OperationId op = 0;
    PlatformError error;
    static constexpr auto fields() {
        return std::tuple{field("connection", &OperationFailed::connection, kCounter),
                          field("op", &OperationFailed::op, kCounter),
                          field("error", &OperationFailed::error)};
    }
    bool operator==(const OperationFailed&) const = default;
};

/// `icecandidate`; absent candidate: gathering is complete.
struct CandidateGathered {
    ConnectionId connection = 0;
    std::optional<IceCandidate> candidate;
    static constexpr auto fields() {
        return std::tuple{field("connection", &CandidateGathered::connection, kCounter),
                          field("candidate", &CandidateGathered::candidate)};
    }
    bool operator==(const CandidateGathered&) const = default;
};

struct ConnectionStateChanged {
    ConnectionId connection = 0;
    ConnectionState state = ConnectionState::fresh;
    static constexpr auto fields() {
        return std::tuple{field("connection", &ConnectionStateChanged::connection, kCounter),
                          field("state", &ConnectionStateChanged::state)};
    }
    bool operator==(const ConnectionStateChanged&) const = default;
};

struct ChannelOpened {
    ConnectionId connection = 0;
    static constexpr auto fields() {
        return std::tuple{field("connection", &ChannelOpened::connection, kCounter)};
    }
    bool operator==(const ChannelOpened&) const = default;
};

struct ChannelClosed {
    ConnectionId connection = 0;
    static constexpr auto fields() {
        return std::tuple{field("connection", &ChannelClosed::connection, kCounter)};
    }
    bool operator==(const ChannelClosed&) const = default;
};

struct ChannelReceived {
    ConnectionId connection = 0;
    channel::Message message;
    static constexpr auto fields() {
        return std::tuple{field("connection", &ChannelReceived::connection, kCounter),
                          field("", &ChannelReceived::message)};
    }
    bool operator==(const ChannelReceived&) const = default;
};

/// Completes SampleStats; what follows `bytes` is there where details were asked for.
struct StatsSampled {
    ConnectionId connection = 0;
    OperationId op = 0;
    std::int64_t bytes = 0;  ///< media bytes received so far, all slots
    TimeMs at = 0;           ///< when the browser counted, on a clock of its own
    std::optional<PairStats> pair;
    std::vector<InboundStats> received;
    std::vector<OutboundStats> sent;
    static constexpr auto fields() {
        return std::tuple{field("connection", &StatsSampled::connection, kCounter),
                          field("op", &StatsSampled::op, kCounter),
                          field("bytes", &StatsSampled::bytes, kCount),
                          extension("at", &StatsSampled::at, kCount),
                          field("pair", &StatsSampled::pair),
                          extension("received", &StatsSampled::received, List{kSlots.size()}),
                          extension("sent", &StatsSampled::sent, List{kSlots.size()})};
    }
    bool operator==(const StatsSampled&) const = default;
};

/// Completes SampleAudio.
struct AudioSampled {
    Count own;  ///< how loud our own microphone is, where anybody is sent to
    std::vector<AudioLevel> levels;
    static constexpr auto fields() {
        return std::tuple{field("own", &AudioSampled::own, kAudioLevel),
                          field("levels", &AudioSampled::levels, List{kMaxParticipants})};
    }
    bool operator==(const AudioSampled&) const = default;
};

/// `icecandidateerror`: a STUN or TURN server did not do what was asked of it.
/// Spec: webrtc-pc RTCPeerConnectionIceErrorEvent; RFC 8489 §14.8 for codes below 700, 701 where
///       the server can't be reached.
struct CandidateError {
    ConnectionId connection = 0;
    std::string url;
    std::uint32_t code = 0;
    std::string text;
    static constexpr auto fields() {
        return std::tuple{field("connection", &CandidateError::connection, kCounter),
                          field("url", &CandidateError::url, Text{0, 512}),
                          field("code", &CandidateError::code, Integer{0, 65'535}),
                          field("text", &CandidateError::text, kSentenceText)};
    }
    bool operator==(const CandidateError&) const = default;
};

// ---- time -----------------------------------------------------------------------------------

/// The time asked for by WakeAt has come; early or needless ones are harmless.
struct TimePassed {
    static constexpr auto fields() { return std::tuple{}; }
    bool operator==(const TimePassed&) const = default;
};

using Event =
    std::variant<JoinRequested, LeaveRequested, RenameRequested, ReconnectRequested, MediaWished,
                 ChatSubmitted, ChatRetried, MediaAcquired, MediaFailed, TrackEnded, TrackMuted,
                 TrackUnmuted, DevicesChanged, SignalingOpened, SignalingClosed, SignalReceived,
                 SignalRejected, JoinAnswered, HeartbeatAnswered, ChatAnswered, IceServersAnswered,
                 IceServersGiven, IceServersFailed, NetworkChanged, PageShown, StatsWatched,
                 TileSized, ConstraintsApplied, ConstraintsFailed, ActionFailed, NegotiationNeeded,
                 LocalDescriptionSet, RemoteDescriptionSet, OperationDone, OperationFailed,
                 CandidateGathered, ConnectionStateChanged, ChannelOpened, ChannelClosed,
                 ChannelReceived, StatsSampled, AudioSampled, CandidateError, TimePassed>;

}  // namespace dvmeet
