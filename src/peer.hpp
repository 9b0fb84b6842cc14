// The far end of one connection, from first sight to goodbye.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "candidate_queue.hpp"
#include "local_media.hpp"
#include "media_lines.hpp"
#include "negotiation.hpp"
#include "turn.hpp"

namespace dvmeet {

/// What a peer needs to know about the meeting it is in.
struct PeerContext {
    const ParticipantId& self;
    const std::string& room;
    const LocalMedia& media;
    const std::vector<IceServer>& ice_servers;
    bool extended;       ///< the peer speaks our extensions
    bool sends_nothing;  ///< the peer says that microphone, camera and screen are off
};

/// One participant's connection: made, negotiated, watched, replaced.
///
/// Shape:  at most one RTCPeerConnection at a time.
/// Order:  a message that names another generation of the connection than the present one is
///         dropped; an offer of a newer one replaces it.
/// Errors: whatever goes wrong shows in failure() and is reported with the participant's id; it
///         never reaches another peer.
/// Spec:   webrtc-pc §4.4 and §10.7; the session id of RFC 8866 §5.2 tells the generations of
///         peers that don't number them.
class Peer {
public:
    /// `early`: candidates of this participant that came before anything else of it.
    explicit Peer(ParticipantId id, CandidateQueue early = {})
        : id_{std::move(id)}, candidates_{std::move(early)} {}

    /// Make a connection and offer, unless there is one.
    void start(const PeerContext& context, Turn& turn);
    /// Leave the offer to the other side, for Config::offer_wait_ms or plain_offer_wait_ms.
    void expect_offer(Turn& turn, bool is_plain = false);
    /// Give up the connection there is and make another.
    void rebuild(const PeerContext& context, Turn& turn);
    void close(bool with_goodbye, Turn& turn);

    void handle(const wire::OfferFrom& message, const PeerContext& context, Turn& turn);
    void handle(const wire::AnswerFrom& message, const PeerContext& context, Turn& turn);
    void handle(const wire::IceCandidateFrom& message, Turn& turn);

    // Completions and callbacks of the present connection; the caller has checked that it is.
    void handle(const ActionFailed& event, const PeerContext& context, Turn& turn);
    void handle(const NegotiationNeeded& event, const PeerContext& context, Turn& turn);
    void handle(const LocalDescriptionSet& event, const PeerContext& context, Turn& turn);
    void handle(const RemoteDescriptionSet& event, const PeerContext& context, Turn& turn);
    void handle(const OperationDone& event, const PeerContext& context, Turn& turn);
    void handle(const OperationFailed& event, const PeerContext& context, Turn& turn);
    void handle(const CandidateGathered& event, const PeerContext& context, Turn& turn);
    void handle(const ConnectionStateChanged& event, const PeerContext& context, Turn& turn);
    void handle(const ChannelOpened& event, const PeerContext& context, Turn& turn);
    void handle(const ChannelClosed& event, const PeerContext& context, Turn& turn);
    void handle(const InboundSampled& event, const PeerContext& context, Turn& turn);

    /// Closes the gap between what local media has and what is sent here.
    void converge(const PeerContext& context, Turn& turn);
    void pass_time(const PeerContext& context, Turn& turn);
    [[nodiscard]] std::optional<TimeMs> deadline() const;
    void sample(Turn& turn);
    void send(const channel::Message& message, Turn& turn) const;

    [[nodiscard]] ConnectionId connection() const { return link_ ? link_->id : 0; }
    [[nodiscard]] TileState tile() const;
    [[nodiscard]] const std::optional<Failure>& failure() const { return failure_; }
    [[nodiscard]] bool has_screen_line() const { return link_ && link_->lines.has(Slot::screen); }
    [[nodiscard]] bool is_connected() const;
    [[nodiscard]] bool channel_open() const { return link_ && link_->channel_open; }
    [[nodiscard]] bool awaits_offer() const { return offer_by_.has_value(); }
    [[nodiscard]] bool awaits_sample(OperationId op) const {
        return op != 0 && link_ && link_->sampling == op;
    }
    [[nodiscard]] bool is_received() const { return link_ && link_->received; }
    bool operator==(const Peer&) const = default;

private:
    /// What lives and dies with one RTCPeerConnection.
    struct Link {
        ConnectionId id;
        Negotiation negotiation;
        MediaLines lines;
        ConnectionState state = ConnectionState::fresh;
        TimeMs connect_by;
        bool was_connected = false;
        std::vector<std::optional<IceCandidate>> gathered{};  ///< waiting for their description
        bool channel_open = false;
        OperationId sampling = 0;
        std::int64_t bytes = -1;  ///< media received at the last sample; -1: none taken
        bool received = false;    ///< media moved between the last two samples
        bool operator==(const Link&) const = default;
    };

    void create(const PeerContext& context, Turn& turn);
    void drop_link(Turn& turn);
    [[nodiscard]] bool is_stale(const wire::OfferFrom& message) const;
    [[nodiscard]] bool is_stale(const wire::Generations& message) const;
    void report_stale(Turn& turn) const;
    void report_mislabelled(Turn& turn) const;
    [[nodiscard]] bool is_replaced_by(const wire::OfferFrom& message) const;
    [[nodiscard]] bool meets_our_first_offer() const;
    void yield(const PeerContext& context, Turn& turn);
    void resolve_crossing(const PeerContext& context, Turn& turn);
    void send_description(const SessionDescription& description, const PeerContext& context,
                          Turn& turn);
    void send_candidate(const std::optional<IceCandidate>& candidate, const PeerContext& context,
                        Turn& turn) const;
    void flush_gathered(const PeerContext& context, Turn& turn);
    void add_candidate(const std::optional<IceCandidate>& candidate, Turn& turn) const;
    [[nodiscard]] wire::Generations generations() const;
    [[nodiscard]] wire::Generations generations_of_offer() const;
    void fail(ErrorCode code, std::string detail, Turn& turn);

    ParticipantId id_;
    std::optional<Link> link_;
    CandidateQueue candidates_;  ///< outlives a link: candidates may come before their offer
    std::optional<ConnectionId> last_remote_;  ///< the generation that former links talked to
    std::optional<TimeMs> offer_by_;
    std::optional<Failure> failure_;
    bool was_connected_ = false;   ///< by this link or an earlier one
    std::uint32_t crossings_ = 0;  ///< rebuilds because both sides took their offers back
};

}  // namespace dvmeet
