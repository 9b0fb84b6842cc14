// Reads and writes described structs through any tree of values: one walk for every back end.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "decimal.hpp"
#include "description.hpp"
#include "dvmeet/event.hpp"

/// A back end supplies two classes.
/// `In` (a value being read): kind(), boolean(), number(), text(max) → nullopt where the text is
/// longer than max bytes or not well-formed Unicode, size(), at(i), get(name); members that are
/// not there have Kind::absent.
/// `Out` (a value being made): static null(), of(bool), of(double), of(text), list(), object();
/// push(Out), set(name, Out).
namespace dvmeet::walk {

enum class Kind : std::uint8_t { absent, null, boolean, number, text, list, object };

/// Where a value broke its description and how; `field` is a path such as `sdp.type`.
struct Malformed {
    std::string field;
    std::string detail;
    bool operator==(const Malformed&) const = default;
};
using Verdict = std::optional<Malformed>;  ///< nullopt: read whole

namespace detail {

inline Verdict broken(std::string text) { return Malformed{"", std::move(text)}; }

inline Verdict below(std::string_view name, Verdict verdict) {
    if (!verdict || name.empty()) return verdict;
    const bool joined = verdict->field.empty() || verdict->field.front() == '[';
    verdict->field = std::string{name} + (joined ? "" : ".") + verdict->field;
    return verdict;
}

inline std::string between(const Type& type) {
    return "between " + decimal(type.min) + " and " + decimal(type.max);
}

template <class In>
std::optional<std::size_t> index_of(const In& in, std::span<const std::string_view> names) {
    const auto name = in.kind() == Kind::text ? in.text(kShortText.max) : std::nullopt;
    if (!name) return std::nullopt;
    const auto found = std::find(names.begin(), names.end(), *name);
    if (found == names.end()) return std::nullopt;
    return static_cast<std::size_t>(found - names.begin());
}

}  // namespace detail

template <class In>
Verdict read_any(const In& in, void* out, const Type& type);

/// A variant of named messages stands as {name, payload}.
template <class In>
Verdict read_message(const In& in, void* out, const Type& type) {
    const In name = in.get("name");
    if (name.kind() != Kind::text) return Malformed{"name", "is not a text"};
    const auto index = detail::index_of(name, type.names);
    if (!index) return Malformed{"name", "is not one of the known names"};
    return read_any(in.get("payload"), type.choose(out, *index), *type.alternatives[*index]);
}

template <class In>
Verdict read_member(const In& in, void* out, const Member& member) {
    void* const place = member.of(out);
    if (member.type->form == Form::message) return read_message(in, place, *member.type);
    const In node = in.get(member.name);
    const bool missing = node.kind() == Kind::absent || node.kind() == Kind::null;
    if (missing && (!member.required || member.type->form == Form::optional)) return {};
    if (missing) return Malformed{std::string{member.name}, "is missing"};
    return detail::below(member.name, read_any(node, place, *member.type));
}

template <class In>
Verdict read_object(const In& in, void* out, const Type& type) {
    if (!type.members.empty() && in.kind() != Kind::object)
        return detail::broken("is not an object");
    for (const Member& member : type.members)
        if (auto verdict = read_member(in, out, member)) return verdict;
    return {};
}

template <class In>
Verdict read_list(const In& in, void* out, const Type& type) {
    if (in.kind() != Kind::list) return detail::broken("is not a list");
    const std::size_t size = in.size();
    if (size > static_cast<std::size_t>(type.max))
        return detail::broken("has more than " + decimal(type.max) + " items");
    type.resize(out, size);
    for (std::size_t i = 0; i < size; ++i) {
        if (auto verdict = read_any(in.at(i), type.at(out, i), *type.inner))
            return detail::below("[" + decimal(static_cast<std::int64_t>(i)) + "]",
                                 std::move(verdict));
    }
    return {};
}

template <class In>
Verdict read_number(const In& in, std::int64_t& out, const Type& type) {
    if (in.kind() != Kind::number) return detail::broken("is not a number");
    const double number = in.number();
    const bool in_range =
        number >= static_cast<double>(type.min) && number <= static_cast<double>(type.max);
    if (!in_range || std::trunc(number) != number)
        return detail::broken("is not a whole number " + detail::between(type));
    out = static_cast<std::int64_t>(number);
    return {};
}

template <class In>
Verdict read_text(const In& in, std::string& out, const Type& type) {
    if (in.kind() != Kind::text) return detail::broken("is not a text");
    auto text = in.text(static_cast<std::size_t>(type.max));
    if (!text || text->size() < static_cast<std::size_t>(type.min))
        return detail::broken("is not a well-formed text of " + detail::between(type) + " bytes");
    out = std::move(*text);
    return {};
}

/// `out` points to a value of the described type; on failure it may hold part of the value.
template <class In>
Verdict read_any(const In& in, void* out, const Type& type) {
    std::int64_t number = 0;
    switch (type.form) {
        case Form::boolean:
            if (in.kind() != Kind::boolean) return detail::broken("is not true or false");
            *static_cast<bool*>(out) = in.boolean();
            return {};
        case Form::uint32:
            if (auto verdict = read_number(in, number, type)) return verdict;
            *static_cast<std::uint32_t*>(out) = static_cast<std::uint32_t>(number);
            return {};
        case Form::int64: return read_number(in, *static_cast<std::int64_t*>(out), type);
        case Form::text: return read_text(in, *static_cast<std::string*>(out), type);
        case Form::name: {
            const auto index = detail::index_of(in, type.names);
            if (!index) return detail::broken("is not one of the known names");
            *static_cast<std::uint8_t*>(out) = static_cast<std::uint8_t>(*index);
            return {};
        }
        case Form::optional: return read_any(in, type.emplace(out), *type.inner);
        case Form::list: return read_list(in, out, type);
        case Form::object: return read_object(in, out, type);
        case Form::bare: {
            const Member& only = type.members[0];
            return detail::below(only.name, read_any(in, only.of(out), *only.type));
        }
        case Form::message: return read_message(in, out, type);
    }
    return {};
}

template <class Out>
Out write_any(void* value, const Type& type);

/// An absent optional member is null in events, actions and snapshots, and left out of messages,
/// whose readers may not expect it; but a candidate's absence has a meaning, and is said.
template <class Out>
void write_members(Out& out, void* value, const Type& type) {
    for (const Member& member : type.members) {
        void* const place = member.of(value);
        const Type& of = *member.type;
        if (of.form == Form::message) {
            const std::size_t index = of.index(place);
            out.set("name", Out::of(of.names[index]));
            out.set("payload", write_any<Out>(of.chosen(place), *of.alternatives[index]));
            continue;
        }
        const bool absent = of.form == Form::optional && of.value(place) == nullptr;
        if (absent && type.is_message && of.inner->form != Form::object) continue;
        out.set(member.name, write_any<Out>(place, of));
    }
}

template <class Out>
Out write_any(void* value, const Type& type) {
    switch (type.form) {
        case Form::boolean: return Out::of(*static_cast<bool*>(value));
        case Form::uint32: return Out::of(static_cast<double>(*static_cast<std::uint32_t*>(value)));
        case Form::int64: return Out::of(static_cast<double>(*static_cast<std::int64_t*>(value)));
        case Form::text: return Out::of(std::string_view{*static_cast<std::string*>(value)});
        case Form::name: return Out::of(type.names[*static_cast<std::uint8_t*>(value)]);
        case Form::optional: {
            void* const held = type.value(value);
            return held == nullptr ? Out::null() : write_any<Out>(held, *type.inner);
        }
        case Form::list: {
            Out out = Out::list();
            for (std::size_t i = 0; i < type.size(value); ++i)
                out.push(write_any<Out>(type.at(value, i), *type.inner));
            return out;
        }
        case Form::bare: {
            const Member& only = type.members[0];
            return write_any<Out>(only.of(value), *only.type);
        }
        default: {
            Out out = Out::object();
            write_members(out, value, type);
            return out;
        }
    }
}

// ---- the walk's face ------------------------------------------------------------------------

/// On failure `out` may hold part of the value.
template <class In, class T>
Verdict read(const In& in, T& out) {
    return read_any(in, &out, kType<T>);
}

/// Writing changes nothing; the tables just serve readers as well.
template <class Out, class T>
Out write(const T& value) {
    auto* const place = const_cast<T*>(&value);  // NOLINT(cppcoreguidelines-pro-type-const-cast)
    return write_any<Out>(place, kType<T>);
}

/// A variant of described structs stands as an object with its tag in `type`.
template <class Out, class... T>
Out write_tagged(const std::variant<T...>& value) {
    const Type& type = kType<std::variant<T...>>;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast)
    auto* const place = const_cast<std::variant<T...>*>(&value);
    const std::size_t index = type.index(place);
    Out out = Out::object();
    out.set("type", Out::of(type.names[index]));
    write_members(out, type.chosen(place), *type.alternatives[index]);
    return out;
}

