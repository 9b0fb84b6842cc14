// The far end of one connection, from first sight to goodbye.
#pragma once

#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "candidate_queue.hpp"
#include "local_media.hpp"
#include "media_lines.hpp"
#include "negotiation.hpp"
#include "paths.hpp"
#include "recovery.hpp"
#include "turn.hpp"

namespace dvmeet {

/// What a peer needs to know about the meeting it is in.
struct PeerContext {
    const ParticipantId& self;
    const std::string& room;
    const LocalMedia& media;
    const std::vector<IceServer>& ice_servers;
    bool extended = false;       ///< the peer speaks our extensions
    bool sends_nothing = false;  ///< the peer says that microphone, camera and screen are off
    bool can_signal = false;     ///< what is emitted now goes out, and arrives
    /// The connection to somebody whom both reach, where the server can't be used for this pair.
    std::optional<ConnectionId> detour{};
    [[nodiscard]] bool can_reach() const { return can_signal || detour; }
};

/// One participant's connection: made, negotiated, watched, replaced.
///
/// Shape:  at most one RTCPeerConnection at a time.
/// Order:  a message that names another generation of the connection than the present one is
///         dropped; an offer of a newer one replaces it.
///         What was sent for a description is kept until the next one, and sent again where an
///         answer is missing or a socket was lost in between.
///         Where the server can't be used, what a connection needs to come back goes by way of
///         a participant whom both reach; new connections are never made that way.
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
    /// A person wants another connection, whatever this one does.
    void reconnect(const PeerContext& context, Turn& turn);
    /// Give up the connection there is and make another.
    void rebuild(const PeerContext& context, Turn& turn);
    void close(bool with_goodbye, Turn& turn);

    void handle(const wire::OfferFrom& message, const PeerContext& context, Turn& turn);
    void handle(const wire::AnswerFrom& message, const PeerContext& context, Turn& turn);
    void handle(const wire::IceCandidateFrom& message, Turn& turn);
    void handle(const wire::IceRestartFrom& message, const PeerContext& context, Turn& turn);

    /// A message that came by way of a third: whether it goes on with the connection there is, and
    /// no other certificate's.
    [[nodiscard]] bool accepts_forwarded(const channel::PairMessage& message) const;
    /// It can't reach the server, or the server it: answers go the same way.
    void follow_detour(bool followed) { by_detour_ = followed; }
    [[nodiscard]] bool needs_detour(bool can_signal) const;
    /// Whether one more message of this participant may be passed on for it.
    [[nodiscard]] bool may_forward(Turn& turn);

    /// Signaling is back, ours or the other side's: what was lost meanwhile is made good.
    void resume_signaling(const PeerContext& context, Turn& turn);
    /// It is ours that is back: what was offered meanwhile may lack most of its candidates.
    void return_to_signaling(const PeerContext& context, Turn& turn);
    /// The other side is back; what was given up or waited for is tried now.
    void resume_recovery(Turn& turn) { recovery_.begin(turn); }
    /// Our own network is another one: the path is dead until it is proven again.
    void doubt(Turn& turn);
    /// Whoever was given up is worth another try: somebody looks.
    void encourage(Turn& turn);
    void set_ice_servers(const std::vector<IceServer>& servers, Turn& turn) const;
    /// Something came over the control channel: the path carries data.
    void hear(Turn& turn);

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
    void handle(const StatsSampled& event, const PeerContext& context, Turn& turn);
    void handle(const CandidateError& event, const PeerContext& context, Turn& turn);

    /// Closes the gap between what local media has and what is sent here.
    void converge(const LocalMedia& media, Turn& turn);
    void pass_time(const PeerContext& context, Turn& turn);
    [[nodiscard]] Deadline deadline() const;
    [[nodiscard]] bool is_due(TimeMs now) const {
        // A ladder that is held goes on as soon as there is a way to signal, whenever that is.
        return recovery_.is_held() || deadline().is_due(now);
    }
    void sample(bool detailed, Turn& turn);
    void send(const channel::Message& message, Turn& turn) const;

