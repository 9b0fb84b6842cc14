// The one source of chance: everything in a simulated world is drawn from its seed.
#pragma once

#include <cstdint>

namespace dvmeet::sim {

/// Spec: SplitMix64's output function; small, fast, the same everywhere.
[[nodiscard]] constexpr std::uint64_t mixed(std::uint64_t value) {
    value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9U;
    value = (value ^ (value >> 27U)) * 0x94D049BB133111EBU;
    return value ^ (value >> 31U);
}

class Random {
public:
    explicit Random(std::uint64_t seed) : state_{seed} {}

    std::uint64_t next() {
        state_ += 0x9E3779B97F4A7C15U;
        return mixed(state_);
    }
    /// 0 ≤ result < bound.
    std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(next() % bound); }
    bool one_in(std::uint32_t odds) { return below(odds) == 0; }

private:
    std::uint64_t state_;
};

}  // namespace dvmeet::sim
