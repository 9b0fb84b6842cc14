// The figures of one participant's connection, for people: rates, path and how it all went.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <tuple>
#include <vector>

#include "dvmeet/snapshot.hpp"
#include "dvmeet/stats.hpp"

namespace dvmeet {

/// One slot in one direction, over the time between the last two samples.
/// Units: as the names say; permille of packets, of time, of samples, of full scale.
struct FlowView {
    Slot slot = Slot::microphone;
    Count bitrate_bps;
    Count loss_permille;
    Count jitter_us;
    Count round_trip_us;  ///< as the far end's reports tell, of what is sent
    Count fps;
    Count width;
    Count height;
    Count freezes;
    Count frozen_permille;
    Count concealed_permille;
    Count target_bps;
    std::optional<Limitation> limitation;
    Count audio_level;
    static constexpr auto fields() {
        return std::tuple{field("slot", &FlowView::slot),
                          field("bitrateBps", &FlowView::bitrate_bps, kCount),
                          field("lossPermille", &FlowView::loss_permille, kCount),
                          field("jitterUs", &FlowView::jitter_us, kCount),
                          field("roundTripUs", &FlowView::round_trip_us, kCount),
                          field("fps", &FlowView::fps, kCount),
                          field("width", &FlowView::width, kCount),
                          field("height", &FlowView::height, kCount),
                          field("freezes", &FlowView::freezes, kCount),
                          field("frozenPermille", &FlowView::frozen_permille, kCount),
                          field("concealedPermille", &FlowView::concealed_permille, kCount),
                          field("targetBps", &FlowView::target_bps, kCount),
                          field("limitation", &FlowView::limitation),
                          field("audioLevel", &FlowView::audio_level, kCount)};
    }
    bool operator==(const FlowView&) const = default;
};

/// One moment of the history; all slots together.
struct StatsPoint {
    TimeMs at = 0;
    std::int64_t received_bps = 0;
    std::int64_t sent_bps = 0;
    std::int64_t loss_permille = 0;  ///< the worst of all slots and both directions
    Count round_trip_us;
    Count fps;  ///< of the pictures that come in
    static constexpr auto fields() {
        return std::tuple{field("at", &StatsPoint::at, kCount),
                          field("receivedBps", &StatsPoint::received_bps, kCount),
                          field("sentBps", &StatsPoint::sent_bps, kCount),
                          field("lossPermille", &StatsPoint::loss_permille, kCount),
                          field("roundTripUs", &StatsPoint::round_trip_us, kCount),
                          field("fps", &StatsPoint::fps, kCount)};
    }
    bool operator==(const StatsPoint&) const = default;
};

/// How many candidates of each type there are.  Spec: RFC 8445 §5.1.1.
struct CandidateCounts {
    std::uint32_t host = 0;
    std::uint32_t srflx = 0;
    std::uint32_t prflx = 0;
    std::uint32_t relay = 0;
    static constexpr auto fields() {
        return std::tuple{field("host", &CandidateCounts::host, kCounter),
                          field("srflx", &CandidateCounts::srflx, kCounter),
                          field("prflx", &CandidateCounts::prflx, kCounter),
                          field("relay", &CandidateCounts::relay, kCounter)};
    }
    bool operator==(const CandidateCounts&) const = default;
};

/// Whether our NAT shows one and the same address to every server.  Spec: RFC 4787 §4.1.
enum class NatMapping : std::uint8_t { unknown, endpoint_independent, address_dependent };
template <>
inline constexpr auto kNames<NatMapping> =
    std::array<std::string_view, 3>{"unknown", "endpointIndependent", "addressDependent"};

/// A candidate pair that was chosen.
struct ChosenPair {
    TimeMs at = 0;
    std::optional<CandidateType> local;
    std::optional<CandidateType> remote;
    std::optional<Transport> protocol;
    std::optional<Transport> relay_protocol;
    static constexpr auto fields() {
        return std::tuple{field("at", &ChosenPair::at, kCount), field("local", &ChosenPair::local),
                          field("remote", &ChosenPair::remote),
                          field("protocol", &ChosenPair::protocol),
                          field("relayProtocol", &ChosenPair::relay_protocol)};
    }
    bool operator==(const ChosenPair&) const = default;
};
inline constexpr std::size_t kMostChosenPairs = 8;

/// The way to a participant.
struct PathView {
    CandidateCounts local;
    CandidateCounts remote;
    std::optional<bool> direct_likely;  ///< absent: nothing speaks for or against it
    NatMapping mapping = NatMapping::unknown;
    std::optional<bool> relayed;     ///< absent: no pair has been seen yet
    std::vector<ChosenPair> chosen;  ///< the present one last; the latest kMostChosenPairs
    static constexpr auto fields() {
        return std::tuple{field("local", &PathView::local),
                          field("remote", &PathView::remote),
                          field("directLikely", &PathView::direct_likely),
                          field("mapping", &PathView::mapping),
                          field("relayed", &PathView::relayed),
                          field("chosen", &PathView::chosen, List{kMostChosenPairs})};
    }
    bool operator==(const PathView&) const = default;
};

inline constexpr std::size_t kMostStatsPoints = 60;

struct StatsView {
    Quality quality = Quality::unknown;
    Count round_trip_us;
    Count available_outgoing_bps;  ///< of the whole connection, as the browser estimates it
    std::vector<FlowView> received;
    std::vector<FlowView> sent;
    std::vector<StatsPoint> history;  ///< oldest first, the latest kMostStatsPoints
    PathView path;
    static constexpr auto fields() {
        return std::tuple{field("quality", &StatsView::quality),
                          field("roundTripUs", &StatsView::round_trip_us, kCount),
                          field("availableOutgoingBps", &StatsView::available_outgoing_bps, kCount),
                          field("received", &StatsView::received, List{kSlots.size()}),
                          field("sent", &StatsView::sent, List{kSlots.size()}),
                          field("history", &StatsView::history, List{kMostStatsPoints}),
                          field("path", &StatsView::path)};
    }
    bool operator==(const StatsView&) const = default;
};

}  // namespace dvmeet
