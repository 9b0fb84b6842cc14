// A small world to run meetings in: browsers' peer connections, a signaling server, and chance.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dvmeet/meeting.hpp"

/// Everything that takes time in the real world is a step here, and any step that is possible may
/// come next: chance decides, from a seed.  What a browser or a server would refuse is noted in
/// `problems` with the step it happened at.
///
/// Scope:  no media, no packets: two connections are `connected` when their descriptions match
///         each other and each has a candidate of the other.  No ICE restarts.
/// Spec:   webrtc-pc §4.4 (signaling state, operations chain, negotiation-needed flag), RFC 8829
///         §5.10 (addTransceiver's lines never match a remote offer's) and §4.1.10.2 (rollback).
namespace dvmeet::model {

/// The numbers of a seed: a linear congruential generator, the same everywhere.
class Chance {
public:
    explicit Chance(std::uint64_t seed) : state_{seed * 2'862'933'555'777'941'757ULL + 1} {}
    std::uint32_t below(std::uint32_t limit) {
        state_ = state_ * 6'364'136'223'846'793'005ULL + 1'442'695'040'888'963'407ULL;
        return static_cast<std::uint32_t>((state_ >> 33U) % limit);
    }
    bool percent(std::uint32_t chance) { return below(100) < chance; }

private:
    std::uint64_t state_;
};

/// What a model connection knows of one description.
struct Description {
    SdpType type = SdpType::offer;
    std::string sdp;
    std::string ufrag;
    std::vector<std::pair<std::string, MediaKind>> lines;  ///< mid and kind
};
/// Reads a description that a model connection wrote.
Description parse(const SessionDescription& description);

/// An RTCPeerConnection as far as signaling sees it.
class Connection {
public:
    Connection(ConnectionId id, ParticipantId owner, ParticipantId participant, bool channel,
               std::uint32_t candidates);

    // What the glue calls; operations are chained, and complete by an event.
    void add_transceivers(const std::vector<Slot>& slots);
    void adopt(const std::vector<SlotMid>& slots);
    void set_local(OperationId op);
    void set_remote(OperationId op, const SessionDescription& description);
    void add_candidate(OperationId op, const std::optional<IceCandidate>& candidate);
    void replace_track(OperationId op, Slot slot);

    /// One thing that this browser could do next, of several; returns an event to dispatch.
    [[nodiscard]] bool has_work() const;
    std::optional<Event> work(Chance& chance);

    [[nodiscard]] bool is_stable() const { return signaling_ == Signaling::stable; }
    [[nodiscard]] bool has_ended_gathering() const { return gathering_.empty(); }
    [[nodiscard]] bool has_remote_candidate() const;
    [[nodiscard]] bool fits(const Connection& other) const;
    [[nodiscard]] std::size_t line_count() const;
    [[nodiscard]] std::size_t transceiver_count() const { return transceivers_.size(); }

    ConnectionId id;
    ParticipantId owner;
    ParticipantId participant;
    bool channel;
    ConnectionState state = ConnectionState::fresh;
    bool channel_open = false;
    /// By ufrag: what was gathered here, and what of the other side's was taken.
    std::map<std::string, std::vector<std::optional<IceCandidate>>> gathered{};
    std::map<std::string, std::vector<std::optional<IceCandidate>>> taken{};
    std::deque<Event> inbox{};  ///< state changes and channel messages to be dispatched
    std::vector<std::string> problems{};

    [[nodiscard]] std::string local_ufrag() const;
    [[nodiscard]] std::string remote_ufrag() const;

private:
    enum class Signaling : std::uint8_t { stable, have_local_offer, have_remote_offer };
    struct Transceiver {
        MediaKind kind = MediaKind::audio;
        std::optional<std::string> mid{};
        std::optional<Slot> slot{};
        bool negotiated = false;  ///< has a line in the descriptions that count
    };
    struct Operation {
        OperationId op = 0;
        std::function<Event()> run;
    };

