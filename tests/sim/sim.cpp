// The simulator: whole meetings by the thousand, each drawn from one seed.
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>

#include "json_edge.hpp"
#include "world.hpp"

namespace {

using namespace dvmeet;
using namespace dvmeet::sim;

constexpr TimeMs kActsMs = 20'000;  ///< people do things for so long
constexpr TimeMs kRestMs = 60'000;  ///< then they only look
constexpr std::uint32_t kMostActs = 12;

struct Options {
    std::uint64_t first_seed = 1;
    std::uint64_t last_seed = 2000;
    std::uint32_t least = 2;
    std::uint32_t most = 6;
    bool trace = false;
};

void usage(std::ostream& out) {
    out << "Usage: tools/sim [--seeds A..B] [--participants A..B] [--trace]\n\n"
           "Simulates whole meetings, one a seed: people join, leave, reload, share and lose "
           "their\n"
           "sockets, messages and promises overtake each other, and invariants are checked at "
           "every\n"
           "step and at rest.  The first violation is printed with its seed.\n\n"
           "  --seeds A..B          default 1..2000\n"
           "  --participants A..B   default 2..6\n"
           "  --trace               print what each core was told, for one seed\n";
}

std::optional<std::pair<std::uint64_t, std::uint64_t>> range(const std::string& text) {
    const std::size_t dots = text.find("..");
    char* end = nullptr;
    const std::uint64_t first = std::strtoull(text.c_str(), &end, 10);
    if (end == text.c_str()) return std::nullopt;
    if (dots == std::string::npos)
        return *end == '\0' ? std::optional{std::pair{first, first}} : std::nullopt;
    const std::uint64_t last = std::strtoull(text.c_str() + dots + 2, &end, 10);
    if (*end != '\0' || last < first) return std::nullopt;
    return std::pair{first, last};
}

std::optional<Options> read_options(int count, char** words) {
    Options options;
    for (int i = 1; i < count; ++i) {
        const std::string word = words[i];
        if (word == "--trace") {
            options.trace = true;
            continue;
        }
        const auto values = i + 1 < count ? range(words[++i]) : std::nullopt;
        if (!values) return std::nullopt;
        if (word == "--seeds") {
            std::tie(options.first_seed, options.last_seed) = *values;
        } else if (word == "--participants" && values->first >= 1 && values->second <= 60) {
            options.least = static_cast<std::uint32_t>(values->first);
            options.most = static_cast<std::uint32_t>(values->second);
        } else {
            return std::nullopt;
        }
    }
    return options;
}

/// What people do in one meeting.  A page that closes is opened anew by somebody of the same name.
void script(World& world, std::uint32_t people) {
    Random& random = world.random();
    const std::uint32_t spread = random.one_in(2) ? 1 : 4'000;
    for (std::uint32_t i = 0; i < people; ++i) {
        const NodeId node = world.open_page("p" + std::to_string(i));
        if (!random.one_in(4)) world.plan(0, node, Toggle{Slot::microphone, true});
        if (!random.one_in(4)) world.plan(0, node, Toggle{Slot::camera, true});
        world.plan(random.below(spread), node, Join{});
    }
    if (random.one_in(3)) {  // somebody who can't wait
        for (std::uint32_t i = 0; i < 4; ++i)
            world.plan(random.below(2'500), random.below(people), Reconnect{});
    }
    const std::uint32_t acts = random.below(kMostActs);
    for (std::uint32_t i = 0; i < acts; ++i) {
        const NodeId node = random.below(people);
        const TimeMs at = random.below(static_cast<std::uint32_t>(kActsMs));
        switch (random.below(8)) {
            case 0: {
                world.plan(at, node, Leave{});
                if (random.one_in(2)) world.plan(at + random.below(2'000), node, Join{});
                break;
            }
            case 1: {
                world.plan(at, node, Close{});
                const NodeId again = world.open_page("p" + std::to_string(node) + "'");
                world.plan(at + random.below(500), again, Join{});
                break;
            }
            case 2: world.plan(at, node, LoseSocket{}); break;
            case 3: world.plan(at, node, Reconnect{}); break;
            default: world.plan(at, node, Toggle{kSlots[random.below(3)], random.one_in(2)}); break;
        }
    }
}

void print_trace(const World& world) {
    for (const auto& [node, time, event] : world.entries())
        std::cout << time << " node " << node << " > " << event_to_json(event).dump() << "\n";
}

struct Tally {
    std::uint64_t meetings = 0;
    std::uint64_t steps = 0;
    std::uint64_t violations = 0;
};

void simulate(std::uint64_t seed, const Options& options, Tally& tally) {
    World world{seed};
    world.record(options.trace);
    const std::uint32_t people =
        options.least + world.random().below(options.most - options.least + 1);
    script(world, people);
    world.run_until(kActsMs + kRestMs);
    world.check_quiescence();
    ++tally.meetings;
    tally.steps += world.steps();
    if (options.trace) print_trace(world);
    if (!world.violation()) return;
    ++tally.violations;
    if (tally.violations <= 10)
        std::cout << "seed " << seed << ", " << people << " participants, " << *world.violation()
                  << "\n";
}

}  // namespace

int main(int count, char** words) {
    if (count == 2 && std::string{words[1]} == "--help") {
        usage(std::cout);
        return 0;
    }
    const auto options = read_options(count, words);
    if (!options) {
        usage(std::cerr);
        return 2;
    }
    Tally tally;
    const auto start = std::chrono::steady_clock::now();
    for (std::uint64_t seed = options->first_seed; seed <= options->last_seed; ++seed)
        simulate(seed, *options, tally);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    std::cout << tally.meetings << " meetings, " << tally.steps << " steps, "
              << static_cast<std::uint64_t>(static_cast<double>(tally.meetings) / took.count())
              << " meetings a second, " << tally.violations << " violations\n";
    return tally.violations == 0 ? 0 : 1;
}
