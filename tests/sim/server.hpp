// A model of the signaling server: who is in the room, and what it passes on to whom.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "dvmeet/action.hpp"
#include "dvmeet/event.hpp"

namespace dvmeet::sim {

/// Whose page it belongs to, and which of its sockets it is, from 1; 0: none.
using SocketId = std::uint32_t;
[[nodiscard]] constexpr SocketId socket_id(std::uint32_t page, std::uint32_t number) {
    return page << 16U | number;
}
[[nodiscard]] constexpr std::uint32_t page_of(SocketId socket) { return socket >> 16U; }
/// As Socket.IO would call it.
[[nodiscard]] std::string to_text(SocketId socket);

struct ServerSettings {
    bool plain = false;       ///< dvMeet's table only: no acknowledgement, no extension read
    bool list_first = false;  ///< the list outruns the acknowledgement
    bool replays = false;     ///< who is back gets again what came last before
    bool refuses = false;     ///< each message of the chat, the first time
    bool resumes = true;      ///< gives out ids and tokens of its own, and waits for who is away
};

/// One room.
///
/// Shape:  takes what came over a socket, gives what goes to which socket, in order.
/// Not modelled: names that are refused, rates, rooms that are full, bounds of what is kept.
class Server {
public:
    static constexpr TimeMs kGraceMs = 30'000;

    struct Delivery {
        SocketId socket;
        Event event;
    };
    using Deliveries = std::vector<Delivery>;

    explicit Server(ServerSettings settings) : settings_{settings} {}

    [[nodiscard]] Deliveries receive(SocketId from, std::optional<OperationId> op,
                                     const wire::ClientMessage& message, TimeMs now);
    [[nodiscard]] Deliveries closed(SocketId socket, TimeMs now);
    /// Those whose grace time is over are gone.
    [[nodiscard]] Deliveries expire(TimeMs now);
    /// It starts anew and knows nobody.
    void restart(TimeMs now);

    [[nodiscard]] bool awaits_somebody() const {
        return std::any_of(members_.begin(), members_.end(),
                           [](const Member& each) { return each.away_until.has_value(); });
    }
    [[nodiscard]] std::size_t members_count() const { return members_.size(); }
    [[nodiscard]] auto members() const { return std::tie(members_, log_, refused_, settled_at_); }

private:
    struct Member {
        ParticipantId id;
        SocketId socket = 0;  ///< none: away
        wire::Entry entry;
        std::optional<TimeMs> away_until{};
        std::vector<std::pair<ParticipantId, Event>> kept{};  ///< and who sent it
        std::vector<std::pair<ParticipantId, Event>> recent{};
        [[nodiscard]] auto members() const {
            return std::tie(id, socket, entry, away_until, kept, recent);
        }
    };
    [[nodiscard]] bool resumes() const { return settings_.resumes && !settings_.plain; }
    [[nodiscard]] Member* on(SocketId socket);
    [[nodiscard]] Member* find(const ParticipantId& id);
    [[nodiscard]] std::vector<wire::Entry> entries() const;
    void deliver(Member& to, const ParticipantId& from, wire::ServerMessage message, bool is_kept,
                 Deliveries& out) const;
    static void forget_replaced(Member& to, const ParticipantId& from);
    void to_others(const ParticipantId& from, const wire::ServerMessage& message, Deliveries& out);
    void relay(const ParticipantId& from, const ParticipantId& target, wire::ServerMessage message,
               Deliveries& out);
    void join(SocketId from, std::optional<OperationId> op, const wire::JoinRoom& message,
              TimeMs now, Deliveries& out);
    [[nodiscard]] wire::JoinAnswer answer_to(const Member& member, bool resumed, TimeMs now) const;
    void replay(Member& to, const wire::JoinRoom& message, bool resumed, Deliveries& out);
    void announce(const Member& member, const wire::Entry& former, bool is_new, Deliveries& out);
    void remove(const ParticipantId& id, Deliveries& out);
    void serve(Member& from, std::optional<OperationId> op, const wire::ClientMessage& message,
               Deliveries& out);
    void serve_chat(const Member& from, std::optional<OperationId> op,
                    const wire::SendMessage& message, Deliveries& out);

    ServerSettings settings_;
    std::vector<Member> members_;
    std::vector<wire::NewMessage> log_;
    std::set<std::string> refused_;  ///< ids of messages
    TimeMs settled_at_ = 0;          ///< from then on, who is missing is gone
};

}  // namespace dvmeet::sim
