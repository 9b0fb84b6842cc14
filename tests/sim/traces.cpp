// Traces of a simulated meeting, for tools/replay.
#include "traces.hpp"

#include <filesystem>
#include <fstream>

#include "json_edge.hpp"

namespace dvmeet::sim {

namespace {

constexpr int kTraceVersion = 1;

std::string trace_head(const Script& script) {
    Json head;
    head["trace"] = "dvmeet-core";
    head["version"] = kTraceVersion;
    head["dropped"] = 0;
    head["redacted"] = false;
    head["config"] = to_json(script.settings.config);
    return head.dump();
}

std::string trace_line(const World::Entry& entry) {
    Json line;
    line["time"] = entry.time;
    line["event"] = event_to_json(entry.event);
    line["actions"] = Json::array();
    for (const Action& action : entry.actions) line["actions"].push_back(action_to_json(action));
    return line.dump();
}

}  // namespace

std::vector<std::string> write_traces(const Script& script, const std::string& folder) {
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    const World world = play(script, true);
    std::vector<std::string> paths;
    for (NodeId id = 0; id < world.size(); ++id) {
        std::string text;
        for (const auto& entry : world.entries())
            if (entry.node == id) text += trace_line(entry) + "\n";
        if (text.empty()) continue;
        const std::string path =
            folder + "/seed-" + std::to_string(script.seed) + "-" + world.name(id) + ".ndjson";
        std::ofstream file{path};
        file << trace_head(script) << "\n" << text;
        if (file) paths.push_back(path);
    }
    return paths;
}

}  // namespace dvmeet::sim
