// One pair: what is sent again, and how it comes back.
#include "peer_bench.hpp"

#include <string>

using namespace dvmeet;
using namespace dvmeet::test;

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
    bench.offered();
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
    bench.offered();
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
    bench.offered();
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
    bench.offered();
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
    bench.offered();
    bench.doubt();
    CHECK(bench.resume_signaling() == Actions{emit_offer(kAna, offer("near", "near"), 1, {}, {})});
}

TEST_CASE("who was given up is tried again when the page is looked at, and nobody else is",
          "[peer][recovery]") {
    PeerBench bench{kAna};
    bench.offered_and_answered();
    bench.connected();
    CHECK(bench.encourage() == Actions{});
    CHECK(bench.peer.deadline() == std::nullopt);
    bench(ConnectionStateChanged{1, ConnectionState::failed});
    while (!bench.peer.failure()) bench.when_due();
    REQUIRE(bench.peer.tile() == TileState::failed);
    bench.now += 600'000;
    bench.encourage();
    CHECK(bench.peer.tile() == TileState::reconnecting);
    CHECK(bench.when_due() != Actions{});
}

TEST_CASE("Reconnect without signaling keeps what may heal, and begins the ladder anew",
          "[peer][recovery]") {
    PeerBench bench{kAna};
    bench.offered_and_answered();
    bench.connected();
    bench(ConnectionStateChanged{1, ConnectionState::disconnected});
    bench.can_signal = false;
    CHECK(bench.reconnect() == Actions{});
    CHECK(bench.pass_time(bench.now) == Actions{});
    bench.can_signal = true;
    CHECK(only<CreateConnection>(bench.resume_signaling()).empty());
    CHECK(bench.when_due() == Actions{RestartIce{1}});
    CHECK(bench.reconnect() ==
          Actions{CloseConnection{1}, bench.create(2), AddTransceivers{2, kAllSlots}});
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

    // A direct path that lasts: the next interruption begins anew.
    bench.sampled(10'000'000, false);
    bench.now += 60'000;
    bench.sampled(10'001'000, false);
    bench.sampled(10'002'000, true);
    bench.now += 5'000;
    CHECK(bench.sampled(10'003'000, true) == Actions{RestartIce{1}});
    // One that breaks down time and again is tried ever more rarely.
    bench.now += 1'000;
    bench.sampled(10'004'000, false);
    bench.now += 59'000;
    bench.sampled(10'005'000, true);
    bench.now += 9'999;
    CHECK(bench.sampled(10'006'000, true) == Actions{});
    bench.now += 1;
    CHECK(bench.sampled(10'007'000, true) == Actions{RestartIce{1}});
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
    SECTION("a plain peer") {
        PeerBench bench{kAna, false};
        bench.offered_and_answered();
        bench(ConnectionStateChanged{1, ConnectionState::connected});
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

TEST_CASE("a plain peer that has nothing to send is not doubted for it when signaling returns",
          "[peer][recovery]") {
    PeerBench bench{kAna, false};
    bench.offered_and_answered();
    bench(ConnectionStateChanged{1, ConnectionState::connected});
    bench.sampled(0);
    bench.now = 60'000;
    bench.resume_signaling();
    CHECK(bench.peer.tile() == TileState::connected);
    // Where something had come, its absence tells.
    bench.sampled(1'000);
    bench.now = 90'000;
    bench.resume_signaling();
    CHECK(bench.peer.tile() == TileState::reconnecting);
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

TEST_CASE("on another network all tries are to be had again", "[peer][recovery]") {
    PeerBench bench{kAna};
    interrupt(bench);
    for (int i = 0; i < 12; ++i) bench.when_due();
    bench.pass_time(bench.now + 5'000);
    CHECK(bench.doubt() == Actions{});
    CHECK_FALSE(bench.pass_time(bench.now).empty());
    CHECK_FALSE(bench.peer.failure());
    int tries = 1;
    while (!bench.peer.failure()) {
        bench.when_due();
        if (!bench.peer.failure()) ++tries;
    }
    CHECK(tries == 12);
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
