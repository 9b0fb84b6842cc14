// What two samples of a connection say: rates, losses, delays, and how good it all is.
#include "stats.hpp"

#include <algorithm>

namespace dvmeet {

namespace {

/// From these on, a connection is no longer as good as the level above.
/// Why: speech stays easy to follow below 2 % of loss and 200 ms there and back, and is hard work
///      beyond 8 % and half a second (ITU-T G.114, G.1070); pictures break up at about the same.
struct Bounds {
    std::int64_t loss_permille;
    std::int64_t round_trip_us;
    std::int64_t jitter_us;
    std::int64_t concealed_permille;
    std::int64_t frozen_permille;
};
constexpr Bounds kNoLongerExcellent{20, 200'000, 30'000, 20, 1};
constexpr Bounds kPoor{80, 500'000, 60'000, 60, 150};

/// By how much a counter grew; nothing where it is unknown or began anew.
Count growth(const Count& before, const Count& now) {
    if (!before || !now || *now < *before) return std::nullopt;
    return *now - *before;
}

/// `part` of `whole` in permille.
Count permille(const Count& part, std::int64_t whole) {
    if (!part || whole <= 0) return std::nullopt;
    return std::min<std::int64_t>(*part * 1000 / whole, 1000);
}

Count per_second(const Count& amount, std::int64_t elapsed_ms) {
    if (!amount) return std::nullopt;
    return *amount * 1000 / elapsed_ms;
}

Count bits_per_second(const Count& bytes, std::int64_t elapsed_ms) {
    const Count rate = per_second(bytes, elapsed_ms);
    if (!rate) return std::nullopt;
    return *rate * 8;
}

FlowView flow_of(const InboundStats& before, const InboundStats& now, std::int64_t elapsed_ms) {
    FlowView flow{.slot = now.slot};
    const Count packets = growth(before.packets, now.packets);
    const Count lost = growth(before.packets_lost, now.packets_lost);
    flow.bitrate_bps = bits_per_second(growth(before.bytes, now.bytes), elapsed_ms);
    flow.loss_permille = permille(lost, packets.value_or(0) + lost.value_or(0));
    flow.jitter_us = now.jitter_us;
    flow.fps = now.fps ? now.fps
                       : per_second(growth(before.frames_decoded, now.frames_decoded), elapsed_ms);
    flow.width = now.width;
    flow.height = now.height;
    flow.freezes = growth(before.freezes, now.freezes);
    flow.frozen_permille = permille(growth(before.frozen_ms, now.frozen_ms), elapsed_ms);
    // Who sends nothing is concealed from end to end, and nobody misses anything.
    if (packets.value_or(1) > 0)
        flow.concealed_permille = permille(growth(before.concealed_samples, now.concealed_samples),
                                           growth(before.samples, now.samples).value_or(0));
    flow.audio_level = now.audio_level;
    return flow;
}

FlowView flow_of(const OutboundStats& before, const OutboundStats& now, std::int64_t elapsed_ms) {
    FlowView flow{.slot = now.slot};
    flow.bitrate_bps = bits_per_second(growth(before.bytes, now.bytes), elapsed_ms);
    flow.loss_permille = permille(growth(before.packets_lost, now.packets_lost),
                                  growth(before.packets, now.packets).value_or(0));
    flow.jitter_us = now.jitter_us;
    flow.round_trip_us = now.round_trip_us;
    flow.fps = now.fps ? now.fps
                       : per_second(growth(before.frames_encoded, now.frames_encoded), elapsed_ms);
    flow.width = now.width;
    flow.height = now.height;
    flow.target_bps = now.target_bps;
    flow.limitation = now.limitation;
    flow.audio_level = now.audio_level;
    return flow;
}

/// One flow for each slot that both samples know.
template <class OneWay>
std::vector<FlowView> flows_of(const std::vector<OneWay>& before, const std::vector<OneWay>& now,
                               std::int64_t elapsed_ms) {
    std::vector<FlowView> flows;
    for (const OneWay& each : now) {
        const auto known = std::find_if(before.begin(), before.end(), [&](const OneWay& other) {
            return other.slot == each.slot;
        });
        if (known != before.end()) flows.push_back(flow_of(*known, each, elapsed_ms));
    }
    return flows;
}

bool is_beyond(const FlowView& flow, const Bounds& bounds) {
    return flow.loss_permille >= bounds.loss_permille || flow.jitter_us >= bounds.jitter_us ||
           flow.concealed_permille >= bounds.concealed_permille ||
           flow.frozen_permille >= bounds.frozen_permille;
}

bool is_limited(const FlowView& flow) {
    return flow.limitation == Limitation::bandwidth || flow.limitation == Limitation::cpu;
}

std::int64_t sum_of_rates(const std::vector<FlowView>& flows) {
    std::int64_t sum = 0;
    for (const auto& flow : flows) sum += flow.bitrate_bps.value_or(0);
    return sum;
}

}  // namespace

std::vector<FlowView> flows_between(const std::vector<OutboundStats>& before,
                                    const std::vector<OutboundStats>& now,
                                    std::int64_t elapsed_ms) {
    return flows_of(before, now, elapsed_ms);
}

// ---- the level ------------------------------------------------------------------------------

void QualityLevel::take(Quality seen) {
    if (level_ == Quality::unknown || seen == level_) {
        level_ = seen;
        streak_ = 0;
        return;
    }
    const bool worse = seen > level_;
    const bool goes_on = streak_ > 0 && (nearest_ > level_) == worse;
    nearest_ = !goes_on ? seen : worse ? std::min(nearest_, seen) : std::max(nearest_, seen);
    streak_ = goes_on ? streak_ + 1 : 1;
    if (streak_ < (worse ? kWorseAfter : kBetterAfter)) return;
    level_ = nearest_;
    streak_ = 0;
}

// ---- samples --------------------------------------------------------------------------------

bool Stats::take(const StatsSampled& event, bool is_received, Turn& turn) {
    const bool follows = last_ && last_->connection == event.connection && last_->at < event.at;
    if (follows) {
        const std::int64_t elapsed_ms = event.at - last_->at;
        received_ = flows_of(last_->received, event.received, elapsed_ms);
        sent_ = flows_of(last_->sent, event.sent, elapsed_ms);
    }
    last_ = event;
    if (!follows) return false;
    remember(turn.now);
    const Quality before = quality();
    level_.take(is_received ? seen_quality() : Quality::lost);
    turn.changed = turn.changed || quality() != before;
    return true;
}

Quality Stats::seen_quality() const {
    const auto any = [this](const auto& holds) {
        return std::any_of(received_.begin(), received_.end(), holds) ||
               std::any_of(sent_.begin(), sent_.end(), holds);
    };
    const auto is_beyond_in = [&](const Bounds& bounds) {
        return round_trip_us() >= bounds.round_trip_us ||
               any([&](const FlowView& flow) { return is_beyond(flow, bounds); });
    };
    if (is_beyond_in(kPoor)) return Quality::poor;
    if (is_beyond_in(kNoLongerExcellent) || any(is_limited)) return Quality::good;
    return Quality::excellent;
}

void Stats::remember(TimeMs now) {
    StatsPoint point{now, sum_of_rates(received_), sum_of_rates(sent_), 0, round_trip_us(), {}};
    for (const auto* const flows : {&received_, &sent_})
        for (const auto& flow : *flows)
            point.loss_permille = std::max(point.loss_permille, flow.loss_permille.value_or(0));
    for (const auto& flow : received_)
        if (flow.slot != Slot::microphone && flow.fps) point.fps = std::max(point.fps, flow.fps);
    history_.push_back(point);
    if (history_.size() > kMostStatsPoints) history_.erase(history_.begin());
}

Count Stats::round_trip_us() const {
    if (last_ && last_->pair && last_->pair->round_trip_us) return last_->pair->round_trip_us;
    Count longest;
    for (const auto& flow : sent_) longest = std::max(longest, flow.round_trip_us);
    return longest;
}

Count Stats::available_outgoing_bps() const {
    return last_ && last_->pair ? last_->pair->available_outgoing_bps : std::nullopt;
}

StatsView Stats::view() const {
    return {quality(), round_trip_us(), available_outgoing_bps(), received_, sent_, history_, {}};
}

}  // namespace dvmeet
