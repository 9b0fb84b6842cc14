// Turns described structs into tables that one small interpreter can walk.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "dvmeet/fields.hpp"

/// Why:    one instantiated function per message, event, action and back end took 70 KB of the
///         module; a table entry per member and an interpreter per back end take a fraction.
namespace dvmeet::walk {

/// How a value is laid out in memory and written in JSON.
enum class Form : std::uint8_t {
    boolean,
    uint32,
    int64,
    text,
    name,      ///< an enumeration, written as one of `names`
    optional,  ///< of `inner`
    list,      ///< of `inner`
    object,    ///< of `members`
    bare,      ///< a struct that stands for its only member
    message    ///< a variant, told by `names`, written as {name, payload}
};

struct Type;

struct Member {
    std::string_view name;
    const Type* type;
    bool required;
    void* (*of)(void* owner);
};

/// Units: min and max are bytes of a text, items of a list, or the bounds of a number.
struct Type {
    Form form = Form::boolean;
    std::int64_t min = 0;
    std::int64_t max = 0;
    const Type* inner = nullptr;
    std::span<const Member> members{};
    std::span<const std::string_view> names{};
    std::span<const Type* const> alternatives{};
    bool is_message = false;  ///< an object of the wire, where an absent member is left out

    void* (*emplace)(void* optional) = nullptr;
    void* (*value)(void* optional) = nullptr;  ///< nullptr where it is empty
    void (*resize)(void* list, std::size_t size) = nullptr;
    std::size_t (*size)(void* list) = nullptr;
    void* (*at)(void* list, std::size_t index) = nullptr;
    void* (*choose)(void* variant, std::size_t index) = nullptr;
    std::size_t (*index)(void* variant) = nullptr;
    void* (*chosen)(void* variant) = nullptr;
};

namespace detail {

template <class T>
concept Described = requires {
    T::fields();
};
template <class T>
concept Bare = Described<T> && requires {
    T::kBare;
};
template <class T>
concept Named = requires {
    T::kEvent;
};

template <class T>
struct Optional : std::false_type {};
template <class T>
struct Optional<std::optional<T>> : std::true_type {
    using Value = T;
    static void* emplace(void* place) { return &static_cast<std::optional<T>*>(place)->emplace(); }
    static void* held(void* place) {
        auto& optional = *static_cast<std::optional<T>*>(place);
        return optional ? &*optional : nullptr;
    }
};

template <class T>
struct Vector : std::false_type {};
template <class T>
struct Vector<std::vector<T>> : std::true_type {
    using Value = T;
    static void resize(void* place, std::size_t size) {
        static_cast<std::vector<T>*>(place)->resize(size);
    }
    static std::size_t size(void* place) { return static_cast<std::vector<T>*>(place)->size(); }
    static void* at(void* place, std::size_t index) {
        return &(*static_cast<std::vector<T>*>(place))[index];
    }
};

template <class T>
struct Variant : std::false_type {};

template <class T, std::size_t I>
void* member_of(void* owner) {
    constexpr auto kMember = std::get<I>(T::fields()).member;
    return &(static_cast<T*>(owner)->*kMember);
}

template <class T, auto kLimit>
constexpr Type make();

}  // namespace detail

template <class T, auto kLimit = Unlimited{}>
inline constexpr Type kType = detail::make<T, kLimit>();

namespace detail {

template <class T, std::size_t... I>
constexpr auto members_of(std::index_sequence<I...> /*all*/) {
    return std::array<Member, sizeof...(I)>{
        Member{std::get<I>(T::fields()).name,
               &kType<std::remove_reference_t<decltype(std::declval<T&>().*
                                                       (std::get<I>(T::fields()).member))>,
                      std::get<I>(T::fields()).limit>,
               std::get<I>(T::fields()).required, &member_of<T, I>}...};
}
template <class T>
inline constexpr auto kMembers =
    members_of<T>(std::make_index_sequence<std::tuple_size_v<decltype(T::fields())>>{});

/// What tells the alternatives of a variant: the event's name on the wire, the tag elsewhere.
template <class T>
constexpr std::string_view name_of() {
    if constexpr (Named<T>) {
        return T::kEvent;
    } else {
        return kTag<T>;
    }
}

template <class... T>
struct Variant<std::variant<T...>> : std::true_type {
    using Held = std::variant<T...>;
    static constexpr std::array<std::string_view, sizeof...(T)> kAlternativeNames{name_of<T>()...};
    static constexpr std::array<const Type*, sizeof...(T)> kAlternatives{&kType<T>...};

    template <class Each>
    static void* emplace(void* place) {
        return &static_cast<Held*>(place)->template emplace<Each>();
    }
    static void* choose(void* place, std::size_t index) {
        static constexpr std::array<void* (*)(void*), sizeof...(T)> kMakers{&emplace<T>...};
        return kMakers[index](place);
    }
    static std::size_t index(void* place) { return static_cast<Held*>(place)->index(); }
    static void* chosen(void* place) {
        return std::visit([](auto& each) -> void* { return &each; }, *static_cast<Held*>(place));
    }
};

template <class T, auto kLimit>
constexpr Type make() {
    Type type;
    if constexpr (Optional<T>::value) {
        type.form = Form::optional;
        type.inner = &kType<typename Optional<T>::Value, kLimit>;
        type.emplace = &Optional<T>::emplace;
        type.value = &Optional<T>::held;
    } else if constexpr (Vector<T>::value) {
        type.form = Form::list;
        type.max = static_cast<std::int64_t>(kLimit.max);
        type.inner = &kType<typename Vector<T>::Value, kLimit.item>;
        type.resize = &Vector<T>::resize;
        type.size = &Vector<T>::size;
        type.at = &Vector<T>::at;
    } else if constexpr (Variant<T>::value) {
        type.form = Form::message;
        type.names = Variant<T>::kAlternativeNames;
        type.alternatives = Variant<T>::kAlternatives;
        type.choose = &Variant<T>::choose;
        type.index = &Variant<T>::index;
        type.chosen = &Variant<T>::chosen;
    } else if constexpr (Described<T>) {
        type.form = Bare<T> ? Form::bare : Form::object;
        type.members = kMembers<T>;
        type.is_message = Named<T>;
    } else if constexpr (std::is_enum_v<T>) {
        static_assert(sizeof(T) == 1);
        type.form = Form::name;
        type.names = kNames<T>;
    } else if constexpr (std::is_same_v<T, bool>) {
        type.form = Form::boolean;
    } else if constexpr (std::is_integral_v<T>) {
        static_assert(std::is_same_v<T, std::uint32_t> || std::is_same_v<T, std::int64_t>);
        type.form = std::is_same_v<T, std::uint32_t> ? Form::uint32 : Form::int64;
        type.min = kLimit.min;
        type.max = kLimit.max;
    } else {
        static_assert(std::is_same_v<T, std::string>);
        type.form = Form::text;
        type.min = static_cast<std::int64_t>(kLimit.min);
        type.max = static_cast<std::int64_t>(kLimit.max);
    }
    return type;
}

}  // namespace detail

}  // namespace dvmeet::walk
