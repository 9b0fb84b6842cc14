// What people do in one simulated meeting, as a list that can be made shorter.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "world.hpp"

namespace dvmeet::sim {

/// What befalls a meeting at rest, alone.
enum class Ordeal : std::uint8_t {
    blink,
    short_outage,
    long_outage,
    told_address,
    untold_address,
    both_addresses,
    lost_socket,
    server_restart,
    detour,
    cut
};

/// One meeting: who comes, what they and fate do, and how the world around them is.
struct Script {
    struct Act {
        TimeMs at = 0;
        NodeId node = 0;
        Deed deed;
    };
    std::uint64_t seed = 0;
    Settings settings;
    std::vector<std::string> people;
    std::vector<Act> acts;           ///< in no order
    std::optional<Ordeal> ordeal{};  ///< nothing else happens then
    TimeMs lasts = 0;                ///< the ordeal
    bool steady = false;             ///< nobody does anything for long, and links stay as they are
};

/// Draws a meeting of so many people from a seed.
[[nodiscard]] Script draw(std::uint64_t seed, std::uint32_t people);

/// Draws one in which all are seen, and uplinks and processors are what limits them.
[[nodiscard]] Script draw_steady(std::uint64_t seed, std::uint32_t people);

/// Plays it to the end, rest included; `record`: with the entries of a trace.
[[nodiscard]] World play(const Script& script, bool record = false);

/// A script that breaks something as well, with as few people and acts as this finds.
/// Order:  takes acts away, larger pieces first, as long as something still breaks.
[[nodiscard]] Script shrink(Script script);

void print(const Script& script, std::ostream& out);

}  // namespace dvmeet::sim
