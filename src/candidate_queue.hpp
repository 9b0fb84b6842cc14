// Keeps remote candidates until the description of their ICE generation is set.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "sdp.hpp"
#include "turn.hpp"

namespace dvmeet {

/// Shape:  one per peer, for one connection after the other; at most Config::candidate_capacity
/// candidates, each for at most
///         Config::candidate_wait_ms.
/// Order:  candidates of one generation leave in the order they came; end-of-candidates is one
///         of them.
/// Errors: over capacity the oldest candidate of the oldest generation goes first and is
///         reported as queue_full; one that waited too long, or belongs to a generation that is
///         gone, is reported as stale_message.  Nothing is dropped unreported.
/// Spec:   RFC 8838 §11, §13; webrtc-pc addIceCandidate(), which rejects what comes early.
/// Why:    browsers differ on wrong ufrags (Chromium takes them, Firefox rejects), so the ufrag
///         is compared here.
class CandidateQueue {
public:
    /// A remote candidate came (nullopt: end-of-candidates); returns it where it can be used now.
    /// `generation`: of the connection it comes from, where the other side numbers them.
    [[nodiscard]] bool accept(const std::optional<IceCandidate>& candidate, Turn& turn,
                              std::optional<ConnectionId> generation = {});
    /// This remote description is set now; returns the candidates it was waited for with.
    [[nodiscard]] std::vector<std::optional<IceCandidate>> release(
        const SdpFacts& facts, Turn& turn, std::optional<ConnectionId> generation = {});
    /// A description came and will be released, ignored or skipped in turn: candidates that name
    /// no generation belong to it from now on.
    void expect() { ++expected_; }
    /// The description in turn is an offer that is ignored: its candidates belong to nothing.
    void ignore(const SdpFacts& facts, Turn& turn);
    /// The description in turn was of no use.
    void skip() { ++settled_; }
    /// The connection is gone and another may follow: what names the old one's generations is
    /// dropped, what came too early for the next one stays.
    void restart(Turn& turn);
    void expire(Turn& turn);
    [[nodiscard]] Deadline deadline() const {
        return waiting_.empty() ? Deadline{} : Deadline{waiting_.front().until};
    }
    [[nodiscard]] std::size_t size() const { return waiting_.size(); }
    [[nodiscard]] auto members() const {
        return std::tie(waiting_, current_, generation_, gone_, dropping_, expected_, settled_,
                        ignoring_);
    }
    bool operator==(const CandidateQueue&) const = default;

private:
    struct Waiting {
        std::string ufrag;  ///< empty: the candidate names no generation
        std::optional<IceCandidate> candidate;
        std::optional<ConnectionId> generation;
        std::uint32_t round = 0;  ///< how many descriptions had come before it
        TimeMs until = 0;
        [[nodiscard]] auto members() const {
            return std::tie(ufrag, candidate, generation, round, until);
        }
        bool operator==(const Waiting&) const = default;
    };
    [[nodiscard]] bool is_gone(const std::string& ufrag) const;
    /// Whether a candidate that names no ufrag comes from another connection than the present.
    [[nodiscard]] bool is_older(const Waiting& item) const;
    [[nodiscard]] bool is_newer(const Waiting& item) const;
    void retire(const std::string& ufrag);
    void drop_gone(Turn& turn);
    void drop_oldest(Turn& turn);

    std::vector<Waiting> waiting_;
    std::optional<SdpFacts> current_;         ///< of the remote description that is set
    std::optional<ConnectionId> generation_;  ///< the connection it comes from
    std::vector<std::string> gone_;           ///< ufrags of past and ignored descriptions
    std::string dropping_;        ///< the generation that goes first while it is too many
    std::uint32_t expected_ = 0;  ///< descriptions that came
    std::uint32_t settled_ = 0;   ///< descriptions released, ignored or skipped
    bool ignoring_ = false;       ///< the last one was ignored, and so are its unnamed ones
};

}  // namespace dvmeet
