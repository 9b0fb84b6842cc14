// Runs a recorded trace through the native core and says where the two part.
#include <fstream>
#include <iostream>
#include <optional>
#include <string>

#include "dvmeet/meeting.hpp"
#include "json_edge.hpp"

namespace {

using dvmeet::Json;

constexpr int kVersion = 1;
constexpr int kMisused = 2;

void usage(std::ostream& out) {
    out << "Usage: tools/replay TRACE [--quiet] [--state-at STEP]\n\n"
           "Runs a trace of meeting.trace() through the native core: each step's event and "
           "actions,\n"
           "and where the recorded actions differ from those computed now.\n\n"
           "  --quiet           only the differences and the count\n"
           "  --state-at STEP   also print the snapshot after this step (the first is 1)\n\n"
           "Exit code: 0 without a difference, 1 with one, 2 for a trace that can't be read.\n";
}

struct Options {
    std::string path;
    bool quiet = false;
    std::size_t state_at = 0;
};

std::optional<Options> read_options(int count, char** words) {
    Options options;
    for (int i = 1; i < count; ++i) {
        const std::string word = words[i];
        if (word == "--quiet") {
            options.quiet = true;
        } else if (word == "--state-at" && i + 1 < count) {
            options.state_at = std::strtoul(words[++i], nullptr, 10);
        } else if (!word.starts_with("--") && options.path.empty()) {
            options.path = word;
        } else {
            return std::nullopt;
        }
    }
    if (options.path.empty()) return std::nullopt;
    return options;
}

int refuse(const std::string& path, std::size_t line, const std::string& why) {
    std::cerr << path << ":" << line << ": " << why << "\n";
    return kMisused;
}

Json actions_of(dvmeet::Meeting& meeting, dvmeet::TimeMs time, const dvmeet::Event& event) {
    Json actions = Json::array();
    for (const auto& action : meeting.handle(time, event))
        actions.push_back(dvmeet::action_to_json(action));
    return actions;
}

int replay(const Options& options) {
    std::ifstream file{options.path};
    std::string text;
    if (!std::getline(file, text)) return refuse(options.path, 1, "no trace can be read here");
    const Json head = Json::parse(text, nullptr, false);
    if (!head.is_object() || head.value("trace", "") != "dvmeet-core" ||
        head.value("version", 0) != kVersion)
        return refuse(options.path, 1, "this is not a trace of version 1 of dvmeet-core");
    if (head.value("dropped", 0) != 0)
        return refuse(options.path, 1,
                      "the beginning of this meeting was dropped from the recorder's ring; what "
                      "is left can't be computed again");
    dvmeet::Config config;
    if (const auto problem = dvmeet::read_json(head.value("config", Json::object()), config))
        return refuse(options.path, 1, "config." + problem->field + " " + problem->detail);

    dvmeet::Meeting meeting{config};
    std::size_t step = 0;
    std::size_t differences = 0;
    while (std::getline(file, text)) {
        ++step;
        const Json entry = Json::parse(text, nullptr, false);
        dvmeet::Event event;
        if (!entry.is_object() || !entry.contains("event") || !entry.contains("actions"))
            return refuse(options.path, step + 1, "this line is not an entry of a trace");
        if (const auto problem = dvmeet::event_from_json(entry["event"], event))
            return refuse(options.path, step + 1, problem->field + " " + problem->detail);
        const auto time = entry.value("time", dvmeet::TimeMs{0});
        const Json computed = actions_of(meeting, time, event);
        const bool same = computed == entry["actions"];
        if (!options.quiet || !same)
            std::cout << step << " @" << time << " > " << entry["event"].dump() << "\n";
        if (!same) {
            ++differences;
            std::cout << "  recorded < " << entry["actions"].dump() << "\n"
                      << "  computed < " << computed.dump() << "\n";
        } else if (!options.quiet) {
            for (const auto& action : computed) std::cout << "  < " << action.dump() << "\n";
        }
        if (step == options.state_at)
            std::cout << dvmeet::to_json(meeting.snapshot()).dump(2) << "\n";
    }
    std::cout << step << " steps, " << differences << " differences\n";
    return differences == 0 ? 0 : 1;
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
        return kMisused;
    }
    return replay(*options);
}
