// Exactly one connection per pair: who starts, who waits, and whose message goes where.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "links.hpp"
#include "local_media.hpp"
#include "peer.hpp"
#include "quality.hpp"
#include "roster.hpp"
#include "speakers.hpp"
#include "stats.hpp"
#include "tiles.hpp"
#include "turn.hpp"

namespace dvmeet {

/// The peers of a meeting.
///
/// Shape:  one Peer per participant in the roster; candidates of at most kMaxStrangers
///         senders whom nobody has announced wait for their offer; the latest kMaxDeparted
///         leavers are remembered for kDepartedMs.
/// Order:  the newcomer, who finds the others in the answer to its join, offers; a resident
///         offers to a newcomer whose offer hasn't come in Config::offer_wait_ms.  Plain dvMeet
///         clients offer whichever side they are on: to one that is known as such, we offer when
///         its own offer hasn't come in Config::plain_offer_wait_ms.
///         Messages of a pair that has lost the server are passed on between members of the room.
///         Whom the server gives up while the control channel is open stays until that closes.
/// Errors: a message about a connection or participant that isn't here is reported and dropped.
class Mesh {
public:
    static constexpr std::size_t kMaxStrangers = 16;
    static constexpr std::size_t kMaxDeparted = 64;
    static constexpr TimeMs kDepartedMs = 30'000;  ///< longer than a message stays under way

    struct Context {
        const ParticipantId& self;
        const std::string& room;
        const LocalMedia& media;
        const std::vector<IceServer>& ice_servers;
        bool protocols_known = false;  ///< the server says who speaks our extensions
        bool can_signal = false;       ///< what is emitted now goes out
    };

    /// A list that answers our join: whoever is on it was here before us.
    struct JoinList {
        const std::vector<wire::Entry>& entries;
        bool anew = false;  ///< signaling was lost in between, and what was under way with it
        TimeMs settles_in_ms = 0;  ///< so long, who was here and isn't listed may still come back
    };
    void handle_join_list(const JoinList& list, const Context& context, Turn& turn);
    /// A list that answers nothing: who started is unknown, so the other side gets its chance.
    void handle_list(const std::vector<wire::Entry>& entries, const Context& context, Turn& turn);
    void handle(const wire::UserJoined& message, const Context& context, Turn& turn);
    /// The server says that somebody has left, or stayed away for too long.
    void handle_left(const ParticipantId& id, Turn& turn);
    /// Gone for certain: by its own goodbye, or because it was nobody.
    void remove(const ParticipantId& id, Turn& turn, bool by_goodbye = false);
    void handle(const wire::OfferFrom& message, const Context& context, Turn& turn);
    void handle(const wire::AnswerFrom& message, const Context& context, Turn& turn);
    void handle(const wire::IceCandidateFrom& message, const Context& context, Turn& turn);
    void handle(const wire::IceRestartFrom& message, const Context& context, Turn& turn);

    /// Any event of a connection; one whose connection is gone is nobody's any more.
    template <class ConnectionEvent>
    void route(const ConnectionEvent& event, const Context& context, Turn& turn) {
        auto* found = owner(event.connection);
        if (found == nullptr) return;
        auto& [id, peer] = *found;
        if constexpr (std::is_same_v<ConnectionEvent, ChannelReceived>) {
            receive(ParticipantId{id}, event.message, context, turn);
        } else {
            if constexpr (std::is_same_v<ConnectionEvent, StatsSampled>) {
                if (!peer.awaits_sample(event.op)) return;
            }
            if (completes_encoding(event, id, turn)) return;
            peer.handle(event, context_of(id, context), turn);
            follow(event, id, peer, context, turn);
        }
    }

    void handle(const TileSized& event, Turn& turn);
    void handle(const ConstraintsApplied& event) { quality_.handle(event); }
    void handle(const ConstraintsFailed& event, Turn& turn) { quality_.handle(event, turn); }
    void reconnect(const std::optional<ParticipantId>& whom, const Context& context, Turn& turn);
    void doubt_all(Turn& turn);
    /// Somebody looks: who was given up is tried again.
    void encourage_all(Turn& turn);
    void set_ice_servers(const std::vector<IceServer>& servers, Turn& turn) const;
    /// Figures and levels are sampled while somebody looks, besides what recovery needs.
    void handle(const StatsWatched& event, Turn& turn);
    void handle(const AudioSampled& event, const Context& context, Turn& turn);
    /// Sends what local media has, as large as it is seen and as the uplink carries it.
    void converge(const LocalMedia& media, Turn& turn);
    void pass_time(const Context& context, Turn& turn);
    [[nodiscard]] Deadline deadline() const;
    void begin_join() {
        roster_.begin_join();
        reconcile_at_.reset();  // nobody is confirmed before the answer
    }
    void set_media(const wire::MediaStateUpdated& message, Turn& turn);
    void set_sharing(const ParticipantId& id, bool sharing, Turn& turn);
    /// Closes everything; the room is empty afterwards.
    void clear(bool with_goodbye, Turn& turn);

