// A whole meeting in one value: cores, browsers, sockets, the server, and one virtual clock.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "agenda.hpp"
#include "bottleneck.hpp"
#include "browser.hpp"
#include "budget.hpp"
#include "dvmeet/meeting.hpp"
#include "server.hpp"

namespace dvmeet::sim {

using NodeId = std::uint32_t;

/// How long things take.  Units: milliseconds, drawn evenly between 1 and the value; 0: no time
/// at all, for explorations, which choose the order themselves.
struct Delays {
    std::uint32_t network = 120;     ///< one message on one link of the signaling server
    std::uint32_t operation = 60;    ///< one promise of a PeerConnection
    std::uint32_t gathering = 600;   ///< one candidate of one network or server
    std::uint32_t media = 400;       ///< getUserMedia
    std::uint32_t connecting = 300;  ///< ICE and DTLS
};
inline constexpr Delays kNoDelays{0, 0, 0, 0, 0};

struct Settings {
    /// Crowds come in, too; one in some meetings adapts.
    Config config{.max_participants = kMaxParticipants, .capture = {}, .adapt = false};
    ServerSettings server{};
    Delays delays{};
    std::uint32_t candidates = 3;  ///< gathered for each ICE generation, without the end
    bool watchful = false;         ///< compares what is seen before and after each event; figures
                                   ///< and levels are looked at
};

/// What a person, or fate, does.
struct Join {};
struct Leave {};
struct Close {};  ///< the page vanishes without a word
struct Toggle {
    Slot slot = Slot::microphone;
    bool on = false;
    [[nodiscard]] auto members() const { return std::tie(slot, on); }
};
struct Reconnect {
    std::optional<NodeId> whom;  ///< nobody in particular: all that are not well
    [[nodiscard]] auto members() const { return std::tie(whom); }
};
struct Rename {};
struct LoseSocket {};
struct Say {};
struct Retry {};  ///< sends again what was refused of one's own
/// The page shows somebody so large; 0 × 0: not at all.
struct Show {
    NodeId whom = 0;
    Slot slot = Slot::camera;
    PictureSize size;
    [[nodiscard]] auto members() const { return std::tie(whom, slot, size); }
};
/// What the page sends through is another one from now on.
struct Narrow {
    Bottleneck to;
    [[nodiscard]] auto members() const { return std::tie(to); }
};
/// The way from this page to everything else breaks for a while; no one is told.
struct NetworkOutage {
    TimeMs for_ms = 0;
    [[nodiscard]] auto members() const { return std::tie(for_ms); }
};
struct NetworkBack {};
/// What was sent to the old address never comes; `told`: the browser says so.
struct ChangeAddress {
    bool told = false;
    [[nodiscard]] auto members() const { return std::tie(told); }
};
/// The server ends, and knows nobody when it is there again; whose page it is doesn't matter.
struct ServerOutage {
    TimeMs for_ms = 0;
    [[nodiscard]] auto members() const { return std::tie(for_ms); }
};
struct ServerBack {};
using Deed =
    std::variant<Join, Leave, Close, Toggle, Reconnect, Rename, LoseSocket, Say, Retry, Show,
                 Narrow, NetworkOutage, NetworkBack, ChangeAddress, ServerOutage, ServerBack>;
[[nodiscard]] std::string to_text(const Deed& deed);

/// One page: a core and the browser it drives.
struct Node {
    explicit Node(const Config& config) : core{config} {}

