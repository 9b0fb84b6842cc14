// One pair: made, negotiated, replaced, and failing alone.
#include "peer_bench.hpp"

using namespace dvmeet;
using namespace dvmeet::test;

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
    bench.offered();

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
    bench.offered();
    CHECK(bench(offer_from(kAna, offer("far", "far"), 4, {}, 1, 1)) ==
          Actions{CloseConnection{1}, bench.create(2), set_remote(2, 2, offer("far", "far"))});
}

TEST_CASE("candidates that outran the offer that wins a collision are not lost", "[peer]") {
    PeerBench bench{kCyd};
    bench.offered();
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
    bench.offered();
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
    bench.offered();
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

TEST_CASE("what the browser refuses to a connection that works is reported, and cuts nothing",
          "[peer]") {
    PeerBench bench;
    bench.offered_and_answered();
    bench.connected();
    const Actions actions = bench(ActionFailed{1, {"InvalidAccessError", "no credentials"}});
    REQUIRE(only<Report>(actions).size() == 1);
    CHECK(only<Report>(actions).front().level == Level::warn);
    CHECK(only<Report>(actions).front().code == ErrorCode::negotiation_failed);
    CHECK(bench.peer.tile() == TileState::connected);
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
    bench.offered();
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
    bench.offered();
    CHECK(bench.peer.deadline() == 30'000);
}

TEST_CASE("no answer within 30 s shows as such", "[peer]") {
    PeerBench bench;
    bench.offered();
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
    bench.offered();
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
    bench.offered();
    bench(answer_from(kAna, answer("far", "far"), 7, 1));
    Actions actions = bench(CandidateGathered{1, candidate(1, "near")});
    for (const Action& each : bench(RemoteDescriptionSet{1, 2, three_ours()}))
        actions.push_back(each);
    REQUIRE(actions.size() == 1);
    CHECK(emitted(actions) == std::vector<std::string>{"ice-candidate"});
}
