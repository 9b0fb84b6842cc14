// How large and how often each picture is taken and sent.
#include "quality.hpp"

#include <algorithm>

#include "stats.hpp"

namespace dvmeet {

namespace {

/// What cameras are opened as, and what is taken of those that nothing else is known of.
constexpr Capture kOpened{{640, 480}, 24};
/// Speech and pictures bear less without harm; wireless links lose as much now and then.
constexpr std::int64_t kLossPermille = 50;
/// Packets that wait so much longer than the shortest way takes stand in a queue that is ours.
constexpr std::int64_t kQueueUs = 300'000;
/// The shortest way may have become a longer one: it is forgotten by a part of this with each
/// sample.
constexpr std::int64_t kForgetting = 32;
/// A connection that may send so much and sends less is held back, if it says so.
constexpr std::int64_t kHeldBackPercent = 85;
/// Browsers begin with little, and take about so long to find out what a link carries.
constexpr TimeMs kRampMs = 10'000;

}  // namespace

const CaptureRow* capture_row(const Config& config, std::size_t people) {
    if (config.capture.empty()) return nullptr;
    const auto found =
        std::find_if(config.capture.begin(), config.capture.end(),
                     [&](const CaptureRow& row) { return people <= row.participants; });
    return found == config.capture.end() ? &config.capture.back() : &*found;
}

// ---- what is taken --------------------------------------------------------------------------

/// An application's own track is as it wants it; what that is comes to be told.
void QualityControl::constrain(const LocalMedia& media, std::size_t people, Turn& turn) {
    const auto track = media.sent(Slot::camera);
    const CaptureRow* const row = capture_row(turn.config, people);
    if (!track || row == nullptr) return;
    const Constrained wanted{*track, *row};
    if (constrained_ == wanted) return;
    if (!constrained_ || constrained_->track != *track) camera_.reset();
    constrained_ = wanted;
    if (media.is_supplied(Slot::camera)) {
        if (!camera_) camera_ = kOpened;
        return;
    }
    turn.act(ApplyConstraints{*track, row->width, row->height, row->frame_rate});
}

void QualityControl::handle(const ConstraintsApplied& event) {
    if (!constrained_ || constrained_->track != event.track) return;
    if (event.width == 0 || event.height == 0) return;
    const std::uint32_t frame_rate =
        event.frame_rate > 0 ? event.frame_rate : constrained_->row.frame_rate;
    camera_ = Capture{{event.width, event.height}, frame_rate};
}

/// It goes on as it was, which is as it was opened unless it has said otherwise.
void QualityControl::handle(const ConstraintsFailed& event, Turn& turn) {
    if (constrained_ && constrained_->track == event.track && !camera_) camera_ = kOpened;
    turn.report(Level::info, ErrorCode::constraints_rejected,
                event.error.name + ": " + event.error.message);
}

// ---- what is sent ---------------------------------------------------------------------------

std::optional<std::int64_t> QualityControl::uplink_bps(const Config& config) const {
    if (config.uplink_bps > 0) return config.uplink_bps;
    return uplink_.bps();
}

void QualityControl::adapt(const Sending& sending, Turn& turn) {
    const auto is_gone = [&](ConnectionId connection) {
        return std::find(sending.connections.begin(), sending.connections.end(), connection) ==
               sending.connections.end();
    };
    std::erase_if(sent_, [&](const auto& each) { return is_gone(each.first.first); });
    std::erase_if(sources_, [&](const auto& each) { return is_gone(each.first); });
    divide_again(sending, turn.config);
    set_encodings(turn);
    const BudgetView now = view(turn.config);
    turn.changed = turn.changed || now != shown_;
    shown_ = now;
}

Capture QualityControl::camera() const {
    if (camera_) return *camera_;
    if (!constrained_) return kOpened;
    const CaptureRow& row = constrained_->row;
    return {{row.width, row.height}, row.frame_rate};
}

void QualityControl::divide_again(const Sending& sending, const Config& config) {
    Demand demand;
    if (sending.voices > 0 || !sending.pictures.empty())
        demand = {sending.voices, sending.pictures, camera(), relief_.rungs()};
    const auto uplink = uplink_bps(config);
    if (demand == demand_ && uplink == divided_bps_) return;
    demand_ = std::move(demand);
    divided_bps_ = uplink;
    division_ = divide(divided_bps_, demand_);
}

void QualityControl::set_encodings(Turn& turn) {
    for (std::size_t i = 0; i < demand_.pictures.size(); ++i) {
        const Picture& picture = demand_.pictures[i];
        const Encoding& wanted = division_.encodings[i];
        const auto [found, is_new] = sent_.try_emplace({picture.connection, picture.slot});
        Sent& sent = found->second;
        const bool is_other = is_new || sent.encoding != wanted;
        if (sent.setting != 0 || (!is_other && !sent.is_missing)) continue;
        sent = {wanted, turn.next_operation(), is_other ? 0 : sent.refusals};
        turn.act(SetEncoding{picture.connection, sent.setting, picture.slot, wanted});
    }
}

QualityControl::Sent* QualityControl::under_way(ConnectionId connection, OperationId op) {
    for (auto& [key, sent] : sent_)
        if (op != 0 && key.first == connection && sent.setting == op) return &sent;
    return nullptr;
}

bool QualityControl::complete(ConnectionId connection, OperationId op) {
    Sent* const sent = under_way(connection, op);
    if (sent == nullptr) return false;
    sent->setting = 0;
    sent->refusals = 0;
    return true;
}

QualityControl::Refusal QualityControl::refuse(ConnectionId connection, OperationId op) {
    Sent* const sent = under_way(connection, op);
    if (sent == nullptr) return Refusal::of_others;
    sent->setting = 0;
    sent->is_missing = ++sent->refusals < kMostRefusals;
    return sent->is_missing ? Refusal::tried_again : Refusal::final;
}

void QualityControl::clear() {
    demand_ = {};
    division_ = {};
    divided_bps_.reset();
    shown_ = {};
    sent_.clear();
    sources_.clear();
    uplink_.reset();
}

BudgetView QualityControl::view(const Config& config) const {
    if (!has_pictures() && demand_.voices == 0) return {};
    return {uplink_bps(config), division_.wanted_bps, division_.next_bps.has_value()};
}

// ---- what the samples tell ------------------------------------------------------------------

void QualityControl::take(const StatsSampled& event, TimeMs now) {
    if (event.at == 0) return;
    Source& source = sources_[event.connection];
    const std::int64_t allowed = allowed_bps(event.connection);
    if (source.at == 0 || allowed > source.allowed_bps) source.allowed_at = now;
    source.allowed_bps = allowed;
    if (source.at > 0 && source.at < event.at) {
        const auto flows = flows_between(source.sent, event.sent, event.at - source.at);
        source.reading = read(event, flows, source, now);
    }
    source.at = event.at;
    source.sent = event.sent;
}

Reading QualityControl::read(const StatsSampled& event, const std::vector<FlowView>& flows,
                             Source& source, TimeMs now) const {
    Reading reading;
    Count round_trip_us;
    bool is_lossy = false;
    for (const FlowView& flow : flows) {
        reading.sent_bps += flow.bitrate_bps.value_or(0);
        is_lossy = is_lossy || flow.loss_permille >= kLossPermille;
        reading.cpu_limited = reading.cpu_limited || flow.limitation == Limitation::cpu;
        round_trip_us = std::max(round_trip_us, flow.round_trip_us);
    }
    if (event.pair && event.pair->round_trip_us) round_trip_us = event.pair->round_trip_us;
    bool is_queued = false;
    if (round_trip_us) {
        Count& least = source.least_round_trip_us;
        least = least ? std::min(*least + *least / kForgetting, *round_trip_us) : *round_trip_us;
        is_queued = *round_trip_us - *least >= kQueueUs;
    }
    const bool has_grown = now - source.allowed_at >= kRampMs;
    reading.congested =
        is_lossy || is_queued || (has_grown && is_held_back(event.connection, event, flows));
    return reading;
}

/// Only what the browser says that it would send more of: a face that keeps still needs little.
bool QualityControl::is_held_back(ConnectionId connection, const StatsSampled& event,
                                  const std::vector<FlowView>& flows) const {
    const auto is_far_below = [](std::int64_t bps, std::int64_t allowed) {
        return bps * 100 < allowed * kHeldBackPercent;
    };
    for (const FlowView& flow : flows) {
        const auto found = sent_.find({connection, flow.slot});
        if (found == sent_.end() || !found->second.encoding.active) continue;
        const std::int64_t sent_bps = flow.target_bps.value_or(flow.bitrate_bps.value_or(0));
        if (flow.limitation == Limitation::bandwidth &&
            is_far_below(sent_bps, found->second.encoding.max_bitrate_bps))
            return true;
    }
    // An estimate that is low because little was sent so far holds nothing back.
    const bool says_why = std::any_of(flows.begin(), flows.end(), [](const FlowView& flow) {
        return flow.limitation.has_value();
    });
    const Count available = event.pair ? event.pair->available_outgoing_bps : std::nullopt;
    return !says_why && available && is_far_below(*available, allowed_bps(connection));
}

std::int64_t QualityControl::allowed_bps(ConnectionId connection) const {
    std::int64_t sum = 0;
    for (const auto& [key, sent] : sent_)
        if (key.first == connection && sent.encoding.active) sum += sent.encoding.max_bitrate_bps;
    return sum;
}

void QualityControl::conclude(TimeMs now) {
    std::vector<Reading> readings;
    for (auto& [connection, source] : sources_)
        if (const auto reading = std::exchange(source.reading, std::nullopt))
            readings.push_back(*reading);
    uplink_.conclude(readings, division_, now);
    relief_.conclude(readings, now);
}

}  // namespace dvmeet