    Meeting core;
    bool open = true;  ///< the page is there
    SocketId socket = 0;
    std::uint32_t sockets = 0;  ///< opened so far
    std::uint32_t opening = 0;  ///< which attempt to open one counts
    std::optional<TimeMs> wake;
    std::vector<TimeMs> wakes{};  ///< the last ones
    bool online = true;
    std::uint32_t address = 0;         ///< counts them
    std::uint32_t socket_address = 0;  ///< the one the socket was opened from
    std::uint32_t socket_life = 0;     ///< the server's, when it was opened
    std::uint32_t stays = 0;           ///< how often the page came into the room as somebody new
    struct Link {
        ParticipantId participant;
        PeerConnection pc;
        std::optional<std::uint32_t> partner{};  ///< the session it is connected with
        std::pair<std::uint32_t, std::uint32_t> connected_as{};  ///< the ICE generations then
        std::pair<std::uint32_t, std::uint32_t> path{};          ///< the addresses then
        ConnectionState state = ConnectionState::fresh;
        std::uint32_t outage = 0;    ///< counts them; what belongs to a former one is void
        std::uint32_t gathered = 0;  ///< the generation candidates were gathered for
        std::uint32_t chained = 0;   ///< operations under way or waiting for their turn
        bool looks_later = false;    ///< whether negotiation is needed: when none is
        std::int64_t received = 0;
        std::map<Slot, OperationId> sent{};  ///< the tracks in its lines
        std::map<Slot, Line> lines{};        ///< where pictures are adapted
        TimeMs sampled_at = 0;
        std::vector<IceServer> ice_servers{};
        std::vector<channel::Message> unsent{};  ///< what waits for the path, in order
        [[nodiscard]] auto members() const {
            return std::tie(participant, pc, partner, connected_as, path, state, outage, gathered,
                            chained, looks_later, received, sent, lines, sampled_at, ice_servers,
                            unsent);
        }
    };
    /// The ICE servers that the application gives, and when it is to be asked for others.
    struct Given {
        std::vector<IceServer> ice_servers;
        OperationId asked = 0;
        std::uint32_t tries = 0;  ///< since they came last
        std::uint32_t count = 0;  ///< how often they came
        TimeMs ask_from = 0;
        std::optional<TimeMs> ask_by;
        [[nodiscard]] auto members() const {
            return std::tie(ice_servers, asked, tries, count, ask_from, ask_by);
        }
    };
    std::map<ConnectionId, Link> links;
    std::set<std::pair<Slot, OperationId>> tracks;
    /// How the page shows others, as long as it does.
    std::map<ParticipantId, std::map<Slot, PictureSize>> tiles;
    Bottleneck through;
    Capture camera{{640, 480}, 24};  ///< what it gives
    /// What was asked for last of each track, and how often something else was.
    std::map<std::pair<Slot, OperationId>, ApplyConstraints> constraints;
    std::uint32_t constraint_changes = 0;
    Given given;
    bool fresh = false;            ///< has come in, and sent no picture since
    std::optional<Snapshot> seen;  ///< what was shown last, where that is watched
};

/// Order:  what happens on one link, one connection or one device happens in order; what happens
///         on different ones may overtake each other.
/// Errors: whatever an invariant forbids is kept as a sentence; the first one ends the run.
class World {
public:
    World(std::uint64_t seed, Settings settings);

    NodeId open_page(const std::string& name);
    void plan(TimeMs at, NodeId node, Deed deed);
    /// May these two reach each other, from now on.
    void set_reachable(NodeId one, NodeId other, bool reachable);
    /// The path of these two alone leads nowhere any more, as where a NAT has forgotten it; an ICE
    /// restart finds another one.
    void lose_path(NodeId one, NodeId other);
    /// What must hold when nothing has happened for a while.
    void check_quiescence();
    /// It holds, and nothing is under way but what comes again and again: heartbeats and samples.
    [[nodiscard]] bool is_at_rest();

    // One way to go on: in the order that the seed has drawn.
    void run_until(TimeMs end);

    // Another one: whatever may come next, chosen from outside.
    /// What may come now, as places in the list of what is under way; for take().
    [[nodiscard]] std::vector<std::size_t> choices() const;
    void take(std::size_t choice);
    /// Time passes until a timer, or what takes time, is due; false where there is none.
    bool pass_time();
    [[nodiscard]] std::string describe(std::size_t choice) const;
    /// Forgets what is under way to nobody: a state is told by its fingerprint without it.
    void drop_void();
    [[nodiscard]] Fingerprint fingerprint() const;

    [[nodiscard]] const std::optional<std::string>& violation() const { return violation_; }
    [[nodiscard]] TimeMs now() const { return now_; }
    [[nodiscard]] std::uint64_t steps() const { return steps_; }
    [[nodiscard]] const Node& node(NodeId id) const { return nodes_[id]; }
    [[nodiscard]] std::size_t size() const { return nodes_.size(); }
    [[nodiscard]] const std::string& name(NodeId id) const { return names_[id]; }
    [[nodiscard]] bool reachable(NodeId one, NodeId other) const;

    /// What the cores have asked for so far, of what healing is made of.
    struct Costs {
        std::uint32_t connections = 0;
        std::uint32_t restarts = 0;
        std::uint32_t key_frames = 0;
        std::uint32_t joins = 0;
        friend Costs operator-(const Costs& one, const Costs& other) {
            return {one.connections - other.connections, one.restarts - other.restarts,
                    one.key_frames - other.key_frames, one.joins - other.joins};
        }
        bool operator==(const Costs&) const = default;
    };
    [[nodiscard]] const Costs& costs() const { return costs_; }
    void violate(std::string sentence);

