// Explores the scenarios that matter and prints what was visited.
#include <chrono>
#include <cstdlib>
#include <iomanip>
#include <iostream>
#include <string>
#include <vector>

#include "explore.hpp"

namespace {

using namespace dvmeet;
using namespace dvmeet::sim;

constexpr TimeMs kSettleMs = 5'000;  ///< until a meeting that just began is at rest

/// Of orders of two people: so many fit into a minute, all scenarios together.
constexpr Bounds kTwo{.detours = 4};
constexpr Bounds kThree{.detours = 2};

struct Scenario {
    std::string name;
    std::uint32_t people = 2;
    bool begun = false;  ///< everybody is connected already
    std::vector<std::pair<NodeId, Deed>> deeds;
    Bounds bounds;
    ServerSettings server{};
};

std::vector<Scenario> scenarios() {
    return {
        {"both join at once", 2, false, {{0, Join{}}, {1, Join{}}}, kTwo},
        {"both join, and one can't wait",
         2,
         false,
         {{0, Join{}}, {1, Join{}}},
         {.hastes = 1, .detours = 4}},
        {"both join, a list that comes first",
         2,
         false,
         {{0, Join{}}, {1, Join{}}},
         kTwo,
         {.list_first = true, .resumes = false}},
        {"one joins and leaves while the other joins",
         2,
         false,
         {{0, Join{}}, {1, Join{}}, {1, Leave{}}},
         kTwo},
        {"one leaves and comes back while the other joins",
         2,
         false,
         {{0, Join{}}, {1, Join{}}, {1, Leave{}}, {1, Join{}}},
         kTwo},
        {"both reconnect at once", 2, true, {{0, Reconnect{1}}, {1, Reconnect{0}}}, kTwo},
        {"both reconnect while both share",
         2,
         true,
         {{0, Reconnect{1}},
          {1, Reconnect{0}},
          {0, Toggle{Slot::screen, true}},
          {1, Toggle{Slot::screen, true}}},
         {.detours = 3}},
        {"both reconnect while one restarts ICE",
         2,
         true,
         {{0, Reconnect{1}}, {1, Reconnect{0}}, {1, ChangeAddress{true}}},
         {.detours = 3}},
        {"one reconnects while the other leaves", 2, true, {{0, Reconnect{1}}, {1, Leave{}}}, kTwo},
        {"one reconnects twice", 2, true, {{0, Reconnect{1}}, {0, Reconnect{1}}}, kTwo},
        {"one turns the microphone on, off and on again",
         2,
         true,
         {{0, Toggle{Slot::microphone, true}},
          {0, Toggle{Slot::microphone, false}},
          {0, Toggle{Slot::microphone, true}}},
         kTwo},
        {"one's socket breaks while the other reconnects",
         2,
         true,
         {{0, LoseSocket{}}, {1, Reconnect{0}}},
         kTwo},
        {"the server restarts empty while one reconnects",
         2,
         true,
         {{0, ServerOutage{500}}, {1, Reconnect{0}}},
         kTwo},
        {"both sockets break while one restarts ICE",
         2,
         true,
         {{0, LoseSocket{}}, {1, LoseSocket{}}, {1, ChangeAddress{true}}},
         kTwo},
        {"both restart ICE at once",
         2,
         true,
         {{0, ChangeAddress{true}}, {1, ChangeAddress{true}}},
         kTwo},
        {"one restarts ICE while the other reconnects",
         2,
         true,
         {{0, ChangeAddress{true}}, {1, Reconnect{0}}},
         kTwo},
        {"one restarts ICE while the other leaves",
         2,
         true,
         {{0, ChangeAddress{true}}, {1, Leave{}}},
         kTwo},
        {"one restarts ICE while both share",
         2,
         true,
         {{1, ChangeAddress{true}},
          {0, Toggle{Slot::screen, true}},
          {1, Toggle{Slot::screen, true}}},
         kTwo},
        {"three join at once", 3, false, {{0, Join{}}, {1, Join{}}, {2, Join{}}}, kThree},
        {"three reconnect at once",
         3,
         true,
         {{0, Reconnect{1}}, {1, Reconnect{2}}, {2, Reconnect{0}}},
         kThree},
    };
}

World prepare(const Scenario& scenario) {
    Settings settings;
    settings.server = scenario.server;
    settings.delays = kNoDelays;
    settings.candidates = 1;
    // Time flies here; nobody shall give up because of it.
    settings.config.connect_timeout_ms = 3'600'000;
    settings.config.join_timeout_ms = 3'600'000;
    settings.config.candidate_wait_ms = 3'600'000;
    World world{1, settings};
    for (std::uint32_t i = 0; i < scenario.people; ++i)
        world.open_page(std::string{"ABC"}.substr(i, 1));
    for (NodeId node = 0; node < scenario.people && scenario.begun; ++node)
        world.plan(0, node, Join{});
    world.run_until(scenario.begun ? kSettleMs : 0);
    for (const auto& [node, deed] : scenario.deeds) world.plan(world.now(), node, deed);
    return world;
}

std::string verdict_of(const Exploration& found, const Bounds& bounds) {
    if (found.violation) return "VIOLATED";
    if (found.every_order) return "every order";
    if (!found.complete) return "cut off";
    return "every order of up to " + std::to_string(*bounds.detours) + " detours";
}

bool run(const Scenario& scenario, std::uint64_t states, std::optional<std::uint32_t> detours,
         std::uint32_t deeper) {
    Bounds bounds = scenario.bounds;
    bounds.states = states;
    bounds.detours = detours.value_or(bounds.detours.value_or(0)) + deeper;
    const auto start = std::chrono::steady_clock::now();
    const Exploration found = explore(prepare(scenario), bounds);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    std::cout << std::left << std::setw(50) << scenario.name << std::right << std::setw(9)
              << found.states << std::setw(11) << found.transitions << std::setw(8) << found.endings
              << std::setw(7) << found.depth << std::setw(8) << std::fixed << std::setprecision(1)
              << took.count() << "  " << verdict_of(found, bounds) << "\n"
              << std::flush;
    if (!found.violation) return found.complete;  // what was cut off proves nothing
    std::cout << "  " << *found.violation << "\n";
    for (const auto& step : found.path)
        if (!step.empty()) std::cout << "    " << step << "\n";
    return false;
}

}  // namespace

