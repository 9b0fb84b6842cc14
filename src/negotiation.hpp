// Perfect negotiation of one connection: who offers, who yields, what comes next.
#pragma once

#include <optional>
#include <tuple>
#include <variant>
#include <vector>

#include "dvmeet/event.hpp"
#include "sdp.hpp"
#include "turn.hpp"

namespace dvmeet {

class CandidateQueue;

/// Decides the order of setLocalDescription and setRemoteDescription of one connection; at most
/// one of them is in flight.
///
/// Shape:  a state of the signaling state machine of webrtc-pc plus what waits for its turn: at
///         most kInboxCapacity remote descriptions and one wish to negotiate.
/// Order:  remote descriptions are taken in the order they came; our own offer comes after them.
/// Errors: an offer that collides with ours is ignored by the impolite side (offer_ignored); an
///         answer without an offer of ours is dropped (stale_message); an inbox overrun is
///         queue_full.
/// Spec:   webrtc-pc §10.7 "perfect negotiation example", §4.4.1.5 implicit rollback.
/// Why:    because every operation is ordered here, the browser's signalingState need not be read.
class Negotiation {
public:
    Negotiation(ConnectionId connection, bool polite) : connection_{connection}, polite_{polite} {}

    /// What a completed operation means for the rest of the pair.
    enum class Outcome : std::uint8_t {
        nothing,         ///< not ours, or nothing to do
        send_local,      ///< send the local description that just was set
        offer_applied,   ///< take over transceivers, then call answer()
        answer_applied,  ///< the round is complete
        failed,          ///< the browser refused; this connection can't negotiate any further
    };

    /// `negotiationneeded` was fired.
    void need(Turn& turn);
    /// Another offer in the place of the one that nobody has answered.
    void offer_anew(Turn& turn);
    /// A description as it came: `generation` numbers the connection it comes from, `round` the
    /// offer, where the other side says so.
    struct Received {
        SessionDescription description;
        std::optional<ConnectionId> generation;
        std::optional<std::uint32_t> round;
        [[nodiscard]] auto members() const { return std::tie(description, generation, round); }
        bool operator==(const Received&) const = default;
    };
    void receive(Received received, const ParticipantId& from, Turn& turn,
                 CandidateQueue& candidates);
    Outcome handle(const LocalDescriptionSet& event);
    Outcome handle(const RemoteDescriptionSet& event);
    Outcome handle(const OperationFailed& event);
    void answer(Turn& turn);
    /// Starts the next operation, where none is in flight.
    void proceed(const ParticipantId& from, Turn& turn, CandidateQueue& candidates);

    /// The remote description that the running or last operation sets.
    [[nodiscard]] const SdpFacts& remote_facts() const { return remote_facts_; }
    /// The connection it comes from; an ignored offer's doesn't count.
    [[nodiscard]] std::optional<ConnectionId> remote_generation() const {
        return remote_generation_;
    }
    /// Nothing of the other side was ever applied here.
    [[nodiscard]] bool is_fresh() const { return remote_facts_ == SdpFacts{}; }
    /// This very offer was taken before: it came twice, or was sent again for want of an answer.
    [[nodiscard]] bool has_taken(const Received& offer) const {
        return offer.round && offer.generation && offer.generation == remote_generation_ &&
               remote_round_ && *offer.round <= *remote_round_;
    }
    /// What counts our offers; the present one, or the last.
    [[nodiscard]] std::uint32_t round() const { return round_; }
    /// The last offer of the other side that was taken.
    [[nodiscard]] std::optional<std::uint32_t> remote_round() const { return remote_round_; }
    /// This connection stands in for one whose offer was taken back for the other side's.
    void stand_in() { took_back_ = true; }
    [[nodiscard]] bool has_failed() const { return std::holds_alternative<Failed>(phase_); }
    [[nodiscard]] bool polite() const { return polite_; }
    [[nodiscard]] bool is_stable() const { return std::holds_alternative<Stable>(phase_); }
    [[nodiscard]] bool awaits_answer() const {
        return std::holds_alternative<HaveLocalOffer>(phase_);
    }
    /// An answer came to an offer that we had taken back for the other side's.
    [[nodiscard]] bool crossed() const { return crossed_; }
    [[nodiscard]] auto members() const {
        return std::tie(connection_, polite_, phase_, inbox_, needed_, took_back_, crossed_,
                        remote_facts_, remote_generation_, round_, remote_round_);
    }
    bool operator==(const Negotiation&) const = default;

    static constexpr std::size_t kInboxCapacity = 8;  ///< a peer sends 2 before it must wait for us

private:
    struct Stable {
        bool operator==(const Stable&) const = default;
    };
    struct HaveLocalOffer {
        bool operator==(const HaveLocalOffer&) const = default;
    };
    struct HaveRemoteOffer {
        bool operator==(const HaveRemoteOffer&) const = default;
    };
    struct SettingLocal {
        OperationId op = 0;
        SdpType type = SdpType::offer;
        [[nodiscard]] auto members() const { return std::tie(op, type); }
        bool operator==(const SettingLocal&) const = default;
    };
    struct SettingRemote {
        OperationId op = 0;
        SdpType type = SdpType::offer;
        [[nodiscard]] auto members() const { return std::tie(op, type); }
        bool operator==(const SettingRemote&) const = default;
    };
    struct Failed {
        bool operator==(const Failed&) const = default;
    };
    using Phase =
        std::variant<Stable, HaveLocalOffer, HaveRemoteOffer, SettingLocal, SettingRemote, Failed>;

    void take(const Received& received, const ParticipantId& from, Turn& turn,
              CandidateQueue& candidates);
    void apply(const Received& received, Turn& turn);
    void set_local(SdpType type, Turn& turn);

    ConnectionId connection_;
    bool polite_;
    Phase phase_ = Stable{};
    std::vector<Received> inbox_;
    bool needed_ = false;
    bool took_back_ = false;
    bool crossed_ = false;
    SdpFacts remote_facts_;
    std::optional<ConnectionId> remote_generation_;
    std::uint32_t round_ = 0;
    std::optional<std::uint32_t> remote_round_;
};

}  // namespace dvmeet
