// What the uplink carries, as far as what is sent over it tells.
#pragma once

#include <cstdint>
#include <optional>
#include <tuple>
#include <vector>

#include "budget.hpp"
#include "turn.hpp"

namespace dvmeet {

/// A wait that doubles with each try that was in vain.
class Backoff {
public:
    constexpr Backoff(TimeMs first, TimeMs longest)
        : first_{first}, longest_{longest}, wait_{first} {}
    [[nodiscard]] TimeMs wait() const { return wait_; }
    void fail() { wait_ = wait_ * 2 < longest_ ? wait_ * 2 : longest_; }
    void reset() { wait_ = first_; }
    [[nodiscard]] auto members() const { return std::tie(first_, longest_, wait_); }
    bool operator==(const Backoff&) const = default;

private:
    TimeMs first_;
    TimeMs longest_;
    TimeMs wait_;
};

/// What one connection says of one round of samples.
struct Reading {
    std::int64_t sent_bps = 0;
    bool congested = false;
    bool cpu_limited = false;
    [[nodiscard]] auto members() const { return std::tie(sent_bps, congested, cpu_limited); }
    bool operator==(const Reading&) const = default;
};

/// Estimates what may be sent altogether.
///
/// Shape:  unknown until most connections are congested in kCongestedRounds in a row: then a bit
///         less than what was sent.  After calm, one step more is tried; where that is too much,
///         it is taken back, and the wait before the next try at as much doubles.
/// Units:  bits per second.
/// Order:  a step is the least that lets something be sent better; congestion within kTrialMs
///         takes the step back, later congestion says that the link carries less than before.
/// Why:    one connection that is congested alone suffers from its far end, which its own
///         congestion control sees to.  On a steady link the tries soon become rare, and what is
///         sent stays as it is.
class Uplink {
public:
    static constexpr std::uint32_t kCongestedRounds = 2;
    /// Browsers' estimates have grown to a step within some 10 s, or never do.
    static constexpr TimeMs kTrialMs = 20'000;
    static constexpr TimeMs kFirstWaitMs = 10'000;
    static constexpr TimeMs kLongestWaitMs = 640'000;
    /// After so much calm what was too much is no longer held against the link.
    static constexpr TimeMs kForgottenMs = 2 * kLongestWaitMs;
    static constexpr std::int64_t kSafePercent = 85;

    /// A round is over; `present` is how all was divided in it.
    void conclude(const std::vector<Reading>& readings, const Division& present, TimeMs now);
    /// Another network has another uplink.
    void reset() { *this = {}; }
    [[nodiscard]] const std::optional<std::int64_t>& bps() const { return bps_; }
    [[nodiscard]] auto members() const {
        return std::tie(bps_, streak_, calm_since_, before_, tried_at_, ceiling_, patience_);
    }
    bool operator==(const Uplink&) const = default;

private:
    void lower(std::int64_t sent_bps, const Division& present, TimeMs now);
    void raise(std::int64_t bps, TimeMs now);
    void end_trial(TimeMs now);

    std::optional<std::int64_t> bps_;
    std::uint32_t streak_ = 0;            ///< congested rounds in a row
    TimeMs calm_since_ = 0;               ///< since the last of them, or the last change
    std::optional<std::int64_t> before_;  ///< the estimate to go back to, while more is tried
    TimeMs tried_at_ = 0;
    std::optional<std::int64_t> ceiling_;  ///< the least that was too much
    Backoff patience_{kFirstWaitMs, kLongestWaitMs};
};

/// How many rungs cameras stay below their best, because the processor can't keep up.
///
/// Shape:  one more after kBusyRounds in a row in which it limits what is sent, at most kMost; one
///         less after as many minutes of calm as it takes, which double where that is too soon.
class Relief {
public:
    static constexpr std::uint32_t kMost = 3;
    static constexpr std::uint32_t kBusyRounds = 3;
    static constexpr TimeMs kFirstWaitMs = 60'000;
    static constexpr TimeMs kLongestWaitMs = 1'920'000;

    void conclude(const std::vector<Reading>& readings, TimeMs now);
    [[nodiscard]] std::uint32_t rungs() const { return rungs_; }
    [[nodiscard]] auto members() const {
        return std::tie(rungs_, streak_, calm_since_, tries_, patience_);
    }
    bool operator==(const Relief&) const = default;

private:
    std::uint32_t rungs_ = 0;
    std::uint32_t streak_ = 0;
    TimeMs calm_since_ = 0;
    bool tries_ = false;  ///< the last change was one less
    Backoff patience_{kFirstWaitMs, kLongestWaitMs};
};

}  // namespace dvmeet