    /// Each node's events and actions, for a trace of the run.
    void record(bool on) { recording_ = on; }
    struct Entry {
        NodeId node;
        TimeMs time;
        Event event;
        Actions actions;
    };
    [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
    [[nodiscard]] const Settings& settings() const { return settings_; }

private:
    // What is under way, and to whom.
    struct ToCore {
        NodeId node;
        Event event;
        SocketId socket;  ///< that it came over, if any
        [[nodiscard]] auto members() const { return std::tie(node, event, socket); }
    };
    struct ToServer {
        SocketId socket;
        std::optional<OperationId> op;
        wire::ClientMessage message;
        std::uint32_t life;  ///< the server's that it was sent to
        [[nodiscard]] auto members() const { return std::tie(socket, op, message, life); }
    };
    struct Opened {
        NodeId node;
        std::uint32_t attempt;
        [[nodiscard]] auto members() const { return std::tie(node, attempt); }
    };
    struct Closed {
        SocketId socket;
        [[nodiscard]] auto members() const { return std::tie(socket); }
    };
    struct Operation {
        NodeId node;
        ConnectionId connection;
        Action action;
        [[nodiscard]] auto members() const { return std::tie(node, connection, action); }
    };
    /// SCTP sends again what got no answer.
    struct Resent {
        NodeId node;
        ConnectionId connection;
        [[nodiscard]] auto members() const { return std::tie(node, connection); }
    };
    struct Connected {
        std::uint32_t one;
        std::uint32_t other;
        [[nodiscard]] auto members() const { return std::tie(one, other); }
    };
    struct Gathered {
        NodeId node;
        ConnectionId connection;
        std::uint32_t generation;
        std::uint32_t index;
        [[nodiscard]] auto members() const { return std::tie(node, connection, generation, index); }
    };
    struct Needed {
        NodeId node;
        ConnectionId connection;
        [[nodiscard]] auto members() const { return std::tie(node, connection); }
    };
    /// ICE notices what has become of a path.
    struct Noticed {
        std::uint32_t session;
        ConnectionState state;
        std::uint32_t outage;
        [[nodiscard]] auto members() const { return std::tie(session, state, outage); }
    };
    struct Grace {
        [[nodiscard]] auto members() const { return std::tie(); }
    };
    /// What waited for the network gets through, in order.
    struct Thaw {
        NodeId node;
        [[nodiscard]] auto members() const { return std::tie(node); }
    };
    struct Done {
        NodeId node;
        Deed deed;
        [[nodiscard]] auto members() const { return std::tie(node, deed); }
    };
    using Payload = std::variant<Grace, ToCore, ToServer, Opened, Closed, Operation, Resent,
                                 Connected, Gathered, Needed, Noticed, Thaw, Done>;

    /// After a delay that is drawn, and after what is on this lane already.
    template <class Thing>
    void push_in(Lane lane, std::uint32_t delay, Thing&& thing) {
        agenda_.push(due_in(lane, delay), lane, std::forward<Thing>(thing));
    }
    [[nodiscard]] TimeMs due_in(Lane lane, std::uint32_t delay);
    void go(const Payload& payload);
    void handle(NodeId node, const Event& event);
    void perform(NodeId node, Action& action);
    void constrain(NodeId node, const ApplyConstraints& action);
    void ask_application(NodeId node, const AskIceServers& action);
    void check_batch(NodeId id, const Event& event, const Actions& actions);
    void check_seen(NodeId id, bool announced);
    void check_candidate(NodeId id, const AddIceCandidate& action);
    void check_encoding(NodeId id, const SetEncoding& action);
    void check_constraints(NodeId id, const ApplyConstraints& action);
    void check_ice_servers(NodeId id, const Event& event, const Actions& actions);
    void check_given(NodeId id, const Actions& actions);
    void check_asked(NodeId id, const AskIceServers& action);
    void check_estimate(NodeId id, const char* when);
    void drop_tiles(NodeId id);
    void deliver(Server::Deliveries deliveries);
    void count(const Action& action);
    void check_restart(NodeId id, const RestartIce& action);

    void go(const ToCore& item);
    void go(const ToServer& item);
    void go(const Opened& item);
    void go(const Closed& item);
    void go(const Operation& item);
    void go(const Resent& item);
    void go(const Connected& item);
    void go(const Gathered& item);
    void go(const Needed& item);
    void go(const Noticed& item);
    void go(const Grace& item);
    void go(const Thaw& item);
    void go(const Done& item);
    void wake(NodeId node);
    void check_wakes(std::vector<TimeMs>& wakes);
    /// Whose timer is the next, found anew only where one has changed.
    [[nodiscard]] std::optional<NodeId> earliest_wake();
    void set_wake(NodeId node, std::optional<TimeMs> time);

    void act(NodeId node, const NetworkOutage& deed);
    void act(NodeId node, const NetworkBack& deed);
    void act(NodeId node, const ChangeAddress& deed);
    void act(NodeId node, const ServerOutage& deed);
    void act(NodeId node, const ServerBack& deed);
    void act(NodeId node, const Show& deed);
    [[nodiscard]] bool is_outside(NodeId node) const;
    void close_page(NodeId node);
    void say(NodeId node);
    void retry(NodeId node);
    [[nodiscard]] std::map<NodeId, std::uint32_t> listeners() const;
    [[nodiscard]] bool socket_works(NodeId node) const;
    [[nodiscard]] bool is_stalled(NodeId node) const {
        return !nodes_[node].online || stalled_.contains(node);
    }
    void drop_socket(NodeId node);
    void set_description(const Operation& item, Node::Link& link);
    void set_encoding(const Operation& item, const SetEncoding& action, Node::Link& link);
    void transmit(NodeId node, ConnectionId connection, Node::Link& link);
    void sample(const Operation& item, const SampleStats& action, Node::Link& link);
    void add_flows(NodeId node, Node::Link& link, StatsSampled& sample);
    [[nodiscard]] Load load_of(NodeId node);
    void answer(const Operation& item, OperationId op, const PeerConnection::Outcome& error,
                const Event& event);
    void gather(NodeId node, ConnectionId connection);
    void close_link(NodeId node, ConnectionId connection);
    void settle(NodeId node, ConnectionId connection);
    void look_for_match(NodeId node, ConnectionId connection);
    void connect(std::uint32_t session, std::uint32_t partner, bool with_channel);
    void path_changes(NodeId node);
    void path_breaks(std::uint32_t session, Node::Link& link);
    [[nodiscard]] bool path_works(std::uint32_t session, const Node::Link& link);
    [[nodiscard]] bool can_reach(NodeId one, NodeId other) const;
    [[nodiscard]] Node::Link* link_of(std::uint32_t session);
    [[nodiscard]] const Node::Link* link_of(std::uint32_t session) const;
    [[nodiscard]] bool is_void(const Payload& payload) const;
    [[nodiscard]] bool is_routine(const Payload& payload) const;
    [[nodiscard]] bool is_settled(NodeId id);
    void check_chat(NodeId id, const Snapshot& shot);
    using Present = std::vector<std::pair<NodeId, Snapshot>>;
    void check_present(NodeId id, const Snapshot& shot, const Present& present);
    void check_links(NodeId id, const Snapshot& shot, std::size_t people);
    void check_tracks(NodeId id, const Snapshot& shot, const Node::Link& link);
    void check_pictures(NodeId id, const Snapshot& shot, const Node::Link& link);
    void check_uplink(NodeId id);
    void check_devices(NodeId id, const Snapshot& shot);

    std::uint64_t seed_;
    Settings settings_;
    Server server_;
    TimeMs now_ = 0;
    std::uint64_t steps_ = 0;
    std::vector<Node> nodes_;
    std::vector<std::string> names_;
    std::optional<NodeId> waker_;
    bool wakes_changed_ = false;
    Agenda<Payload> agenda_;
    Lanes lanes_;
    std::set<std::pair<NodeId, NodeId>> cut_;
    std::map<NodeId, std::vector<Payload>> stalled_;  ///< what waits for an uplink
    bool server_on_ = true;
    std::uint32_t server_life_ = 0;  ///< counts its starts
    struct Said {
        std::string text;
        NodeId author;
        std::uint32_t server_life;
        std::map<NodeId, std::uint32_t> heard_by;  ///< who was inside, in which stay
    };
    std::vector<Said> said_;
    Costs costs_;
    std::optional<std::string> violation_;
    bool recording_ = false;
    std::vector<Entry> entries_;
};

/// The number of a connection that is unique in the world.
[[nodiscard]] constexpr std::uint32_t session_of(NodeId node, ConnectionId connection) {
    return node << 16U | connection;
}

}  // namespace dvmeet::sim
