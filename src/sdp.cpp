// Reads the few facts the core needs out of descriptions and candidates.
#include "sdp.hpp"

#include <algorithm>
#include <cstddef>

namespace dvmeet {

namespace {
constexpr std::size_t kMaxUfrags = 64;  ///< one per media line; a mesh pair has three
constexpr std::string_view kUfragLine = "a=ice-ufrag:";
constexpr std::string_view kFingerprintLine = "a=fingerprint:";
constexpr std::string_view kUfragExtension = " ufrag ";

/// The `index`-th word of a line, empty where there are fewer.
std::string_view word(std::string_view line, std::size_t index) {
    for (; index > 0; --index) {
        const std::size_t space = line.find(' ');
        if (space == std::string_view::npos) return {};
        line.remove_prefix(space + 1);
    }
    return line.substr(0, line.find(' '));
}
}  // namespace

bool SdpFacts::has_ufrag(std::string_view ufrag) const {
    return std::find(ufrags.begin(), ufrags.end(), ufrag) != ufrags.end();
}

SdpFacts read_sdp(std::string_view sdp) {
    SdpFacts facts;
    while (!sdp.empty()) {
        const std::size_t end = sdp.find('\n');
        std::string_view line = sdp.substr(0, end);
        sdp.remove_prefix(end == std::string_view::npos ? sdp.size() : end + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.starts_with("o=") && facts.session.empty()) {
            facts.session = word(line, 1).substr(0, kShortText.max);
        } else if (line.starts_with(kFingerprintLine) && facts.fingerprint.empty()) {
            facts.fingerprint = line.substr(kFingerprintLine.size()).substr(0, kShortText.max);
        } else if (line.starts_with(kUfragLine) && facts.ufrags.size() < kMaxUfrags) {
            const std::string_view ufrag = line.substr(kUfragLine.size());
            if (ufrag.size() <= kShortText.max && !facts.has_ufrag(ufrag))
                facts.ufrags.emplace_back(ufrag);
        }
    }
    return facts;
}

std::string ufrag_of(const IceCandidate& candidate) {
    if (candidate.username_fragment) return *candidate.username_fragment;
    const std::string_view text = candidate.candidate;
    const std::size_t found = text.find(kUfragExtension);
    if (found == std::string_view::npos) return {};
    return std::string{word(text.substr(found + kUfragExtension.size()), 0)};
}

}  // namespace dvmeet
