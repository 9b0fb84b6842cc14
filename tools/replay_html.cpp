// Writes a replayed trace as one self-contained page that draws it as a sequence diagram.
#include "replay_html.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "sequence_page.hpp"

namespace dvmeet {

namespace {

constexpr std::string_view kPlace = "%TRACE%";  ///< where tools/sequence/page.html takes the JSON

/// [[key, value], …] of what is new or differs, [key, null] of what is gone.
template <class Key, class Value>
Json changes(const std::map<Key, Value>& before, const std::map<Key, Value>& after) {
    Json changed = Json::array();
    for (const auto& [key, value] : after) {
        const auto old = before.find(key);
        if (old == before.end() || old->second != value)
            changed.push_back(Json::array({key, to_json(value)}));
    }
    for (const auto& [key, value] : before)
        if (!after.contains(key)) changed.push_back(Json::array({key, nullptr}));
    return changed;
}

std::map<ParticipantId, ParticipantView> by_id(const std::vector<ParticipantView>& participants) {
    std::map<ParticipantId, ParticipantView> map;
    for (const auto& each : participants) map[each.id] = each;
    return map;
}

std::map<std::string, bool> by_ends(const std::vector<LinkView>& links) {
    std::map<std::string, bool> map;
    for (const auto& [receiver, sender, receives] : links) map[receiver + " " + sender] = receives;
    return map;
}

Json list_of(const std::vector<Warning>& warnings) {
    Json list = Json::array();
    for (const auto& warning : warnings) list.push_back(to_json(warning));
    return list;
}

Json change_between(const Snapshot& before, const Snapshot& after) {
    Json change = Json::object();
    if (before.room != after.room) change["room"] = after.room;
    if (before.connection != after.connection) change["connection"] = to_json(after.connection);
    if (before.self != after.self) change["self"] = to_json(after.self);
    if (before.warnings != after.warnings) change["warnings"] = list_of(after.warnings);
    if (before.participants != after.participants)
        change["participants"] = changes(by_id(before.participants), by_id(after.participants));
    if (before.links != after.links)
        change["links"] = changes(by_ends(before.links), by_ends(after.links));
    if (before.chat.size() != after.chat.size()) change["chat"] = after.chat.size();
    return change;
}

}  // namespace

SequencePage::SequencePage(std::ostream& out, const Json& head, bool recomputed) : out_{out} {
    out_ << kSequencePage.substr(0, kSequencePage.find(kPlace));
    out_ << "{\"recomputed\":" << (recomputed ? "true" : "false") << ",\"head\":";
    write(head);
    out_ << ",\"steps\":[";
}

void SequencePage::add(const TraceStep& step) { write(step, Json::object()); }

void SequencePage::add(const TraceStep& step, const Snapshot& after) {
    write(step, last_ == after ? Json::object() : change_between(last_, after));
    last_ = after;
}

void SequencePage::finish() {
    out_ << "]}" << kSequencePage.substr(kSequencePage.find(kPlace) + kPlace.size());
}

void SequencePage::write(const TraceStep& step, Json change) {
    out_ << (std::exchange(first_, false) ? "\n" : ",\n");
    Json entry = Json::object();
    entry["time"] = step.time;
    entry["event"] = step.event;
    entry["actions"] = step.actions;
    if (step.computed != nullptr) entry["computed"] = *step.computed;
    if (!change.empty()) entry["change"] = std::move(change);
    write(entry);
}

void SequencePage::write(const Json& json) {
    // A text may have been cut within a character.
    const std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
    std::string_view rest = text;
    for (auto at = rest.find('<'); at != std::string_view::npos; at = rest.find('<')) {
        out_ << rest.substr(0, at) << "\\u003c";
        rest.remove_prefix(at + 1);
    }
    out_ << rest;
}

}  // namespace dvmeet
