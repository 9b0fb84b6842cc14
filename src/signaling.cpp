// The way to the signaling server: opened, watched, opened again.
#include "signaling.hpp"

#include <algorithm>

namespace dvmeet {

void Signaling::enter(State state) {
    state_ = state;
    reopen_at_.reset();
    open_by_.reset();
    heartbeat_at_.reset();
    heartbeat_ = 0;
}

void Signaling::open(Turn& turn) {
    enter(State::opening);
    open_by_ = turn.now + turn.config.open_timeout_ms;
    turn.act(OpenSignaling{});
}

void Signaling::opened() { enter(State::open); }

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

void Signaling::renew(Turn& turn) {
    if (!is_closed()) close(turn);
    tries_ = 0;
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
    heartbeat_sent_ = turn.now;
    heartbeat_at_ = turn.now + heartbeat_ms_;
    turn.act(Emit{heartbeat_, wire::Heartbeat{}});
}

void Signaling::handle(const HeartbeatAnswered& event) {
    if (event.op == heartbeat_) heartbeat_ = 0;
}

bool Signaling::pass_time(Turn& turn) {
    if (reopen_at_ && *reopen_at_ <= turn.now) open(turn);
    if (open_by_ && *open_by_ <= turn.now) {
        open_by_.reset();
        return true;
    }
    if (heartbeat_ != 0) {
        const TimeMs age = turn.now - heartbeat_sent_;
        const TimeMs patience = turn.config.heartbeat_patience_ms;
        // Far too late means that our own timers slept, and the answer may be waiting behind us.
        if (age >= 2 * patience) {
            heartbeat_ = 0;
            probe(turn);
        } else if (age >= patience) {
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

std::optional<TimeMs> Signaling::deadline(const Config& config) const {
    std::optional<TimeMs> earliest;
    const auto note = [&](std::optional<TimeMs> time) {
        if (time) earliest = earliest ? std::min(*earliest, *time) : *time;
    };
    note(reopen_at_);
    note(open_by_);
    note(heartbeat_at_);
    if (heartbeat_ != 0) note(heartbeat_sent_ + config.heartbeat_patience_ms);
    return earliest;
}

}  // namespace dvmeet
