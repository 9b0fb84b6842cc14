// One interruption of a meeting at rest, and what healing it may cost.
#include "ordeal.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "random.hpp"

namespace dvmeet::sim {

namespace {

constexpr TimeMs kBeginMs = 10'000;  ///< everybody is connected by then
constexpr TimeMs kAfterMs = 10'000;  ///< and so long nothing more happens once all is healed
constexpr TimeMs kGivenUpMs = 140'000;
/// Signaling by way of somebody else takes two.
constexpr std::uint32_t kLeastForDetour = 3;
/// Before the server is missed, or after.
constexpr TimeMs kMostLossMs = 5'000;

/// Units: times in ms; costs for each pair that is concerned.
struct Bounds {
    const char* name;
    TimeMs least_ms, most_ms;  ///< how long it lasts
    TimeMs heal_ms;            ///< so long after its end all is well again
    std::uint32_t connections;
    std::uint32_t least_restarts, most_restarts;
    std::uint32_t least_key_frames, most_key_frames;
    std::uint32_t most_joins;  ///< by each participant
};

constexpr std::uint32_t kMostRestarts = 4;

constexpr std::array kBounds{
    Bounds{"a blink", 100, 900, 100, 0, 0, 0, 0, 0, 0},
    Bounds{"a short outage", 1'500, 6'500, 7'000, 0, 0, kMostRestarts, 0, 8, 4},
    Bounds{"a long outage", 12'000, 40'000, 20'000, 8, 0, kMostRestarts, 1, 16, 12},
    Bounds{"a change of address that is told", 0, 0, 3'500, 0, 1, kMostRestarts, 1, 4, 1},
    Bounds{"a change of address that nobody tells", 0, 0, 12'000, 0, 1, kMostRestarts, 1, 8, 3},
    Bounds{"changes of address on both sides", 0, 0, 6'000, 0, 1, kMostRestarts, 1, 8, 1},
    Bounds{"a lost socket", 0, 0, 3'000, 0, 0, 0, 0, 0, 1},
    Bounds{"a restart of the server", 300, 8'000, 8'000, 0, 0, 0, 0, 0, 2},
    Bounds{"a path that is lost without a server", 25'000, 40'000, 8'000, 0, 1, kMostRestarts, 1, 8,
           2},
    Bounds{"a path that is cut for good", 0, 0, 6'000, 24, 1, 16, 0, 16, 1},
};

Deed deed_of(Ordeal ordeal, TimeMs lasts) {
    switch (ordeal) {
        case Ordeal::told_address:
        case Ordeal::both_addresses: return ChangeAddress{true};
        case Ordeal::untold_address: return ChangeAddress{false};
        case Ordeal::lost_socket: return LoseSocket{};
        case Ordeal::server_restart:
        case Ordeal::detour: return ServerOutage{lasts};
        default: return NetworkOutage{lasts};
    }
}

/// Of a room of so many, the pairs that an ordeal concerns.
std::uint32_t pairs_hit(Ordeal ordeal, std::uint32_t people) {
    const std::uint32_t others = people - 1;
    switch (ordeal) {
        case Ordeal::detour: return 1;
        case Ordeal::server_restart: return people * others / 2;
        case Ordeal::both_addresses: return 2 * others - 1;
        default: return others;
    }
}

bool all_are(const World& world, TileState state) {
    for (NodeId id = 0; id < world.size(); ++id)
        for (const auto& tile : world.node(id).core.snapshot().participants)
            if (!tile.is_self && tile.connection != state) return false;
    return true;
}

/// Gives up in the end, does nothing more then, and begins anew when the network is another one.
void endure_cut(World& world) {
    world.set_reachable(0, 1, false);
    world.run_until(kBeginMs + kGivenUpMs);
    if (!all_are(world, TileState::failed)) world.violate("what is cut for good is not given up");
    const World::Costs then = world.costs();
    world.run_until(kBeginMs + kGivenUpMs + kAfterMs);
    if (world.costs() != then) world.violate("what was given up is tried on");
    world.set_reachable(0, 1, true);
    world.plan(world.now(), 0, ChangeAddress{true});
}

/// Whom both reach carries what an ICE restart takes, before the server is there again.
void endure_detour(const Script& script, World& world) {
    world.run_until(kBeginMs + mixed(script.seed) % kMostLossMs);
    world.lose_path(0, 1);
    world.run_until(kBeginMs + script.lasts - 1);
    for (NodeId id = 0; id < world.size(); ++id)
        for (const auto& [connection, link] : world.node(id).links)
            if (link.state != ConnectionState::connected)
                world.violate("what a third participant could mend is not mended");
}

std::string off(const Bounds& bounds, const char* what, std::uint64_t found) {
    return std::string{bounds.name} + " costs " + std::to_string(found) + " " + what;
}

void check_costs(const Bounds& bounds, std::uint32_t pairs, const World::Costs& costs,
                 World& world) {
    if (costs.connections > bounds.connections * pairs)
        world.violate(off(bounds, "new connections", costs.connections));
    if (costs.restarts < bounds.least_restarts * pairs ||
        costs.restarts > bounds.most_restarts * pairs)
        world.violate(off(bounds, "ICE restarts", costs.restarts));
    if (costs.key_frames < bounds.least_key_frames * pairs ||
        costs.key_frames > bounds.most_key_frames * pairs)
        world.violate(off(bounds, "key frames", costs.key_frames));
    if (costs.joins > bounds.most_joins * world.size())
        world.violate(off(bounds, "joins", costs.joins));
}

}  // namespace

Script draw_ordeal(std::uint64_t seed, std::uint32_t people) {
    Random random{seed};
    Script script;
    script.seed = seed;
    script.ordeal = static_cast<Ordeal>(random.below(kBounds.size()));
    if (script.ordeal == Ordeal::cut) people = 2;
    if (script.ordeal == Ordeal::detour) people = kLeastForDetour;
    script.settings.watchful = random.one_in(16);
    script.settings.server.replays = random.one_in(2);
    for (NodeId node = 0; node < people; ++node) {
        script.people.push_back("p" + std::to_string(node));
        script.acts.push_back({0, node, Toggle{Slot::camera, true}});
        script.acts.push_back({random.below(2'000), node, Join{}});
    }
    if (script.ordeal == Ordeal::cut || people < 2) return script;
    const Bounds& bounds = kBounds[static_cast<std::size_t>(*script.ordeal)];
    script.lasts = bounds.least_ms +
                   random.below(static_cast<std::uint32_t>(bounds.most_ms - bounds.least_ms + 1));
    const NodeId whom = random.below(people);
    script.acts.push_back({kBeginMs, whom, deed_of(*script.ordeal, script.lasts)});
    script.acts.push_back({kBeginMs + random.below(300), random.below(people), Say{}});
    if (script.ordeal == Ordeal::both_addresses)
        script.acts.push_back(
            {kBeginMs + random.below(300), (whom + 1) % people, ChangeAddress{true}});
    return script;
}

void endure(const Script& script, World& world) {
    const Bounds& bounds = kBounds[static_cast<std::size_t>(*script.ordeal)];
    const auto people = static_cast<std::uint32_t>(script.people.size());
    const std::uint32_t pairs = pairs_hit(*script.ordeal, people);
    world.run_until(kBeginMs - 1);
    if (!all_are(world, TileState::connected)) world.violate("not connected before the ordeal");
    const World::Costs before = world.costs();
    if (script.ordeal == Ordeal::cut) endure_cut(world);
    if (script.ordeal == Ordeal::detour) endure_detour(script, world);
    const TimeMs begun = script.ordeal == Ordeal::cut ? world.now() : kBeginMs;
    world.run_until(begun + script.lasts + bounds.heal_ms);
    if (!all_are(world, TileState::connected))
        world.violate(std::string{bounds.name} + " is not healed in time");
    world.run_until(world.now() + kAfterMs);
    check_costs(bounds, pairs, world.costs() - before, world);
}

}  // namespace dvmeet::sim
