// What every machine needs while one event is handled.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "clip.hpp"
#include "dvmeet/action.hpp"
#include "dvmeet/config.hpp"

namespace dvmeet {

/// When something is to be done: the earliest of what was noted, or never.
/// Why:    every event asks all machines for theirs; optionals that are copied to be compared take
///         twice as long.
class Deadline {
public:
    Deadline() = default;
    Deadline(TimeMs time) : time_{time} {}
    Deadline(std::nullopt_t /*never*/) {}
    Deadline(const std::optional<TimeMs>& time) : time_{time ? *time : kNever} {}
    void note(Deadline other) { time_ = std::min(time_, other.time_); }
    [[nodiscard]] bool is_due(TimeMs now) const { return time_ <= now; }
    explicit operator bool() const { return time_ != kNever; }
    TimeMs operator*() const { return time_; }
    [[nodiscard]] std::optional<TimeMs> time() const {
        return time_ == kNever ? std::nullopt : std::optional{time_};
    }
    auto operator<=>(const Deadline&) const = default;

private:
    static constexpr TimeMs kNever = std::numeric_limits<TimeMs>::max();
    TimeMs time_ = kNever;
};

/// Numbers never used twice in a meeting.
struct Counters {
    OperationId operation = 0;
    ConnectionId connection = 0;
    std::uint32_t drawn = 0;  ///< numbers taken from the seed
    [[nodiscard]] auto members() const { return std::tie(operation, connection, drawn); }
    bool operator==(const Counters&) const = default;
};

/// Lives as long as one call of Meeting::handle.
struct Turn {
    static constexpr std::size_t kUsualActions = 4;  ///< what most events lead to, at most
    TimeMs now;
    const Config& config;
    Counters& counters;
    Actions actions{};
    bool changed = false;  ///< something a snapshot shows may have changed
    bool removed = false;  ///< somebody is gone: what the others are sent may be another thing

    OperationId next_operation() { return ++counters.operation; }
    /// 0 ≤ result < bound, the next of the numbers that Config::seed stands for.
    /// Spec: the finaliser of MurmurHash3, as a counter-based generator.
    std::uint32_t draw(std::uint32_t bound) {
        std::uint32_t word = config.seed ^ (++counters.drawn * 0x9E37'79B9U);
        word = (word ^ (word >> 16U)) * 0x85EB'CA6BU;
        word = (word ^ (word >> 13U)) * 0xC2B2'AE35U;
        return (word ^ (word >> 16U)) % bound;
    }
    void act(Action action) {
        if (actions.empty()) actions.reserve(kUsualActions);
        actions.push_back(std::move(action));
    }
    void report(Level level, ErrorCode code, std::string detail, ParticipantId about = {}) {
        act(Report{level, code, clipped(std::move(detail), kSentenceText.max), std::move(about)});
    }
};

}  // namespace dvmeet
