// Every order in which a small meeting can go, within a stated bound.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "world.hpp"

namespace dvmeet::sim {

struct Bounds {
    std::uint64_t states = 2'000'000;  ///< more, and the exploration counts as incomplete
    std::uint32_t depth = 400;         ///< steps from the start
    /// How often time may pass although something could still happen.
    std::uint32_t hastes = 0;
    /// How often a step may be taken that isn't the first in line; none: as often as there are.
    std::optional<std::uint32_t> detours{};
};

struct Exploration {
    std::uint64_t states = 0;       ///< different ones
    std::uint64_t transitions = 0;  ///< steps taken, those to states seen before too
    std::uint64_t endings = 0;      ///< different states in which nothing is left to happen
    std::uint32_t depth = 0;        ///< of the longest path
    bool complete = true;           ///< nothing was cut off by `states` or `depth`
    bool every_order = true;        ///< and nothing was left out for want of detours
    std::optional<std::string> violation{};
    std::vector<std::string> path{};  ///< the steps that lead to the violation
};

/// Depth first, from this world on.  A state is left where it was seen before with at least as many
/// hastes and detours to spend; one in which nothing is under way is let rest, and its invariants
/// are checked.
/// Shape:  remembers 128 bits a state.
[[nodiscard]] Exploration explore(const World& start, const Bounds& bounds);

}  // namespace dvmeet::sim
