// What the uplink carries, as far as what is sent over it tells.
#include "uplink.hpp"

#include <algorithm>

namespace dvmeet {

namespace {

/// Most of those that were sampled: they have nothing in common but the uplink.
bool is_shared(const std::vector<Reading>& readings) {
    const auto congested = std::count_if(readings.begin(), readings.end(),
                                         [](const Reading& each) { return each.congested; });
    return 2 * congested > static_cast<std::ptrdiff_t>(readings.size());
}

std::int64_t sum_of(const std::vector<Reading>& readings) {
    std::int64_t sum = 0;
    for (const Reading& each : readings) sum += each.sent_bps;
    return sum;
}

}  // namespace

// ---- the uplink -----------------------------------------------------------------------------

void Uplink::conclude(const std::vector<Reading>& readings, const Division& present, TimeMs now) {
    if (readings.empty()) return;
    if (is_shared(readings)) {
        calm_since_ = now;
        if (++streak_ < kCongestedRounds) return;
        streak_ = 0;
        lower(sum_of(readings), present, now);
        return;
    }
    streak_ = 0;
    end_trial(now);
    if (now - calm_since_ >= kForgottenMs) patience_.reset();
    if (!bps_ || before_ || !present.next_bps) return;
    const bool was_too_much = ceiling_ && *present.next_bps >= *ceiling_;
    const TimeMs wait = was_too_much ? patience_.wait() : kFirstWaitMs;
    if (now - calm_since_ >= wait) raise(*present.next_bps, now);
}

/// Less than everything at its least is never sent, so there is no use in asking for it.
void Uplink::lower(std::int64_t sent_bps, const Division& present, TimeMs now) {
    if (before_ && now - tried_at_ < kTrialMs) {
        patience_.fail();
        ceiling_ = bps_;
        bps_ = *before_;
    } else {
        if (bps_) {
            patience_.fail();
            ceiling_ = std::min(ceiling_.value_or(*bps_), *bps_);
        }
        const std::int64_t safe_bps = sent_bps * kSafePercent / 100;
        const std::int64_t least_bps = std::max(safe_bps, present.least_bps);
        bps_ = bps_ ? std::min(*bps_, least_bps) : least_bps;
    }
    before_.reset();
}

void Uplink::raise(std::int64_t bps, TimeMs now) {
    before_ = bps_;
    bps_ = bps;
    tried_at_ = calm_since_ = now;
}

/// What was too much once and isn't any more says that the link has become another one; only long
/// calm says that it will stay so.
void Uplink::end_trial(TimeMs now) {
    if (!before_ || now - tried_at_ < kTrialMs) return;
    before_.reset();
    if (ceiling_ && *bps_ >= *ceiling_) ceiling_.reset();
}

// ---- the processor --------------------------------------------------------------------------

void Relief::conclude(const std::vector<Reading>& readings, TimeMs now) {
    const bool is_busy = std::any_of(readings.begin(), readings.end(),
                                     [](const Reading& each) { return each.cpu_limited; });
    if (is_busy) {
        calm_since_ = now;
        if (++streak_ < kBusyRounds || rungs_ == kMost) return;
        streak_ = 0;
        ++rungs_;
        if (tries_) patience_.fail();
        tries_ = false;
        return;
    }
    streak_ = 0;
    if (rungs_ == 0 || now - calm_since_ < patience_.wait()) return;
    if (tries_) patience_.reset();  // the one before has held
    --rungs_;
    calm_since_ = now;
    tries_ = true;
}

}  // namespace dvmeet
