// Reads the few facts the core needs out of descriptions and candidates.
#pragma once

#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "dvmeet/types.hpp"

namespace dvmeet {

/// Shape:  at most 64 ufrags; longer or broken lines are skipped, never an error: the browser
///         is the judge of a description.
/// Spec:   RFC 8866 §5.2 (o=), RFC 8839 §5.4 (ice-ufrag), RFC 8122 §5 (fingerprint).
struct SdpFacts {
    std::string session;              ///< sess-id of the o= line: one RTCPeerConnection's own
    std::vector<std::string> ufrags;  ///< each once, in order of appearance
    std::string fingerprint;          ///< of the first certificate, hash function included
    [[nodiscard]] bool has_ufrag(std::string_view ufrag) const;
    [[nodiscard]] auto members() const { return std::tie(session, ufrags, fingerprint); }
    bool operator==(const SdpFacts&) const = default;
};
[[nodiscard]] SdpFacts read_sdp(std::string_view sdp);

/// The ICE generation a candidate names: its usernameFragment, or the `ufrag` extension of its
/// text (RFC 8839 §5.1 candidate extensions); empty where it names none.
[[nodiscard]] std::string ufrag_of(const IceCandidate& candidate);

}  // namespace dvmeet
