// Turns any value made of described and listed members into a fingerprint.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "dvmeet/types.hpp"

namespace dvmeet {

/// Two mixes of all that is added, in order: equal values give equal fingerprints; for others to
/// meet is as likely as for two random numbers of 128 bits.
///
/// Shape:  a struct is added member by member: by its `fields()` where it is described for the
///         wire, by its `members()`, a tie of all its members, where it is not.
/// Why:    std::hash promises no value and combines nothing; this one is the same everywhere.
class Digest {
public:
    template <class T>
    void add(const T& value) {
        if constexpr (std::is_empty_v<T>) {
            return;
        } else if constexpr (std::is_enum_v<T> || std::is_integral_v<T>) {
            mix(static_cast<std::uint64_t>(value));
        } else if constexpr (requires { value.members(); }) {
            add(value.members());
        } else if constexpr (requires { T::fields(); }) {
            add_fields(value);
        } else {
            static_assert(std::is_enum_v<T>, "a struct with members lists them");
        }
    }
    void add(const std::string& text) {
        mix(text.size());
        std::uint64_t word = 0;
        std::size_t filled = 0;
        for (const char each : text) {
            word = word << 8U | static_cast<unsigned char>(each);
            if (++filled % sizeof(word) == 0) mix(std::exchange(word, 0));
        }
        mix(word);
    }
    template <class T>
    void add(const std::optional<T>& value) {
        mix(value.has_value() ? 1 : 0);
        if (value) add(*value);
    }
    template <class First, class Second>
    void add(const std::pair<First, Second>& value) {
        add(value.first);
        add(value.second);
    }
    template <class... T>
    void add(const std::tuple<T...>& values) {
        std::apply([this](const auto&... each) { (this->add(each), ...); }, values);
    }
    template <class... T>
    void add(const std::variant<T...>& value) {
        mix(value.index());
        std::visit([this](const auto& each) { this->add(each); }, value);
    }
    template <class T>
    void add(const std::vector<T>& values) {
        add_range(values);
    }
    template <class T, std::size_t N>
    void add(const std::array<T, N>& values) {
        add_range(values);
    }
    template <class T>
    void add(const std::set<T>& values) {
        add_range(values);
    }
    template <class Key, class T>
    void add(const std::map<Key, T>& values) {
        add_range(values);
    }

    [[nodiscard]] Fingerprint value() const { return {one_, other_}; }

private:
    template <class Range>
    void add_range(const Range& values) {
        mix(values.size());
        for (const auto& each : values) add(each);
    }
    template <class T>
    void add_fields(const T& value) {
        std::apply([&](const auto&... each) { (add(value.*(each.member)), ...); }, T::fields());
    }
    void mix(std::uint64_t word) {
        one_ = (one_ ^ word) * 0x9E37'79B9'7F4A'7C15U;
        one_ ^= one_ >> 29U;
        other_ = (other_ + word) * 0xBF58'476D'1CE4'E5B9U;
        other_ ^= other_ >> 32U;
    }

    std::uint64_t one_ = 0x243F'6A88'85A3'08D3U;
    std::uint64_t other_ = 0x1319'8A2E'0370'7344U;
};

}  // namespace dvmeet