    [[nodiscard]] const Roster& roster() const { return roster_; }
    [[nodiscard]] std::vector<ParticipantView> view() const;
    /// Of those who were connected, and aren't given up, none is heard.
    [[nodiscard]] bool is_cut_off() const;
    [[nodiscard]] std::vector<LinkView> links(const ParticipantId& self) const;
    [[nodiscard]] const ParticipantId& active_speaker() const { return speakers_.active(); }
    [[nodiscard]] std::optional<StatsView> stats(const ParticipantId& id,
                                                 const std::vector<IceServer>& ice_servers) const;
    [[nodiscard]] BudgetView budget(const Config& config) const { return quality_.view(config); }
    /// What a room of this size means for an uplink that doesn't carry it.
    [[nodiscard]] std::optional<Warning> uplink_warning(const Config& config) const;
    [[nodiscard]] std::string name_of(const ParticipantId& id) const;
    [[nodiscard]] auto members() const {
        return std::tie(roster_, peers_, strangers_, departed_, links_, sample_at_, stats_at_,
                        audio_at_, reconcile_at_, heard_, adrift_, watched_, stats_, speakers_,
                        tiles_, quality_);
    }
    bool operator==(const Mesh&) const = default;

private:
    struct Departed {
        ParticipantId id;
        TimeMs until = 0;
        bool by_goodbye = false;  ///< its own, which a server that can't know of it may outlive
        [[nodiscard]] auto members() const { return std::tie(id, until, by_goodbye); }
        bool operator==(const Departed&) const = default;
    };

    [[nodiscard]] PeerContext context_of(const ParticipantId& id, const Context& context) const;
    /// Adds or updates one participant; nullptr where it is ourselves or there is no room.
    Peer* note(const wire::Entry& entry, const Context& context, Turn& turn);
    Peer* meet(const wire::Entry& entry, const Context& context, Turn& turn);
    Peer& peer(const ParticipantId& id);
    /// Whom a message of this participant concerns, or nullptr, reported, where nobody.
    Peer* sender(const ParticipantId& id, Turn& turn);
    [[nodiscard]] Links::Present present(const ParticipantId& self) const;
    void remove_unconfirmed(Turn& turn);
    void remove_lost(const ParticipantId& self, Turn& turn);
    [[nodiscard]] const Departed* departed(const ParticipantId& id, TimeMs now) const;
    [[nodiscard]] bool has_departed(const ParticipantId& id, TimeMs now) const {
        return departed(id, now) != nullptr;
    }
    [[nodiscard]] bool has_said_goodbye(const ParticipantId& id, TimeMs now) const;
    void forget_departed(const ParticipantId& id);
    /// The peer that owns this connection, or nullptr where it is gone.
    [[nodiscard]] std::pair<const ParticipantId, Peer>* owner(ConnectionId connection);
    template <class ConnectionEvent>
    void follow(const ConnectionEvent& /*event*/, const ParticipantId& /*id*/, Peer& /*peer*/,
                const Context& /*context*/, Turn& /*turn*/) {}
    void follow(const ConnectionStateChanged& event, const ParticipantId& id, Peer& peer,
                const Context& context, Turn& turn);
    void follow(const ChannelOpened& event, const ParticipantId& id, Peer& peer,
                const Context& context, Turn& turn);
    void follow(const StatsSampled& event, const ParticipantId& id, Peer& peer,
                const Context& context, Turn& turn);
    void note_stats(const ParticipantId& id, const StatsSampled& event, const Peer& peer,
                    Turn& turn);
    [[nodiscard]] Quality quality_of(const ParticipantId& id, TileState tile) const;
    template <class ConnectionEvent>
    bool completes_encoding(const ConnectionEvent& event, const ParticipantId& id, Turn& turn) {
        if constexpr (std::is_same_v<ConnectionEvent, OperationFailed>) {
            const auto refusal = quality_.refuse(event.connection, event.op);
            if (refusal == QualityControl::Refusal::final)
                turn.report(Level::warn, ErrorCode::encoding_rejected,
                            event.error.name + ": " + event.error.message, id);
            return refusal != QualityControl::Refusal::of_others;
        } else if constexpr (std::is_same_v<ConnectionEvent, OperationDone>) {
            return quality_.complete(event.connection, event.op);
        } else {
            return false;
        }
    }
    void adapt(Turn& turn);
    void tell_sizes(Turn& turn);
    [[nodiscard]] bool wants_details(const Config& config) const {
        return watched_ || (config.adapt && quality_.has_pictures());
    }
    void sample_soon(TimeMs delay, Turn& turn);
    void sample_in_time(const Context& context, Turn& turn);
    void watch_soon(Turn& turn);
    [[nodiscard]] bool is_anybody_connected() const;
    void receive(const ParticipantId& from, const channel::Message& message, const Context& context,
                 Turn& turn);
    void pass_on(Turn& turn);
    [[nodiscard]] bool has_told_links(const ParticipantId& self) const;
    /// Somebody whom we and this participant both reach, where the server doesn't reach it or us.
    [[nodiscard]] std::optional<ConnectionId> detour_to(const ParticipantId& id,
                                                        bool can_signal) const;
    [[nodiscard]] bool may_come_back(const ParticipantId& id) const;
    void forward(const ParticipantId& from, const channel::Forward& message, const Context& context,
                 Turn& turn);
    void take_forwarded(const channel::PairMessage& message, const Context& context, Turn& turn);
    void observe_links(const ParticipantId& self, Turn& turn);

    Roster roster_;
    std::map<ParticipantId, Peer> peers_;
    std::map<ParticipantId, CandidateQueue> strangers_;
    std::vector<Departed> departed_;
    Links links_;
    std::optional<TimeMs> sample_at_;
    std::optional<TimeMs> stats_at_;  ///< when the next sample is a detailed one
    std::optional<TimeMs> audio_at_;
    std::optional<TimeMs> reconcile_at_;  ///< when those that are still unconfirmed are gone
    std::map<ParticipantId, ParticipantId> heard_;  ///< rows to pass on, and who told them
    std::set<ParticipantId> adrift_;  ///< the server has given them up, their media flows
    bool watched_ = false;
    std::map<ParticipantId, Stats> stats_;  ///< of those looked at
    Speakers speakers_;
    Tiles tiles_;
    QualityControl quality_;
};

}  // namespace dvmeet
