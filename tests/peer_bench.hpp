// One end of a pair for tests: what the peer is told, and what it wants done.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "peer.hpp"
#include "support.hpp"

namespace dvmeet::test {

/// Bob's end of the pair with somebody: with Ana Bob is impolite, with Cyd polite.
struct PeerBench : Bench {
    explicit PeerBench(ParticipantId with = kAna, bool speaks_ours = true)
        : id{std::move(with)}, extended{speaks_ours}, peer{id} {}
    ParticipantId id;
    bool extended;
    bool sends_nothing = false;
    bool can_signal = true;
    std::optional<ConnectionId> detour{};
    ParticipantId self = kBob;
    LocalMedia media{};
    std::vector<IceServer> ice_servers{{{"stun:stun.example"}, {}, {}}};
    Peer peer;

    [[nodiscard]] PeerContext context() const {
        return {self, kRoom, media, ice_servers, extended, sends_nothing, can_signal, detour};
    }
    Actions start() {
        return run([&](Turn& turn) { peer.start(context(), turn); });
    }
    Actions rebuild() {
        return run([&](Turn& turn) { peer.rebuild(context(), turn); });
    }
    Actions close(bool with_goodbye) {
        return run([&](Turn& turn) { peer.close(with_goodbye, turn); });
    }
    Actions expect_offer() {
        return run([&](Turn& turn) { peer.expect_offer(turn); });
    }
    Actions pass_time(TimeMs until) {
        now = until;
        return run([&](Turn& turn) { peer.pass_time(context(), turn); });
    }
    Actions converge() {
        return run([&](Turn& turn) { peer.converge(media, turn); });
    }
    Actions sample() {
        return run([&](Turn& turn) { peer.sample(false, turn); });
    }
    Actions doubt() {
        return run([&](Turn& turn) { peer.doubt(turn); });
    }
    Actions encourage() {
        return run([&](Turn& turn) { peer.encourage(turn); });
    }
    Actions hear() {
        return run([&](Turn& turn) { peer.hear(turn); });
    }
    Actions reconnect() {
        return run([&](Turn& turn) { peer.reconnect(context(), turn); });
    }
    Actions resume_signaling() {
        return run([&](Turn& turn) { peer.resume_signaling(context(), turn); });
    }
    Actions return_to_signaling() {
        return run([&](Turn& turn) { peer.return_to_signaling(context(), turn); });
    }
    Actions resume_recovery() {
        return run([&](Turn& turn) { peer.resume_recovery(turn); });
    }
    Actions set_ice_servers(const std::vector<IceServer>& servers) {
        return run([&](Turn& turn) { peer.set_ice_servers(servers, turn); });
    }
    /// What is due at the next deadline.
    Actions when_due() {
        REQUIRE(peer.deadline());
        return pass_time(*peer.deadline());
    }
    /// One sample, asked for and answered.
    Actions sampled(std::int64_t bytes, std::optional<bool> relayed = {}) {
        const auto asked = only<SampleStats>(sample());
        REQUIRE(asked.size() == 1);
        StatsSampled event{asked.front().connection, asked.front().op, bytes};
        if (relayed)
            event.pair = PairStats{CandidateType::host,
                                   *relayed ? CandidateType::relay : CandidateType::host};
        return (*this)(event);
    }
    Actions send(const channel::Message& message) {
        return run([&](Turn& turn) { peer.send(message, turn); });
    }
    template <class Event>
    Actions operator()(const Event& event) {
        return run([&](Turn& turn) { peer.handle(event, context(), turn); });
    }
    Actions operator()(const wire::IceCandidateFrom& message) {
        return run([&](Turn& turn) { peer.handle(message, turn); });
    }
    /// Connection 1 has offered.
    void offered() {
        start();
        (*this)(NegotiationNeeded{1});
        (*this)(LocalDescriptionSet{1, 1, offer("near", "near")});
    }
    /// Connection 1 has offered and got an answer of generation 7, session "far", ufrag "far".
    void offered_and_answered() {
        offered();
        (*this)(answer_from(id, answer("far", "far"), generation(), 1));
        (*this)(RemoteDescriptionSet{1, 2, three_ours()});
        REQUIRE(counters.operation == 2);
    }
    /// Connection 1 has answered an offer of generation 7, session "far", ufrag "far".
    void answered() {
        (*this)(offer_from(id, offer("far", "far"), generation()));
        (*this)(RemoteDescriptionSet{1, 1, three_remote()});
        (*this)(LocalDescriptionSet{1, 2, answer("near", "near")});
        REQUIRE(counters.operation == 2);
    }
    void connected() {
        (*this)(ConnectionStateChanged{1, ConnectionState::connected});
        (*this)(ChannelOpened{1});
    }
    [[nodiscard]] std::optional<ConnectionId> generation() const {
        return extended ? std::optional<ConnectionId>{7} : std::nullopt;
    }
    [[nodiscard]] Action create(ConnectionId connection) const {
        return CreateConnection{connection, id, ice_servers, extended};
    }
    [[nodiscard]] Action stale() const {
        return Report{Level::debug, ErrorCode::stale_message,
                      "a message of a connection that is gone", id};
    }
};

inline Action set_local(ConnectionId connection, OperationId op) {
    return SetLocalDescription{connection, op};
}
inline Action set_remote(ConnectionId connection, OperationId op,
                         const SessionDescription& description) {
    return SetRemoteDescription{connection, op, description};
}
inline Action add(ConnectionId connection, OperationId op, std::optional<IceCandidate> candidate) {
    return AddIceCandidate{connection, op, std::move(candidate)};
}
inline const std::vector<SlotMid> kThreeMids{
    {Slot::microphone, "0"}, {Slot::camera, "1"}, {Slot::screen, "2"}};

}  // namespace dvmeet::test
