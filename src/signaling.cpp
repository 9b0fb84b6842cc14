// The way to the signaling server: opened, watched, opened again.
#include "signaling.hpp"

#include <algorithm>

namespace dvmeet {

namespace {
/// A socket that is dead must be noticed: so many times the least patience.
constexpr TimeMs kMostPatience = 4;
/// Some 100 s of a network that is silent.
constexpr std::uint32_t kMostUnanswered = 40;
/// Of the attempts that follow unanswered ones, one in so many waits for a slow way, too.
constexpr std::uint32_t kPatientEvery = 4;
/// Who answers within this time is not slow.
constexpr TimeMs kPromptMs = 500;
}  // namespace

void Signaling::enter(State state) {
    state_ = state;
    reopen_at_.reset();
    answer_by_.reset();
    heartbeat_at_.reset();
    heartbeat_ = 0;
}

void Signaling::open(Turn& turn) {
    enter(State::opening);
    answer_by_ = turn.now + open_patience(turn.config);
    turn.act(OpenSignaling{});
}

/// TCP asks for a connection at once, after 1 s and after 3 s: a new attempt asks sooner than the
/// second repetition.
TimeMs Signaling::open_patience(const Config& config) const {
    const TimeMs whole = config.open_timeout_ms;
    const bool is_short = unanswered_ > 1 && unanswered_ % kPatientEvery != 0;
    return is_short ? whole * 3 / 8 : whole;
}

void Signaling::opened() { enter(State::open); }

/// A server to which all come back at once may take its time: more of it with each attempt.
void Signaling::await_welcome(const Turn& turn) {
    const TimeMs least = turn.config.heartbeat_patience_ms;
    answer_by_ = turn.now + std::min((least << std::min(unanswered_, 2U)) + 2 * longest_silence_,
                                     kMostPatience * least);
}

void Signaling::closed() { enter(State::closed); }

/// Even where there is no socket any more: whoever lent us one gets our listeners back.
void Signaling::close(Turn& turn) {
    enter(State::closed);
    turn.act(CloseSignaling{});
}

void Signaling::retry_later(Turn& turn) {
    if (!is_closed()) close(turn);
    const Config& config = turn.config;
    const std::uint32_t pause = std::min(config.signaling_retry_longest_ms,
                                         config.signaling_retry_ms << std::min(tries_, 8U));
    ++tries_;
    reopen_at_ = turn.now + pause + turn.draw(pause / 4 + 1);
}

void Signaling::retry_soon(Turn& turn) {
    if (++unanswered_ > kMostUnanswered) {
        retry_later(turn);
        return;
    }
    close(turn);
    reopen_at_ = turn.now + turn.draw(turn.config.signaling_retry_ms);
}

void Signaling::renew(Turn& turn) {
    if (!is_closed()) close(turn);
    tries_ = unanswered_ = 0;
    open(turn);
}

void Signaling::hurry(Turn& turn) {
    if (reopen_at_) reopen_at_ = turn.now;
}

void Signaling::watch(std::uint32_t heartbeat_ms, Turn& turn) {
    heartbeat_ms_ = heartbeat_ms;
    if (heartbeat_ms == 0) {
        heartbeat_at_.reset();
    } else if (!heartbeat_at_) {
        heartbeat_at_ = turn.now + heartbeat_ms;
    }
}

void Signaling::probe(Turn& turn) {
    if (!is_open() || heartbeat_ms_ == 0 || heartbeat_ != 0) return;
    heartbeat_ = turn.next_operation();
    silent_since_ = turn.now;
    heartbeat_at_ = turn.now + heartbeat_ms_;
    turn.act(Emit{heartbeat_, wire::Heartbeat{}});
}

void Signaling::handle(const HeartbeatAnswered& event, const Turn& turn) {
    if (event.op != heartbeat_ || heartbeat_ == 0) return;
    hear(turn);
    heartbeat_ = 0;
}

void Signaling::hear(const Turn& turn) {
    if (heartbeat_ == 0) return;
    const TimeMs silence = std::max(turn.now - silent_since_, longest_silence_ * 7 / 8);
    // Where the computer slept, it was not the server that was silent.
    const TimeMs most = kMostPatience * turn.config.heartbeat_patience_ms / 2;
    longest_silence_ = silence < kPromptMs ? 0 : std::min(silence, most);
    silent_since_ = turn.now;
}

TimeMs Signaling::patience(const Config& config, bool is_cut_off) const {
    const TimeMs least = config.heartbeat_patience_ms;
    return std::min((is_cut_off ? least / 2 : least) + 2 * longest_silence_, kMostPatience * least);
}

bool Signaling::pass_time(bool is_cut_off, Turn& turn) {
    if (reopen_at_ && *reopen_at_ <= turn.now) open(turn);
    if (answer_by_ && *answer_by_ <= turn.now) {
        answer_by_.reset();
        return true;
    }
    if (heartbeat_ != 0) {
        const TimeMs silence = turn.now - silent_since_;
        const TimeMs most = patience(turn.config, is_cut_off);
        // Far too late means that our own timers slept, and the answer may be waiting behind us.
        if (silence >= 2 * patience(turn.config, false)) {
            heartbeat_ = 0;
            probe(turn);
        } else if (silence >= most) {
            return true;
        }
    }
    if (heartbeat_at_ && *heartbeat_at_ <= turn.now) {
        if (heartbeat_ == 0) {
            probe(turn);
        } else {
            heartbeat_at_ = turn.now + heartbeat_ms_;
        }
    }
    return false;
}

Deadline Signaling::deadline(const Config& config, bool is_cut_off) const {
    Deadline earliest = reopen_at_;
    earliest.note(answer_by_);
    earliest.note(heartbeat_at_);
    if (heartbeat_ != 0) earliest.note(silent_since_ + patience(config, is_cut_off));
    return earliest;
}

}  // namespace dvmeet
