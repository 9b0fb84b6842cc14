// One interruption of a meeting at rest, and what healing it may cost.
#pragma once

#include "script.hpp"

namespace dvmeet::sim {

/// A meeting of so many people whom one ordeal befalls.
///
/// Why: layers of recovery stand in for each other; only what healing costs, and how long it takes,
///      shows that one of them is gone.
[[nodiscard]] Script draw_ordeal(std::uint64_t seed, std::uint32_t people);

/// Plays it; a violation says which bound was broken.
void endure(const Script& script, World& world);

}  // namespace dvmeet::sim
