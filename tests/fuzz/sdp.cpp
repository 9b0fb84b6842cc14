// Fuzzes what is read out of descriptions and candidates.
//
// An input is one text, taken for a description and for a candidate.
#include <algorithm>
#include <set>
#include <string>

#include "candidate.hpp"
#include "promise.hpp"
#include "sdp.hpp"

using namespace dvmeet;
using namespace dvmeet::fuzz;

namespace {

constexpr std::size_t kMostUfrags = 64;

/// The shortest description with these facts.
std::string description_of(const SdpFacts& facts) {
    std::string text;
    if (!facts.session.empty()) text += "o=- " + facts.session + " 1 IN IP4 0.0.0.0\r\n";
    if (!facts.fingerprint.empty()) text += "a=fingerprint:" + facts.fingerprint + "\r\n";
    for (const auto& ufrag : facts.ufrags) text += "a=ice-ufrag:" + ufrag + "\r\n";
    return text;
}

void check_facts(const std::string& text, const SdpFacts& facts) {
    promise(facts.session.size() <= kShortText.max, "a session id is bounded");
    promise(facts.session.find_first_of(" \n") == std::string::npos, "a session id is one word");
    promise(text.find(facts.session) != std::string::npos, "a session id was in the text");
    promise(facts.fingerprint.size() <= kShortText.max, "a fingerprint is bounded");
    promise(text.find(facts.fingerprint) != std::string::npos, "a fingerprint was in the text");
    promise(facts.ufrags.size() <= kMostUfrags, "there are at most 64 ufrags");
    const std::set<std::string> distinct{facts.ufrags.begin(), facts.ufrags.end()};
    promise(distinct.size() == facts.ufrags.size(), "each ufrag counts once");
    for (const auto& ufrag : facts.ufrags) {
        promise(ufrag.size() <= kShortText.max, "a ufrag is bounded");
        promise(ufrag.find('\n') == std::string::npos, "a ufrag is of one line");
        promise(facts.has_ufrag(ufrag), "a ufrag that is there is found");
        promise(text.find("a=ice-ufrag:" + ufrag) != std::string::npos, "a ufrag was in the text");
    }
}

void check_description(const std::string& text) {
    const SdpFacts facts = read_sdp(text);
    check_facts(text, facts);
    promise(read_sdp(description_of(facts)) == facts, "the facts alone say the same");
    promise(read_sdp("s=-\r\n" + text) == facts, "other lines say nothing");

    const SdpFacts doubled = read_sdp(text + "\r\n" + text);
    const bool cut = text.ends_with('\r');  // then the last line of the first copy differs
    if (!cut) promise(doubled == facts, "what is said twice counts once");
}

/// What was read stands in the text, word for word.
void check_word(const std::string& text, const std::string& word) {
    promise(word.find(' ') == std::string::npos, "what a candidate says is one word");
    promise(text.find(word) != std::string::npos, "what a candidate says was in the text");
}

void check_attribute(const std::string& text, const CandidateAttribute& read) {
    check_word(text, read.foundation);
    check_word(text, read.connection.address);
    check_word(text, read.tcp_type);
    check_word(text, read.ufrag);
    if (read.related) check_word(text, read.related->address);
    std::size_t size = read.foundation.size() + read.transport.size() +
                       read.connection.address.size() + read.ufrag.size() + read.tcp_type.size();
    for (const auto& [name, value] : read.extensions) {
        check_word(text, name);
        check_word(text, value);
        size += name.size() + value.size();
    }
    promise(size <= text.size(), "a candidate says no more than its text");
    promise(!read.foundation.empty() && !read.connection.address.empty(), "a candidate is whole");
    promise(read.component > 0 && read.priority > 0, "a candidate counts from 1");
    promise(read.family == family_of(read.connection.address), "an address is of one family");
}

/// The candidate-attribute itself, without what may stand in front of it.
std::string bare(std::string text) {
    for (const std::string prefix : {"a=", "candidate:"})
        if (text.starts_with(prefix)) text.erase(0, prefix.size());
    return text;
}

void check_attribute(const std::string& text) {
    const auto read = read_candidate(text);
    const std::string attribute = bare(text);
    promise(read_candidate("a=candidate:" + attribute) == read,
            "what stands in front says nothing");
    // One that begins as what may stand in front does is another one without it.
    if (bare(attribute) == attribute)
        promise(read_candidate(attribute) == read, "and may be left out");
    (void)family_of(text);
    if (!read) return;
    check_attribute(text, *read);
    // Who asks for the type alone takes the first word `typ` for its name, be it an address.
    if (read->transport != "typ" && read->connection.address != "typ")
        promise(type_of_candidate(text) == read->type, "the type is the same wherever it is read");
}

void check_candidate(const std::string& text) {
    IceCandidate candidate;
    candidate.candidate = text;
    const std::string ufrag = ufrag_of(candidate);
    promise(ufrag.size() <= text.size(), "a candidate's ufrag is bounded by its text");
    promise(ufrag.find(' ') == std::string::npos, "a candidate's ufrag is one word");

    candidate.candidate = "candidate:1 1 udp 1 192.0.2.1 9 typ host ufrag " + ufrag + " x 1";
    promise(ufrag_of(candidate) == ufrag, "a ufrag in a text is read as it is");
    candidate.username_fragment = text;
    promise(ufrag_of(candidate) == text, "usernameFragment counts more than the text");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text{data, data + size};
    check_description(text);
    check_candidate(text);
    check_attribute(text);
    return 0;
}
