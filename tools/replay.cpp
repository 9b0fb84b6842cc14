// Runs a recorded trace through the native core and says where the two part.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <string>

#include "dvmeet/meeting.hpp"
#include "json_edge.hpp"
#include "replay_html.hpp"

namespace {

using dvmeet::Json;

constexpr int kVersion = 1;
constexpr int kMisused = 2;

void usage(std::ostream& out) {
    out << "Usage: tools/replay TRACE [--quiet] [--state-at STEP] [--html PAGE]\n\n"
           "Runs a trace of meeting.trace() through the native core: each step's event and "
           "actions,\n"
           "and where the recorded actions differ from those computed now.\n\n"
           "  --quiet           only the differences and the count\n"
           "  --state-at STEP   also print the snapshot after this step (the first is 1)\n"
           "  --html PAGE       write the trace to the file PAGE as a sequence diagram, one page "
           "that\n"
           "                    needs nothing else to be opened in a browser; implies --quiet\n\n"
           "A trace whose beginning was dropped from the recorder's ring can't be computed again; "
           "--html\n"
           "draws what is left.\n\n"
           "Exit code: 0 without a difference, 1 with one, 2 for a trace that can't be read.\n";
}

struct Options {
    std::string path;
    std::string html;
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
        } else if (word == "--html" && i + 1 < count) {
            options.html = words[++i];
            options.quiet = true;
        } else if (!word.starts_with("--") && options.path.empty()) {
            options.path = word;
        } else {
            return std::nullopt;
        }
    }
    if (options.path.empty()) return std::nullopt;
    return options;
}

/// What keeps a trace from being replayed: where, and why.
struct Refusal {
    std::size_t line = 0;  ///< 0: nowhere in the trace
    std::string why;
};

/// A trace, line by line.
class Trace {
public:
    explicit Trace(const std::string& path) : file_{path} {}

    std::optional<Refusal> read_head() {
        if (!std::getline(file_, text_)) return refuse("no trace can be read here");
        ++line_;
        head_ = Json::parse(text_, nullptr, false);
        if (!head_.is_object() || head_.value("trace", Json{}) != "dvmeet-core" ||
            head_.value("version", Json{}) != kVersion)
            return refuse("this is not a trace of version 1 of dvmeet-core");
        const Json dropped = head_.value("dropped", Json(0));
        dropped_ = dropped.is_number_unsigned() ? dropped.get<std::uint64_t>() : 0;
        return std::nullopt;
    }

    /// False at the end.
    [[nodiscard]] bool next() {
        if (!std::getline(file_, text_)) return false;
        ++line_;
        entry_ = Json::parse(text_, nullptr, false);
        return true;
    }

    [[nodiscard]] std::optional<Refusal> check_entry() const {
        const bool whole = entry_.is_object() && entry_.contains("event") &&
                           entry_["event"].is_object() && entry_.contains("actions") &&
                           entry_["actions"].is_array() && entry_.contains("time") &&
                           entry_["time"].is_number_integer();
        return whole ? std::nullopt : refuse("this line is not an entry of a trace");
    }

    [[nodiscard]] std::optional<Refusal> refuse(std::string why) const {
        return Refusal{line_, std::move(why)};
    }
    [[nodiscard]] const Json& head() const { return head_; }
    [[nodiscard]] std::uint64_t dropped() const { return dropped_; }
    [[nodiscard]] std::size_t step() const { return line_ - 1; }
    [[nodiscard]] dvmeet::TimeMs time() const { return entry_["time"].get<dvmeet::TimeMs>(); }
    [[nodiscard]] const Json& event() const { return entry_["event"]; }
    [[nodiscard]] const Json& actions() const { return entry_["actions"]; }

private:
    std::ifstream file_;
    std::string text_;
    Json head_;
    Json entry_;
    std::uint64_t dropped_ = 0;
    std::size_t line_ = 0;
};

