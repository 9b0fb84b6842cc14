// Reading descriptions and candidates for the few facts the core needs.
#include "sdp.hpp"

#include "support.hpp"

using namespace dvmeet;
using namespace dvmeet::test;

TEST_CASE("a description tells its session and its ice generation", "[sdp]") {
    const SdpFacts facts = read_sdp(sdp("4611731400430051336", "Fx3+"));

    CHECK(facts == SdpFacts{"4611731400430051336", {"Fx3+"}});
    CHECK(facts.has_ufrag("Fx3+"));
    CHECK_FALSE(facts.has_ufrag("fx3+"));
    CHECK_FALSE(facts.has_ufrag("Fx3"));
}

TEST_CASE("each ufrag of a description counts once, in order of appearance", "[sdp]") {
    CHECK(read_sdp("o=- 7 1 IN IP4 0\r\na=ice-ufrag:b\r\na=ice-ufrag:a\r\na=ice-ufrag:b\r\n") ==
          SdpFacts{"7", {"b", "a"}});
}

TEST_CASE("lines may end without a carriage return, the last without anything", "[sdp]") {
    CHECK(read_sdp("o=- 7 1 IN IP4 0\na=ice-ufrag:a") == SdpFacts{"7", {"a"}});
    CHECK(read_sdp("a=ice-ufrag:a\r\no=- 7") == SdpFacts{"7", {"a"}});
}

TEST_CASE("only the first o= line names the session", "[sdp]") {
    CHECK(read_sdp("o=- 7 1 IN IP4 0\r\no=- 8 1 IN IP4 0\r\n").session == "7");
}

TEST_CASE("a description without the lines that are read has no facts, which is no error",
          "[sdp]") {
    CHECK(read_sdp("") == SdpFacts{});
    CHECK(read_sdp("\n\n\r\n") == SdpFacts{});
    CHECK(read_sdp("o=\r\no=-") == SdpFacts{});
    CHECK(read_sdp("xo=- 7 1\r\n a=ice-ufrag:a\r\na=ice-ufrag-b:c") == SdpFacts{});
    CHECK(read_sdp(std::string(100'000, '\n')) == SdpFacts{});
}

TEST_CASE("a description of any size keeps its facts bounded", "[sdp]") {
    std::string text = "o=- " + std::string(10'000, '9') + " 1\r\n";
    for (int i = 0; i < 1000; ++i) text += "a=ice-ufrag:u" + std::to_string(i) + "\r\n";
    text += "a=ice-ufrag:" + std::string(257, 'u') + "\r\n";
    const SdpFacts facts = read_sdp(text);

    CHECK(facts.session.size() == kShortText.max);
    CHECK(facts.ufrags.size() == 64);
    CHECK(facts.ufrags.back() == "u63");
    CHECK(read_sdp("a=ice-ufrag:" + std::string(257, 'u')).ufrags.empty());
    CHECK(read_sdp("a=ice-ufrag:" + std::string(256, 'u')).ufrags.size() == 1);
}

TEST_CASE("a candidate names its generation by usernameFragment", "[sdp]") {
    CHECK(ufrag_of(candidate(1, "abcd")) == "abcd");
}

TEST_CASE("a candidate without usernameFragment names its generation in its text", "[sdp]") {
    IceCandidate named = candidate(1);
    named.candidate += " generation 0 ufrag abcd network-cost 999";
    CHECK(ufrag_of(named) == "abcd");
    named.candidate = "candidate:1 1 udp 1 192.0.2.1 9 typ host ufrag efgh";
    CHECK(ufrag_of(named) == "efgh");
}

TEST_CASE("usernameFragment counts more than the candidate's text", "[sdp]") {
    IceCandidate named = candidate(1, "field");
    named.candidate += " ufrag text";
    CHECK(ufrag_of(named) == "field");
}

TEST_CASE("a candidate that names no generation names none", "[sdp]") {
    CHECK(ufrag_of(candidate(1)).empty());
    CHECK(ufrag_of(IceCandidate{}).empty());
    IceCandidate cut = candidate(1);
    cut.candidate += " ufrag ";
    CHECK(ufrag_of(cut).empty());
    cut.candidate = "candidate:1 ufrag";
    CHECK(ufrag_of(cut).empty());
}
