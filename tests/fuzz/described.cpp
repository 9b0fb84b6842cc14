// Makes values of the described types out of a fuzzer's bytes, and holds values to their limits.
#include "described.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace dvmeet::fuzz {

namespace {

using walk::Form;
using walk::Member;
using walk::Type;

/// Longer texts take time and reach nothing that these don't.
constexpr std::size_t kLongestText = 16'384;
constexpr std::size_t kFewItems = 4;

/// What means something to a meeting, or has a form of its own.
constexpr std::array<std::string_view, 12> kWords{"ana",
                                                  "bob",
                                                  "cyd",
                                                  "standup",
                                                  "v=0\r\no=- ana1 1\r\na=ice-ufrag:ana0\r\n",
                                                  "candidate:1 1 udp 1 192.0.2.1 9 typ host",
                                                  "a ufrag ana0 b",
                                                  "ana0",
                                                  "NotAllowedError",
                                                  "NotReadableError",
                                                  "media-state-change",
                                                  "\"\\\n\x01<b>☕"};

std::string long_text(std::string_view letter, std::size_t max) {
    std::string text;
    while (text.size() + letter.size() <= std::min(max, kLongestText)) text += letter;
    return text;
}

std::string printable(Bytes& bytes, std::size_t max) {
    std::string text;
    for (std::size_t size = std::min<std::size_t>(bytes.next() % 32, max); size > 0; --size)
        text += static_cast<char>(' ' + bytes.next() % 95);
    return text;
}

std::string make_text(Bytes& bytes, const Type& type) {
    const auto max = static_cast<std::size_t>(type.max);
    std::string text;
    switch (bytes.next() % 8) {
        case 0: break;
        case 1: text = long_text("x", max); break;
        case 2: text = long_text("é", max); break;
        case 3: text = printable(bytes, max); break;
        default: text = kWords[bytes.next() % kWords.size()]; break;
    }
    if (text.size() > max) text.clear();
    while (text.size() < static_cast<std::size_t>(type.min)) text += 'a';
    return text;
}

std::int64_t make_number(Bytes& bytes, const Type& type) {
    const std::uint8_t kind = bytes.next();
    if (kind == 255) return type.max;
    if (kind == 254) return type.min;
    return std::clamp<std::int64_t>(kind, type.min, type.max);
}

void make_list(Bytes& bytes, void* out, const Type& type) {
    const auto max = static_cast<std::size_t>(type.max);
    const std::uint8_t kind = bytes.next();
    const std::size_t size = kind == 255 ? max : std::min(kind % (kFewItems + 1), max);
    type.resize(out, size);
    for (std::size_t i = 0; i < size; ++i) make(bytes, type.at(out, i), *type.inner);
}

std::optional<std::string> below(std::string_view name, std::optional<std::string> path) {
    if (path) path = "." + std::string{name} + *path;
    return path;
}

std::optional<std::string> excess_of_members(void* value, const Type& type) {
    for (const Member& member : type.members)
        if (auto path = excess(member.of(value), *member.type))
            return below(member.name, std::move(path));
    return std::nullopt;
}

std::optional<std::string> excess_of_list(void* value, const Type& type) {
    const std::size_t size = type.size(value);
    if (size > static_cast<std::size_t>(type.max)) return " has " + std::to_string(size) + " items";
    for (std::size_t i = 0; i < size; ++i)
        if (auto path = excess(type.at(value, i), *type.inner))
            return below(std::to_string(i), std::move(path));
    return std::nullopt;
}

std::optional<std::string> excess_of_number(std::int64_t number, const Type& type) {
    if (number >= type.min && number <= type.max) return std::nullopt;
    return " is " + std::to_string(number);
}

}  // namespace

void make(Bytes& bytes, void* out, const Type& type) {
    switch (type.form) {
        case Form::boolean: *static_cast<bool*>(out) = bytes.next() % 2 == 1; break;
        case Form::uint32:
            *static_cast<std::uint32_t*>(out) =
                static_cast<std::uint32_t>(make_number(bytes, type));
            break;
        case Form::int64: *static_cast<std::int64_t*>(out) = make_number(bytes, type); break;
        case Form::text: *static_cast<std::string*>(out) = make_text(bytes, type); break;
        case Form::name:
            *static_cast<std::uint8_t*>(out) =
                static_cast<std::uint8_t>(bytes.next() % type.names.size());
            break;
        case Form::optional:
            if (bytes.next() % 2 == 1) make(bytes, type.emplace(out), *type.inner);
            break;
        case Form::list: make_list(bytes, out, type); break;
        case Form::object:
        case Form::bare:
            for (const Member& member : type.members) make(bytes, member.of(out), *member.type);
            break;
        case Form::message: {
            const std::size_t index = bytes.next() % type.alternatives.size();
            make(bytes, type.choose(out, index), *type.alternatives[index]);
            break;
        }
    }
}

std::optional<std::string> excess(void* value, const Type& type) {
    switch (type.form) {
        case Form::boolean: return std::nullopt;
        case Form::uint32: return excess_of_number(*static_cast<std::uint32_t*>(value), type);
        case Form::int64: return excess_of_number(*static_cast<std::int64_t*>(value), type);
        case Form::text: {
            const auto size = static_cast<std::int64_t>(static_cast<std::string*>(value)->size());
            if (size >= type.min && size <= type.max) return std::nullopt;
            return " has " + std::to_string(size) + " bytes";
        }
        case Form::name:
            return excess_of_number(*static_cast<std::uint8_t*>(value),
                                    {.min = 0, .max = std::ssize(type.names) - 1});
        case Form::optional: {
            void* const held = type.value(value);
            return held == nullptr ? std::nullopt : excess(held, *type.inner);
        }
        case Form::list: return excess_of_list(value, type);
        case Form::object:
        case Form::bare: return excess_of_members(value, type);
        case Form::message: {
            const std::size_t index = type.index(value);
            return below(type.names[index], excess(type.chosen(value), *type.alternatives[index]));
        }
    }
    return std::nullopt;
}

}  // namespace dvmeet::fuzz
