// The nouns of a meeting: ids, media slots, descriptions, candidates, connection states.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "dvmeet/fields.hpp"

namespace dvmeet {

/// Milliseconds on any clock that never runs backwards; the caller's choice, passed as argument.
using TimeMs = std::int64_t;

/// The address of a participant, given by the signaling server.
using ParticipantId = std::string;

/// Counts the RTCPeerConnections this meeting made; never reused, 0 is none.
/// On the wire it is the `generation` of a connection.
using ConnectionId = std::uint32_t;

/// Counts operations handed to the browser; their completions echo it.
using OperationId = std::uint32_t;

inline constexpr Text kIdText{1, 64};  ///< socket.io ids have 20 characters
inline constexpr Text kMessageIdText{1,
                                     256};  ///< 64 characters of up to 4 bytes, as any sender likes
inline constexpr Text kNameText{1, 256};    ///< 64 characters of up to 4 bytes
inline constexpr Text kRoomText{1, 256};
inline constexpr Text kSdpText{0, 131'072};     ///< three media lines take 8 KB in Chromium
inline constexpr Text kCandidateText{0, 1024};  ///< the longest seen has 200 bytes
inline constexpr Text kShortText{0, 256};       ///< mids, ufrags, device ids, error names
inline constexpr Text kSentenceText{0, 2048};   ///< error messages
inline constexpr Integer kCounter{0, 4'294'967'295};
inline constexpr Integer kDuration{0, 604'800'000};   ///< ms, up to a week
inline constexpr Integer kPixels{1, 16'384};          ///< of one side of a picture that is taken
inline constexpr Integer kFrameRate{1, 240};          ///< more than any camera gives
inline constexpr std::size_t kMaxParticipants = 128;  ///< a full mesh is spent long before

/// A state in 128 bits, to tell whether it has been seen before.
struct Fingerprint {
    std::uint64_t one = 0;
    std::uint64_t other = 0;
    [[nodiscard]] auto members() const { return std::tie(one, other); }
    bool operator==(const Fingerprint&) const = default;
};

/// What a pair carries, in the fixed order of its media lines.
enum class Slot : std::uint8_t { microphone, camera, screen };
template <>
inline constexpr auto kNames<Slot> =
    std::array<std::string_view, 3>{"microphone", "camera", "screen"};
inline constexpr std::array kSlots{Slot::microphone, Slot::camera, Slot::screen};

enum class MediaKind : std::uint8_t { audio, video };
template <>
inline constexpr auto kNames<MediaKind> = std::array<std::string_view, 2>{"audio", "video"};

/// A picture that is taken, or a tile that shows one.  Units: pixels of the device.
struct PictureSize {
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    [[nodiscard]] bool is_hidden() const { return width == 0 || height == 0; }
    [[nodiscard]] auto members() const { return std::tie(width, height); }
    bool operator==(const PictureSize&) const = default;
};
/// Of a tile, 0 where it is hidden: larger than a wall of screens.
inline constexpr Integer kTilePixels{0, 65'535};

/// What a picture gives up last where it can't have everything.
/// Spec: mst-content-hint, webrtc-extensions RTCDegradationPreference.
enum class Preference : std::uint8_t { motion, detail };
template <>
inline constexpr auto kNames<Preference> = std::array<std::string_view, 2>{"motion", "detail"};

/// Spec: webrtc-pc RTCSdpType.
enum class SdpType : std::uint8_t { offer, pranswer, answer, rollback };
template <>
inline constexpr auto kNames<SdpType> =
    std::array<std::string_view, 4>{"offer", "pranswer", "answer", "rollback"};

/// Spec: webrtc-pc RTCPeerConnectionState.
enum class ConnectionState : std::uint8_t {
    fresh,
    connecting,
    connected,
    disconnected,
    failed,
    closed
};
template <>
inline constexpr auto kNames<ConnectionState> = std::array<std::string_view, 6>{
    "new", "connecting", "connected", "disconnected", "failed", "closed"};

/// Spec: webrtc-pc RTCSessionDescriptionInit.
struct SessionDescription {
    SdpType type = SdpType::offer;
    std::string sdp;
    static constexpr auto fields() {
        return std::tuple{field("type", &SessionDescription::type),
                          field("sdp", &SessionDescription::sdp, kSdpText)};
    }
    bool operator==(const SessionDescription&) const = default;
};

/// One trickled candidate.  Spec: webrtc-pc RTCIceCandidateInit, RFC 8838 §9.
struct IceCandidate {
    std::string candidate;  ///< candidate-attribute; empty means end-of-candidates
    std::optional<std::string> sdp_mid;
    std::optional<std::uint32_t> sdp_m_line_index;
    std::optional<std::string> username_fragment;  ///< the ICE generation it belongs to
    static constexpr auto fields() {
        return std::tuple{
            field("candidate", &IceCandidate::candidate, kCandidateText),
            field("sdpMid", &IceCandidate::sdp_mid, kShortText),
            field("sdpMLineIndex", &IceCandidate::sdp_m_line_index, Integer{0, 65'535}),
            field("usernameFragment", &IceCandidate::username_fragment, kShortText)};
    }
    bool operator==(const IceCandidate&) const = default;
};

/// Spec: webrtc-pc RTCIceServer; `urls` always as a list.
struct IceServer {
    std::vector<std::string> urls;
    std::optional<std::string> username;
    std::optional<std::string> credential;
    static constexpr auto fields() {
        return std::tuple{field("urls", &IceServer::urls, List{8, Text{1, 512}}),
                          field("username", &IceServer::username, Text{0, 512}),
                          field("credential", &IceServer::credential, Text{0, 512})};
    }
    bool operator==(const IceServer&) const = default;
};
inline constexpr List kIceServerList{16};

/// A DOMException, or anything else the platform threw; matched on `name`, never on text.
struct PlatformError {
    std::string name;
    std::string message;
    static constexpr auto fields() {
        return std::tuple{field("name", &PlatformError::name, kShortText),
                          field("message", &PlatformError::message, kSentenceText)};
    }
    bool operator==(const PlatformError&) const = default;
};

/// A local track the glue holds: which slot it was acquired for, by which operation.
struct TrackId {
    Slot slot = Slot::microphone;
    OperationId source = 0;
    static constexpr auto fields() {
        return std::tuple{field("slot", &TrackId::slot),
                          field("source", &TrackId::source, kCounter)};
    }
    bool operator==(const TrackId&) const = default;
};

}  // namespace dvmeet
