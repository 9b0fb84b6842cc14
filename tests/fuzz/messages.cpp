// Fuzzes the readers and writers of everything described: events, messages of both directions,
// configurations, snapshots.
//
// An input is a JSON text, either one value or a list of values; each is read as everything it may
// be.  Besides, its bytes are the recipe of one value of each kind, within all limits.
#include <string>
#include <variant>

#include "described.hpp"
#include "dvmeet/config.hpp"
#include "dvmeet/snapshot.hpp"
#include "json_edge.hpp"
#include "promise.hpp"

using namespace dvmeet;
using namespace dvmeet::fuzz;

namespace {

template <class T>
Json text_of(const T& value) {
    return to_json(value);
}
Json text_of(const Event& value) { return event_to_json(value); }

template <class T>
walk::Verdict read(const Json& json, T& out) {
    return read_json(json, out);
}
walk::Verdict read(const Json& json, Event& out) { return event_from_json(json, out); }

/// The names of messages stand beside their payload, so a variant of them is no member of itself.
template <class... T>
Json text_of(const std::variant<T...>& value) {
    Json json;
    json["name"] = walk::detail::Variant<std::variant<T...>>::kAlternativeNames[value.index()];
    json["payload"] = std::visit([](const auto& each) { return to_json(each); }, value);
    return json;
}

template <class T>
void check_round_trip(const T& value) {
    const std::string text = text_of(value).dump();
    T again;
    const auto problem = read(Json::parse(text), again);
    promise(!problem, "what was written can be read: " + text.substr(0, 2000) +
                          (problem ? " — " + problem->field + " " + problem->detail : ""));
    promise(again == value, "what was written reads as it was: " + text.substr(0, 2000));
    promise(text_of(again).dump() == text, "the same value is the same text");
}

template <class T>
void check_limits(const T& value) {
    const auto beyond = excess_of(value);
    promise(!beyond, "what was read is within its limits: " + beyond.value_or(""));
}

template <class T>
void check_read(const Json& json) {
    T value;
    if (const auto problem = read(json, value)) {
        promise(!problem->detail.empty(), "a refusal says why");
        return;
    }
    check_limits(value);
    check_round_trip(value);
}

void check_one(const Json& json) {
    check_read<Event>(json);
    check_read<wire::ServerMessage>(json);
    check_read<wire::ClientMessage>(json);
    check_read<channel::Message>(json);
    check_read<Config>(json);
    check_read<Snapshot>(json);
}

template <class T>
void check_made(const std::uint8_t* data, std::size_t size) {
    Bytes bytes{data, size};
    const T value = made<T>(bytes);
    check_limits(value);
    check_round_trip(value);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Json json = Json::parse(data, data + size, nullptr, false);
    if (json.is_array()) {
        for (const Json& each : json) check_one(each);
    } else if (!json.is_discarded()) {
        check_one(json);
    }
    check_made<Event>(data, size);
    check_made<wire::ServerMessage>(data, size);
    check_made<wire::ClientMessage>(data, size);
    check_made<Config>(data, size);
    check_made<Snapshot>(data, size);
    return 0;
}
