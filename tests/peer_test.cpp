// One pair: made, negotiated, watched, replaced, and failing alone.
#include "peer.hpp"

#include <string>

#include "support.hpp"

using namespace dvmeet;
using namespace dvmeet::test;

namespace {

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
    /// Connection 1 has offered and got an answer of generation 7, session "far", ufrag "far".
    void offered_and_answered() {
        start();
        (*this)(NegotiationNeeded{1});
        (*this)(LocalDescriptionSet{1, 1, offer("near", "near")});
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

Action set_local(ConnectionId connection, OperationId op) {
    return SetLocalDescription{connection, op};
}
Action set_remote(ConnectionId connection, OperationId op, const SessionDescription& description) {
    return SetRemoteDescription{connection, op, description};
}
Action add(ConnectionId connection, OperationId op, std::optional<IceCandidate> candidate) {
    return AddIceCandidate{connection, op, std::move(candidate)};
}
const std::vector<SlotMid> kThreeMids{
    {Slot::microphone, "0"}, {Slot::camera, "1"}, {Slot::screen, "2"}};

}  // namespace

// ---- the two ways to a connection -----------------------------------------------------------

TEST_CASE("the side that starts makes a connection, three lines, and an offer when asked",
          "[peer]") {
    PeerBench bench;
    CHECK(bench.peer.tile() == TileState::fresh);
    CHECK(bench.start() == Actions{bench.create(1), AddTransceivers{1, kAllSlots}});
    CHECK(bench.start() == Actions{});
    CHECK(bench.peer.connection() == 1);
    CHECK(bench.peer.tile() == TileState::connecting);

    CHECK(bench(NegotiationNeeded{1}) == Actions{set_local(1, 1)});
    CHECK(bench(LocalDescriptionSet{1, 1, offer("near", "near")}) ==
          Actions{emit_offer(kAna, offer("near", "near"), 1, {}, 1)});
    CHECK(bench(answer_from(kAna, answer("far", "far"), 7, 1)) ==
          Actions{set_remote(1, 2, answer("far", "far"))});
    CHECK(bench(RemoteDescriptionSet{1, 2, three_ours()}) == Actions{});
    CHECK(bench(ConnectionStateChanged{1, ConnectionState::connected}) == Actions{});
    CHECK(bench.peer.tile() == TileState::connected);
}

TEST_CASE("an offer makes a connection, adopts its three lines and is answered", "[peer]") {
    PeerBench bench;
    CHECK(bench(offer_from(kAna, offer("far", "far"), 7)) ==
          Actions{bench.create(1), set_remote(1, 1, offer("far", "far"))});
    CHECK(bench(RemoteDescriptionSet{1, 1, three_remote()}) ==
          Actions{AdoptTransceivers{1, kThreeMids}, set_local(1, 2)});
    CHECK(bench(LocalDescriptionSet{1, 2, answer("near", "near")}) ==
          Actions{emit_answer(kAna, answer("near", "near"), 1, 7)});
    CHECK(bench.peer.has_screen_line());
}

TEST_CASE("what is on already is sent from the first description on", "[peer]") {
    PeerBench bench;
    bench.run([&](Turn& turn) {
        bench.media.handle(MediaWished{{{Slot::camera, true}}}, true, turn);
        bench.media.handle(MediaAcquired{1, {Slot::camera}}, turn);
    });
    const TrackId track{Slot::camera, 1};
    CHECK(bench.start() == Actions{bench.create(1), AddTransceivers{1, kAllSlots},
                                   ReplaceTrack{1, 2, Slot::camera, track}});

    PeerBench other;
    other.media = bench.media;
    other(offer_from(kAna, offer("far", "far"), 7));
    CHECK(other(RemoteDescriptionSet{1, 1, three_remote()}) ==
          Actions{AdoptTransceivers{1, kThreeMids}, ReplaceTrack{1, 2, Slot::camera, track},
                  set_local(1, 3)});
}

TEST_CASE("a plain peer gets two lines, no control channel and our generation as a mere extra",
          "[peer]") {
    PeerBench bench{kAna, false};
    CHECK(bench.start() == Actions{CreateConnection{1, kAna, bench.ice_servers, false},
                                   AddTransceivers{1, {Slot::microphone, Slot::camera}}});
    bench(NegotiationNeeded{1});
    CHECK(bench(LocalDescriptionSet{1, 1, offer("near", "near")}) ==
          Actions{emit_offer(kAna, offer("near", "near"), 1, {}, {})});
    CHECK(bench(answer_from(kAna, answer("far", "far"))) ==
          Actions{set_remote(1, 2, answer("far", "far"))});
}

TEST_CASE("whoever leaves the offer to the other side offers when it does not come in 4 s",
          "[peer]") {
    PeerBench bench;
    bench.now = 100;
    CHECK(bench.expect_offer() == Actions{});
    CHECK(bench.peer.awaits_offer());
    CHECK(bench.peer.deadline() == 4'100);
    bench.now = 200;
    CHECK(bench.expect_offer() == Actions{});
    CHECK(bench.peer.deadline() == 4'100);

    CHECK(bench.pass_time(4'099) == Actions{});
    CHECK(bench.pass_time(4'100) == Actions{bench.create(1), AddTransceivers{1, kAllSlots}});
    CHECK_FALSE(bench.peer.awaits_offer());
    CHECK(bench.pass_time(9'000) == Actions{});
}

TEST_CASE("an offer that comes in time ends the wait", "[peer]") {
    PeerBench bench;
    bench.expect_offer();
    bench(offer_from(kAna, offer("far", "far"), 7));
    CHECK_FALSE(bench.peer.awaits_offer());
    CHECK(bench.pass_time(5'000) == Actions{});
    CHECK(bench.expect_offer() == Actions{});
    CHECK_FALSE(bench.peer.awaits_offer());
}

// ---- collisions -----------------------------------------------------------------------------

TEST_CASE("of two colliding first offers the impolite side's counts", "[peer]") {
    PeerBench bench{kAna};
    bench.start();
    bench(NegotiationNeeded{1});
    bench(LocalDescriptionSet{1, 1, offer("near", "near")});

    CHECK(bench(offer_from(kAna, offer("far1", "far1"), 3)) ==
          Actions{
              Report{Level::debug, ErrorCode::offer_ignored, "an offer collided with ours", kAna}});
    // The other side answers from the connection that took the place of its own.
    CHECK(bench(candidate_from(kAna, candidate(1, "far1"), 3)) ==
          Actions{Report{Level::debug, ErrorCode::stale_message,
                         "a candidate of a generation that is gone", ""}});
    CHECK(bench(answer_from(kAna, answer("far2", "far2"), 4, 1)) ==
          Actions{set_remote(1, 2, answer("far2", "far2"))});
}

TEST_CASE("the polite side yields its first offer to a fresh connection that answers", "[peer]") {
    PeerBench bench{kCyd};
    bench.start();
    bench(NegotiationNeeded{1});
    bench(LocalDescriptionSet{1, 1, offer("near1", "near1")});

    CHECK(bench(offer_from(kCyd, offer("far", "far"), 3)) ==
          Actions{CloseConnection{1}, bench.create(2), set_remote(2, 2, offer("far", "far"))});
    CHECK(bench(RemoteDescriptionSet{2, 2, three_remote()}) ==
          Actions{AdoptTransceivers{2, kThreeMids}, set_local(2, 3)});
    CHECK(bench(LocalDescriptionSet{2, 3, answer("near2", "near2")}) ==
          Actions{emit_answer(kCyd, answer("near2", "near2"), 2, 3)});
}

TEST_CASE(
    "lines that the browser has not been asked to negotiate yet give way to an offer, if "
    "we are polite",
    "[peer]") {
    PeerBench bench{kCyd};
    bench.start();
    CHECK(bench(offer_from(kCyd, offer("far", "far"), 3)) ==
          Actions{CloseConnection{1}, bench.create(2), set_remote(2, 1, offer("far", "far"))});
    CHECK(bench(RemoteDescriptionSet{2, 1, three_remote()}) ==
          Actions{AdoptTransceivers{2, kThreeMids}, set_local(2, 2)});
}

TEST_CASE("the impolite side ignores an offer while its own is only about to be made", "[peer]") {
    PeerBench bench;
    bench.start();
    CHECK(without<Report>(bench(offer_from(kAna, offer("far", "far"), 3))) == Actions{});
    CHECK(without<Report>(bench(candidate_from(kAna, candidate(1, "far"), 3))) == Actions{});
    CHECK(bench(NegotiationNeeded{1}) == Actions{set_local(1, 1)});
}

TEST_CASE("an offer that takes the place of what answered ours wins even over the impolite side",
          "[peer]") {
    PeerBench bench;
    bench.start();
    bench(NegotiationNeeded{1});
    bench(LocalDescriptionSet{1, 1, offer("near", "near")});
    CHECK(bench(offer_from(kAna, offer("far", "far"), 4, {}, 1, 1)) ==
          Actions{CloseConnection{1}, bench.create(2), set_remote(2, 2, offer("far", "far"))});
}

TEST_CASE("candidates that outran the offer that wins a collision are not lost", "[peer]") {
    PeerBench bench{kCyd};
    bench.start();
    bench(NegotiationNeeded{1});
    bench(LocalDescriptionSet{1, 1, offer("near", "near")});
    CHECK(bench(candidate_from(kCyd, candidate(1, "far"), 3)) == Actions{});
    bench(offer_from(kCyd, offer("far", "far"), 3));

    CHECK(
        bench(RemoteDescriptionSet{2, 2, three_remote()}) ==
        Actions{add(2, 3, candidate(1, "far")), AdoptTransceivers{2, kThreeMids}, set_local(2, 4)});
}

TEST_CASE("a collision after the first round is resolved by implicit rollback", "[peer]") {
    PeerBench bench{kCyd};
    bench.offered_and_answered();
    bench(NegotiationNeeded{1});
    bench(LocalDescriptionSet{1, 3, offer("near", "near")});

    CHECK(bench(offer_from(kCyd, offer("far", "far"), 7, 1)) ==
          Actions{set_remote(1, 4, offer("far", "far"))});
    CHECK(bench(RemoteDescriptionSet{1, 4, three_ours()}) == Actions{set_local(1, 5)});
}

TEST_CASE("with a plain peer that gives way as well the pair starts anew, three times at most",
          "[peer]") {
    PeerBench bench{kCyd, false};
    bench.start();
    ConnectionId connection = 1;
    for (int crossing = 1; crossing <= 4; ++crossing) {
        INFO("crossing " << crossing);
        const std::string far = "far" + std::to_string(crossing);
        const Actions needed = bench(NegotiationNeeded{connection});
        REQUIRE(needed.size() == 1);
        bench(LocalDescriptionSet{connection, bench.counters.operation, offer("near", "near")});
        bench(offer_from(kCyd, offer(far, far)));
        connection += 1;  // the fresh one that answers
        bench(RemoteDescriptionSet{connection,
                                   bench.counters.operation,
                                   {{"0", MediaKind::audio, {}}, {"1", MediaKind::video, {}}}});
        bench(LocalDescriptionSet{connection, bench.counters.operation, answer("near", "near")});
        const Actions actions = bench(answer_from(kCyd, answer(far, far)));
        const Action no_offer =
            Report{Level::debug, ErrorCode::stale_message, "an answer without an offer", kCyd};
        if (crossing < 4) {
            CHECK(actions ==
                  Actions{no_offer, CloseConnection{connection}, bench.create(connection + 1),
                          AddTransceivers{connection + 1, {Slot::microphone, Slot::camera}}});
            connection += 1;
        } else {
            CHECK(actions == Actions{no_offer});
        }
    }
}

// ---- generations ----------------------------------------------------------------------------

TEST_CASE("messages for a connection of ours that is gone are dropped and reported", "[peer]") {
    PeerBench bench;
    bench.offered_and_answered();
    bench.rebuild();
    CHECK(bench(offer_from(kAna, offer("far", "far"), 7, 1)) == Actions{bench.stale()});
    CHECK(bench(answer_from(kAna, answer("far", "far"), 7, 1)) == Actions{bench.stale()});
    CHECK(bench(candidate_from(kAna, candidate(1, "far"), 7, 1)) == Actions{bench.stale()});
    CHECK(bench(candidate_from(kAna, std::nullopt, 7, 1)) == Actions{bench.stale()});
}

TEST_CASE("the first offer of a new connection says which connection of the other side is given up",
          "[peer]") {
    PeerBench bench;
    bench.offered_and_answered();
    bench.rebuild();
    bench(NegotiationNeeded{2});
    CHECK(bench(LocalDescriptionSet{2, 3, offer("near2", "near2")}) ==
          Actions{emit_offer(kAna, offer("near2", "near2"), 2, {}, 1, 7)});
}

TEST_CASE("an offer of somebody who has given up ours is no collision, polite or not", "[peer]") {
    const ParticipantId with = GENERATE(kAna, kCyd);
    PeerBench bench{with};
    bench.start();
    bench(NegotiationNeeded{1});
    bench(LocalDescriptionSet{1, 1, offer("near", "near")});
    // She was answering connection 1 when she pressed Reconnect.
    CHECK(bench(offer_from(with, offer("far", "far"), 2, {}, 1, 1)) ==
          Actions{CloseConnection{1}, bench.create(2), set_remote(2, 2, offer("far", "far"))});
}

TEST_CASE("messages from an older connection of the other side are dropped and reported",
          "[peer]") {
    PeerBench bench;
    bench.offered_and_answered();
    CHECK(bench(offer_from(kAna, offer("old", "old"), 6)) == Actions{bench.stale()});
    CHECK(bench(answer_from(kAna, answer("old", "old"), 6)) == Actions{bench.stale()});
    CHECK(bench(candidate_from(kAna, candidate(1, "old"), 6)) == Actions{bench.stale()});
}

TEST_CASE("an offer of a newer connection of the other side replaces ours", "[peer]") {
    PeerBench bench;
    bench.offered_and_answered();
    bench.connected();

    CHECK(bench(offer_from(kAna, offer("new", "new"), 8)) ==
          Actions{CloseConnection{1}, bench.create(2), set_remote(2, 3, offer("new", "new"))});
    CHECK(bench.peer.tile() == TileState::reconnecting);
}

TEST_CASE("an offer of the same connection renegotiates", "[peer]") {
    PeerBench bench;
    bench.offered_and_answered();
    CHECK(bench(offer_from(kAna, offer("far", "far"), 7, 1)) ==
          Actions{set_remote(1, 3, offer("far", "far"))});
}

TEST_CASE("a plain peer's connections are told by their session", "[peer]") {
    PeerBench bench{kAna, false};
    bench.answered();
    CHECK(bench(offer_from(kAna, offer("far", "far2"))) ==
          Actions{set_remote(1, 3, offer("far", "far2"))});
    bench(RemoteDescriptionSet{1, 3, three_ours()});
    bench(LocalDescriptionSet{1, 4, answer("near", "near")});

    CHECK(bench(offer_from(kAna, offer("else", "else"))) ==
          Actions{CloseConnection{1}, bench.create(2), set_remote(2, 5, offer("else", "else"))});
}

TEST_CASE("a plain peer that starts anew while its first offer is being set replaces it",
          "[peer]") {
    PeerBench bench{kAna, false};
    bench(offer_from(kAna, offer("far", "far")));
    CHECK(bench(offer_from(kAna, offer("else", "else"))) ==
          Actions{CloseConnection{1}, bench.create(2), set_remote(2, 2, offer("else", "else"))});
}

TEST_CASE("an answer without a connection is reported", "[peer]") {
    PeerBench bench;
    CHECK(bench(answer_from(kAna, answer("far", "far"), 7)) ==
          Actions{Report{Level::debug, ErrorCode::stale_message, "an answer without a connection",
                         kAna}});
}

TEST_CASE("an offer that is none, and an answer that is none, are dropped and reported", "[peer]") {
    PeerBench bench;
    bench.start();
    bench(NegotiationNeeded{1});
    bench(LocalDescriptionSet{1, 1, offer("near", "near")});
    const Peer before = bench.peer;
    CHECK(without<Report>(bench(offer_from(kAna, {SdpType::rollback, ""}, 7))) == Actions{});
    CHECK(without<Report>(bench(answer_from(kAna, {SdpType::rollback, ""}, 7, 1))) == Actions{});
    CHECK(without<Report>(bench(offer_from(kAna, answer("far", "far"), 7))) == Actions{});
    CHECK(without<Report>(bench(answer_from(kAna, offer("far", "far"), 7, 1))) == Actions{});
    CHECK(bench(answer_from(kAna, answer("far", "far"), 7, 1)) ==
          Actions{set_remote(1, 2, answer("far", "far"))});
}

// ---- candidates -----------------------------------------------------------------------------

TEST_CASE("remote candidates wait for the description, then go in order before the answer",
          "[peer][candidates]") {
    PeerBench bench;
    bench(offer_from(kAna, offer("far", "far"), 7));
    CHECK(bench(candidate_from(kAna, candidate(1, "far"), 7)) == Actions{});
    CHECK(bench(candidate_from(kAna, candidate(2, "far"), 7)) == Actions{});
    CHECK(bench(candidate_from(kAna, std::nullopt, 7)) == Actions{});

    CHECK(bench(RemoteDescriptionSet{1, 1, three_remote()}) ==
          Actions{add(1, 2, candidate(1, "far")), add(1, 3, candidate(2, "far")),
                  add(1, 4, std::nullopt), AdoptTransceivers{1, kThreeMids}, set_local(1, 5)});
    CHECK(bench(candidate_from(kAna, candidate(3, "far"), 7)) ==
          Actions{add(1, 6, candidate(3, "far"))});
}

TEST_CASE("an empty candidate is the end of candidates", "[peer][candidates]") {
    PeerBench bench;
    bench.offered_and_answered();
    IceCandidate empty;
    empty.sdp_mid = "0";
    CHECK(bench(candidate_from(kAna, empty, 7, 1)) == Actions{add(1, 3, std::nullopt)});
}

TEST_CASE("an empty candidate of a past generation ends nothing", "[peer][candidates]") {
    PeerBench bench;
    bench.offered_and_answered();
    bench(offer_from(kAna, offer("far", "far2"), 7, 1));
    bench(RemoteDescriptionSet{1, 3, three_ours()});
    IceCandidate empty;
    empty.sdp_mid = "0";
    empty.username_fragment = "far";

    CHECK(without<Report>(bench(candidate_from(kAna, empty, 7, 1))) == Actions{});
}

TEST_CASE("candidates wait before anything else of their sender has come", "[peer][candidates]") {
    PeerBench bench;
    bench.expect_offer();
    CHECK(bench(candidate_from(kAna, candidate(1, "far"), 7)) == Actions{});
    CHECK(bench.peer.deadline() == 4'000);
    bench(offer_from(kAna, offer("far", "far"), 7));
    CHECK(bench(RemoteDescriptionSet{1, 1, three_remote()}).front() ==
          add(1, 2, candidate(1, "far")));
}

TEST_CASE("the end of candidates of a connection that was given up does not end the next one's",
          "[peer][candidates]") {
    PeerBench bench;
    // Of connection 7 only the end comes through before Ana makes connection 8.
    bench.expect_offer();
    CHECK(bench(candidate_from(kAna, std::nullopt, 7)) == Actions{});
    bench(offer_from(kAna, offer("far", "far"), 8));
    bench(candidate_from(kAna, candidate(1, "far"), 8));
    const Actions actions = bench(RemoteDescriptionSet{1, 1, three_remote()});
    REQUIRE(only<AddIceCandidate>(actions).size() == 1);
    CHECK(only<AddIceCandidate>(actions).front().candidate == candidate(1, "far"));
}

TEST_CASE("a candidate that the browser refuses is reported and changes nothing else",
          "[peer][candidates]") {
    PeerBench bench;
    bench.offered_and_answered();
    bench(candidate_from(kAna, candidate(1, "far"), 7, 1));
    CHECK(bench(OperationFailed{1, 3, {"OperationError", "no"}}) ==
          Actions{Report{Level::info, ErrorCode::candidate_rejected, "OperationError: no", kAna}});
    CHECK(bench.peer.tile() == TileState::connecting);
}

TEST_CASE("our candidates follow the description that names them", "[peer]") {
    PeerBench bench;
    bench.start();
    bench(NegotiationNeeded{1});
    CHECK(bench(CandidateGathered{1, candidate(1, "near")}) == Actions{});
    CHECK(bench(CandidateGathered{1, std::nullopt}) == Actions{});

    CHECK(bench(LocalDescriptionSet{1, 1, offer("near", "near")}) ==
          Actions{emit_offer(kAna, offer("near", "near"), 1, {}, 1),
                  emit_candidate(kAna, candidate(1, "near"), 1),
                  emit_candidate(kAna, std::nullopt, 1)});
    CHECK(bench(CandidateGathered{1, candidate(2, "near")}) ==
          Actions{emit_candidate(kAna, candidate(2, "near"), 1)});
}

TEST_CASE("the end of our candidates is said once, and never to a plain peer", "[peer]") {
    PeerBench bench{kAna, false};
    bench.offered_and_answered();
    IceCandidate end_of_line;
    end_of_line.sdp_mid = "0";
    CHECK(bench(CandidateGathered{1, end_of_line}) == Actions{});
    CHECK(bench(CandidateGathered{1, std::nullopt}) == Actions{});
    CHECK(bench(CandidateGathered{1, candidate(1, "near")}) ==
          Actions{emit_candidate(kAna, candidate(1, "near"), 1)});
}

TEST_CASE("candidates of ours that can't be told yet are kept in bounded number", "[peer]") {
    PeerBench bench;
    bench.start();
    bench(NegotiationNeeded{1});
    for (int i = 0; i < 256; ++i)
        CHECK(bench(CandidateGathered{1, candidate(i, "near")}) == Actions{});
    CHECK(reported(bench(CandidateGathered{1, candidate(256, "near")})) == ErrorCode::queue_full);
    CHECK(bench(LocalDescriptionSet{1, 1, offer("near", "near")}).size() == 257);
}

// ---- failures and time ----------------------------------------------------------------------

TEST_CASE("a connection that can't be made shows on the tile", "[peer]") {
    PeerBench bench;
    bench.start();
    CHECK(reported(bench(ActionFailed{1, {"InvalidAccessError", "no credentials"}})) ==
          ErrorCode::negotiation_failed);
    CHECK(bench.peer.tile() == TileState::failed);
    CHECK(bench.peer.deadline() == std::nullopt);
}

TEST_CASE("a description that the browser refuses shows on the tile, and a rebuild cures it",
          "[peer]") {
    PeerBench bench;
    bench.start();
    bench(NegotiationNeeded{1});
    const Actions actions = bench(OperationFailed{1, 1, {"OperationError", "no"}});
    CHECK(actions ==
          Actions{Report{Level::error, ErrorCode::negotiation_failed,
                         "The browser refused a step of the negotiation (OperationError: no).",
                         kAna}});
    CHECK(bench.peer.tile() == TileState::failed);
    REQUIRE(bench.peer.failure());
    CHECK(bench.peer.failure()->code == ErrorCode::negotiation_failed);
    CHECK(bench.pass_time(100'000) == Actions{});

    CHECK(bench.rebuild() ==
          Actions{CloseConnection{1}, bench.create(2), AddTransceivers{2, kAllSlots}});
    CHECK(bench.peer.tile() == TileState::connecting);
    CHECK_FALSE(bench.peer.failure());
}

TEST_CASE("an offer finds a fresh connection where the negotiation of ours has failed", "[peer]") {
    PeerBench bench;
    bench.answered();
    bench(offer_from(kAna, offer("far", "far"), 7, 1));
    bench(OperationFailed{1, 3, {"OperationError", "no"}});
    CHECK(bench(offer_from(kAna, offer("new", "new"), 8, 1)) ==
          Actions{CloseConnection{1}, bench.create(2), set_remote(2, 4, offer("new", "new"))});
    CHECK(bench.peer.tile() == TileState::connecting);
}

TEST_CASE("who repeats an offer that the browser refused is offered another connection", "[peer]") {
    PeerBench bench;
    bench.answered();
    const auto restart = offer_from(kAna, offer("far", "again"), 7, 1, 2);
    bench(restart);
    bench(OperationFailed{1, 3, {"OperationError", "no"}});
    REQUIRE(bench.peer.tile() == TileState::failed);
    CHECK(bench(restart) ==
          Actions{CloseConnection{1}, bench.create(2), AddTransceivers{2, kAllSlots}});
    CHECK(bench.peer.tile() == TileState::connecting);
}

TEST_CASE("a track that is refused is reported with its participant, the pair goes on", "[peer]") {
    PeerBench bench;
    bench.offered_and_answered();
    bench.run([&](Turn& turn) {
        bench.media.handle(MediaWished{{{Slot::camera, true}}}, true, turn);
        bench.media.handle(MediaAcquired{3, {Slot::camera}}, turn);
    });
    CHECK(bench.converge() == Actions{ReplaceTrack{1, 4, Slot::camera, TrackId{Slot::camera, 3}}});

    CHECK(bench(OperationFailed{1, 4, {"TypeError", "wrong kind"}}) ==
          Actions{Report{Level::warn, ErrorCode::track_rejected, "TypeError: wrong kind", kAna}});
    CHECK(bench.peer.tile() == TileState::connecting);
}

TEST_CASE("an offer without an answer is sent again after 4, 8 and 16 s, with its candidates",
          "[peer][recovery]") {
    PeerBench bench;
    bench.start();
    bench(NegotiationNeeded{1});
    bench(LocalDescriptionSet{1, 1, offer("near", "near")});
    bench(CandidateGathered{1, candidate(1, "near")});
    bench(CandidateGathered{1, std::nullopt});
    const Actions again{emit_offer(kAna, offer("near", "near"), 1, {}, 1),
                        emit_candidate(kAna, candidate(1, "near"), 1),
                        emit_candidate(kAna, std::nullopt, 1)};
    for (const TimeMs at : {4'000, 12'000, 28'000}) {
        INFO("at " << at);
        CHECK(bench.peer.deadline() == at);
        CHECK(bench.pass_time(at - 1) == Actions{});
        CHECK(bench.pass_time(at) == again);
    }
    CHECK(bench.peer.deadline() == 30'000);
}

TEST_CASE("an answer ends the wait for it", "[peer][recovery]") {
    PeerBench bench;
    bench.offered_and_answered();
    CHECK(bench.peer.deadline() == 30'000);
    CHECK(bench.pass_time(29'999) == Actions{});
}

TEST_CASE("an offer to a plain peer is not sent again by the clock: it would take it for another",
          "[peer][recovery]") {
    PeerBench bench{kAna, false};
    bench.start();
    bench(NegotiationNeeded{1});
    bench(LocalDescriptionSet{1, 1, offer("near", "near")});
    CHECK(bench.peer.deadline() == 30'000);
}

TEST_CASE("no answer within 30 s shows as such", "[peer]") {
    PeerBench bench;
    bench.start();
    bench(NegotiationNeeded{1});
    bench(LocalDescriptionSet{1, 1, offer("near", "near")});
    for (const TimeMs at : {4'000, 12'000, 28'000}) bench.pass_time(at);
    CHECK(bench.pass_time(29'999) == Actions{});
    CHECK(reported(bench.pass_time(30'000)) == ErrorCode::no_answer);
    CHECK(bench.peer.tile() == TileState::failed);
    CHECK(bench.peer.deadline() == std::nullopt);
    CHECK(bench.pass_time(60'000) == Actions{});
}

TEST_CASE("while signaling is down nothing is given up and nothing is sent again",
          "[peer][recovery]") {
    PeerBench bench;
    bench.start();
    bench(NegotiationNeeded{1});
    bench(LocalDescriptionSet{1, 1, offer("near", "near")});
    bench.can_signal = false;
    CHECK(bench.pass_time(4'000) == Actions{});
    CHECK(bench.peer.deadline() == 30'000);
    CHECK(bench.pass_time(30'000) == Actions{});
    CHECK(bench.peer.tile() == TileState::connecting);
    CHECK(bench.peer.deadline() == 60'000);
}

TEST_CASE("no connection within 30 s shows as such, and a late one is welcome", "[peer]") {
    PeerBench bench;
    bench.offered_and_answered();
    bench(ConnectionStateChanged{1, ConnectionState::connecting});
    CHECK(reported(bench.pass_time(30'000)) == ErrorCode::connect_timeout);
    CHECK(bench.peer.tile() == TileState::failed);

    CHECK(bench(ConnectionStateChanged{1, ConnectionState::connected}) == Actions{});
    CHECK(bench.peer.tile() == TileState::connected);
    CHECK_FALSE(bench.peer.failure());
}

TEST_CASE("a connection that is interrupted gets 300 to 600 ms to heal alone", "[peer][recovery]") {
    PeerBench bench;
    bench.offered_and_answered();
    bench.connected();
    CHECK(bench.peer.deadline() == std::nullopt);
    CHECK(bench(ConnectionStateChanged{1, ConnectionState::disconnected}) == Actions{});
    CHECK(bench.changed);
    CHECK(bench.peer.tile() == TileState::reconnecting);
    const TimeMs due = 300 + drawn(1, 300);
    CHECK(bench.peer.deadline() == due);
    CHECK(bench(ConnectionStateChanged{1, ConnectionState::disconnected}) == Actions{});
    CHECK_FALSE(bench.changed);
    CHECK(bench.pass_time(due - 1) == Actions{});

    CHECK(bench(ConnectionStateChanged{1, ConnectionState::connected}) ==
          Actions{SendKeyFrames{1}});
    CHECK(bench.changed);
    CHECK(bench.peer.tile() == TileState::connected);
    CHECK(bench.peer.deadline() == std::nullopt);
}

TEST_CASE("a connection that never worked and fails says so, and is not tried again by itself",
          "[peer]") {
    PeerBench bench;
    bench.offered_and_answered();
    CHECK(reported(bench(ConnectionStateChanged{1, ConnectionState::failed})) ==
          ErrorCode::no_relay_configured);
    CHECK(bench.peer.tile() == TileState::failed);
    CHECK(bench.peer.deadline() == std::nullopt);
    CHECK(bench.pass_time(100'000) == Actions{});
}

TEST_CASE("closing says goodbye where the control channel is open, then closes", "[peer]") {
    PeerBench bench;
    CHECK(bench.close(true) == Actions{});
    bench.offered_and_answered();
    CHECK(bench.send(channel::Goodbye{}) == Actions{});
    bench.connected();
    CHECK(bench.peer.channel_open());
    CHECK(bench.close(true) == Actions{SendOnChannel{1, channel::Goodbye{}}, CloseConnection{1}});
    CHECK(bench.peer.connection() == 0);
}

TEST_CASE("a control channel that has closed is not used", "[peer]") {
    PeerBench bench;
    bench.offered_and_answered();
    bench.connected();
    bench(ChannelClosed{1});
    CHECK(bench.close(true) == Actions{CloseConnection{1}});
}

// ---- who is really received -----------------------------------------------------------------

TEST_CASE("somebody is received when media moved between two samples", "[peer]") {
    PeerBench bench;
    bench.offered_and_answered();
    CHECK(bench.sample() == Actions{});
    bench.connected();
    CHECK(bench.sample() == Actions{SampleStats{1, 3}});
    CHECK(bench.sample() == Actions{});
    bench(StatsSampled{1, 3, 5'000});
    CHECK_FALSE(bench.peer.is_received());

    bench.sample();
    bench(StatsSampled{1, 4, 5'001});
    CHECK(bench.peer.is_received());

    bench.sample();
    bench(StatsSampled{1, 5, 5'001});
    CHECK_FALSE(bench.peer.is_received());
}

TEST_CASE("who sends nothing by choice counts as received while connected", "[peer]") {
    PeerBench bench;
    bench.sends_nothing = true;
    bench.offered_and_answered();
    bench.connected();
    bench.sample();
    bench(StatsSampled{1, 3, 0});
    CHECK(bench.peer.is_received());
}

TEST_CASE("a sample that fails or is not the latest counts for nothing", "[peer]") {
    PeerBench bench;
    bench.offered_and_answered();
    bench.connected();
    bench.sample();
    CHECK(bench.peer.awaits_sample(3));
    CHECK_FALSE(bench.peer.awaits_sample(99));
    CHECK_FALSE(bench.peer.awaits_sample(0));
    CHECK(bench(OperationFailed{1, 3, {"InvalidStateError", ""}}) == Actions{});
    CHECK(bench.sample() == Actions{SampleStats{1, 4}});
}

TEST_CASE("completions of unknown operations are ignored", "[peer]") {
    PeerBench bench;
    bench.offered_and_answered();
    const Peer before = bench.peer;
    CHECK(bench(LocalDescriptionSet{1, 77, offer("x", "x")}) == Actions{});
    CHECK(bench(RemoteDescriptionSet{1, 77, three_remote()}) == Actions{});
    CHECK(bench(OperationDone{1, 77}) == Actions{});
    CHECK_FALSE(bench.peer.awaits_sample(77));
    CHECK(bench.peer == before);
}

TEST_CASE("candidates gathered while the answer is being set are not lost", "[peer]") {
    PeerBench bench;
    bench.start();
    bench(NegotiationNeeded{1});
    bench(LocalDescriptionSet{1, 1, offer("near", "near")});
    bench(answer_from(kAna, answer("far", "far"), 7, 1));
    Actions actions = bench(CandidateGathered{1, candidate(1, "near")});
    for (const Action& each : bench(RemoteDescriptionSet{1, 2, three_ours()}))
        actions.push_back(each);
    REQUIRE(actions.size() == 1);
    CHECK(emitted(actions) == std::vector<std::string>{"ice-candidate"});
}

// ---- sent again -----------------------------------------------------------------------------

TEST_CASE("an offer that comes a second time is answered a second time, with the candidates",
          "[peer][recovery]") {
    PeerBench bench;
    const auto asked = offer_from(kAna, offer("far", "far"), 7, {}, 1);
    bench(asked);
    CHECK(bench(asked) == Actions{});
    bench(RemoteDescriptionSet{1, 1, three_remote()});
    CHECK(bench(asked) == Actions{});
    CHECK(bench(LocalDescriptionSet{1, 2, answer("near", "near")}) ==
          Actions{emit_answer(kAna, answer("near", "near"), 1, 7, 1)});
    bench(CandidateGathered{1, candidate(1, "near")});

    CHECK(bench(asked) == Actions{emit_answer(kAna, answer("near", "near"), 1, 7, 1),
                                  emit_candidate(kAna, candidate(1, "near"), 1, 7)});
    bench(ConnectionStateChanged{1, ConnectionState::connected});
    CHECK(bench(offer_from(kAna, offer("far", "far"), 7, 1, 1)) ==
          Actions{emit_answer(kAna, answer("near", "near"), 1, 7, 1),
                  emit_candidate(kAna, candidate(1, "near"), 1, 7)});
}

TEST_CASE("an answer to an earlier offer of ours is dropped and reported", "[peer][recovery]") {
    PeerBench bench;
    bench.offered_and_answered();
    bench(NegotiationNeeded{1});
    CHECK(bench(LocalDescriptionSet{1, 3, offer("near", "near2")}) ==
          Actions{emit_offer(kAna, offer("near", "near2"), 1, 7, 2)});
    CHECK(bench(answer_from(kAna, answer("far", "far"), 7, 1, 1)) ==
          Actions{Report{Level::debug, ErrorCode::stale_message, "an answer to an earlier offer",
                         kAna}});
    CHECK(bench(answer_from(kAna, answer("far", "far2"), 7, 1, 2)) ==
          Actions{set_remote(1, 4, answer("far", "far2"))});
}

TEST_CASE("what is sent again belongs to the latest description only", "[peer][recovery]") {
    PeerBench bench;
    bench.offered_and_answered();
    bench(CandidateGathered{1, candidate(1, "near")});
    bench(NegotiationNeeded{1});
    bench(LocalDescriptionSet{1, 3, offer("near", "near2")});
    bench(CandidateGathered{1, candidate(2, "near2")});
    CHECK(bench.when_due() == Actions{emit_offer(kAna, offer("near", "near2"), 1, 7, 2),
                                      emit_candidate(kAna, candidate(2, "near2"), 1, 7)});
}

TEST_CASE("a renegotiation without new credentials keeps the candidates there are",
          "[peer][recovery]") {
    PeerBench bench;
    bench.offered_and_answered();
    bench(CandidateGathered{1, candidate(1, "near")});
    bench(NegotiationNeeded{1});
    bench(LocalDescriptionSet{1, 3, offer("near", "near")});
    CHECK(bench.when_due() == Actions{emit_offer(kAna, offer("near", "near"), 1, 7, 2),
                                      emit_candidate(kAna, candidate(1, "near"), 1, 7)});
}

TEST_CASE("an offer that goes on with a connection that is gone here is met by a new one",
          "[peer][recovery]") {
    PeerBench bench;
    CHECK(bench(offer_from(kAna, offer("far", "far2"), 7, 3, 2)) ==
          Actions{bench.create(1), AddTransceivers{1, kAllSlots}});
    CHECK(bench.peer.tile() == TileState::connecting);
}

TEST_CASE("an offer that collides with one that was not answered for long is told of ours again",
          "[peer][recovery]") {
    PeerBench bench;
    bench.start();
    bench(NegotiationNeeded{1});
    bench(LocalDescriptionSet{1, 1, offer("near", "near")});
    const Action collided =
        Report{Level::debug, ErrorCode::offer_ignored, "an offer collided with ours", kAna};
    bench.now = 1'999;
    CHECK(bench(offer_from(kAna, offer("far", "far"), 3, {}, 1)) == Actions{collided});
    for (const TimeMs at : {4'000, 12'000, 28'000, 30'000}) bench.pass_time(at);
    REQUIRE(bench.peer.tile() == TileState::failed);

    bench.now = 40'000;
    CHECK(bench(offer_from(kAna, offer("far", "far"), 3, {}, 1)) ==
          Actions{collided, emit_offer(kAna, offer("near", "near"), 1, {}, 1)});
    CHECK(bench.changed);
    CHECK(bench.peer.tile() == TileState::connecting);
    CHECK(bench.pass_time(69'999) == Actions{});
    CHECK(reported(bench.pass_time(70'000)) == ErrorCode::no_answer);
}

TEST_CASE("returning signaling sends what may have been lost, while nothing is connected",
          "[peer][recovery]") {
    PeerBench bench;
    CHECK(bench.resume_signaling() == Actions{});
    bench.answered();
    bench(CandidateGathered{1, candidate(1, "near")});
    bench.now = 20'000;
    CHECK(bench.resume_signaling() == Actions{emit_answer(kAna, answer("near", "near"), 1, 7),
                                              emit_candidate(kAna, candidate(1, "near"), 1, 7)});
    // Signaling was lost for some of the time that a first connection is given.
    CHECK(bench.peer.deadline() == 50'000);

    bench.connected();
    CHECK(bench.resume_signaling() == Actions{});
    CHECK(bench.peer.tile() == TileState::connected);
}

TEST_CASE("returning signaling sends an offer that was under way in a connection that works",
          "[peer][recovery]") {
    PeerBench bench;
    bench.offered_and_answered();
    bench.connected();
    bench(NegotiationNeeded{1});
    bench(LocalDescriptionSet{1, 3, offer("near", "near")});
    CHECK(bench.resume_signaling() == Actions{emit_offer(kAna, offer("near", "near"), 1, 7, 2)});
}

TEST_CASE("the connection tells the ICE servers it has to use from now on", "[peer][recovery]") {
    const std::vector<IceServer> fresh{{{"turn:turn.example"}, "2:bob", "fresh"}};
    PeerBench bench;
    CHECK(bench.set_ice_servers(fresh) == Actions{});
    bench.start();
    CHECK(bench.set_ice_servers(fresh) == Actions{UpdateIceServers{1, fresh}});
}

// ---- the ladder -----------------------------------------------------------------------------

namespace {

/// Connection 1 has worked and is interrupted; its first try is due at the next deadline.
void interrupt(PeerBench& bench) {
    bench.offered_and_answered();
    bench.connected();
    bench(ConnectionStateChanged{1, ConnectionState::disconnected});
}

/// Interrupted, and restarted by an offer that nobody has answered yet.
void offer_restart(PeerBench& bench) {
    interrupt(bench);
    REQUIRE(bench.when_due() == Actions{RestartIce{1}});
    bench(NegotiationNeeded{1});
    bench(LocalDescriptionSet{1, 3, offer("near", "near2")});
}

}  // namespace

TEST_CASE("the greater id restarts ICE where the path doesn't heal, and is proven by connecting",
          "[peer][recovery]") {
    PeerBench bench{kAna};
    interrupt(bench);
    CHECK(bench.when_due() == Actions{RestartIce{1}});
    CHECK(bench.peer.deadline() == bench.now + 3'000 + drawn(2, 601));
    CHECK(bench.peer.tile() == TileState::reconnecting);
    CHECK(bench(NegotiationNeeded{1}) == Actions{set_local(1, 3)});
    CHECK(bench(LocalDescriptionSet{1, 3, offer("near", "near2")}) ==
          Actions{emit_offer(kAna, offer("near", "near2"), 1, 7, 2)});
    CHECK(bench(answer_from(kAna, answer("far", "far2"), 7, 1, 2)) ==
          Actions{set_remote(1, 4, answer("far", "far2"))});
    CHECK(bench(RemoteDescriptionSet{1, 4, three_ours()}) == Actions{});
    CHECK(bench.peer.tile() == TileState::reconnecting);

    CHECK(bench(ConnectionStateChanged{1, ConnectionState::connected}) ==
          Actions{SendKeyFrames{1}});
    CHECK(bench.peer.tile() == TileState::connected);
    CHECK(bench.peer.deadline() == std::nullopt);
}

TEST_CASE("the next try after a restart that was not answered sends its offer again",
          "[peer][recovery]") {
    PeerBench bench{kAna};
    offer_restart(bench);
    CHECK(bench.when_due() == Actions{emit_offer(kAna, offer("near", "near2"), 1, 7, 2)});
}

TEST_CASE("the lesser id asks for a restart", "[peer][recovery]") {
    PeerBench bench{kCyd};
    interrupt(bench);
    CHECK(bench.when_due() == Actions{emit_ice_restart(kCyd, 1, 7)});
    CHECK(bench.when_due() == Actions{emit_ice_restart(kCyd, 1, 7)});
}

TEST_CASE("with a plain peer we restart ICE whoever is greater: it knows no way to be asked",
          "[peer][recovery]") {
    const ParticipantId with = GENERATE(kAna, kCyd);
    PeerBench bench{with, false};
    bench.offered_and_answered();
    bench(ConnectionStateChanged{1, ConnectionState::connected});
    bench(ConnectionStateChanged{1, ConnectionState::disconnected});
    CHECK(bench.when_due() == Actions{RestartIce{1}});
}

TEST_CASE("a connection that has worked and fails is tried at once", "[peer][recovery]") {
    PeerBench bench;
    bench.offered_and_answered();
    bench.connected();
    CHECK(bench(ConnectionStateChanged{1, ConnectionState::failed}) == Actions{});
    CHECK(bench.peer.tile() == TileState::reconnecting);
    CHECK(bench.pass_time(0) == Actions{RestartIce{1}});
}

TEST_CASE("a restart that is asked for is made at once, and proven before it counts",
          "[peer][recovery]") {
    PeerBench bench{kAna};
    bench.offered_and_answered();
    bench.connected();
    CHECK(bench(ice_restart_from(kAna, 7, 1)) == Actions{});
    CHECK(bench.peer.tile() == TileState::reconnecting);
    CHECK(bench.hear() == Actions{});
    CHECK(bench.peer.tile() == TileState::reconnecting);
    CHECK(bench.pass_time(0) == Actions{RestartIce{1}});
    CHECK(bench.hear() == Actions{SendKeyFrames{1}});
    CHECK(bench.peer.tile() == TileState::connected);
}

TEST_CASE("a restart that is asked for while our offer is out is that offer again",
          "[peer][recovery]") {
    PeerBench bench{kAna};
    bench.start();
    bench(NegotiationNeeded{1});
    bench(LocalDescriptionSet{1, 1, offer("near", "near")});
    CHECK(bench(ice_restart_from(kAna, 7)) ==
          Actions{emit_offer(kAna, offer("near", "near"), 1, {}, 1)});
}

TEST_CASE("a restart that is asked for of a connection that is gone is dropped and reported",
          "[peer][recovery]") {
    PeerBench bench{kAna};
    bench.offered_and_answered();
    bench.connected();
    CHECK(bench(ice_restart_from(kAna, 7, 3)) == Actions{bench.stale()});
    CHECK(bench(ice_restart_from(kAna, 6, 1)) == Actions{bench.stale()});
    CHECK(bench.peer.tile() == TileState::connected);
}

TEST_CASE("whoever asks for a restart where nothing is gets a connection", "[peer][recovery]") {
    PeerBench bench;
    CHECK(bench(ice_restart_from(kAna, 7, 3)) ==
          Actions{bench.create(1), AddTransceivers{1, kAllSlots}});
}

TEST_CASE("every fourth try of the side that leads is a new connection", "[peer][recovery]") {
    PeerBench bench{kAna};
    interrupt(bench);
    for (int i = 0; i < 3; ++i) CHECK(bench.when_due() == Actions{RestartIce{1}});
    CHECK(bench.when_due() ==
          Actions{CloseConnection{1}, bench.create(2), AddTransceivers{2, kAllSlots}});
    CHECK(bench.peer.tile() == TileState::reconnecting);
    bench(NegotiationNeeded{2});
    const Actions offered{emit_offer(kAna, offer("near3", "near3"), 2, {}, 1, 7)};
    CHECK(bench(LocalDescriptionSet{2, 3, offer("near3", "near3")}) == offered);
    // Sent again after 4 s, by the next try, after 8 s more, and by the try after that.
    for (int i = 0; i < 4; ++i) CHECK(bench.when_due() == offered);
    CHECK(bench.when_due() ==
          Actions{CloseConnection{2}, bench.create(3), AddTransceivers{3, kAllSlots}});
}

TEST_CASE("the side that leads keeps a connection whose offer is not answered for six tries",
          "[peer][recovery]") {
    PeerBench bench{kAna};
    offer_restart(bench);
    const TimeMs begun = bench.now;
    while (bench.peer.connection() == 1 && bench.now < begun + 60'000) bench.when_due();
    CHECK(bench.peer.connection() == 2);
    CHECK(bench.now - begun > 3'000 + 4'500 + 6'000 + 7'500 + 8'000 + 8'000);
}

TEST_CASE("the side that asks in vain makes a new connection after six tries", "[peer][recovery]") {
    PeerBench bench{kCyd};
    interrupt(bench);
    for (int i = 0; i < 6; ++i) CHECK(bench.when_due() == Actions{emit_ice_restart(kCyd, 1, 7)});
    CHECK(bench.when_due() ==
          Actions{CloseConnection{1}, bench.create(2), AddTransceivers{2, kAllSlots}});
}

TEST_CASE("a connection that can't be saved is not restarted but made anew", "[peer][recovery]") {
    PeerBench bench{kAna};
    interrupt(bench);
    bench(NegotiationNeeded{1});
    CHECK(reported(bench(OperationFailed{1, 3, {"OperationError", "no"}})) ==
          ErrorCode::negotiation_failed);
    CHECK(bench.when_due() ==
          Actions{CloseConnection{1}, bench.create(2), AddTransceivers{2, kAllSlots}});
    CHECK(bench.peer.tile() == TileState::reconnecting);
    bench(ConnectionStateChanged{2, ConnectionState::failed});
    CHECK(bench.when_due() ==
          Actions{CloseConnection{2}, bench.create(3), AddTransceivers{3, kAllSlots}});
}

namespace {

/// The whole ladder, in vain; returns what its end says.
Actions exhaust(PeerBench& bench) {
    interrupt(bench);
    for (int i = 0; i < 12; ++i) {
        CHECK(only<Report>(bench.when_due()).empty());
        CHECK(bench.peer.tile() == TileState::reconnecting);
    }
    return bench.when_due();
}

}  // namespace

TEST_CASE("after twelve tries a pair is given up, with a reason", "[peer][recovery]") {
    const ParticipantId with = GENERATE(kAna, kCyd);
    PeerBench bench{with};
    CHECK(exhaust(bench) ==
          Actions{Report{Level::error, ErrorCode::connection_failed,
                         "The connection to this participant was lost and can't be brought back. "
                         "It is tried again when the network changes; Reconnect tries at once.",
                         with}});
    CHECK(bench.changed);
    CHECK(bench.now >= 85'000);
    CHECK(bench.now <= 103'000);
    CHECK(bench.peer.tile() == TileState::failed);
    CHECK(bench.peer.deadline() == std::nullopt);
    CHECK(bench.pass_time(1'000'000) == Actions{});
}

TEST_CASE("a pair that was given up is not tried again when its last try fails too",
          "[peer][recovery]") {
    PeerBench bench;
    exhaust(bench);
    const ConnectionId last = bench.peer.connection();
    bench(ConnectionStateChanged{last, ConnectionState::failed});
    CHECK(bench.peer.tile() == TileState::failed);
    CHECK(bench.peer.deadline() == std::nullopt);
    CHECK(bench.pass_time(1'000'000) == Actions{});
}

TEST_CASE("a pair that was given up is tried again when the network changes, or when asked to",
          "[peer][recovery]") {
    const std::string way = GENERATE("doubt", "reconnect", "connected");
    INFO(way);
    PeerBench bench;
    exhaust(bench);
    const ConnectionId last = bench.peer.connection();
    if (way == "doubt") CHECK(bench.doubt() == Actions{});
    if (way == "reconnect")
        CHECK(bench.reconnect() == Actions{CloseConnection{last}, bench.create(last + 1),
                                           AddTransceivers{last + 1, kAllSlots}});
    if (way == "connected")
        CHECK(bench(ConnectionStateChanged{last, ConnectionState::connected}) == Actions{});
    CHECK(bench.changed);
    CHECK_FALSE(bench.peer.failure());
    CHECK(bench.peer.tile() ==
          (way == "connected" ? TileState::connected : TileState::reconnecting));
}

TEST_CASE("who has given up and is asked for a restart makes it, and no try of its own",
          "[peer][recovery]") {
    PeerBench bench{kAna};
    exhaust(bench);
    const ConnectionId last = bench.peer.connection();
    CHECK(bench(ice_restart_from(kAna, {}, last)) == Actions{RestartIce{last}});
    CHECK(bench.peer.tile() == TileState::failed);
    CHECK(bench.peer.deadline() == std::nullopt);
}

TEST_CASE("who has given up answers another connection of the other side, and is glad if it works",
          "[peer][recovery]") {
    PeerBench bench{kCyd};
    exhaust(bench);
    const ConnectionId last = bench.peer.connection();
    const SessionDescription next = offer("new", "new");
    const Actions answering = bench(offer_from(kCyd, next, 8));
    CHECK(answering == Actions{CloseConnection{last}, bench.create(last + 1),
                               set_remote(last + 1, bench.counters.operation, next)});
    CHECK(bench(ConnectionStateChanged{last + 1, ConnectionState::failed}) == Actions{});
    CHECK(bench.peer.tile() == TileState::failed);
    CHECK(bench.peer.deadline() == std::nullopt);

    CHECK(bench(ConnectionStateChanged{last + 1, ConnectionState::connected}) == Actions{});
    CHECK(bench.peer.tile() == TileState::connected);
}

TEST_CASE("an offer that returning signaling sends is sent again by the clock as well",
          "[peer][recovery]") {
    PeerBench bench;
    bench.start();
    bench(NegotiationNeeded{1});
    bench(LocalDescriptionSet{1, 1, offer("near", "near")});
    bench.can_signal = false;
    CHECK(bench.pass_time(4'000) == Actions{});
    bench.can_signal = true;
    bench.now = 5'000;
    const Actions again{emit_offer(kAna, offer("near", "near"), 1, {}, 1)};
    CHECK(bench.resume_signaling() == again);
    CHECK(bench.peer.deadline() == 9'000);
    CHECK(bench.when_due() == again);
    CHECK(bench.peer.deadline() == 17'000);
}

TEST_CASE("without signaling no try is made, and none is counted", "[peer][recovery]") {
    PeerBench bench{kAna};
    interrupt(bench);
    bench.can_signal = false;
    CHECK(bench.when_due() == Actions{});
    CHECK(bench.peer.deadline() == std::nullopt);
    CHECK(bench.peer.tile() == TileState::reconnecting);
    CHECK(bench.pass_time(200'000) == Actions{});

    bench.can_signal = true;
    CHECK(bench.resume_signaling() == Actions{});
    CHECK(bench.pass_time(200'000) == Actions{RestartIce{1}});
}

TEST_CASE("what returning signaling has just sent is not sent again by a try that is due",
          "[peer][recovery]") {
    PeerBench bench{kAna};
    interrupt(bench);
    bench.when_due();
    bench(NegotiationNeeded{1});
    bench(LocalDescriptionSet{1, 3, offer("near", "near2")});
    bench.can_signal = false;
    CHECK(bench.pass_time(60'000) == Actions{});
    bench.can_signal = true;
    CHECK(bench.resume_signaling() == Actions{emit_offer(kAna, offer("near", "near2"), 1, 7, 2)});
    CHECK(bench.pass_time(60'000) == Actions{});
}

TEST_CASE("an offer that was out when signaling was lost is sent again by the clock, too",
          "[peer][recovery]") {
    PeerBench bench{kAna};
    bench.start();
    bench(NegotiationNeeded{1});
    bench(LocalDescriptionSet{1, 1, offer("near", "near")});
    const Actions again{emit_offer(kAna, offer("near", "near"), 1, {}, 1)};
    bench.can_signal = false;
    CHECK(bench.pass_time(6'000) == Actions{});
    bench.can_signal = true;
    CHECK(bench.resume_signaling() == again);
    CHECK(bench.pass_time(9'999) == Actions{});
    CHECK(bench.pass_time(10'000) == again);
    CHECK(bench.pass_time(17'999) == Actions{});
    CHECK(bench.pass_time(18'000) == again);
}

TEST_CASE("an offer that the network has outlived is not repeated but made anew",
          "[peer][recovery]") {
    PeerBench bench{kAna};
    offer_restart(bench);
    bench.now += 1'500;
    CHECK(bench.doubt() == Actions{});

    CHECK(bench.when_due() == Actions{RestartIce{1}, set_local(1, 4)});
    CHECK(bench(LocalDescriptionSet{1, 4, offer("near", "near3")}) ==
          Actions{emit_offer(kAna, offer("near", "near3"), 1, 7, 3)});
    // The answer to the former one was under way.
    CHECK(reported(bench(answer_from(kAna, answer("far", "far2"), 7, 1, 2))) ==
          ErrorCode::stale_message);
    CHECK(bench(answer_from(kAna, answer("far", "far3"), 7, 1, 3)) ==
          Actions{set_remote(1, 5, answer("far", "far3"))});
    bench(RemoteDescriptionSet{1, 5, three_ours()});
    CHECK(bench.pass_time(bench.now + 1'000) == Actions{});
}

TEST_CASE("what was offered without a network is offered anew by who returns to signaling",
          "[peer][recovery]") {
    PeerBench bench{kAna};
    offer_restart(bench);
    PeerBench other = bench;
    CHECK(bench.return_to_signaling() == Actions{RestartIce{1}, set_local(1, 4)});
    CHECK(other.resume_signaling() == Actions{emit_offer(kAna, offer("near", "near2"), 1, 7, 2)});
}

TEST_CASE("a first offer that is made anew, since our answer got lost, is answered",
          "[peer][recovery]") {
    PeerBench bench{kAna};
    bench(offer_from(kAna, offer("far", "far"), 7, {}, 1));
    bench(RemoteDescriptionSet{1, 1, three_remote()});
    bench(LocalDescriptionSet{1, 2, answer("near", "near")});
    CHECK(bench(offer_from(kAna, offer("far", "far2"), 7, {}, 2)) ==
          Actions{set_remote(1, 3, offer("far", "far2"))});
    CHECK(bench(RemoteDescriptionSet{1, 3, three_ours()}) == Actions{set_local(1, 4)});
    CHECK(bench(LocalDescriptionSet{1, 4, answer("near", "near2")}) ==
          Actions{emit_answer(kAna, answer("near", "near2"), 1, 7, 2)});
}

TEST_CASE("back in the room, an offer from another network is made anew at once",
          "[peer][recovery]") {
    PeerBench bench{kAna};
    interrupt(bench);
    bench.when_due();
    bench(NegotiationNeeded{1});
    bench(LocalDescriptionSet{1, 3, offer("near", "near2")});
    bench.doubt();
    CHECK(bench.resume_signaling() == Actions{RestartIce{1}, set_local(1, 4)});
}

TEST_CASE("a plain peer, which can't tell answers apart, gets the same offer again",
          "[peer][recovery]") {
    PeerBench bench{kAna, false};
    bench.start();
    bench(NegotiationNeeded{1});
    bench(LocalDescriptionSet{1, 1, offer("near", "near")});
    bench.doubt();
    CHECK(bench.resume_signaling() == Actions{emit_offer(kAna, offer("near", "near"), 1, {}, {})});
}

// ---- the best path --------------------------------------------------------------------------

TEST_CASE(
    "a pair that came back onto a relay restarts ICE when it is settled, and ever more rarely",
    "[peer][recovery]") {
    PeerBench bench{kAna};
    bench.offered_and_answered();
    bench.connected();
    bench.sampled(0);
    bench.sampled(1'000, false);
    bench(ConnectionStateChanged{1, ConnectionState::disconnected});
    bench.now = 200;
    CHECK(bench(ConnectionStateChanged{1, ConnectionState::connected}) ==
          Actions{SendKeyFrames{1}});
    CHECK(bench.sampled(2'000, true) == Actions{});
    bench.now = 5'199;
    CHECK(bench.sampled(3'000, true) == Actions{});
    bench.now = 5'200;
    CHECK(bench.sampled(4'000, true) == Actions{RestartIce{1}});
    std::vector<TimeMs> pauses;
    TimeMs last = bench.now;
    for (std::int64_t bytes = 5'000; pauses.size() < 8; bytes += 1'000) {
        bench.now += 1'000;
        if (bench.sampled(bytes, true) != Actions{RestartIce{1}}) continue;
        pauses.push_back(bench.now - last);
        last = bench.now;
    }
    // From the first look at the relay after a restart on.
    CHECK(pauses ==
          std::vector<TimeMs>{11'000, 21'000, 41'000, 81'000, 161'000, 321'000, 321'000, 321'000});

    // Direct again: the next interruption begins anew.
    bench.sampled(10'000'000, false);
    bench.sampled(10'001'000, true);
    bench.now += 5'000;
    CHECK(bench.sampled(10'002'000, true) == Actions{RestartIce{1}});
}

TEST_CASE("a relay is left alone where nothing better was there, or somebody else leads",
          "[peer][recovery]") {
    SECTION("always relayed") {
        PeerBench bench{kAna};
        bench.offered_and_answered();
        bench.connected();
        for (bench.now = 0; bench.now < 20'000; bench.now += 750)
            CHECK(only<RestartIce>(bench.sampled(bench.now, true)).empty());
    }
    SECTION("the browser doesn't say") {
        PeerBench bench{kAna};
        bench.offered_and_answered();
        bench.connected();
        bench.sampled(0, false);
        for (bench.now = 750; bench.now < 20'000; bench.now += 750)
            CHECK(only<RestartIce>(bench.sampled(bench.now)).empty());
    }
    SECTION("the other side leads") {
        PeerBench bench{kCyd};
        bench.offered_and_answered();
        bench.connected();
        bench.sampled(0, false);
        for (bench.now = 750; bench.now < 20'000; bench.now += 750)
            CHECK(only<RestartIce>(bench.sampled(bench.now, true)).empty());
    }
    SECTION("it was another network that had a better one") {
        PeerBench bench{kAna};
        bench.offered_and_answered();
        bench.connected();
        bench.sampled(0, false);
        bench.doubt();
        bench(ConnectionStateChanged{1, ConnectionState::disconnected});
        REQUIRE(bench.when_due() == Actions{RestartIce{1}});
        bench(ConnectionStateChanged{1, ConnectionState::connected});
        for (int i = 0; i < 20; ++i) {
            bench.now += 750;
            CHECK(only<RestartIce>(bench.sampled(bench.now, true)).empty());
        }
    }
}

// ---- by way of a third ----------------------------------------------------------------------

namespace {

Action passed_on(ConnectionId by, const ParticipantId& to, channel::PairMessage message) {
    return SendOnChannel{by, channel::Forward{to, std::move(message)}};
}
SessionDescription certified(SdpType type, const std::string& ufrag, const std::string& print) {
    return {type, sdp("far", ufrag) + "a=fingerprint:sha-256 " + print + "\r\n"};
}

}  // namespace

TEST_CASE("without signaling a restart goes by way of a third, if there is one",
          "[peer][recovery]") {
    PeerBench bench{kAna};
    interrupt(bench);
    bench.can_signal = false;
    CHECK(bench.when_due() == Actions{});
    CHECK(bench.peer.needs_detour(false));
    bench.detour = 5;
    bench.now += 1;
    CHECK(bench.pass_time(bench.now) == Actions{RestartIce{1}});
    bench(NegotiationNeeded{1});
    CHECK(bench(LocalDescriptionSet{1, 3, offer("near", "near2")}) ==
          Actions{passed_on(5, kAna, offer_from(kBob, offer("near", "near2"), 1, 7, 2))});
    CHECK(bench(CandidateGathered{1, candidate(1, "near2")}) ==
          Actions{passed_on(5, kAna, candidate_from(kBob, candidate(1, "near2"), 1, 7))});
    CHECK(bench.when_due() ==
          Actions{passed_on(5, kAna, offer_from(kBob, offer("near", "near2"), 1, 7, 2)),
                  passed_on(5, kAna, candidate_from(kBob, candidate(1, "near2"), 1, 7))});
}

TEST_CASE(
    "without signaling the lesser id asks for a restart by way of a third, and makes no new "
    "connection however long",
    "[peer][recovery]") {
    PeerBench bench{kCyd};
    interrupt(bench);
    bench.can_signal = false;
    bench.detour = 5;
    for (std::uint32_t i = 0; i < Recovery::kMostTries; ++i)
        CHECK(bench.when_due() == Actions{passed_on(5, kCyd, ice_restart_from(kBob, 1, 7))});
    CHECK(reported(bench.when_due()) == ErrorCode::connection_failed);
}

TEST_CASE("a description too long for the control channel stays here", "[peer][recovery]") {
    PeerBench bench{kAna};
    interrupt(bench);
    bench.can_signal = false;
    bench.detour = 5;
    bench.when_due();
    bench(NegotiationNeeded{1});
    CHECK(bench(LocalDescriptionSet{1, 3, {SdpType::offer, std::string(30'001, 'x')}}) ==
          Actions{});
}

TEST_CASE("a forwarded message only goes on with the connection and certificate there are",
          "[peer][recovery]") {
    PeerBench bench{kCyd};
    const auto offered = certified(SdpType::offer, "far", "AA");
    CHECK_FALSE(bench.peer.accepts_forwarded(offer_from(kCyd, offered, 7)));
    bench(offer_from(kCyd, offered, 7));
    bench(RemoteDescriptionSet{1, 1, three_remote()});
    bench(LocalDescriptionSet{1, 2, answer("near", "near")});
    const auto restart = certified(SdpType::offer, "far2", "AA");
    CHECK_FALSE(bench.peer.accepts_forwarded(offer_from(kCyd, restart, 7, 1, 2)));
    CHECK_FALSE(bench.peer.needs_detour(false));
    bench.connected();

    CHECK(bench.peer.accepts_forwarded(offer_from(kCyd, restart, 7, 1, 2)));
    CHECK(bench.peer.accepts_forwarded(answer_from(kCyd, restart, 7, 1, 2)));
    CHECK(bench.peer.accepts_forwarded(candidate_from(kCyd, candidate(1, "far2"), 7, 1)));
    CHECK(bench.peer.accepts_forwarded(ice_restart_from(kCyd, 7, 1)));
    for (const auto& [generation, peer_generation] :
         std::vector<std::pair<std::optional<ConnectionId>, std::optional<ConnectionId>>>{
             {8, 1}, {6, 1}, {7, 2}, {7, {}}, {{}, 1}, {8, {}}}) {
        CHECK_FALSE(bench.peer.accepts_forwarded(
            offer_from(kCyd, restart, generation, peer_generation, 2)));
        CHECK_FALSE(
            bench.peer.accepts_forwarded(ice_restart_from(kCyd, generation, peer_generation)));
    }
    CHECK_FALSE(bench.peer.accepts_forwarded(
        offer_from(kCyd, certified(SdpType::offer, "far2", "BB"), 7, 1, 2)));
    CHECK_FALSE(bench.peer.accepts_forwarded(offer_from(kCyd, offer("far", "far2"), 7, 1, 2)));
}

TEST_CASE("who was reached by way of a third is answered that way, until the path works again",
          "[peer][recovery]") {
    PeerBench bench{kCyd};
    bench.answered();
    bench.connected();
    CHECK_FALSE(bench.peer.needs_detour(true));
    CHECK_FALSE(bench.peer.needs_detour(false));  // it flows
    bench.peer.follow_detour(true);
    CHECK(bench.peer.needs_detour(true));
    bench(ConnectionStateChanged{1, ConnectionState::disconnected});
    bench(ConnectionStateChanged{1, ConnectionState::connected});
    CHECK_FALSE(bench.peer.needs_detour(true));
}

TEST_CASE("a participant has so many messages passed on in ten seconds and no more",
          "[peer][recovery]") {
    PeerBench bench;
    const auto may = [&] {
        bool result = false;
        bench.run([&](Turn& turn) { result = bench.peer.may_forward(turn); });
        return result;
    };
    bench.now = 50'000;
    for (int i = 0; i < 256; ++i) CHECK(may());
    CHECK_FALSE(may());
    bench.now = 60'000;
    CHECK(may());
}

TEST_CASE("media that stands still when signaling returns went with it", "[peer][recovery]") {
    PeerBench bench{kAna};
    bench.offered_and_answered();
    bench.connected();
    bench.now = 999;
    CHECK(bench.resume_signaling() == Actions{});
    CHECK(bench.peer.deadline() == std::nullopt);
    bench.now = 1'000;
    CHECK(bench.resume_signaling() == Actions{});
    CHECK(bench.peer.deadline() == 1'000);
    CHECK(bench.pass_time(1'000) == Actions{RestartIce{1}});
}

TEST_CASE("who comes back is tried at once", "[peer][recovery]") {
    PeerBench bench{kAna};
    interrupt(bench);
    bench.when_due();
    bench.now += 2'000;
    CHECK(bench.resume_recovery() == Actions{});
    CHECK(bench.peer.deadline() == bench.now);
    CHECK(bench.when_due() == Actions{RestartIce{1}});
}

TEST_CASE("an offer of the other side puts our next try off", "[peer][recovery]") {
    PeerBench bench{kCyd};
    interrupt(bench);
    CHECK(bench(offer_from(kCyd, offer("far", "far2"), 7, 1, 1)) ==
          Actions{set_remote(1, 3, offer("far", "far2"))});
    CHECK(bench.peer.deadline() == 3'000);
}

TEST_CASE("a doubt about our own network is only settled by a try", "[peer][recovery]") {
    PeerBench bench{kAna};
    CHECK(bench.doubt() == Actions{});
    CHECK(bench.peer.deadline() == std::nullopt);
    bench.offered_and_answered();
    CHECK(bench.doubt() == Actions{});
    CHECK(bench.peer.tile() == TileState::connecting);
    bench.connected();
    bench.sampled(1'000);

    CHECK(bench.doubt() == Actions{});
    CHECK(bench.changed);
    CHECK(bench.peer.tile() == TileState::reconnecting);
    CHECK(bench.sampled(2'000) == Actions{});
    CHECK(bench.peer.tile() == TileState::reconnecting);
    CHECK(bench.pass_time(0) == Actions{RestartIce{1}});
    CHECK(bench.sampled(3'000) == Actions{SendKeyFrames{1}});
    CHECK(bench.peer.tile() == TileState::connected);
}

TEST_CASE("a doubt takes back that a pair has failed, and what is seen says so",
          "[peer][recovery]") {
    PeerBench bench{kAna};
    interrupt(bench);
    bench(NegotiationNeeded{1});
    bench(OperationFailed{1, 3, {"OperationError", "no"}});
    REQUIRE(bench.peer.tile() == TileState::failed);
    CHECK(bench.doubt() == Actions{});
    CHECK(bench.changed);
    CHECK(bench.peer.tile() == TileState::reconnecting);
}

TEST_CASE("a person's wish for another connection ends the ladder that was going on",
          "[peer][recovery]") {
    PeerBench bench;
    interrupt(bench);
    bench.when_due();
    CHECK(bench.reconnect() ==
          Actions{CloseConnection{1}, bench.create(2), AddTransceivers{2, kAllSlots}});
    CHECK(bench.peer.tile() == TileState::reconnecting);
    CHECK(bench.peer.deadline() == bench.now + 30'000);
}

// ---- silence --------------------------------------------------------------------------------

TEST_CASE("media that stands still is asked after, and put in doubt after 2.5 s",
          "[peer][recovery]") {
    PeerBench bench{kAna};
    bench.offered_and_answered();
    bench.connected();
    const Actions ping{SendOnChannel{1, channel::Ping{}}};
    CHECK(bench.sampled(1'000) == ping);
    bench.hear();
    bench.now = 750;
    CHECK(bench.sampled(2'000) == Actions{});
    bench.now = 1'500;
    CHECK(bench.sampled(2'000) == ping);
    bench.now = 3'249;
    CHECK(bench.sampled(2'000) == Actions{});
    CHECK(bench.peer.tile() == TileState::connected);
    bench.now = 3'250;
    CHECK(bench.sampled(2'000) == Actions{});
    CHECK(bench.changed);
    CHECK(bench.peer.tile() == TileState::reconnecting);
    CHECK(bench.pass_time(3'250) == Actions{RestartIce{1}});

    CHECK(bench.sampled(2'001) == Actions{SendKeyFrames{1}});
    CHECK(bench.peer.tile() == TileState::connected);
    CHECK(bench.peer.deadline() == std::nullopt);
}

TEST_CASE("a path with nothing to carry is alive as long as pings are answered",
          "[peer][recovery]") {
    PeerBench bench;
    bench.sends_nothing = true;
    bench.offered_and_answered();
    bench.connected();
    for (TimeMs at = 0; at <= 30'000; at += 750) {
        bench.now = at;
        CHECK(bench.sampled(0) == Actions{SendOnChannel{1, channel::Ping{}}});
        CHECK(bench.hear() == Actions{});
    }
    CHECK(bench.peer.tile() == TileState::connected);
    CHECK(bench.peer.is_received());
}

TEST_CASE("a plain peer is neither pinged nor put in doubt for its silence", "[peer][recovery]") {
    PeerBench bench{kAna, false};
    bench.offered_and_answered();
    bench(ConnectionStateChanged{1, ConnectionState::connected});
    for (TimeMs at = 0; at <= 30'000; at += 750) {
        bench.now = at;
        CHECK(bench.sampled(0) == Actions{});
    }
    CHECK(bench.peer.tile() == TileState::connected);
    CHECK(bench.peer.deadline() == std::nullopt);
}

TEST_CASE("media flows where the channel is open and nothing speaks against the path",
          "[peer][recovery]") {
    PeerBench bench;
    bench.offered_and_answered();
    bench(ConnectionStateChanged{1, ConnectionState::connected});
    CHECK_FALSE(bench.peer.flows());
    bench(ChannelOpened{1});
    CHECK(bench.peer.flows());
    bench.doubt();
    CHECK_FALSE(bench.peer.flows());
}
