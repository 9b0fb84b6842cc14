// The simulator: whole meetings by the thousand, each drawn from one seed.
#include <sys/resource.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>

#include "random.hpp"
#include "script.hpp"
#include "traces.hpp"

namespace {

using namespace dvmeet;
using namespace dvmeet::sim;

constexpr std::uint64_t kMostPrinted = 5;  ///< violations told in full
constexpr std::uint32_t kMostPeople = 120;
constexpr double kReportEverySeconds = 10;

struct Options {
    std::uint64_t first_seed = 1;
    std::uint64_t last_seed = 2000;
    std::uint32_t least = 2;
    std::uint32_t most = 6;
    std::string traces = "build/sim";
    bool quiet = false;
    bool all_at_once = false;
    bool steady = false;
};

void usage(std::ostream& out) {
    out << "Usage: tools/sim [--seeds A..B] [--participants A..B] [--crowd] [--steady]\n"
           "                 [--traces FOLDER] [--quiet]\n\n"
           "Simulates whole meetings, one a seed: people join, leave, reload, share and lose "
           "their\n"
           "sockets, messages and promises overtake each other, and invariants are checked at\n"
           "every step and at rest.  A violation is printed with its seed and the shortest script\n"
           "found that breaks something, too; its traces, one a page, are for tools/replay.\n\n"
           "  --seeds A..B          default 1..2000\n"
           "  --participants A..B   default 2..6, up to 120\n"
           "  --crowd               nobody does anything but join\n"
           "  --steady              16 minutes in which nothing changes but what is sent\n"
           "  --traces FOLDER       where traces go; default build/sim\n"
           "  --quiet               stop at the first violation, and say no more than it\n\n"
           "Exit code: 0 without a violation, 1 with one, 2 when called wrongly.\n";
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

/// Takes one option in, with its value where it has one; false where it is not one.
bool read_option(const std::string& word, const std::optional<std::string>& value,
                 Options& options) {
    if (!value) return false;
    if (word == "--traces") {
        options.traces = *value;
        return true;
    }
    const auto values = range(*value);
    if (!values) return false;
    if (word == "--seeds") {
        std::tie(options.first_seed, options.last_seed) = *values;
        return true;
    }
    options.least = static_cast<std::uint32_t>(values->first);
    options.most = static_cast<std::uint32_t>(values->second);
    return word == "--participants" && values->first >= 1 && values->second <= kMostPeople;
}

std::optional<Options> read_options(int count, char** words) {
    Options options;
    for (int i = 1; i < count; ++i) {
        const std::string word = words[i];
        if (word == "--quiet") {
            options.quiet = true;
        } else if (word == "--crowd") {
            options.all_at_once = true;
        } else if (word == "--steady") {
            options.steady = true;
        } else {
            const auto value =
                i + 1 < count ? std::optional{std::string{words[i + 1]}} : std::nullopt;
            if (!read_option(word, value, options)) return std::nullopt;
            ++i;
        }
    }
    return options;
}

struct Tally {
    std::uint64_t meetings = 0;
    std::uint64_t steps = 0;
    std::uint64_t violations = 0;
};

void tell(const Script& script, const std::string& violation, const Options& options) {
    std::cout << "seed " << script.seed << ", " << violation << "\n";
    if (options.quiet) return;
    const Script shorter = shrink(script);
    std::cout << "  the shortest script found: " << play(shorter).violation().value_or("") << "\n";
    print(shorter, std::cout);
    for (const auto& path : write_traces(shorter, options.traces))
        std::cout << "    " << path << "\n";
}

void simulate(std::uint64_t seed, const Options& options, Tally& tally) {
    Random random{~seed};
    const std::uint32_t people = options.least + random.below(options.most - options.least + 1);
    Script script = options.steady ? draw_steady(seed, people) : draw(seed, people);
    if (options.all_at_once) {
        script.ordeal.reset();
        std::erase_if(script.acts, [](const Script::Act& act) {
            return !std::holds_alternative<Join>(act.deed) || act.at >= 10'000;
        });
    }
    const World world = play(script);
    ++tally.meetings;
    tally.steps += world.steps();
    if (!world.violation()) return;
    if (++tally.violations <= kMostPrinted) tell(script, *world.violation(), options);
}

std::string per_second(std::uint64_t count, double seconds) {
    return std::to_string(static_cast<std::uint64_t>(static_cast<double>(count) / seconds));
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
    double told = 0;
    const auto seconds = [&] {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    };
    for (std::uint64_t seed = options->first_seed; seed <= options->last_seed; ++seed) {
        simulate(seed, *options, tally);
        if (options->quiet && tally.violations > 0) return 1;
        if (seconds() - told > kReportEverySeconds) {
            told = seconds();
            std::cerr << tally.meetings << " meetings so far, " << tally.violations
                      << " violations\n";
        }
    }
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    const double busy = static_cast<double>(used.ru_utime.tv_sec) +
                        static_cast<double>(used.ru_utime.tv_usec) / 1e6;
    std::cout << tally.meetings << " meetings, " << tally.steps << " steps, "
              << per_second(tally.meetings, busy) << " meetings a second of one core, "
              << per_second(tally.meetings, seconds()) << " by the clock, "
              << static_cast<int>(seconds() * 10) / 10.0 << " s, " << used.ru_maxrss / 1024
              << " MB, " << tally.violations << " violations\n";
    return tally.violations == 0 ? 0 : 1;
}
