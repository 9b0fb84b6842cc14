// Reads the candidate-attribute of ICE.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dvmeet/stats.hpp"

namespace dvmeet {

enum class AddressFamily : std::uint8_t { ipv4, ipv6, mdns, name };

/// An address with its port.
struct TransportAddress {
    std::string address;
    std::uint32_t port = 0;
    bool operator==(const TransportAddress&) const = default;
};

/// What a candidate-attribute says.
///
/// Errors: read_candidate() gives nothing where the grammar is broken; what it doesn't know after
///         the type is kept as an extension, in order.
/// Spec:   RFC 8839 §5.1; RFC 6544 §4.5 (tcptype), RFC 8838 (generation and ufrag as browsers write
///         them), draft-thatcher-ice-network-cost, draft-ietf-mmusic-mdns-ice-candidates.
struct CandidateAttribute {
    std::string foundation;
    std::uint32_t component = 0;
    std::string transport;  ///< in lower case
    std::uint32_t priority = 0;
    TransportAddress connection;
    AddressFamily family = AddressFamily::name;
    CandidateType type = CandidateType::host;
    std::optional<TransportAddress> related;
    std::string tcp_type;
    std::optional<std::uint32_t> generation;
    std::string ufrag;
    std::optional<std::uint32_t> network_id;
    std::optional<std::uint32_t> network_cost;
    std::vector<std::pair<std::string, std::string>> extensions;
    bool operator==(const CandidateAttribute&) const = default;
};

/// With or without `a=` and `candidate:` in front.
[[nodiscard]] std::optional<CandidateAttribute> read_candidate(std::string_view text);

/// Just the type, wherever it stands: all that a trace without addresses keeps of a candidate.
[[nodiscard]] std::optional<CandidateType> type_of_candidate(std::string_view text);

/// What kind of address a connection-address is.
[[nodiscard]] AddressFamily family_of(std::string_view address);

}  // namespace dvmeet