/// The sender a broken message claims, for the report about it.
template <class In>
std::string sender_of(const In& payload) {
    if (payload.kind() != Kind::object) return {};
    for (const std::string_view name : {"fromId", "socketId"}) {
        const In node = payload.get(name);
        if (node.kind() != Kind::text) continue;
        if (auto text = node.text(kIdText.max)) return *text;
    }
    return {};
}

/// The message of ours that an event is the acknowledgement of; empty for other events.
[[nodiscard]] constexpr std::string_view answered_by(std::string_view tag) {
    if (tag == kTag<JoinAnswered>) return wire::JoinRoom::kEvent;
    if (tag == kTag<ChatAnswered>) return wire::SendMessage::kEvent;
    if (tag == kTag<IceServersAnswered>) return wire::GetIceServers::kEvent;
    return {};
}

/// Reads an event; a message from the server or a peer that is broken becomes SignalRejected, so
/// that the caller needs no error path for what the world may send.
template <class In>
Verdict read_event(const In& in, Event& out) {
    if (in.kind() != Kind::object) return detail::broken("is not an object");
    const Type& type = kType<Event>;
    const In tag = in.get("type");
    if (tag.kind() != Kind::text) return Malformed{"type", "is not a text"};
    const auto index = detail::index_of(tag, type.names);
    if (!index) return Malformed{"type", "is not one of the known names"};
    Verdict verdict = read_any(in, type.choose(&out, *index), *type.alternatives[*index]);
    const std::string_view name = type.names[*index];
    const bool from_outside =
        name == kTag<SignalReceived> || name == kTag<ChannelReceived> || !answered_by(name).empty();
    if (!verdict || !from_outside) return verdict;
    const In message = in.get("name");
    const auto event = message.kind() == Kind::text ? message.text(kShortText.max) : std::nullopt;
    out = SignalRejected{event.value_or(std::string{answered_by(name)}),
                         sender_of(in.get("payload")), verdict->field, verdict->detail};
    return {};
}

}  // namespace dvmeet::walk
