// The way to the signaling server: opened, watched, opened again.
#pragma once

#include <cstdint>
#include <optional>
#include <tuple>

#include "dvmeet/event.hpp"
#include "turn.hpp"

namespace dvmeet {

/// Keeps one socket, and knows when it is no longer one.
///
/// Shape:  heartbeats as often as the server asked for, one at a time; the pause between attempts
///         to open grows from Config::signaling_retry_ms to signaling_retry_longest_ms, a quarter
///         of it drawn.  A server is given up once nothing at all has come from it for
///         Config::heartbeat_patience_ms after a heartbeat, half of that where no participant is
///         heard either, and for twice the longest silence that it has broken lately on top: where
///         pages or the server are busy, another socket would only add to that.
/// Why:    after a change of address a WebSocket stays "open" for a minute, and Socket.IO's own
///         pings notice it after 45 s; nothing that needs signaling works in between.
class Signaling {
public:
    void open(Turn& turn);
    void opened();
    /// It asks to be let in again, and is given up where the server doesn't answer that.
    void await_welcome(const Turn& turn);
    /// It could not be opened, or broke.
    void closed();
    void close(Turn& turn);
    /// Away from the server, and back to it after a pause.
    void retry_later(Turn& turn);
    /// The same where it is our own network rather, which may be back at any moment, that is
    /// silent: a pause that is all drawn, and most attempts short, until it has been so for long.
    void retry_soon(Turn& turn);
    /// Another socket, now.
    void renew(Turn& turn);
    /// Brings the next attempt forward, where one is waited for.
    void hurry(Turn& turn);
    /// The server let us in: attempts count from the start.
    void settle() {
        tries_ = unanswered_ = 0;
        answer_by_.reset();
    }
    /// It answers heartbeats so often.
    void watch(std::uint32_t heartbeat_ms, Turn& turn);
    /// A heartbeat now, where the server answers them and none is under way.
    void probe(Turn& turn);
    void handle(const HeartbeatAnswered& event, const Turn& turn);
    /// Something came from the server: it lives, however late it answers.
    void hear(const Turn& turn);

    /// Returns whether the socket has just turned out to be dead.  `is_cut_off`: of those who were
    /// connected, none is heard.
    [[nodiscard]] bool pass_time(bool is_cut_off, Turn& turn);
    [[nodiscard]] Deadline deadline(const Config& config, bool is_cut_off) const;

    [[nodiscard]] bool is_open() const { return state_ == State::open; }
    [[nodiscard]] bool is_closed() const { return state_ == State::closed; }
    [[nodiscard]] auto members() const {
        return std::tie(state_, reopen_at_, answer_by_, tries_, unanswered_, heartbeat_ms_,
                        heartbeat_at_, heartbeat_, silent_since_, longest_silence_);
    }
    bool operator==(const Signaling&) const = default;

private:
    enum class State : std::uint8_t { closed, opening, open };

    void enter(State state);
    [[nodiscard]] TimeMs open_patience(const Config& config) const;
    [[nodiscard]] TimeMs patience(const Config& config, bool is_cut_off) const;

    State state_ = State::closed;
    std::optional<TimeMs> reopen_at_;
    std::optional<TimeMs> answer_by_;  ///< to be open by then, or let in
    std::uint32_t tries_ = 0;
    std::uint32_t unanswered_ = 0;        ///< attempts in a row that nothing came of
    std::uint32_t heartbeat_ms_ = 0;      ///< 0: the server answers none
    std::optional<TimeMs> heartbeat_at_;  ///< when the next one goes out
    OperationId heartbeat_ = 0;           ///< the one that is not answered yet
    TimeMs silent_since_ = 0;             ///< since then it has had time to answer that one
    TimeMs longest_silence_ = 0;          ///< of a server that lived, forgotten by and by
};

}  // namespace dvmeet
