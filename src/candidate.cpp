// Reads the candidate-attribute of ICE.
#include "candidate.hpp"

#include <algorithm>
#include <cctype>

namespace dvmeet {

namespace {

constexpr std::size_t kMostFoundation = 32;  ///< RFC 8839 §5.1: 1*32ice-char
constexpr std::uint32_t kMostComponent = 256;
constexpr std::uint32_t kMostPort = 65'535;
constexpr std::uint32_t kMostCost = 999;

/// Cuts the first word off; empty at the end.  Words are parted by one blank.
std::string_view take_word(std::string_view& rest) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    const std::string_view word = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return word;
}

bool drop(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

std::optional<std::uint32_t> read_number(std::string_view word, std::uint32_t most) {
    if (word.empty() || word.size() > 10) return std::nullopt;
    std::uint64_t number = 0;
    for (const char each : word) {
        if (each < '0' || each > '9') return std::nullopt;
        number = number * 10 + static_cast<std::uint64_t>(each - '0');
    }
    if (number > most) return std::nullopt;
    return static_cast<std::uint32_t>(number);
}

bool is_alphanumeric(char each) {
    return (each >= '0' && each <= '9') || (each >= 'a' && each <= 'z') ||
           (each >= 'A' && each <= 'Z');
}

/// Spec: RFC 8839 §5.1 ice-char; browsers before 2020 wrote a dash as well.
bool is_foundation(std::string_view word) {
    return !word.empty() && word.size() <= kMostFoundation &&
           std::all_of(word.begin(), word.end(), [](char each) {
               return is_alphanumeric(each) || each == '+' || each == '/' || each == '-';
           });
}

std::string lowered(std::string_view word) {
    std::string out{word};
    for (char& each : out)
        if (each >= 'A' && each <= 'Z') each = static_cast<char>(each - 'A' + 'a');
    return out;
}

std::optional<CandidateType> type_named(std::string_view word) {
    const auto& names = kNames<CandidateType>;
    const auto* const found = std::find(names.begin(), names.end(), word);
    if (found == names.end()) return std::nullopt;
    return static_cast<CandidateType>(found - names.begin());
}

/// One name and its value; false where the value breaks what the name promises.
bool read_extension(std::string_view name, std::string_view value, CandidateAttribute& out) {
    const auto number = [&](std::optional<std::uint32_t>& place, std::uint32_t most) {
        place = read_number(value, most);
        return place.has_value();
    };
    if (name == "raddr") {
        if (!out.related) out.related = TransportAddress{};
        out.related->address = std::string{value};
        return true;
    }
    if (name == "rport") {
        const auto port = read_number(value, kMostPort);
        if (!out.related) out.related = TransportAddress{};
        out.related->port = port.value_or(0);
        return port.has_value();
    }
    if (name == "tcptype") {
        out.tcp_type = std::string{value};
        return value == "active" || value == "passive" || value == "so";
    }
    if (name == "generation") return number(out.generation, 0xFFFF'FFFFU);
    if (name == "network-id") return number(out.network_id, 0xFFFFU);
    if (name == "network-cost") return number(out.network_cost, kMostCost);
    if (name == "ufrag") {
        out.ufrag = std::string{value};
    } else {
        out.extensions.emplace_back(name, value);
    }
    return true;
}

bool is_ipv4(std::string_view address) {
    std::size_t parts = 0;
    while (!address.empty()) {
        const std::size_t end = std::min(address.find('.'), address.size());
        if (!read_number(address.substr(0, end), 255)) return false;
        ++parts;
        if (end == address.size()) break;
        address.remove_prefix(end + 1);
        if (address.empty()) return false;
    }
    return parts == 4;
}

}  // namespace

AddressFamily family_of(std::string_view address) {
    if (is_ipv4(address)) return AddressFamily::ipv4;
    const bool is_ipv6 = address.find(':') != std::string_view::npos &&
                         std::all_of(address.begin(), address.end(), [](char each) {
                             return std::isxdigit(static_cast<unsigned char>(each)) != 0 ||
                                    each == ':' || each == '.';
                         });
    if (is_ipv6) return AddressFamily::ipv6;
    return address.ends_with(".local") ? AddressFamily::mdns : AddressFamily::name;
}

std::optional<CandidateAttribute> read_candidate(std::string_view text) {
    drop(text, "a=");
    drop(text, "candidate:");
    CandidateAttribute out;
    const std::string_view foundation = take_word(text);
    const auto component = read_number(take_word(text), kMostComponent);
    out.transport = lowered(take_word(text));
    const auto priority = read_number(take_word(text), 0x7FFF'FFFFU);
    out.connection.address = std::string{take_word(text)};
    const auto port = read_number(take_word(text), kMostPort);
    const bool has_type = take_word(text) == "typ";
    const auto type = type_named(take_word(text));
    if (!is_foundation(foundation) || component.value_or(0) == 0 || out.transport.empty() ||
        priority.value_or(0) == 0 || out.connection.address.empty() || !port || !has_type || !type)
        return std::nullopt;
    out.foundation = std::string{foundation};
    out.component = *component;
    out.priority = *priority;
    out.connection.port = *port;
    out.family = family_of(out.connection.address);
    out.type = *type;
    while (!text.empty()) {
        const std::string_view name = take_word(text);
        const std::string_view value = take_word(text);
        if (name.empty() || value.empty() || !read_extension(name, value, out)) return std::nullopt;
    }
    return out;
}

std::optional<CandidateType> type_of_candidate(std::string_view text) {
    constexpr std::string_view kBefore = " typ ";
    const std::size_t at = text.find(kBefore);
    if (at == std::string_view::npos) return std::nullopt;
    text.remove_prefix(at + kBefore.size());
    return type_named(take_word(text));
}

}  // namespace dvmeet
