// What is known of the ways to a participant, and why there is none.
#include "paths.hpp"

#include "support.hpp"

using namespace dvmeet;
using namespace dvmeet::test;

namespace {

const std::vector<IceServer> kNoServers{};
const std::vector<IceServer> kStun{{{"stun:one.example", "stun:two.example:3478"}, {}, {}}};
const std::vector<IceServer> kOneStun{{{"stun:one.example", "stun:one.example:3479"}, {}, {}}};
const std::vector<IceServer> kTurn{{{"turn:relay.example"}, "user", "secret"}};
const std::vector<IceServer> kStunAndTurn{{{"stun:one.example"}, {}, {}},
                                          {{"turns:relay.example:443"}, "user", "secret"}};

std::optional<IceCandidate> host(const std::string& ufrag = "u") {
    return IceCandidate{"candidate:1 1 udp 2122260223 192.168.1.4 5000 typ host", "0", 0, ufrag};
}
std::optional<IceCandidate> srflx(int port, const std::string& base = "192.168.1.4 rport 5000") {
    return IceCandidate{"candidate:2 1 udp 1677729535 203.0.113.7 " + std::to_string(port) +
                            " typ srflx raddr " + base,
                        "0", 0, "u"};
}
std::optional<IceCandidate> relay() {
    return IceCandidate{
        "candidate:3 1 udp 41885439 203.0.113.9 60000 typ relay raddr 203.0.113.7 rport 5", "0", 0,
        "u"};
}
CandidateError unreachable(const std::string& url) { return {1, url, 701, "timed out"}; }
ErrorCode why(const Paths& paths, const std::vector<IceServer>& servers) {
    const Failure failure = paths.failure(servers);
    CHECK_FALSE(failure.detail.empty());
    return failure.code;
}

}  // namespace

TEST_CASE("candidates are counted by type, anew for each generation", "[paths]") {
    Paths paths;
    paths.gathered(host());
    paths.gathered(srflx(7000));
    paths.gathered(relay());
    paths.learned(host());
    paths.learned(IceCandidate{"candidate: typ prflx", {}, {}, "u"});
    CHECK(paths.view(kStun).local == CandidateCounts{1, 1, 0, 1});
    CHECK(paths.view(kStun).remote == CandidateCounts{1, 0, 1, 0});

    paths.gathered(host("later"));
    paths.learned(host("later"));
    CHECK(paths.view(kStun).local == CandidateCounts{1, 0, 0, 0});
    CHECK(paths.view(kStun).remote == CandidateCounts{1, 0, 0, 0});
}

TEST_CASE("a NAT that shows two servers two ports maps by address", "[paths]") {
    Paths paths;
    paths.gathered(host());
    paths.gathered(srflx(7000));
    CHECK(paths.view(kStun).mapping == NatMapping::unknown);
    paths.gathered(srflx(7001));
    CHECK(paths.view(kStun).mapping == NatMapping::address_dependent);
}

TEST_CASE("two mappings of two sockets prove nothing", "[paths]") {
    Paths paths;
    paths.gathered(host());
    paths.gathered(host());
    paths.gathered(srflx(7000));
    paths.gathered(srflx(7001, "10.0.0.4 rport 5000"));
    CHECK(paths.view(kStun).mapping == NatMapping::unknown);
}

TEST_CASE("where bases are hidden, a single socket leaves no doubt", "[paths]") {
    Paths paths;
    paths.gathered(host());
    paths.gathered(srflx(7000, "0.0.0.0 rport 0"));
    paths.gathered(srflx(7001, "0.0.0.0 rport 0"));
    CHECK(paths.view(kStun).mapping == NatMapping::address_dependent);
    paths.gathered(host());
    CHECK(paths.view(kStun).mapping == NatMapping::unknown);
}

TEST_CASE("one mapping for two servers is independent of them, once all have answered", "[paths]") {
    Paths paths;
    paths.gathered(host());
    paths.gathered(srflx(7000));
    CHECK(paths.view(kStun).mapping == NatMapping::unknown);
    paths.gathered(std::nullopt);
    CHECK(paths.view(kStun).mapping == NatMapping::endpoint_independent);
    CHECK(paths.view(kOneStun).mapping == NatMapping::unknown);
    paths.handle(unreachable("stun:two.example:3478"));
    CHECK(paths.view(kStun).mapping == NatMapping::unknown);
}