Json actions_of(dvmeet::Meeting& meeting, dvmeet::TimeMs time, const dvmeet::Event& event) {
    Json actions = Json::array();
    for (const auto& action : meeting.handle(time, event))
        actions.push_back(dvmeet::action_to_json(action));
    return actions;
}

/// Of a text that may have been cut within a character.
std::string dump(const Json& json, int indent = -1) {
    return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

void print_step(const Trace& trace, const Json& computed, bool same) {
    std::cout << trace.step() << " @" << trace.time() << " > " << dump(trace.event()) << "\n";
    if (same) {
        for (const auto& action : computed) std::cout << "  < " << dump(action) << "\n";
    } else {
        std::cout << "  recorded < " << dump(trace.actions()) << "\n"
                  << "  computed < " << dump(computed) << "\n";
    }
}

/// Differences found, or why the trace can't be replayed to its end.
struct Outcome {
    std::size_t differences = 0;
    std::optional<Refusal> refusal;
};

Outcome recompute(const Options& options, Trace& trace, dvmeet::SequencePage* page) {
    dvmeet::Config config;
    if (const auto problem =
            dvmeet::read_json(trace.head().value("config", Json::object()), config))
        return {0, trace.refuse("config." + problem->field + " " + problem->detail)};
    dvmeet::Meeting meeting{config};
    Outcome outcome;
    while (trace.next()) {
        dvmeet::Event event;
        if (auto refusal = trace.check_entry()) return {outcome.differences, refusal};
        if (const auto problem = dvmeet::event_from_json(trace.event(), event))
            return {outcome.differences, trace.refuse(problem->field + " " + problem->detail)};
        const Json computed = actions_of(meeting, trace.time(), event);
        const bool same = computed == trace.actions();
        if (!same) ++outcome.differences;
        if (!options.quiet || !same) print_step(trace, computed, same);
        if (trace.step() == options.state_at)
            std::cout << dump(dvmeet::to_json(meeting.snapshot()), 2) << "\n";
        if (page != nullptr)
            page->add({trace.time(), trace.event(), trace.actions(), same ? nullptr : &computed},
                      meeting.snapshot());
    }
    return outcome;
}

/// Draws a trace as it was recorded.
Outcome draw(Trace& trace, dvmeet::SequencePage& page) {
    while (trace.next()) {
        if (auto refusal = trace.check_entry()) return {0, refusal};
        page.add({trace.time(), trace.event(), trace.actions(), nullptr});
    }
    return {};
}

Outcome run(const Options& options, Trace& trace) {
    if (auto refusal = trace.read_head()) return {0, refusal};
    if (trace.dropped() != 0 && options.html.empty())
        return {0, trace.refuse("the recorder's ring has dropped the first " +
                                std::to_string(trace.dropped()) +
                                " steps of this meeting; without them the core can't be brought to "
                                "where the rest begins. --html PAGE draws the rest as recorded")};
    if (options.html.empty()) return recompute(options, trace, nullptr);
    std::error_code none;
    if (std::filesystem::equivalent(options.path, options.html, none))
        return {0, trace.refuse("--html would write over the trace itself")};
    std::ofstream file{options.html, std::ios::binary};
    dvmeet::SequencePage page{file, trace.head(), trace.dropped() == 0};
    Outcome outcome = trace.dropped() == 0 ? recompute(options, trace, &page) : draw(trace, page);
    page.finish();
    if (!file.flush()) outcome.refusal = Refusal{0, options.html + " can't be written"};
    return outcome;
}

int replay(const Options& options) {
    Trace trace{options.path};
    const Outcome outcome = run(options, trace);
    if (outcome.refusal) {
        const auto& [line, why] = *outcome.refusal;
        if (line != 0) std::cerr << options.path << ":" << line << ": ";
        std::cerr << why << "\n";
        return kMisused;
    }
    if (trace.dropped() != 0) {
        std::cout << trace.step() << " steps, not recomputed: the " << trace.dropped()
                  << " before them are lost\n";
    } else {
        std::cout << trace.step() << " steps, " << outcome.differences << " differences\n";
    }
    return outcome.differences == 0 ? 0 : 1;
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
