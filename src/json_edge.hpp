// The nlohmann/json back end of the walk: transcripts, traces, replay, fuzzing, server vectors.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "dvmeet/action.hpp"
#include "walk.hpp"

namespace dvmeet {

/// Order:  members stay in the order they were written, so that the same value is the same text.
using Json = nlohmann::ordered_json;

/// Errors: JSON text with lone surrogates never gets this far; the parser refuses it.
class JsonIn {
public:
    explicit JsonIn(const Json* json) : json_{json} {}

    [[nodiscard]] walk::Kind kind() const;
    [[nodiscard]] bool boolean() const { return json_->get<bool>(); }
    [[nodiscard]] double number() const { return json_->get<double>(); }
    [[nodiscard]] std::optional<std::string> text(std::size_t max) const;
    [[nodiscard]] std::size_t size() const { return json_->size(); }
    [[nodiscard]] JsonIn at(std::size_t index) const { return JsonIn{&(*json_)[index]}; }
    [[nodiscard]] JsonIn get(std::string_view name) const;

private:
    const Json* json_;  ///< nullptr: not there
};

class JsonOut {
public:
    static JsonOut null() { return JsonOut{Json(nullptr)}; }
    static JsonOut of(bool value) { return JsonOut{Json(value)}; }
    static JsonOut of(double value) { return JsonOut{Json(static_cast<std::int64_t>(value))}; }
    static JsonOut of(std::string_view value) { return JsonOut{Json(std::string{value})}; }
    static JsonOut list() { return JsonOut{Json::array()}; }
    static JsonOut object() { return JsonOut{Json::object()}; }
    void push(JsonOut item) { json_.push_back(std::move(item.json_)); }
    void set(std::string_view name, JsonOut value) {
        json_[std::string{name}] = std::move(value.json_);
    }
    [[nodiscard]] Json take() && { return std::move(json_); }

private:
    // Parentheses: braces would make a list of one.
    explicit JsonOut(Json json) : json_(std::move(json)) {}
    Json json_;
};

/// Reads one described value.  Errors: the field that broke, and how; `out` is then unspecified.
template <class T>
[[nodiscard]] walk::Verdict read_json(const Json& json, T& out) {
    return walk::read(JsonIn{&json}, out);
}
template <class T>
[[nodiscard]] Json to_json(const T& value) {
    return walk::write<JsonOut>(value).take();
}

[[nodiscard]] walk::Verdict event_from_json(const Json& json, Event& out);
[[nodiscard]] Json event_to_json(const Event& event);
[[nodiscard]] Json action_to_json(const Action& action);

}  // namespace dvmeet
