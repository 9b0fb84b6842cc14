// What every machine needs while one event is handled.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "clip.hpp"
#include "dvmeet/action.hpp"
#include "dvmeet/config.hpp"

namespace dvmeet {

/// The earlier of two times; an absent one never comes.
inline std::optional<TimeMs> earlier(std::optional<TimeMs> one, std::optional<TimeMs> other) {
    if (one && other) return std::min(*one, *other);
    return one ? one : other;
}

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