    Event run_set_local(OperationId op);
    Event run_set_remote(OperationId op, const SessionDescription& description);
    Event run_add_candidate(OperationId op, const std::optional<IceCandidate>& candidate);
    Event failed(OperationId op, const std::string& why);
    [[nodiscard]] Description make(SdpType type);
    [[nodiscard]] std::string text(const Description& description) const;
    void settle();
    void roll_back();
    void need_check() { check_needed_ = true; }
    [[nodiscard]] bool needs_negotiation() const;
    std::optional<Event> check_negotiation();
    void start_gathering(const std::string& ufrag);

    std::uint32_t candidates_;
    Signaling signaling_ = Signaling::stable;
    std::vector<Transceiver> transceivers_{};
    std::optional<Description> current_local_{}, current_remote_{};
    std::optional<Description> pending_local_{}, pending_remote_{};
    std::deque<Operation> chain_{};
    std::deque<Event> completions_{};
    std::deque<std::optional<IceCandidate>> gathering_{};
    bool needed_ = false;
    bool check_needed_ = false;
    std::uint32_t ufrags_ = 0;
    std::uint32_t versions_ = 0;
};

/// One person's browser with a meeting in it.
struct Page {
    explicit Page(ParticipantId given, Config config)
        : id{std::move(given)}, meeting{std::move(config)} {}
    ParticipantId id;
    Meeting meeting;
    std::map<ConnectionId, Connection> connections{};
    std::optional<TimeMs> wake{};
    std::deque<Event> media{};  ///< devices that have opened
    bool socket_open = false;
    std::deque<Emit> up{};     ///< on the way to the server
    std::deque<Event> down{};  ///< on the way from the server
    std::size_t created = 0;
};

struct Settings {
    Config config{};
    bool plain_server = false;        ///< knows dvMeet's table only: no acknowledgement, no leave
    bool list_before_answer = false;  ///< whether the list outruns the acknowledgement
    std::uint32_t candidates = 3;     ///< gathered for each ICE generation, without the end
    std::uint32_t haste_percent = 0;  ///< how often time passes although there is work
};

/// The pages, the server between them, and time.
class World {
public:
    World(std::uint64_t seed, Settings settings);

    Page& add(const ParticipantId& id);
    void dispatch(Page& page, const Event& event);
    /// Does one of the things that are possible; false when there are none.
    bool step();
    /// Steps until nothing is left to do, time included, up to `until`.
    void run(TimeMs until);
    /// Every promise about pairs that all are in one room; the first that is broken, or nothing.
    [[nodiscard]] std::string check_pairs() const;
    [[nodiscard]] Chance& chance() { return chance_; }

    TimeMs now = 1000;
    std::vector<std::string> problems{};
    std::deque<Page> pages{};
    std::vector<std::string> log{};
    /// Told of every batch, for whoever looks for what went wrong.
    std::function<void(const Page&, const Event&, const Actions&)> watch{};

private:
    struct Member {
        ParticipantId id;
        wire::JoinRoom profile;
    };
    struct Carry;

    Page* find(const ParticipantId& id);
    void problem(const Page& page, const std::string& what);
    void check_batch(Page& page, const Actions& actions, const Snapshot& before);
    void serve(Page& from, const Emit& emit);
    void serve_join(Page& from, const Emit& emit, const wire::JoinRoom& message);
    void serve_left(const ParticipantId& id);
    void tell_others(const ParticipantId& from, const wire::ServerMessage& message);
    void relay(const ParticipantId& from, const ParticipantId& to,
               const wire::ServerMessage& message);
    [[nodiscard]] std::vector<wire::Entry> entries() const;
    [[nodiscard]] wire::Entry entry(const Member& member) const;
    [[nodiscard]] bool is_member(const ParticipantId& id) const;
    void connect_matching();
    void connection_closed(const ParticipantId& owner, const Connection& gone);
    bool pass_time(TimeMs until);

    Settings settings_;
    Chance chance_;
    std::vector<Member> members_{};
};

}  // namespace dvmeet::model
