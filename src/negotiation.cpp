// Perfect negotiation of one connection: who offers, who yields, what comes next.
#include "negotiation.hpp"

#include <utility>

#include "candidate_queue.hpp"

namespace dvmeet {

void Negotiation::need(Turn& turn) {
    needed_ = true;
    if (is_stable() && inbox_.empty()) set_local(SdpType::offer, turn);
}

/// Spec: webrtc-pc §4.4.1.5 allows an offer in have-local-offer; the round tells the answers apart.
void Negotiation::offer_anew(Turn& turn) {
    if (awaits_answer()) set_local(SdpType::offer, turn);
}

void Negotiation::receive(Received received, const ParticipantId& from, Turn& turn,
                          CandidateQueue& candidates) {
    if (inbox_.size() >= kInboxCapacity) {
        turn.report(Level::warn, ErrorCode::queue_full, "too many descriptions at once", from);
        return;
    }
    if (received.description.type == SdpType::rollback) {
        turn.report(Level::warn, ErrorCode::malformed_message, "a rollback is no message", from);
        return;
    }
    candidates.expect();
    inbox_.push_back(std::move(received));
    proceed(from, turn, candidates);
}

void Negotiation::proceed(const ParticipantId& from, Turn& turn, CandidateQueue& candidates) {
    while (!inbox_.empty() && (is_stable() || awaits_answer())) {
        const Received received = std::move(inbox_.front());
        inbox_.erase(inbox_.begin());
        take(received, from, turn, candidates);
    }
    if (is_stable() && needed_) set_local(SdpType::offer, turn);
}

void Negotiation::take(const Received& received, const ParticipantId& from, Turn& turn,
                       CandidateQueue& candidates) {
    const SessionDescription& description = received.description;
    const bool is_offer = description.type == SdpType::offer;
    if (is_offer && has_taken(received)) {
        candidates.skip();
        return;
    }
    const bool collision = is_offer && awaits_answer();
    if (collision && !polite_) {
        turn.report(Level::debug, ErrorCode::offer_ignored, "an offer collided with ours", from);
        candidates.ignore(read_sdp(description.sdp), turn);
        return;
    }
    const bool is_late = !is_offer && received.round && *received.round != round_;
    if (is_late) {
        turn.report(Level::debug, ErrorCode::stale_message, "an answer to an earlier offer", from);
        candidates.skip();
        return;
    }
    if (!is_offer && !awaits_answer()) {
        crossed_ = took_back_;
        turn.report(Level::debug, ErrorCode::stale_message, "an answer without an offer", from);
        candidates.skip();
        return;
    }
    apply(received, turn);
}

/// An offer that meets ours here rolls it back implicitly; the browser then asks again for what it
/// had to negotiate.
void Negotiation::apply(const Received& received, Turn& turn) {
    const SessionDescription& description = received.description;
    took_back_ = took_back_ || (description.type == SdpType::offer && awaits_answer());
    const OperationId op = turn.next_operation();
    remote_facts_ = read_sdp(description.sdp);
    if (received.generation) remote_generation_ = received.generation;
    if (description.type == SdpType::offer) remote_round_ = received.round;
    phase_ = SettingRemote{op, description.type};
    turn.act(SetRemoteDescription{connection_, op, description});
}

void Negotiation::set_local(SdpType type, Turn& turn) {
    if (type == SdpType::offer) {
        needed_ = false;
        took_back_ = false;
        ++round_;
    }
    const OperationId op = turn.next_operation();
    phase_ = SettingLocal{op, type};
    turn.act(SetLocalDescription{connection_, op});
}

void Negotiation::answer(Turn& turn) {
    if (std::holds_alternative<HaveRemoteOffer>(phase_)) set_local(SdpType::answer, turn);
}

Negotiation::Outcome Negotiation::handle(const LocalDescriptionSet& event) {
    const auto* running = std::get_if<SettingLocal>(&phase_);
    if (running == nullptr || running->op != event.op) return Outcome::nothing;
    if (running->type == SdpType::offer) {
        phase_ = HaveLocalOffer{};
    } else {
        phase_ = Stable{};
    }
    return Outcome::send_local;
}

Negotiation::Outcome Negotiation::handle(const RemoteDescriptionSet& event) {
    const auto* running = std::get_if<SettingRemote>(&phase_);
    if (running == nullptr || running->op != event.op) return Outcome::nothing;
    const SettingRemote done = *running;
    if (done.type != SdpType::offer) {
        // A provisional answer leaves our offer open for the final one.
        if (done.type == SdpType::answer) {
            phase_ = Stable{};
        } else {
            phase_ = HaveLocalOffer{};
        }
        return Outcome::answer_applied;
    }
    phase_ = HaveRemoteOffer{};
    return Outcome::offer_applied;
}

Negotiation::Outcome Negotiation::handle(const OperationFailed& event) {
    const auto* local = std::get_if<SettingLocal>(&phase_);
    const auto* remote = std::get_if<SettingRemote>(&phase_);
    const bool ours = (local != nullptr && local->op == event.op) ||
                      (remote != nullptr && remote->op == event.op);
    if (!ours) return Outcome::nothing;
    phase_ = Failed{};
    inbox_.clear();
    return Outcome::failed;
}

}  // namespace dvmeet
