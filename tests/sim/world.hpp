// A whole meeting in one value: cores, browsers, sockets, the server, and one virtual clock.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "browser.hpp"
#include "dvmeet/meeting.hpp"
#include "random.hpp"

namespace dvmeet::sim {

using NodeId = std::uint32_t;

/// How long things take.  Units: milliseconds, drawn evenly between 1 and the value.
struct Delays {
    std::uint32_t network = 120;     ///< one message on one link of the signaling server
    std::uint32_t operation = 60;    ///< one promise of a PeerConnection
    std::uint32_t gathering = 600;   ///< one candidate of one network or server
    std::uint32_t media = 400;       ///< getUserMedia
    std::uint32_t connecting = 300;  ///< ICE and DTLS
};

/// What a person, or fate, does.
struct Join {};
struct Leave {};
struct Close {};  ///< the page vanishes without a word
struct Toggle {
    Slot slot = Slot::microphone;
    bool on = false;
};
struct Reconnect {};
struct LoseSocket {};
using Deed = std::variant<Join, Leave, Close, Toggle, Reconnect, LoseSocket>;

/// One page: a core and the browser it drives.
struct Node {
    Meeting core;
    bool open = true;    ///< the page is there
    std::string socket;  ///< its socket's id; empty while there is none
    std::optional<TimeMs> wake;
    std::uint32_t wakes = 0;
    struct Link {
        ParticipantId participant;
        PeerConnection pc;
        std::optional<std::uint32_t> partner;  ///< the session it is connected with
        bool needed_announced = false;
        std::uint32_t gathered = 0;  ///< the ufrag candidates were gathered for
        std::int64_t connected_at = -1;
    };
    std::map<ConnectionId, Link> links;
    std::set<std::pair<Slot, OperationId>> tracks;
};

/// Order:  what happens on one link, one connection or one device happens in order; what happens
///         on different ones may overtake each other, as the seed has it.
/// Errors: whatever an invariant forbids is kept as a sentence; the first one ends the run.
class World {
public:
    explicit World(std::uint64_t seed, Delays delays = {}) : random_{seed}, delays_{delays} {}

    NodeId open_page(const std::string& name);
    void plan(TimeMs at, NodeId node, Deed deed);
    /// Lets time pass until then, or until an invariant breaks.
    void run_until(TimeMs end);
    /// What must hold when nothing has happened for a while.
    void check_quiescence();
    /// Taken from now on: may these two reach each other.
    void set_reachable(NodeId one, NodeId other, bool reachable);

    [[nodiscard]] const std::optional<std::string>& violation() const { return violation_; }
    [[nodiscard]] TimeMs now() const { return now_; }
    [[nodiscard]] std::uint64_t steps() const { return steps_; }
    [[nodiscard]] const Node& node(NodeId id) const { return nodes_[id]; }
    [[nodiscard]] std::size_t size() const { return nodes_.size(); }
    Random& random() { return random_; }
    /// Each node's events, for a trace of the run.
    void record(bool on) { recording_ = on; }
    struct Entry {
        NodeId node;
        TimeMs time;
        Event event;
    };
    [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }

private:
    // What is under way, and to whom.
    struct ToCore {
        NodeId node;
        Event event;
        std::string socket;  ///< came over this socket, or empty
    };
    struct ToServer {
        std::string socket;
        std::optional<OperationId> op;
        wire::ClientMessage message;
    };
    struct Opened {
        NodeId node;
    };
    struct Closed {
        std::string socket;
    };
    struct Operation {
        NodeId node;
        ConnectionId connection;
        Action action;
    };
    struct Connected {
        std::uint32_t one;
        std::uint32_t other;
    };
    struct Gathered {
        NodeId node;
        ConnectionId connection;
        std::uint32_t ufrag;
        std::uint32_t index;
    };
    struct Needed {
        NodeId node;
        ConnectionId connection;
    };
    struct Gone {
        std::uint32_t session;
        ConnectionState state;
    };
    struct Wake {
        NodeId node;
    };
    struct Done {
        NodeId node;
        Deed deed;
    };
    using Payload = std::variant<ToCore, ToServer, Opened, Closed, Operation, Connected, Gathered,
                                 Needed, Gone, Wake, Done>;
    /// Which order an item keeps: (kind, who, what).
    using Lane = std::tuple<char, std::uint32_t, std::uint32_t>;
    struct Item {
        TimeMs due = 0;
        std::uint64_t number = 0;
        Payload payload;
    };
    struct Member {
        std::string socket;
        NodeId node = 0;
        wire::Entry entry;
    };

    void push(TimeMs due, Payload payload);
    void push_in(const Lane& lane, std::uint32_t delay, Payload payload);
    void handle(NodeId node, const Event& event);
    void perform(NodeId node, const Action& action);
    void violate(std::string sentence);

    void go(const ToCore& item);
    void go(const ToServer& item);
    void go(const Opened& item);
    void go(const Closed& item);
    void go(const Operation& item);
    void go(const Connected& item);
    void go(const Gathered& item);
    void go(const Needed& item);
    void go(const Gone& item);
    void go(const Wake& item);
    void go(const Done& item);

    void serve(Member& from, const ToServer& item);
    void serve_join(const ToServer& item, const wire::JoinRoom& message);
    void to_member(const Member& member, wire::ServerMessage message);
    void to_others(const std::string& socket, const wire::ServerMessage& message);
    void leave_room(const std::string& socket);
    [[nodiscard]] Member* member(const std::string& socket);
    [[nodiscard]] NodeId node_of(const std::string& socket) const;

    void close_link(NodeId node, ConnectionId connection);
    void settle(NodeId node, ConnectionId connection);
    void look_for_match(NodeId node, ConnectionId connection);
    [[nodiscard]] std::pair<NodeId, ConnectionId> locate(std::uint32_t session) const;
    [[nodiscard]] bool reachable(NodeId one, NodeId other) const;

    Random random_;
    Delays delays_;
    TimeMs now_ = 0;
    std::uint64_t steps_ = 0;
    std::uint64_t numbers_ = 0;
    std::uint32_t sessions_ = 0;
    std::uint32_t sockets_ = 0;
    std::vector<Node> nodes_;
    std::vector<std::string> names_;
    std::vector<Item> items_;  ///< a heap, the next one first
    std::map<Lane, TimeMs> lanes_;
    std::vector<Member> members_;
    std::map<std::string, NodeId> sockets_of_;
    std::map<std::uint32_t, std::pair<NodeId, ConnectionId>> sessions_of_;
    std::set<std::pair<NodeId, NodeId>> cut_;
    std::optional<std::string> violation_;
    bool recording_ = false;
    std::vector<Entry> entries_;
};

}  // namespace dvmeet::sim
