// What a candidate-attribute says, and what is not one.
#include "candidate.hpp"

#include "support.hpp"

using namespace dvmeet;

namespace {
const std::string kChromium =
    "candidate:842163049 1 udp 1677729535 203.0.113.7 46154 typ srflx raddr 192.168.1.4 rport "
    "46154 generation 2 ufrag aB+/ network-id 1 network-cost 50";
}  // namespace

TEST_CASE("a candidate is read as Chromium writes it", "[candidate]") {
    CandidateAttribute expected;
    expected.foundation = "842163049";
    expected.component = 1;
    expected.transport = "udp";
    expected.priority = 1'677'729'535;
    expected.connection = {"203.0.113.7", 46'154};
    expected.family = AddressFamily::ipv4;
    expected.type = CandidateType::srflx;
    expected.related = TransportAddress{"192.168.1.4", 46'154};
    expected.generation = 2;
    expected.ufrag = "aB+/";
    expected.network_id = 1;
    expected.network_cost = 50;
    CHECK(read_candidate(kChromium) == expected);
    CHECK(read_candidate("a=" + kChromium) == expected);
    CHECK(read_candidate(kChromium.substr(10)) == expected);
}

TEST_CASE("a TCP candidate says its role, and what is unknown is kept in order", "[candidate]") {
    const auto read = read_candidate(
        "candidate:f 2 TCP 1518280447 192.0.2.1 9 typ host tcptype active x-a 1 x-b two");
    REQUIRE(read);
    CHECK(read->transport == "tcp");
    CHECK(read->component == 2);
    CHECK(read->tcp_type == "active");
    CHECK(read->related == std::nullopt);
    CHECK(read->extensions ==
          std::vector<std::pair<std::string, std::string>>{{"x-a", "1"}, {"x-b", "two"}});
}

TEST_CASE("an address is IPv4, IPv6, hidden by mDNS, or a name", "[candidate]") {
    const std::vector<std::pair<std::string, AddressFamily>> addresses{
        {"192.0.2.1", AddressFamily::ipv4},
        {"255.255.255.255", AddressFamily::ipv4},
        {"256.0.2.1", AddressFamily::name},
        {"192.0.2", AddressFamily::name},
        {"192.0.2.1.", AddressFamily::name},
        {"192.0.2.1.5", AddressFamily::name},
        {"2001:db8::1", AddressFamily::ipv6},
        {"::ffff:192.0.2.1", AddressFamily::ipv6},
        {"2001:db8::g", AddressFamily::name},
        {"9b36eaac-bb2e-49bb-bb78-21c41c499900.local", AddressFamily::mdns},
        {"host.example", AddressFamily::name}};
    for (const auto& [address, family] : addresses) {
        INFO(address);
        CHECK(family_of(address) == family);
        const auto read =
            read_candidate("candidate:1 1 udp 1 " + address + " 5 typ relay raddr :: rport 0");
        REQUIRE(read);
        CHECK(read->connection == TransportAddress{address, 5});
        CHECK(read->family == family);
        CHECK(read->type == CandidateType::relay);
    }
}

TEST_CASE("what breaks the grammar of candidates is none", "[candidate]") {
    const std::vector<std::string> broken{
        "",
        "candidate:",
        "candidate:1 1 udp 1 192.0.2.1 5 typ",
        "candidate:1 1 udp 1 192.0.2.1 5 typ best",
        "candidate:1 1 udp 1 192.0.2.1 5 type host",
        "candidate:1 1 udp 1 192.0.2.1 65536 typ host",
        "candidate:1 1 udp 1 192.0.2.1 -5 typ host",
        "candidate:1 0 udp 1 192.0.2.1 5 typ host",
        "candidate:1 257 udp 1 192.0.2.1 5 typ host",
        "candidate:1 1 udp 0 192.0.2.1 5 typ host",
        "candidate:1 1 udp 2147483648 192.0.2.1 5 typ host",
        "candidate:1 1 udp 1  5 typ host",
        "candidate:a!b 1 udp 1 192.0.2.1 5 typ host",
        "candidate:" + std::string(33, 'a') + " 1 udp 1 192.0.2.1 5 typ host",
        "candidate:1 1 udp 1 192.0.2.1 5 typ srflx raddr 1.1.1.1 rport x",
        "candidate:1 1 tcp 1 192.0.2.1 5 typ host tcptype other",
        "candidate:1 1 udp 1 192.0.2.1 5 typ host generation",
        "candidate:1 1 udp 1 192.0.2.1 5 typ host network-cost 1000",
        "candidate:1 1 udp 1 192.0.2.1 5 typ host generation 99999999999"};
    for (const auto& text : broken) {
        INFO(text);
        CHECK(read_candidate(text) == std::nullopt);
    }
}

TEST_CASE("the type stands even where all else is left out", "[candidate]") {
    CHECK(type_of_candidate("candidate: typ relay ufrag x") == CandidateType::relay);
    CHECK(type_of_candidate(kChromium) == CandidateType::srflx);
    CHECK(type_of_candidate("candidate: typ best") == std::nullopt);
    CHECK(type_of_candidate("") == std::nullopt);
}
