// The emscripten::val back end of the walk: plain JavaScript objects in and out, no JSON text.
#pragma once

#include <emscripten/val.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "walk.hpp"

namespace dvmeet {

class ValIn {
public:
    explicit ValIn(emscripten::val value) : value_{std::move(value)} {}

    [[nodiscard]] walk::Kind kind() const {
        if (value_.isUndefined()) return walk::Kind::absent;
        if (value_.isNull()) return walk::Kind::null;
        if (value_.isString()) return walk::Kind::text;
        if (value_.isNumber()) return walk::Kind::number;
        if (value_.isTrue() || value_.isFalse()) return walk::Kind::boolean;
        return value_.isArray() ? walk::Kind::list : walk::Kind::object;
    }
    [[nodiscard]] bool boolean() const { return value_.isTrue(); }
    [[nodiscard]] double number() const { return value_.as<double>(); }
    [[nodiscard]] std::optional<std::string> text(std::size_t max) const {
        // Before anything is copied: a UTF-16 unit never takes less than one byte of UTF-8, and
        // the stock conversion turns lone surrogates into rubbish.
        if (value_["length"].as<double>() > static_cast<double>(max)) return std::nullopt;
        static const emscripten::val lone_surrogate =
            emscripten::val::global("RegExp").new_(std::string{"\\p{Surrogate}"}, std::string{"u"});
        if (lone_surrogate.call<bool>("test", value_)) return std::nullopt;
        auto text = value_.as<std::string>();
        if (text.size() > max) return std::nullopt;
        return text;
    }
    [[nodiscard]] std::size_t size() const {
        return static_cast<std::size_t>(value_["length"].as<double>());
    }
    [[nodiscard]] ValIn at(std::size_t index) const {
        return ValIn{value_[static_cast<unsigned>(index)]};
    }
    [[nodiscard]] ValIn get(std::string_view name) const {
        const bool has_members = !value_.isUndefined() && !value_.isNull();
        return ValIn{has_members ? value_[std::string{name}] : emscripten::val::undefined()};
    }

private:
    emscripten::val value_;
};

class ValOut {
public:
    static ValOut null() { return ValOut{emscripten::val::null()}; }
    static ValOut of(bool value) { return ValOut{emscripten::val{value}}; }
    static ValOut of(double value) { return ValOut{emscripten::val{value}}; }
    // A std::string goes over as UTF-8; a char pointer would be read as Latin-1.
    static ValOut of(std::string_view value) { return ValOut{emscripten::val{std::string{value}}}; }
    static ValOut list() { return ValOut{emscripten::val::array()}; }
    static ValOut object() { return ValOut{emscripten::val::object()}; }
    void push(ValOut item) { value_.call<void>("push", item.value_); }
    void set(std::string_view name, ValOut value) { value_.set(std::string{name}, value.value_); }
    [[nodiscard]] emscripten::val take() && { return std::move(value_); }

private:
    explicit ValOut(emscripten::val value) : value_{std::move(value)} {}
    emscripten::val value_;
};

}  // namespace dvmeet