int main(int count, char** words) {
    std::uint64_t states = 20'000'000;
    std::string wanted;
    std::optional<std::uint32_t> detours;
    std::uint32_t deeper = 0;
    bool quiet = false;
    for (int i = 1; i < count; ++i) {
        const std::string word = words[i];
        if (word == "--states" && i + 1 < count) {
            states = std::strtoull(words[++i], nullptr, 10);
        } else if (word == "--detours" && i + 1 < count) {
            detours = static_cast<std::uint32_t>(std::strtoul(words[++i], nullptr, 10));
        } else if (word == "--deeper" && i + 1 < count) {
            deeper = static_cast<std::uint32_t>(std::strtoul(words[++i], nullptr, 10));
        } else if (word == "--only" && i + 1 < count) {
            wanted = words[++i];
        } else if (word == "--quiet") {
            quiet = true;
        } else {
            std::cerr
                << "Usage: dvmeet_explore [--states N] [--detours N] [--deeper N] [--only WORDS]\n"
                   "                       [--quiet]\n\n"
                   "Goes through every order in which small meetings can go, but for a bound, and\n"
                   "prints what was visited.\n\n"
                   "  --states N    fails a scenario that has more different states\n"
                   "  --detours N   how often a step may be taken that isn't the first in line;\n"
                   "                default: what each scenario says\n"
                   "  --deeper N    so many detours more\n"
                   "  --only WORDS  the scenarios with these words in their name\n"
                   "  --quiet       stop at the first violation\n";
            return word == "--help" ? 0 : 2;
        }
    }
    std::cout << std::left << std::setw(50) << "scenario" << std::right << std::setw(9) << "states"
              << std::setw(11) << "steps" << std::setw(8) << "ends" << std::setw(7) << "depth"
              << std::setw(8) << "s"
              << "\n";
    bool sound = true;
    for (const Scenario& scenario : scenarios()) {
        if (scenario.name.find(wanted) != std::string::npos)
            sound = run(scenario, states, detours, deeper) && sound;
        if (quiet && !sound) break;
    }
    return sound ? 0 : 1;
}
