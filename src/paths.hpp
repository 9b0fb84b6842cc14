// The ways to a participant: what was gathered for them, which one is used, why there is none.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "candidate.hpp"
#include "dvmeet/error.hpp"
#include "dvmeet/event.hpp"
#include "dvmeet/stats_view.hpp"

namespace dvmeet {

/// What one connection's candidates, errors and chosen pairs tell.
///
/// Shape:  counts of the present ICE generation of each side; at most kMostMappings
///         server-reflexive candidates of ours, kMostChosenPairs pairs.
/// Order:  candidates of another ufrag begin a new count.
/// Why:    a failure is decided by types, schemes and error codes only, never by addresses: those
///         are left out of traces, which must replay all the same.
/// Spec:   RFC 8445 §5.1.1 (types), RFC 4787 §4.1 (mapping of NATs).
class Paths {
public:
    static constexpr std::size_t kMostMappings = 16;

    /// Of ours; nothing: gathering is complete.
    void gathered(const std::optional<IceCandidate>& candidate);
    /// Of theirs, as the browser gets it.
    void learned(const std::optional<IceCandidate>& candidate);
    void handle(const CandidateError& event);
    void use(const PairStats& pair, TimeMs now);

    /// Why no pair works, and what to do.
    [[nodiscard]] Failure failure(const std::vector<IceServer>& servers) const;
    [[nodiscard]] PathView view(const std::vector<IceServer>& servers) const;
    [[nodiscard]] auto members() const {
        return std::tie(local_, remote_, local_ufrag_, remote_ufrag_, mappings_, bases_, complete_,
                        is_refused_, no_stun_, chosen_);
    }
    bool operator==(const Paths&) const = default;

private:
    /// What a STUN server saw of one socket of ours.
    struct Mapping {
        std::string base;  ///< empty: the browser hides it
        std::string mapped;
        [[nodiscard]] auto members() const { return std::tie(base, mapped); }
        bool operator==(const Mapping&) const = default;
    };
    void note_mapping(const CandidateAttribute& candidate);
    [[nodiscard]] NatMapping mapping(const std::vector<IceServer>& servers) const;
    [[nodiscard]] bool is_udp_blocked(const std::vector<IceServer>& servers) const;

    CandidateCounts local_;
    CandidateCounts remote_;
    std::string local_ufrag_;
    std::string remote_ufrag_;
    std::vector<Mapping> mappings_;
    std::uint32_t bases_ = 0;  ///< host candidates over UDP
    bool complete_ = false;
    bool is_refused_ = false;  ///< a relay did not take our credentials
    bool no_stun_ = false;     ///< a server asked over UDP can't be reached
    std::vector<ChosenPair> chosen_;
};

}  // namespace dvmeet
