// When a connection that once worked is brought back, how often, and when to stop trying.
#include "recovery.hpp"

#include <algorithm>

namespace dvmeet {

void Recovery::suspect(TimeMs delay_ms, bool certain, Turn& turn) {
    const bool is_new = !since_;
    if (is_new) since_ = turn.now;
    if (certain) certain_since_ = turn.now;
    if (!is_new && !certain) return;  // the ladder goes on as it does
    TimeMs at = turn.now + delay_ms;
    if (last_) at = std::max(at, *last_ + kLeastPauseMs);
    if (!certain) at = std::max(at, postponed_until_);
    next_ = next_ ? std::min(*next_, at) : at;
    if (is_new) turn.changed = true;
}

bool Recovery::prove(TimeMs now) {
    const bool lasts = certain_since_ && is_held() && now - *certain_since_ >= kProofMs;
    if (!since_ || (is_unproven() && !lasts)) return false;
    reset();
    return true;
}

void Recovery::begin(Turn& turn) {
    if (!since_) return;
    next_ = last_ ? std::max(turn.now, *last_ + kLeastPauseMs) : turn.now;
}

void Recovery::postpone(Turn& turn) {
    postponed_until_ = turn.now + turn.config.recovery_wait_ms;
    if (since_) next_ = std::max(next_.value_or(0), postponed_until_);
}

void Recovery::tried(Turn& turn) {
    const std::uint32_t pause =
        std::min(turn.config.recovery_wait_ms * (2 + tries_) / 2, kLongestPauseMs);
    last_ = turn.now;
    next_ = turn.now + pause + turn.draw(pause / 5 + 1);
    ++tries_;
}

}  // namespace dvmeet