TEST_CASE("the chosen pairs are told in order, each once, the latest few", "[paths]") {
    Paths paths;
    CHECK(paths.view(kStun).relayed == std::nullopt);
    const PairStats direct{CandidateType::srflx, CandidateType::host, Transport::udp, {}, 1, 2, 1};
    const PairStats relayed{
        CandidateType::relay, CandidateType::host, Transport::udp, Transport::tls, 1, 2, 2};
    paths.use(direct, 10);
    paths.use(direct, 20);
    paths.use(PairStats{}, 25);
    CHECK(paths.view(kStun).relayed == false);
    CHECK(paths.view(kStun).direct_likely == true);
    paths.use(relayed, 30);
    CHECK(paths.view(kStun).relayed == true);
    CHECK(paths.view(kStun).direct_likely == false);
    CHECK(paths.view(kStun).chosen ==
          std::vector<ChosenPair>{
              {10, CandidateType::srflx, CandidateType::host, Transport::udp, {}},
              {30, CandidateType::relay, CandidateType::host, Transport::udp, Transport::tls}});
    for (TimeMs now = 40; now < 60; ++now) paths.use(now % 2 == 0 ? direct : relayed, now);
    CHECK(paths.view(kStun).chosen.size() == kMostChosenPairs);
    CHECK(paths.view(kStun).chosen.back().at == 59);
}

TEST_CASE("a direct path is likely when our NAT is kind and theirs shows an address", "[paths]") {
    Paths paths;
    paths.gathered(host());
    paths.gathered(srflx(7000));
    paths.gathered(std::nullopt);
    CHECK(paths.view(kStun).direct_likely == std::nullopt);
    paths.learned(srflx(9000));
    CHECK(paths.view(kStun).direct_likely == true);
}

TEST_CASE("a pair without a path says why", "[paths]") {
    Paths paths;
    paths.gathered(host());
    CHECK(why(paths, kStun) == ErrorCode::udp_blocked);  // nobody has answered until now
    CHECK(why(paths, kTurn) == ErrorCode::relay_unreachable);
    CHECK(why(paths, kStunAndTurn) == ErrorCode::relay_unreachable);
    paths.gathered(std::nullopt);
    CHECK(why(paths, kNoServers) == ErrorCode::no_relay_configured);
    CHECK(why(paths, kStun) == ErrorCode::no_relay_configured);
    CHECK(why(paths, kTurn) == ErrorCode::relay_unreachable);

    SECTION("the relay refused our credentials") {
        paths.handle({1, "turn:relay.example", 401, "Unauthorized"});
        CHECK(why(paths, kTurn) == ErrorCode::credentials_refused);
    }
    SECTION("no server answers over UDP") {
        paths.handle(unreachable("stun:one.example"));
        CHECK(why(paths, kStun) == ErrorCode::udp_blocked);
        CHECK(why(paths, kStunAndTurn) == ErrorCode::udp_blocked);
        // The relay alone may just be down.
        CHECK(why(paths, kTurn) == ErrorCode::relay_unreachable);
        CHECK(paths.view(kStun).direct_likely == false);
        paths.gathered(srflx(7000));
        CHECK(why(paths, kStun) == ErrorCode::no_relay_configured);
        CHECK(why(paths, kStunAndTurn) == ErrorCode::relay_unreachable);
    }
    SECTION("over TCP nothing is said about UDP") {
        paths.handle(unreachable("turn:relay.example?transport=tcp"));
        paths.handle(unreachable("turns:relay.example:443"));
        CHECK(why(paths, kStunAndTurn) == ErrorCode::relay_unreachable);
        CHECK(why(paths, kStun) == ErrorCode::no_relay_configured);
    }
    SECTION("not even by relay") {
        paths.gathered(relay());
        CHECK(why(paths, kTurn) == ErrorCode::connection_failed);
    }
    SECTION("the other side's relay doesn't help either") {
        paths.learned(relay());
        CHECK(why(paths, kStun) == ErrorCode::connection_failed);
    }
}

TEST_CASE("a redacted candidate leads to the same words", "[paths]") {
    Paths paths;
    paths.gathered(IceCandidate{"candidate: typ host", {}, {}, "u"});
    paths.gathered(IceCandidate{"candidate: typ relay", {}, {}, "u"});
    CHECK(why(paths, kTurn) == ErrorCode::connection_failed);
}
