// When a connection that once worked is brought back, how often, and when to stop trying.
#pragma once

#include <cstdint>
#include <optional>
#include <tuple>

#include "turn.hpp"

namespace dvmeet {

/// The ladder of one pair: wait briefly, restart ICE, restart again, make a new connection, and
/// after kMostTries give up until the network or a person says that it is worth trying again.
///
/// Shape:  a clock and a counter; what a try does is the peer's business.
/// Order:  one try at a time; the pause after it grows from Config::recovery_wait_ms to
///         kLongestPauseMs, a fifth of it drawn.
/// Why:    tries cost the other side work, and all pairs of a room lose their path at once.
class Recovery {
public:
    /// Some 85 s of tries: longer than a lift ride, shorter than anybody waits.
    static constexpr std::uint32_t kMostTries = 12;
    /// Before another one is made; twice as many where they are not answered.
    static constexpr std::uint32_t kTriesAConnection = 3;
    static constexpr std::uint32_t kLongestPauseMs = 8'000;
    /// Asked for again right after a try, one more would only disturb it.
    static constexpr TimeMs kLeastPauseMs = 1'000;

    /// While no try can be made, what the path carries so long after a certain doubt proves it:
    /// longer than what was under way before it takes to come and to be seen.
    static constexpr TimeMs kProofMs = 2'000;

    /// Something speaks against the path.  `certain`: only a try can prove that it works.
    void suspect(TimeMs delay_ms, bool certain, Turn& turn);
    /// The path carries data; returns whether it had been in doubt.
    bool prove(TimeMs now);
    /// Whatever was in the way may be gone: all tries are to be had again.
    void renew() { tries_ = 0; }
    /// In certain doubt, and nothing was tried yet.
    [[nodiscard]] bool is_unproven() const { return certain_since_ && tries_ == 0; }
    /// A try can't be made now; begin() goes on.
    void hold() { next_.reset(); }
    [[nodiscard]] bool is_held() const { return since_ && !next_; }
    void begin(Turn& turn);
    void tried(Turn& turn);
    /// The other side does something about it; ours waits to see, also where the doubt comes later.
    void postpone(Turn& turn);
    void reset() { *this = {}; }

    [[nodiscard]] bool is_active() const { return since_.has_value(); }
    [[nodiscard]] bool is_due(TimeMs now) const { return next_ && *next_ <= now; }
    [[nodiscard]] Deadline deadline() const { return next_; }
    [[nodiscard]] std::uint32_t tries() const { return tries_; }
    [[nodiscard]] bool is_exhausted() const { return tries_ >= kMostTries; }
    [[nodiscard]] auto members() const {
        return std::tie(since_, next_, last_, postponed_until_, tries_, certain_since_);
    }
    bool operator==(const Recovery&) const = default;

private:
    std::optional<TimeMs> since_;  ///< in doubt since then
    std::optional<TimeMs> next_;
    std::optional<TimeMs> last_;  ///< the last try
    TimeMs postponed_until_ = 0;
    std::uint32_t tries_ = 0;
    std::optional<TimeMs> certain_since_;  ///< when only a try would do
};

}  // namespace dvmeet
