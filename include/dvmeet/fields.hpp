// Describes the members of a struct once, so that every back end can read and write it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <tuple>

namespace dvmeet {

/// Limits of a text.  Units: bytes of UTF-8.
struct Text {
    std::size_t min = 0;
    std::size_t max = 0;
};

/// Limits of a whole number, both included.
struct Integer {
    std::int64_t min = 0;
    std::int64_t max = 0;
};

/// No limit beyond the type's own: booleans, enumerations, nested structs.
struct Unlimited {};

/// Limits of a list: how many items, and each item's own limit.
template <class Item = Unlimited>
struct List {
    std::size_t max = 0;
    Item item{};
};
List(std::size_t)->List<Unlimited>;
template <class Item>
List(std::size_t, Item) -> List<Item>;

/// One member: its JSON name, where it lives, its limit, and whether it may be absent.
template <class Owner, class Member, class Limit>
struct Field {
    std::string_view name;
    Member Owner::*member;
    Limit limit;
    bool required = true;
};

/// A member that must be there (a std::optional member may always be absent or null).
template <class Owner, class Member, class Limit = Unlimited>
constexpr auto field(std::string_view name, Member Owner::*member, Limit limit = {}) {
    return Field<Owner, Member, Limit>{name, member, limit, true};
}

/// A member that keeps its default where it is absent: what plain dvMeet peers do not send.
template <class Owner, class Member, class Limit = Unlimited>
constexpr auto extension(std::string_view name, Member Owner::*member, Limit limit = {}) {
    return Field<Owner, Member, Limit>{name, member, limit, false};
}

/// The JSON names of an enumeration's values, in order.
template <class Enum>
inline constexpr auto kNames = std::array<std::string_view, 0>{};

namespace detail {
template <class T>
constexpr std::string_view raw_type_name() {
    return __PRETTY_FUNCTION__;
}
/// `PascalCase` of a type, cut out of the compiler's description of this function.
template <class T>
constexpr std::string_view pascal_name() {
    constexpr std::string_view text = raw_type_name<T>();
    constexpr std::size_t start = text.find("T = ") + 4;
    constexpr std::size_t end = text.find_first_of(";]", start);
    constexpr std::string_view full = text.substr(start, end - start);
    constexpr std::size_t colon = full.rfind(':');
    return colon == std::string_view::npos ? full : full.substr(colon + 1);
}
template <class T>
struct CamelName {
    static constexpr auto kText = [] {
        constexpr std::string_view pascal = pascal_name<T>();
        std::array<char, pascal.size()> out{};
        for (std::size_t i = 0; i < out.size(); ++i) out[i] = pascal[i];
        out[0] = static_cast<char>(out[0] - 'A' + 'a');
        return out;
    }();
};
}  // namespace detail

/// The JSON tag of a struct: its C++ name in camelCase.
template <class T>
inline constexpr std::string_view kTag{detail::CamelName<T>::kText.data(),
                                       detail::CamelName<T>::kText.size()};

}  // namespace dvmeet
