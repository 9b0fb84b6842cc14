// What two samples of a connection say: rates, losses, delays, and how good it all is.
#pragma once

#include <cstdint>
#include <optional>
#include <tuple>
#include <vector>

#include "dvmeet/event.hpp"
#include "dvmeet/stats_view.hpp"
#include "turn.hpp"

namespace dvmeet {

/// Keeps one level still until enough samples in a row speak against it.
///
/// Shape:  a level gets worse after kWorseAfter samples, better after kBetterAfter; it moves to
///         the nearest level that all of them agree on.
/// Why:    one bad sample is a hiccup, and bars that dance tell nothing.
class QualityLevel {
public:
    static constexpr std::uint32_t kWorseAfter = 2;
    static constexpr std::uint32_t kBetterAfter = 3;

    void take(Quality seen);
    [[nodiscard]] Quality level() const { return level_; }
    [[nodiscard]] auto members() const { return std::tie(level_, nearest_, streak_); }
    bool operator==(const QualityLevel&) const = default;

private:
    Quality level_ = Quality::unknown;
    Quality nearest_ = Quality::unknown;  ///< to the level, of those in the streak
    std::uint32_t streak_ = 0;            ///< samples in a row on one side of the level
};

/// What went out between two samples of one connection, which are `elapsed_ms` apart.
[[nodiscard]] std::vector<FlowView> flows_between(const std::vector<OutboundStats>& before,
                                                  const std::vector<OutboundStats>& now,
                                                  std::int64_t elapsed_ms);

/// The figures of one participant, whose connections follow each other.
///
/// Shape:  the latest sample, the flows between it and the one before, kMostStatsPoints of
///         history.
/// Units:  bits per second, permille, µs; a figure whose numbers a browser lacks is absent.
/// Order:  counters of another connection, or of an earlier time, are a new beginning.
/// Spec:   webrtc-stats; the level's bounds stand in stats.cpp.
class Stats {
public:
    /// Returns whether there are new figures.
    bool take(const StatsSampled& event, bool is_received, Turn& turn);
    [[nodiscard]] Quality quality() const { return level_.level(); }
    [[nodiscard]] const std::vector<FlowView>& received() const { return received_; }
    [[nodiscard]] const std::vector<FlowView>& sent() const { return sent_; }
    [[nodiscard]] Count available_outgoing_bps() const;
    /// All but the path.
    [[nodiscard]] StatsView view() const;
    [[nodiscard]] auto members() const {
        return std::tie(last_, received_, sent_, history_, level_);
    }
    bool operator==(const Stats&) const = default;

private:
    [[nodiscard]] Count round_trip_us() const;
    [[nodiscard]] Quality seen_quality() const;
    void remember(TimeMs now);

    std::optional<StatsSampled> last_;
    std::vector<FlowView> received_;
    std::vector<FlowView> sent_;
    std::vector<StatsPoint> history_;
    QualityLevel level_;
};

}  // namespace dvmeet