    [[nodiscard]] ConnectionId connection() const { return link_ ? link_->id : 0; }
    [[nodiscard]] TileState tile() const;
    [[nodiscard]] const std::optional<Failure>& failure() const { return failure_; }
    [[nodiscard]] bool has_screen_line() const { return link_ && link_->lines.has(Slot::screen); }
    [[nodiscard]] bool is_connected() const;
    /// It was connected, and by the last look nothing comes over it any more.  A page that was
    /// frozen has not looked, and one without a channel can't tell silence from nothing to carry.
    [[nodiscard]] bool is_unheard() const;
    /// What goes out in this line of a connection that works, or has worked and may come back.
    [[nodiscard]] std::optional<TrackId> sent(Slot slot) const {
        return link_ && link_->was_connected && !failure_ ? link_->lines.sent(slot) : std::nullopt;
    }
    /// The path may carry again what it did carry; ICE often heals alone.
    [[nodiscard]] bool may_heal() const {
        return channel_open() && link_->state != ConnectionState::failed && !failure_;
    }
    /// The path works, and the other side is at its end.
    [[nodiscard]] bool flows() const { return channel_open() && tile() == TileState::connected; }
    /// It did when the network changed, and nothing has shown since that it doesn't.
    [[nodiscard]] bool may_flow() const {
        return may_heal() && is_connected() && (flows() || recovery_.is_unproven());
    }
    [[nodiscard]] bool channel_open() const { return link_ && link_->channel_open; }
    [[nodiscard]] bool awaits_offer() const { return offer_by_.has_value(); }
    [[nodiscard]] bool awaits_sample(OperationId op) const {
        return op != 0 && link_ && link_->sampling == op;
    }
    [[nodiscard]] bool is_received() const { return link_ && link_->received; }
    [[nodiscard]] bool is_heard() const { return is_connected() && is_received(); }
    [[nodiscard]] PathView path(const std::vector<IceServer>& ice_servers) const {
        return link_ ? link_->paths.view(ice_servers) : PathView{};
    }
    [[nodiscard]] auto members() const {
        return std::tie(id_, link_, candidates_, last_remote_, offer_by_, failure_, recovery_,
                        given_up_, was_connected_, crossings_, by_detour_, forwards_from_,
                        forwards_);
    }
    bool operator==(const Peer&) const = default;

private:
    /// What lives and dies with one RTCPeerConnection.
    struct Link {
        ConnectionId id;
        Negotiation negotiation;
        MediaLines lines;
        ConnectionState state = ConnectionState::fresh;
        TimeMs connect_by;
        std::vector<std::optional<IceCandidate>> gathered{};  ///< waiting for their description
        OperationId sampling = 0;
        std::int64_t bytes = -1;  ///< media received at the last sample; -1: none taken
        TimeMs alive_at = 0;      ///< when the path last carried anything
        TimeMs sampled_at = 0;    ///< when that was last looked at
        std::optional<SessionDescription> sent{};  ///< our last description, as emitted
        std::vector<std::optional<IceCandidate>> sent_candidates{};  ///< those that belong to it
        TimeMs sent_at = 0;
        std::optional<TimeMs> resend_at{};
        std::uint32_t resends = 0;
        bool was_connected = false;
        bool channel_open = false;
        bool received = false;  ///< media moved between the last two samples
        bool pinging = false;
        bool outdated = false;    ///< the network is another one since the unanswered offer
        bool was_direct = false;  ///< seen without a relay in this network
        bool is_relayed = false;  ///< by the last look
        std::optional<TimeMs> pair_since{};  ///< direct, or relayed without need, since then
        std::uint32_t departures = 0;        ///< restarts that were to leave relays
        Paths paths{};
        [[nodiscard]] auto members() const {
            return std::tie(id, negotiation, lines, state, connect_by, was_connected, gathered,
                            channel_open, sampling, bytes, received, alive_at, sampled_at, pinging,
                            sent, sent_candidates, sent_at, resend_at, resends, outdated,
                            was_direct, is_relayed, pair_since, departures, paths);
        }
        bool operator==(const Link&) const = default;
    };

    [[nodiscard]] bool stands_still(TimeMs now) const;
    void try_anew(Turn& turn);
    void create(const PeerContext& context, Turn& turn);
    void drop_link(Turn& turn);
    [[nodiscard]] bool is_stale(const wire::OfferFrom& message) const;
    [[nodiscard]] bool is_stale(const wire::Generations& message) const;
    void report_stale(Turn& turn) const;
    void report_mislabelled(Turn& turn) const;
    [[nodiscard]] bool is_replaced_by(const wire::OfferFrom& message) const;
    [[nodiscard]] bool goes_on_with_failed(const wire::OfferFrom& message) const;
    [[nodiscard]] bool meets_our_first_offer() const;
    void remind(const PeerContext& context, Turn& turn);
    void yield(const PeerContext& context, Turn& turn);
    void resolve_crossing(const PeerContext& context, Turn& turn);
    void send_description(const SessionDescription& description, const PeerContext& context,
                          Turn& turn);
    void send_candidate(const std::optional<IceCandidate>& candidate, const PeerContext& context,
                        Turn& turn);
    void emit_description(const PeerContext& context, Turn& turn) const;
    void emit_candidate(const std::optional<IceCandidate>& candidate, const PeerContext& context,
                        Turn& turn) const;
    void resend(const PeerContext& context, Turn& turn);
    void offer_again(const PeerContext& context, Turn& turn);
    void leave_relay(const PairStats& pair, const PeerContext& context, Turn& turn);
    void emit(channel::PairMessage message, const PeerContext& context, Turn& turn) const;
    void resend_later(Turn& turn);
    void resend_in_time(const PeerContext& context, Turn& turn);
    [[nodiscard]] bool is_first_try() const;
    void give_up_connecting(Turn& turn);
    void recover(const PeerContext& context, Turn& turn);
    void try_again(const PeerContext& context, Turn& turn);
    [[nodiscard]] bool leads(const PeerContext& context) const;
    void prove(Turn& turn);
    void flush_gathered(const PeerContext& context, Turn& turn);
    void add_candidate(const std::optional<IceCandidate>& candidate, Turn& turn);
    [[nodiscard]] wire::Generations generations() const;
    void fail(ErrorCode code, std::string detail, Turn& turn);
    /// What failed is tried again, and shows no longer as failed.
    void forgive(Turn& turn);

    ParticipantId id_;
    std::optional<Link> link_;
    CandidateQueue candidates_;  ///< outlives a link: candidates may come before their offer
    std::optional<ConnectionId> last_remote_;  ///< the generation that the former link talked to
    std::optional<TimeMs> offer_by_;
    std::optional<Failure> failure_;
    Recovery recovery_;            ///< outlives the links that it makes
    bool given_up_ = false;        ///< only answers the other side's tries
    bool was_connected_ = false;   ///< by this link or an earlier one
    std::uint32_t crossings_ = 0;  ///< rebuilds because both sides took their offers back
    bool by_detour_ = false;       ///< its last message came by way of a third
    TimeMs forwards_from_ = 0;     ///< since when its messages to others are counted
    std::uint32_t forwards_ = 0;
};

}  // namespace dvmeet
