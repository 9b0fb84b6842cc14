// How a connection that once worked is brought back: what speaks against its path and for it, what
// is sent again, and what each rung of the ladder does.
#include "peer.hpp"

#include <algorithm>

namespace dvmeet {

namespace {
/// An offer without an answer is sent again: the socket it went over, or the other side's, may have
/// been dead already.  The pause doubles.
constexpr TimeMs kResendMs = 4'000;
constexpr std::uint32_t kMaxResends = 3;
/// Media that stood still for so long when signaling came back did so for the same reason.
constexpr TimeMs kQuietMs = 1'000;
/// Less is no more than a packet that came late.
constexpr TimeMs kLeastSilenceMs = 500;
/// A relay that is still in use so long after the pair came back is left over.  The pause doubles,
/// to five minutes: what was in the way may be so for long.
constexpr TimeMs kLeftoverMs = 5'000;
constexpr std::uint32_t kMostDoublings = 6;
/// A direct path that lasts for less is none to go back to time and again.
constexpr TimeMs kLastingMs = 60'000;
}  // namespace

// ---- what the path tells --------------------------------------------------------------------

void Peer::handle(const StatsSampled& event, const PeerContext& context, Turn& turn) {
    link_->sampling = 0;
    link_->sampled_at = turn.now;
    if (event.pair) {
        link_->paths.use(*event.pair, turn.now);
        leave_relay(*event.pair, context, turn);
    }
    const bool moved = link_->bytes >= 0 && event.bytes > link_->bytes;
    link_->received = moved || context.sends_nothing;
    link_->bytes = event.bytes;
    if (moved) {
        link_->alive_at = turn.now;
        prove(turn);
    } else if (link_->channel_open) {
        // Only the control channel can tell a dead path from one with nothing to carry.
        if (!link_->pinging) send(channel::Ping{}, turn);
        link_->pinging = true;
        const bool is_silent = turn.now - link_->alive_at >= turn.config.silence_ms;
        if (is_silent && !failure_) recovery_.suspect(0, false, turn);
    }
}

/// ICE keeps what works: a pair that came back onto a relay stays on it when there is a direct path
/// again.  Restarts look for it.
void Peer::leave_relay(const PairStats& pair, const PeerContext& context, Turn& turn) {
    if (!pair.local || !pair.remote) return;
    const bool is_relayed =
        pair.local == CandidateType::relay || pair.remote == CandidateType::relay;
    const bool is_calm = is_connected() && !recovery_.is_active();
    if (link_->is_relayed != is_relayed) link_->pair_since.reset();
    link_->is_relayed = is_relayed;
    // A plain peer may not survive an offer that it has no need of.
    if (is_relayed && (!is_calm || !link_->was_direct || !context.extended)) {
        link_->pair_since.reset();
        return;
    }
    if (!link_->pair_since) link_->pair_since = turn.now;
    const TimeMs lasts = turn.now - *link_->pair_since;
    if (!is_relayed) {
        link_->was_direct = true;
        if (lasts >= kLastingMs) link_->departures = 0;
        return;
    }
    const TimeMs pause = kLeftoverMs << std::min(link_->departures, kMostDoublings);
    if (lasts < pause || !leads(context) || !context.can_signal || !link_->negotiation.is_stable())
        return;
    link_->pair_since.reset();
    ++link_->departures;
    turn.act(RestartIce{link_->id});
}

void Peer::hear(Turn& turn) {
    link_->alive_at = turn.now;
    link_->pinging = false;
    prove(turn);
}

/// Pictures start anew on both sides: each asks its own sender, who needn't wait to be asked.
void Peer::prove(Turn& turn) {
    if (!is_connected() || !recovery_.prove(turn.now)) return;
    by_detour_ = false;
    turn.changed = true;
    turn.act(SendKeyFrames{link_->id});
}

// ---- offers without an answer ---------------------------------------------------------------

void Peer::resend_later(Turn& turn) { link_->resend_at = turn.now + (kResendMs << link_->resends); }

/// Where the network is another one since, the offer names addresses that are gone.
void Peer::offer_again(const PeerContext& context, Turn& turn) {
    if (link_->outdated && context.extended) {
        link_->outdated = false;
        turn.act(RestartIce{link_->id});
        link_->negotiation.offer_anew(turn);
    } else {
        resend(context, turn);
    }
}

void Peer::resend_in_time(const PeerContext& context, Turn& turn) {
    if (!link_ || !link_->resend_at || *link_->resend_at > turn.now) return;
    link_->resend_at.reset();
    // Without signaling it waits for resume_signaling().
    if (!context.can_reach() || link_->resends >= kMaxResends) return;
    ++link_->resends;
    resend_later(turn);
    resend(context, turn);
}

// ---- the ladder -----------------------------------------------------------------------------

void Peer::resume_signaling(const PeerContext& context, Turn& turn) {
    if (!link_) return;
    const bool awaits_answer = link_->negotiation.awaits_answer();
    if (awaits_answer) {
        link_->resends = 0;
        if (context.extended) resend_later(turn);
        offer_again(context, turn);
    } else if (!is_connected()) {
        resend(context, turn);
    }
    if (is_first_try()) link_->connect_by = turn.now + turn.config.connect_timeout_ms;
    if (was_connected_ && stands_still(turn.now)) {
        forgive(turn);
        recovery_.suspect(0, false, turn);
    }
    if (awaits_answer) {
        recovery_.postpone(turn);
    } else {
        recovery_.begin(turn);
    }
}

void Peer::return_to_signaling(const PeerContext& context, Turn& turn) {
    if (link_ && link_->was_connected && stands_still(turn.now))
        link_->outdated = link_->negotiation.awaits_answer();
    resume_signaling(context, turn);
}

/// A plain peer that sends nothing is no less alive for that.
bool Peer::stands_still(TimeMs now) const {
    const bool is_telling = link_->channel_open || link_->bytes > 0;
    return !is_connected() || (is_telling && now - link_->alive_at >= kQuietMs);
}

bool Peer::is_unheard() const {
    if (!link_ || !link_->was_connected) return false;
    const bool is_silent =
        link_->channel_open && link_->sampled_at - link_->alive_at >= kLeastSilenceMs;
    return !is_connected() || is_silent;
}

void Peer::doubt(Turn& turn) {
    if (!link_) return;
    link_->outdated = link_->negotiation.awaits_answer();
    link_->was_direct = false;  // in another network that promises nothing
    recovery_.renew();
    if (was_connected_ || failure_) try_anew(turn);
}

void Peer::encourage(Turn& turn) {
    if (failure_) try_anew(turn);
}

/// What was given up counts no more, and only a try proves that the path works.
void Peer::try_anew(Turn& turn) {
    forgive(turn);
    recovery_.suspect(0, true, turn);
}

void Peer::set_ice_servers(const std::vector<IceServer>& servers, Turn& turn) const {
    if (link_) turn.act(UpdateIceServers{link_->id, servers});
}

void Peer::recover(const PeerContext& context, Turn& turn) {
    if (recovery_.is_held() && context.detour) recovery_.begin(turn);
    if (!recovery_.is_due(turn.now)) return;
    if (!context.can_reach()) {
        recovery_.hold();
    } else if (recovery_.is_exhausted()) {
        recovery_.reset();
        given_up_ = true;
        fail(ErrorCode::connection_failed,
             "The connection to this participant was lost and can't be brought back. It is tried "
             "again when the network changes; Reconnect tries at once.",
             turn);
    } else {
        try_again(context, turn);
        recovery_.tried(turn);
    }
}

/// One side offers restarts and the other asks for them, so that they never collide.  Who gets no
/// answer makes a new connection only after long: somebody who is away, and comes back to one that
/// is gone, has to begin anew.  What a plain peer doesn't answer it doesn't know what to do with.
void Peer::try_again(const PeerContext& context, Turn& turn) {
    const std::uint32_t tries = recovery_.tries();
    const bool awaits_answer = link_ && link_->negotiation.awaits_answer();
    const bool is_answered = leads(context) && (!context.extended || !awaits_answer);
    const bool is_spent = tries > 0 && tries % Recovery::kTriesAConnection == 0 &&
                          (is_answered || tries >= 2 * Recovery::kTriesAConnection);
    const bool is_hopeless =
        link_ && (link_->negotiation.has_failed() ||
                  (link_->state == ConnectionState::failed && !link_->was_connected));
    const bool needs_another = !link_ || is_hopeless;
    if (context.can_signal && (needs_another || is_spent)) {
        rebuild(context, turn);
    } else if (needs_another) {
        return;  // no third may introduce a connection
    } else if (awaits_answer) {
        offer_again(context, turn);
    } else if (!leads(context)) {
        emit(wire::IceRestartFrom{generations(), context.self}, context, turn);
    } else if (link_->negotiation.is_stable()) {
        turn.act(RestartIce{link_->id});
    }
}

bool Peer::leads(const PeerContext& context) const {
    return !context.extended || context.self > id_;
}

}  // namespace dvmeet
