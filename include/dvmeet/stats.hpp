// What a browser counts of a connection, in whole numbers of fixed units.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <tuple>

#include "dvmeet/types.hpp"

namespace dvmeet {

/// What one browser counts another one doesn't: every number may be absent.
using Count = std::optional<std::int64_t>;
inline constexpr Integer kCount{0, 9'007'199'254'740'991};
/// Packets that came twice make the number of lost ones negative.  Spec: RFC 3550 §6.4.1.
inline constexpr Integer kLost{-2'147'483'648, 2'147'483'647};
/// Units: permille of full scale.
inline constexpr Integer kAudioLevel{0, 1000};

/// Spec: webrtc-pc RTCIceCandidateType.
enum class CandidateType : std::uint8_t { host, srflx, prflx, relay };
template <>
inline constexpr auto kNames<CandidateType> =
    std::array<std::string_view, 4>{"host", "srflx", "prflx", "relay"};

/// What packets travel in; a relay may be reached over any of them.
enum class Transport : std::uint8_t { udp, tcp, tls };
template <>
inline constexpr auto kNames<Transport> = std::array<std::string_view, 3>{"udp", "tcp", "tls"};

/// Spec: webrtc-stats RTCQualityLimitationReason.
enum class Limitation : std::uint8_t { none, cpu, bandwidth, other };
template <>
inline constexpr auto kNames<Limitation> =
    std::array<std::string_view, 4>{"none", "cpu", "bandwidth", "other"};

/// One slot as it comes in, counted since the connection was made.
/// Spec: webrtc-stats RTCInboundRtpStreamStats.
struct InboundStats {
    Slot slot = Slot::microphone;
    Count bytes;
    Count packets;
    Count packets_lost;
    Count jitter_us;
    Count frames_decoded;
    Count fps;
    Count width;
    Count height;
    Count freezes;
    Count frozen_ms;
    Count samples;  ///< of audio that were played
    Count concealed_samples;
    Count audio_level;
    static constexpr auto fields() {
        return std::tuple{field("slot", &InboundStats::slot),
                          field("bytes", &InboundStats::bytes, kCount),
                          field("packets", &InboundStats::packets, kCount),
                          field("packetsLost", &InboundStats::packets_lost, kLost),
                          field("jitterUs", &InboundStats::jitter_us, kCount),
                          field("framesDecoded", &InboundStats::frames_decoded, kCount),
                          field("fps", &InboundStats::fps, kCount),
                          field("width", &InboundStats::width, kCount),
                          field("height", &InboundStats::height, kCount),
                          field("freezes", &InboundStats::freezes, kCount),
                          field("frozenMs", &InboundStats::frozen_ms, kCount),
                          field("samples", &InboundStats::samples, kCount),
                          field("concealedSamples", &InboundStats::concealed_samples, kCount),
                          field("audioLevel", &InboundStats::audio_level, kAudioLevel)};
    }
    bool operator==(const InboundStats&) const = default;
};

/// One slot as it goes out, counted since the connection was made; loss, jitter and round-trip
/// time as the far end reports them.
/// Spec: webrtc-stats RTCOutboundRtpStreamStats, RTCRemoteInboundRtpStreamStats.
struct OutboundStats {
    Slot slot = Slot::microphone;
    Count bytes;
    Count packets;
    Count packets_lost;
    Count jitter_us;
    Count round_trip_us;
    Count target_bps;
    Count frames_encoded;
    Count fps;
    Count width;
    Count height;
    std::optional<Limitation> limitation;
    Count audio_level;
    static constexpr auto fields() {
        return std::tuple{field("slot", &OutboundStats::slot),
                          field("bytes", &OutboundStats::bytes, kCount),
                          field("packets", &OutboundStats::packets, kCount),
                          field("packetsLost", &OutboundStats::packets_lost, kLost),
                          field("jitterUs", &OutboundStats::jitter_us, kCount),
                          field("roundTripUs", &OutboundStats::round_trip_us, kCount),
                          field("targetBps", &OutboundStats::target_bps, kCount),
                          field("framesEncoded", &OutboundStats::frames_encoded, kCount),
                          field("fps", &OutboundStats::fps, kCount),
                          field("width", &OutboundStats::width, kCount),
                          field("height", &OutboundStats::height, kCount),
                          field("limitation", &OutboundStats::limitation),
                          field("audioLevel", &OutboundStats::audio_level, kAudioLevel)};
    }
    bool operator==(const OutboundStats&) const = default;
};

/// The candidate pair in use.  Spec: webrtc-stats RTCIceCandidatePairStats, RTCTransportStats.
struct PairStats {
    std::optional<CandidateType> local;
    std::optional<CandidateType> remote;
    std::optional<Transport> protocol;
    std::optional<Transport> relay_protocol;  ///< between us and a relay of ours
    Count round_trip_us;
    Count available_outgoing_bps;  ///< of the whole connection, as congestion control sees it
    Count changes;                 ///< how often another pair was chosen
    static constexpr auto fields() {
        return std::tuple{field("local", &PairStats::local),
                          field("remote", &PairStats::remote),
                          field("protocol", &PairStats::protocol),
                          field("relayProtocol", &PairStats::relay_protocol),
                          field("roundTripUs", &PairStats::round_trip_us, kCount),
                          field("availableOutgoingBps", &PairStats::available_outgoing_bps, kCount),
                          field("changes", &PairStats::changes, kCount)};
    }
    bool operator==(const PairStats&) const = default;
};

/// How loud somebody is who was heard a moment ago.
struct AudioLevel {
    ConnectionId connection = 0;
    std::int64_t level = 0;
    static constexpr auto fields() {
        return std::tuple{field("connection", &AudioLevel::connection, kCounter),
                          field("level", &AudioLevel::level, kAudioLevel)};
    }
    bool operator==(const AudioLevel&) const = default;
};

}  // namespace dvmeet
