// Exactly one connection per pair, whichever way the two learn of each other.
#include "mesh.hpp"

#include <algorithm>
#include <functional>

#include "support.hpp"

using namespace dvmeet;
using namespace dvmeet::test;

namespace {

struct MeshBench : Bench {
    ParticipantId self = kBob;
    LocalMedia media{};
    std::vector<IceServer> ice_servers{};
    Mesh mesh{};
    bool protocols_known = false;
    bool can_signal = true;

    [[nodiscard]] Mesh::Context context() const {
        return {self, kRoom, media, ice_servers, protocols_known, can_signal};
    }
    template <class Message>
    Actions operator()(const Message& message) {
        return run([&](Turn& turn) { mesh.handle(message, context(), turn); });
    }
    Actions join_list(const std::vector<wire::Entry>& entries, bool anew = false,
                      TimeMs settles_in_ms = 0) {
        return run([&](Turn& turn) {
            mesh.handle_join_list({entries, anew, settles_in_ms}, context(), turn);
        });
    }
    Actions list(const std::vector<wire::Entry>& entries) {
        return run([&](Turn& turn) { mesh.handle_list(entries, context(), turn); });
    }
    Actions left(const ParticipantId& id) {
        return run([&](Turn& turn) { mesh.handle_left(id, turn); });
    }
    Actions pass_time(TimeMs until) {
        now = until;
        return run([&](Turn& turn) { mesh.pass_time(context(), turn); });
    }
    Actions reconnect(const std::optional<ParticipantId>& whom = {}) {
        return run([&](Turn& turn) { mesh.reconnect(whom, context(), turn); });
    }
    Actions doubt_all() {
        return run([&](Turn& turn) { mesh.doubt_all(turn); });
    }
    Actions set_ice_servers(const std::vector<IceServer>& servers) {
        return run([&](Turn& turn) { mesh.set_ice_servers(servers, turn); });
    }
    Actions clear(bool with_goodbye) {
        return run([&](Turn& turn) { mesh.clear(with_goodbye, turn); });
    }
    template <class Event>
    Actions route(const Event& event) {
        return run([&](Turn& turn) { mesh.route(event, context(), turn); });
    }
    /// A connection of ours to one who was here before us, connected and with an open channel.
    void connect(const ParticipantId& id) {
        join_list({entry(id)});
        const ConnectionId connection = counters.connection;
        route(ConnectionStateChanged{connection, ConnectionState::connected});
        route(ChannelOpened{connection});
    }
    /// The offer of connection 1, made by the browser and sent.
    Actions offered() {
        const auto wish = only<SetLocalDescription>(route(NegotiationNeeded{1}));
        REQUIRE(wish.size() == 1);
        return route(LocalDescriptionSet{1, wish.front().op, offer("near", "near")});
    }
    [[nodiscard]] bool is_adrift(const ParticipantId& id) const {
        for (const auto& each : mesh.view())
            if (each.id == id) return each.signaling_lost;
        FAIL("no tile of " << id);
        return false;
    }
    [[nodiscard]] TileState tile(const ParticipantId& id) const {
        for (const auto& each : mesh.view())
            if (each.id == id) return each.connection;
        FAIL("no tile of " << id);
        return TileState::fresh;
    }
};

Actions started(ConnectionId connection, const ParticipantId& id, bool extended = true) {
    std::vector<Slot> slots{Slot::microphone, Slot::camera};
    if (extended) slots.push_back(Slot::screen);
    return {CreateConnection{connection, id, {}, extended}, AddTransceivers{connection, slots}};
}
Actions answering(ConnectionId connection, const ParticipantId& id, OperationId op,
                  const SessionDescription& description, bool extended = true) {
    return {CreateConnection{connection, id, {}, extended},
            SetRemoteDescription{connection, op, description}};
}
const SessionDescription kTheirs = offer("far", "far");
Action stale(const ParticipantId& id, const std::string& what) {
    return Report{Level::debug, ErrorCode::stale_message, what, id};
}
Action nobody(const ParticipantId& id, const std::string& what) {
    return Report{Level::debug, ErrorCode::unknown_participant, what, id};
}

}  // namespace

// ---- who starts -----------------------------------------------------------------------------

TEST_CASE("the newcomer offers to everybody whom its join answer lists, but not to itself",
          "[mesh]") {
    MeshBench bench;
    Actions expected = started(1, kAna);
    for (const Action& each : started(2, kCyd)) expected.push_back(each);
    CHECK(bench.join_list({entry(kAna), entry(kBob), entry(kCyd)}) == expected);
    CHECK(bench.mesh.view().size() == 2);
}

TEST_CASE("a resident waits for the offer of a newcomer that speaks our extensions", "[mesh]") {
    MeshBench bench;
    CHECK(bench(user_joined(kAna)) == Actions{});
    CHECK(bench.mesh.deadline() == 4'000);
    CHECK(bench.tile(kAna) == TileState::fresh);

    CHECK(bench.pass_time(3'999) == Actions{});
    CHECK(bench.pass_time(4'000) == started(1, kAna));
}

TEST_CASE("a resident gives a plain newcomer a second to offer, then offers itself", "[mesh]") {
    MeshBench bench;
    CHECK(bench(user_joined(kAna, 1)) == Actions{});
    CHECK(bench(user_joined(kAna, 1)) == Actions{});
    CHECK(bench.pass_time(999) == Actions{});
    CHECK(bench.pass_time(1'000) == started(1, kAna, false));
}

TEST_CASE("a newcomer offers to plain residents too", "[mesh]") {
    MeshBench bench;
    CHECK(bench.join_list({entry(kAna, 1)}) == started(1, kAna, false));
}

// ---- exactly one ----------------------------------------------------------------------------

TEST_CASE("list, announcement and offer make one connection, in whichever order and however often",
          "[mesh]") {
    const auto join_list = [](MeshBench& bench) { bench.join_list({entry(kAna), entry(kBob)}); };
    const auto list = [](MeshBench& bench) { bench.list({entry(kAna), entry(kBob)}); };
    const auto announcement = [](MeshBench& bench) { bench(user_joined(kAna)); };
    const auto an_offer = [](MeshBench& bench) { bench(offer_from(kAna, kTheirs, 7)); };
    const auto early_candidate = [](MeshBench& bench) {
        bench(candidate_from(kAna, candidate(1, "far"), 7));
    };
    const std::vector<std::function<void(MeshBench&)>> ways{join_list, list, announcement, an_offer,
                                                            early_candidate};
    for (std::size_t code = 0; code < 5 * 5 * 5 * 5; ++code) {
        INFO("order " << code);
        MeshBench bench;
        std::size_t rest = code;
        for (int step = 0; step < 4; ++step) {
            ways[rest % 5](bench);
            rest /= 5;
        }
        bench.pass_time(4'000);  // whoever waited for an offer does so no more
        const auto view = bench.mesh.view();
        const bool only_candidates = view.empty();
        CHECK((only_candidates || view.size() == 1));
        // Lines of ours that meet an offer give way to a fresh connection, once.
        CHECK(bench.counters.connection <= 2);
        if (!only_candidates) CHECK(bench.mesh.view().front().connection == TileState::connecting);
        const auto before = bench.counters.connection;
        join_list(bench);
        list(bench);
        announcement(bench);
        if (!only_candidates) CHECK(bench.counters.connection == before);
    }
}

TEST_CASE("an offer before its sender is announced is answered, and the announcement adds the name",
          "[mesh]") {
    MeshBench bench;
    CHECK(bench(offer_from(kAna, kTheirs, 7)) == answering(1, kAna, 1, kTheirs));
    CHECK(bench(user_joined(kAna)) == Actions{});
    CHECK(bench.mesh.name_of(kAna) == "Name of ana");
    CHECK(bench.mesh.name_of(kDan).empty());
    CHECK(bench.mesh.deadline() == 30'000);  // no wait for an offer any more
}

TEST_CASE("what comes as an offer and is none introduces nobody", "[mesh]") {
    MeshBench bench;
    CHECK(reported(bench(offer_from(kAna, answer("ana1", "A"), 7))) ==
          ErrorCode::unknown_participant);
    CHECK(bench.mesh == Mesh{});
}

TEST_CASE("a stranger's offer without a generation is a plain client's", "[mesh]") {
    MeshBench bench;
    CHECK(bench(offer_from(kAna, kTheirs)) == answering(1, kAna, 1, kTheirs, false));
}

TEST_CASE("a newcomer who was announced before our join answer came is not offered to twice",
          "[mesh]") {
    MeshBench bench;
    CHECK(bench(user_joined(kAna)) == Actions{});
    CHECK(bench.join_list({entry(kAna), entry(kBob)}) == Actions{});
    CHECK(bench.pass_time(4'000) == started(1, kAna));
}

TEST_CASE("a list that answers nothing leaves the start to the others", "[mesh]") {
    MeshBench bench;
    CHECK(bench.list({entry(kAna), entry(kBob), entry(kCyd, 1)}) == Actions{});
    CHECK(bench.mesh.deadline() == 1'000);
    CHECK(bench.pass_time(1'000) == started(1, kCyd, false));
    CHECK(bench.mesh.deadline() == 4'000);
}

TEST_CASE("messages in our own name reach nobody", "[mesh]") {
    MeshBench bench;
    CHECK(bench(user_joined(kBob)) == Actions{});
    CHECK(bench(offer_from(kBob, kTheirs, 7)) ==
          Actions{stale(kBob, "an offer of somebody who left")});
    CHECK(bench(answer_from(kBob, kTheirs, 7)) ==
          Actions{nobody(kBob, "a message of nobody here")});
    CHECK(bench(candidate_from(kBob, candidate(1))) ==
          Actions{nobody(kBob, "a candidate of nobody here")});
    CHECK(bench.mesh == Mesh{});
}

TEST_CASE("the room takes 127 others; the next is ignored, its offer too", "[mesh]") {
    MeshBench bench;
    std::vector<wire::Entry> crowd;
    for (int i = 0; i < 127; ++i) crowd.push_back(entry("p" + std::to_string(i)));
    bench.join_list(crowd);
    CHECK(bench.counters.connection == 127);
    CHECK(reported(bench(user_joined(kAna))) == ErrorCode::too_many_participants);
    const Actions offered = bench(offer_from(kAna, kTheirs, 7));
    CHECK(reported(offered) == ErrorCode::too_many_participants);
    CHECK(without<Report>(offered) == Actions{});
    CHECK(bench.mesh.view().size() == 127);
}

// ---- candidates of people not yet known -----------------------------------------------------

TEST_CASE("candidates of somebody unknown wait for the offer", "[mesh][candidates]") {
    MeshBench bench;
    CHECK(bench(candidate_from(kAna, candidate(1, "far"), 7)) == Actions{});
    CHECK(bench(candidate_from(kAna, candidate(2, "far"), 7)) == Actions{});
    CHECK(bench.mesh.view().empty());
    bench(offer_from(kAna, kTheirs, 7));

    const Actions actions = bench.route(RemoteDescriptionSet{1, 1, three_remote()});

    REQUIRE(actions.size() == 4);
    CHECK(actions[0] == Action{AddIceCandidate{1, 2, candidate(1, "far")}});
    CHECK(actions[1] == Action{AddIceCandidate{1, 3, candidate(2, "far")}});
}

TEST_CASE("an empty candidate of somebody unknown is the end of candidates too",
          "[mesh][candidates]") {
    MeshBench bench;
    IceCandidate empty;
    empty.sdp_mid = "0";
    bench(candidate_from(kAna, empty, 7));
    bench(offer_from(kAna, kTheirs, 7));
    CHECK(bench.route(RemoteDescriptionSet{1, 1, three_remote()}).front() ==
          Action{AddIceCandidate{1, 2, std::nullopt}});
}

TEST_CASE("candidates of somebody unknown wait 30 s, then are dropped and reported",
          "[mesh][candidates]") {
    MeshBench bench;
    bench(candidate_from(kAna, candidate(1, "far"), 7));
    CHECK(bench.mesh.deadline() == 30'000);
    CHECK(bench.pass_time(29'999) == Actions{});
    CHECK(reported(bench.pass_time(30'000)) == ErrorCode::stale_message);
    CHECK(bench.mesh == Mesh{});
}

TEST_CASE("sixteen unknown senders are waited for, a seventeenth is dropped and reported",
          "[mesh][candidates]") {
    MeshBench bench;
    for (int i = 0; i < 16; ++i)
        CHECK(bench(candidate_from("p" + std::to_string(i), candidate(1, "u"))) == Actions{});
    CHECK(bench(candidate_from(kAna, candidate(1, "u"))) ==
          Actions{nobody(kAna, "a candidate of nobody here")});
    CHECK(bench(candidate_from("p3", candidate(2, "u"))) == Actions{});

    bench(offer_from("p3", offer("s", "u"), 1));
    CHECK(bench(candidate_from(kAna, candidate(1, "u"))) == Actions{});
}

TEST_CASE("the candidates of somebody unknown go when that one leaves", "[mesh][candidates]") {
    MeshBench bench;
    bench(candidate_from(kAna, candidate(1, "far"), 7));
    CHECK(bench.left(kAna) == Actions{});
    CHECK(bench.mesh.deadline() == std::nullopt);
}

// ---- leaving --------------------------------------------------------------------------------

TEST_CASE("who leaves is gone with connection and candidates, however often it is said", "[mesh]") {
    MeshBench bench;
    bench.join_list({entry(kAna), entry(kCyd)});
    CHECK(bench.left(kAna) == Actions{CloseConnection{1}});
    CHECK(bench.left(kAna) == Actions{});
    CHECK(bench.mesh.view().size() == 1);
    CHECK(bench.tile(kCyd) == TileState::connecting);
}

TEST_CASE("what is still under way of somebody who left makes no new connection", "[mesh]") {
    MeshBench bench;
    bench.join_list({entry(kAna)});
    bench.left(kAna);
    CHECK(bench(offer_from(kAna, kTheirs, 7)) ==
          Actions{stale(kAna, "an offer of somebody who left")});
    CHECK(bench(answer_from(kAna, kTheirs, 7)) ==
          Actions{nobody(kAna, "a message of nobody here")});
    CHECK(bench(candidate_from(kAna, candidate(1))) ==
          Actions{nobody(kAna, "a candidate of nobody here")});

    bench.now = 30'000;
    CHECK(bench(offer_from(kAna, kTheirs, 7)) == answering(2, kAna, 1, kTheirs));
}

TEST_CASE("who comes back after leaving is one participant again", "[mesh]") {
    MeshBench bench;
    bench.join_list({entry(kAna)});
    bench.left(kAna);
    CHECK(bench(user_joined(kAna)) == Actions{});
    CHECK(bench(offer_from(kAna, kTheirs, 9)) == answering(2, kAna, 1, kTheirs));
    CHECK(bench.mesh.view().size() == 1);
}

TEST_CASE("who left without ever being here is remembered in bounded number", "[mesh]") {
    MeshBench bench;
    for (int i = 0; i < 65; ++i) CHECK(bench.left("p" + std::to_string(i)) == Actions{});
    CHECK(reported(bench(offer_from("p1", kTheirs, 7))) == ErrorCode::stale_message);
    CHECK(without<Report>(bench(offer_from("p0", kTheirs, 7))) == answering(1, "p0", 1, kTheirs));
}

TEST_CASE("whom the answer to a new join of ours does not list is gone", "[mesh]") {
    MeshBench bench;
    bench.join_list({entry(kAna), entry(kCyd)});
    bench.mesh.begin_join();
    bench(user_joined(kDan));
    CHECK(bench.join_list({entry(kBob), entry(kCyd)}) == Actions{});
    CHECK(bench.mesh.deadline() == 0);
    CHECK(bench.pass_time(0) == Actions{CloseConnection{1}});
    CHECK(bench.mesh.view().size() == 2);
}

TEST_CASE("clearing closes every connection, with a goodbye where one can be said", "[mesh]") {
    MeshBench bench;
    bench.connect(kAna);
    bench.join_list({entry(kCyd)});
    bench(candidate_from(kDan, candidate(1)));
    CHECK(bench.clear(true) ==
          Actions{SendOnChannel{1, channel::Goodbye{}}, CloseConnection{1}, CloseConnection{2}});
    CHECK(bench.mesh.view().empty());
    CHECK(bench.mesh.deadline() == std::nullopt);
    CHECK(bench.clear(true) == Actions{});
}

// ---- given up by the server -----------------------------------------------------------------

namespace {

/// Ana, connected and given up by the server.
void set_adrift(MeshBench& bench) {
    bench.connect(kAna);
    bench.pass_time(0);
    REQUIRE(
        bench.left(kAna) ==
        Actions{Report{Level::warn, ErrorCode::signaling_lost,
                       "The server has lost this participant; the connection still works.", kAna}});
}

}  // namespace

TEST_CASE("whom the server gives up while media flows stays, and the tile says so",
          "[mesh][recovery]") {
    MeshBench bench;
    set_adrift(bench);
    CHECK(bench.changed);
    CHECK(bench.is_adrift(kAna));
    CHECK(bench.tile(kAna) == TileState::connected);
    CHECK(bench.left(kAna) == Actions{});
    CHECK_FALSE(bench.changed);
    CHECK(bench.pass_time(100) == Actions{});
    CHECK(bench.mesh.view().size() == 1);
}

TEST_CASE("whom the server gave up goes when the media does", "[mesh][recovery]") {
    const std::string what = GENERATE("channel", "path", "goodbye");
    INFO(what);
    MeshBench bench;
    set_adrift(bench);
    if (what == "channel") CHECK(bench.route(ChannelClosed{1}) == Actions{});
    if (what == "path")
        CHECK(bench.route(ConnectionStateChanged{1, ConnectionState::failed}) == Actions{});
    if (what == "goodbye") {
        CHECK(bench.route(ChannelReceived{1, channel::Goodbye{}}) == Actions{CloseConnection{1}});
    } else {
        CHECK(bench.pass_time(0) == Actions{CloseConnection{1}});
    }
    CHECK(bench.mesh.view().empty());
    CHECK(reported(bench(offer_from(kAna, kTheirs, 7))) == ErrorCode::stale_message);
}

TEST_CASE("whom the server gave up stays while the path may still heal alone", "[mesh][recovery]") {
    MeshBench bench;
    set_adrift(bench);
    bench.route(ConnectionStateChanged{1, ConnectionState::disconnected});
    CHECK(bench.pass_time(0) == Actions{});
    CHECK(bench.pass_time(6'000) == Actions{});
    CHECK(bench.tile(kAna) == TileState::reconnecting);
    bench.route(ConnectionStateChanged{1, ConnectionState::connected});
    CHECK(bench.tile(kAna) == TileState::connected);
    CHECK(bench.is_adrift(kAna));
}

TEST_CASE(
    "whom the server gave up and who comes back is the same participant, on the same connection",
    "[mesh][recovery]") {
    const std::string way = GENERATE("announced", "listed", "joined by us");
    INFO(way);
    MeshBench bench;
    set_adrift(bench);
    bench.now = 500;
    if (way == "announced") CHECK(bench(user_joined(kAna)) == Actions{});
    if (way == "listed") CHECK(bench.list({entry(kAna)}) == Actions{});
    if (way == "joined by us") CHECK(bench.join_list({entry(kAna)}, true) == Actions{});
    CHECK(bench.changed);
    CHECK_FALSE(bench.is_adrift(kAna));
    CHECK(bench.route(ChannelClosed{1}) == Actions{});
    CHECK(bench.pass_time(500) == Actions{});
    CHECK(bench.mesh.view().size() == 1);
}

TEST_CASE("whom the server gives up while nothing flows is gone", "[mesh][recovery]") {
    MeshBench bench;
    bench.join_list({entry(kAna)});
    bench.route(ConnectionStateChanged{1, ConnectionState::connected});
    CHECK(bench.left(kAna) == Actions{CloseConnection{1}});
    CHECK(bench.mesh.view().empty());
}

TEST_CASE("who is missing after we have come back may still come until the room has settled",
          "[mesh][recovery]") {
    MeshBench bench;
    bench.join_list({entry(kAna), entry(kCyd)});
    bench.pass_time(0);
    bench.mesh.begin_join();
    bench.now = 100;
    CHECK(bench.join_list({entry(kCyd)}, true, 5'000) == Actions{});
    CHECK(bench.mesh.deadline() == 5'100);
    CHECK(bench.pass_time(5'099) == Actions{});
    CHECK(bench.mesh.view().size() == 2);
    CHECK(bench.pass_time(5'100) == Actions{CloseConnection{1}});
    CHECK(bench.mesh.view().size() == 1);
}

TEST_CASE("who comes back before the room has settled stays, and is sent what it has missed",
          "[mesh][recovery]") {
    MeshBench bench;
    bench.join_list({entry(kAna)});
    const Actions first = bench.offered();
    CHECK(first == Actions{emit_offer(kAna, offer("near", "near"), 1, {}, 1)});
    bench.mesh.begin_join();
    bench.join_list({}, true, 5'000);
    bench.now = 1'000;
    CHECK(bench(user_joined(kAna)) == first);
    CHECK(without<Emit>(bench.pass_time(5'000)) == Actions{});
    CHECK(bench.mesh.view().size() == 1);
}

TEST_CASE("who is missing after we have come back and whose media flows is adrift",
          "[mesh][recovery]") {
    MeshBench bench;
    bench.connect(kAna);
    bench.pass_time(0);
    bench.mesh.begin_join();
    bench.join_list({}, true, 0);
    CHECK(reported(bench.pass_time(0)) == ErrorCode::signaling_lost);
    CHECK(bench.is_adrift(kAna));
}

TEST_CASE("back in the room, what the pairs may have lost is sent again, new pairs are made",
          "[mesh][recovery]") {
    MeshBench bench;
    bench.join_list({entry(kAna)});
    Actions expected = bench.offered();
    bench.mesh.begin_join();
    for (const Action& each : started(2, kCyd)) expected.push_back(each);
    CHECK(bench.join_list({entry(kAna), entry(kBob), entry(kCyd)}, true) == expected);
}

TEST_CASE("a list that answers a change of our name sends nothing again", "[mesh][recovery]") {
    MeshBench bench;
    bench.join_list({entry(kAna)});
    bench.offered();
    bench.mesh.begin_join();
    CHECK(bench.join_list({entry(kAna)}) == Actions{});
}

TEST_CASE("somebody's announcement is a reason to try again what was waited for",
          "[mesh][recovery]") {
    MeshBench bench;
    bench.connect(kAna);
    bench.pass_time(0);
    bench.route(ConnectionStateChanged{1, ConnectionState::failed});
    CHECK(bench.pass_time(0) == Actions{RestartIce{1}});
    bench.now = 1'500;
    CHECK(bench(user_joined(kAna)) == Actions{});
    CHECK(bench.pass_time(1'500) == Actions{RestartIce{1}});
}

TEST_CASE("where the server tells who is plain, plain residents are left the start", "[mesh]") {
    MeshBench bench;
    bench.protocols_known = true;
    CHECK(bench.join_list({entry(kAna, 1), entry(kCyd)}) == started(1, kCyd));
    CHECK(bench.pass_time(999) == Actions{});
    CHECK(bench.pass_time(1'000) == started(2, kAna, false));
}

TEST_CASE("a changed network puts every pair that has worked in doubt", "[mesh][recovery]") {
    MeshBench bench;
    bench.connect(kAna);
    bench.connect(kCyd);
    bench.join_list({entry(kDan)});
    bench.pass_time(0);
    CHECK(bench.doubt_all() == Actions{});
    CHECK(bench.changed);
    CHECK(bench.tile(kAna) == TileState::reconnecting);
    CHECK(bench.tile(kCyd) == TileState::reconnecting);
    CHECK(bench.tile(kDan) == TileState::connecting);
    CHECK(bench.pass_time(0) == Actions{RestartIce{1}, emit_ice_restart(kCyd, 2)});
}

TEST_CASE("fresh ICE servers go to every connection", "[mesh][recovery]") {
    MeshBench bench;
    bench.join_list({entry(kAna), entry(kCyd)});
    bench(user_joined(kDan));
    const std::vector<IceServer> fresh{{{"turn:turn.example"}, "2:bob", "fresh"}};
    CHECK(bench.set_ice_servers(fresh) ==
          Actions{UpdateIceServers{1, fresh}, UpdateIceServers{2, fresh}});
}

TEST_CASE("a restart asked for by somebody who is not here is reported", "[mesh][recovery]") {
    MeshBench bench;
    CHECK(bench(ice_restart_from(kAna, 7, 1)) == Actions{nobody(kAna, "a message of nobody here")});
    bench.connect(kAna);
    CHECK(bench(ice_restart_from(kAna, {}, 1)) == Actions{});
    CHECK(bench.tile(kAna) == TileState::reconnecting);
}

TEST_CASE("a ping is answered, and either of the two proves the path",
          "[mesh][channel][recovery]") {
    MeshBench bench;
    bench.connect(kAna);
    bench.pass_time(0);
    CHECK(bench.route(ChannelReceived{1, channel::Ping{}}) ==
          Actions{SendOnChannel{1, channel::Pong{}}});
    CHECK(bench.route(ChannelReceived{1, channel::Pong{}}) == Actions{});
    bench.doubt_all();
    CHECK(bench.pass_time(0) == Actions{RestartIce{1}});
    CHECK(bench.route(ChannelReceived{1, channel::Pong{}}) == Actions{SendKeyFrames{1}});
    CHECK(bench.tile(kAna) == TileState::connected);
}

// ---- pairs fail alone -----------------------------------------------------------------------

TEST_CASE("whatever happens to one pair leaves the others as they are", "[mesh]") {
    MeshBench bench;
    bench.connect(kAna);
    bench.join_list({entry(kCyd)});
    const auto others = [&] { return bench.mesh.view().front(); };
    const ParticipantView before = others();
    const PlatformError error{"OperationError", "no"};

    bench.route(ActionFailed{2, error});
    CHECK(bench.tile(kCyd) == TileState::failed);
    bench.route(NegotiationNeeded{2});
    bench.route(OperationFailed{2, bench.counters.operation, error});
    CHECK(bench.tile(kCyd) == TileState::failed);
    bench.route(ConnectionStateChanged{2, ConnectionState::failed});
    bench.route(ChannelClosed{2});
    CHECK(bench.mesh.view().back().error.has_value());
    bench(offer_from(kCyd, {SdpType::offer, "rubbish"}, 9));
    for (int i = 0; i < 300; ++i) bench(candidate_from(kCyd, candidate(i, "x"), 9));
    CHECK(others() == before);

    bench.left(kCyd);
    CHECK(others() == before);
}

TEST_CASE("a rebuild of one pair leaves the others as they are", "[mesh]") {
    MeshBench bench;
    bench.connect(kAna);
    bench.join_list({entry(kCyd)});
    Actions rebuilt{CloseConnection{2}};
    for (const Action& each : started(3, kCyd)) rebuilt.push_back(each);
    CHECK(bench.reconnect(kCyd) == rebuilt);
    CHECK(bench.tile(kAna) == TileState::connected);
}

TEST_CASE("a reconnect without a name rebuilds those that are not well", "[mesh]") {
    MeshBench bench;
    bench.connect(kAna);
    bench.join_list({entry(kCyd)});
    Actions rebuilt{CloseConnection{2}};
    for (const Action& each : started(3, kCyd)) rebuilt.push_back(each);
    CHECK(bench.reconnect() == rebuilt);
    CHECK(bench.reconnect(kAna).front() == Action{CloseConnection{1}});
    CHECK(bench.reconnect(kDan) == Actions{Report{Level::info, ErrorCode::unknown_participant,
                                                  "nobody here to reconnect to", kDan}});
}

TEST_CASE("events of connections that are gone are nobody's", "[mesh]") {
    MeshBench bench;
    bench.join_list({entry(kAna)});
    bench.left(kAna);
    const Mesh before = bench.mesh;
    const PlatformError error{"OperationError", "no"};
    for (const ConnectionId gone : {0U, 1U, 99U}) {
        CHECK(bench.route(ActionFailed{gone, error}) == Actions{});
        CHECK(bench.route(NegotiationNeeded{gone}) == Actions{});
        CHECK(bench.route(LocalDescriptionSet{gone, 1, kTheirs}) == Actions{});
        CHECK(bench.route(RemoteDescriptionSet{gone, 1, {}}) == Actions{});
        CHECK(bench.route(OperationDone{gone, 1}) == Actions{});
        CHECK(bench.route(OperationFailed{gone, 1, error}) == Actions{});
        CHECK(bench.route(CandidateGathered{gone, candidate(1)}) == Actions{});
        CHECK(bench.route(ConnectionStateChanged{gone, ConnectionState::failed}) == Actions{});
        CHECK(bench.route(ChannelOpened{gone}) == Actions{});
        CHECK(bench.route(ChannelClosed{gone}) == Actions{});
        CHECK(bench.route(ChannelReceived{gone, channel::Goodbye{}}) == Actions{});
        CHECK(bench.route(StatsSampled{gone, 1, 1}) == Actions{});
    }
    CHECK(bench.mesh == before);
}

// ---- the control channel --------------------------------------------------------------------

TEST_CASE("a goodbye on the control channel is leaving", "[mesh][channel]") {
    MeshBench bench;
    bench.connect(kAna);
    CHECK(bench.route(ChannelReceived{1, channel::Goodbye{}}) == Actions{CloseConnection{1}});
    CHECK(bench.mesh.view().empty());
    CHECK(reported(bench(offer_from(kAna, kTheirs, 7))) == ErrorCode::stale_message);
}

TEST_CASE("link states are learnt and shown at once, and passed on with the next sample",
          "[mesh][channel]") {
    MeshBench bench;
    bench.connect(kAna);
    bench.connect(kCyd);
    bench.pass_time(0);
    bench.now = 100;
    const channel::LinkRow row{kCyd, 5, {kDan}};
    CHECK(bench.route(ChannelReceived{2, channel::LinkStates{{row}}}) == Actions{});
    CHECK(bench.changed);
    CHECK(bench.route(ChannelReceived{2, channel::LinkStates{{row}}}) == Actions{});
    CHECK_FALSE(bench.changed);
    CHECK(bench.mesh.links(kBob) ==
          std::vector<LinkView>{
              {kBob, kAna, false}, {kBob, kCyd, false}, {kCyd, kAna, false}, {kCyd, kBob, false}});
    CHECK(only<SendOnChannel>(bench.pass_time(749)).empty());
    CHECK(only<SendOnChannel>(bench.pass_time(750)) ==
          std::vector<SendOnChannel>{{1, channel::LinkStates{{row}}}});
    CHECK(only<SendOnChannel>(bench.pass_time(1'500)).empty());
}

TEST_CASE("a row is not passed on to whoever hears its receiver itself, nor to where it came from",
          "[mesh][channel]") {
    MeshBench bench;
    bench.connect(kAna);
    bench.connect(kCyd);
    bench.connect(kDan);
    bench.pass_time(0);
    const channel::LinkRow of_ana{kAna, 1, {kBob, kDan}};
    bench.route(ChannelReceived{1, channel::LinkStates{{of_ana}}});
    CHECK(only<SendOnChannel>(bench.pass_time(750)) ==
          std::vector<SendOnChannel>{{2, channel::LinkStates{{of_ana}}},
                                     {3, channel::LinkStates{{of_ana}}}});
    // Cyd hears Ana now; what Ana says of herself reaches her without us.
    const channel::LinkRow of_cyd{kCyd, 1, {kAna}};
    const channel::LinkRow of_ana_later{kAna, 2, {}};
    bench.route(ChannelReceived{2, channel::LinkStates{{of_cyd}}});
    bench.route(ChannelReceived{1, channel::LinkStates{{of_ana_later}}});
    CHECK(only<SendOnChannel>(bench.pass_time(1'500)) ==
          std::vector<SendOnChannel>{{1, channel::LinkStates{{of_cyd}}},
                                     {3, channel::LinkStates{{of_ana_later, of_cyd}}}});
}

TEST_CASE("rows are passed on eight at a time", "[mesh][channel]") {
    MeshBench bench;
    bench.connect(kAna);
    bench.connect(kCyd);
    bench.pass_time(0);
    channel::LinkStates many;
    for (int i = 0; i < 9; ++i) {
        bench(user_joined("p" + std::to_string(i)));
        many.rows.push_back({"p" + std::to_string(i), 1, {}});
    }
    bench.route(ChannelReceived{1, many});
    const channel::LinkStates last{{many.rows.back()}};
    many.rows.pop_back();
    CHECK(only<SendOnChannel>(bench.pass_time(750)) == std::vector<SendOnChannel>{{2, many}});
    CHECK(only<SendOnChannel>(bench.pass_time(1'500)) == std::vector<SendOnChannel>{{2, last}});
}

TEST_CASE("two who can't reach each other learn of each other through a third", "[mesh][channel]") {
    // Bob stands between Ana and Cyd, who have no connection to each other.
    MeshBench bob;
    bob.connect(kAna);
    bob.connect(kCyd);
    bob.pass_time(0);
    const channel::LinkRow of_ana{kAna, 1, {kBob}};
    CHECK(bob.route(ChannelReceived{1, channel::LinkStates{{of_ana}}}) == Actions{});
    const auto passed_on = only<SendOnChannel>(bob.pass_time(750));
    REQUIRE(passed_on == std::vector<SendOnChannel>{{2, channel::LinkStates{{of_ana}}}});

    MeshBench cyd;
    cyd.self = kCyd;
    cyd.connect(kBob);
    cyd(user_joined(kAna));
    cyd.route(ChannelReceived{1, passed_on.front().message});
    const auto links = cyd.mesh.links(kCyd);
    CHECK(std::count(links.begin(), links.end(), LinkView{kAna, kBob, true}) == 1);
    CHECK(std::count(links.begin(), links.end(), LinkView{kAna, kCyd, false}) == 1);
}

TEST_CASE("whoever's channel opens is told our own row at once, and those of others in time",
          "[mesh][channel]") {
    MeshBench bench;
    bench.connect(kAna);
    bench.pass_time(0);
    bench(user_joined(kDan));
    bench.route(ChannelReceived{1, channel::LinkStates{{{kDan, 3, {kAna}}, {"gone", 1, {}}}}});
    CHECK(only<SendOnChannel>(bench.pass_time(750)).empty());
    bench.join_list({entry(kCyd)});
    bench.route(ConnectionStateChanged{2, ConnectionState::connected});
    CHECK(bench.route(ChannelOpened{2}) ==
          Actions{SendOnChannel{2, channel::LinkStates{{{kBob, 1, {}}}}}});
    const channel::LinkStates of_dan{{{kDan, 3, {kAna}}}};
    CHECK(only<SendOnChannel>(bench.pass_time(750)) ==
          std::vector<SendOnChannel>{{1, of_dan}, {2, of_dan}});
}

TEST_CASE("media that starts and stops to arrive is told to everybody", "[mesh][channel]") {
    MeshBench bench;
    bench.connect(kAna);
    CHECK(bench.mesh.deadline() == 0);
    CHECK(bench.pass_time(0) == Actions{SampleStats{1, 1}});
    CHECK(bench.route(StatsSampled{1, 1, 10}) == Actions{SendOnChannel{1, channel::Ping{}}});
    CHECK(bench.pass_time(500) == Actions{SampleStats{1, 2}});
    CHECK(bench.route(StatsSampled{1, 2, 20}) ==
          Actions{SendOnChannel{1, channel::LinkStates{{{kBob, 2, {kAna}}}}}});
    CHECK(bench.pass_time(1'249) == Actions{});
    CHECK(bench.pass_time(1'250) == Actions{SampleStats{1, 3}});
    CHECK(bench.route(StatsSampled{1, 3, 20}) ==
          Actions{SendOnChannel{1, channel::LinkStates{{{kBob, 3, {}}}}}});
}

TEST_CASE("somebody muted, dark and not sharing counts as received without media",
          "[mesh][channel]") {
    MeshBench bench;
    wire::Entry silent = entry(kAna);
    silent.is_muted = silent.is_video_off = true;
    bench.join_list({silent});
    bench.route(ConnectionStateChanged{1, ConnectionState::connected});
    bench.pass_time(0);
    bench.route(StatsSampled{1, 1, 0});
    CHECK(bench.mesh.links(kBob) == std::vector<LinkView>{{kBob, kAna, true}});

    bench.route(ConnectionStateChanged{1, ConnectionState::disconnected});
    CHECK(bench.mesh.links(kBob) == std::vector<LinkView>{{kBob, kAna, false}});
}

TEST_CASE("details and voices are sampled only while somebody looks", "[mesh]") {
    MeshBench bench;
    const auto watch = [&](bool on) {
        return bench.run([&](Turn& turn) { bench.mesh.handle(StatsWatched{on}, turn); });
    };
    CHECK(watch(true) == Actions{});
    CHECK(bench.mesh.deadline() == std::nullopt);
    bench.connect(kAna);
    CHECK(bench.pass_time(0) == Actions{SampleAudio{}, SampleStats{1, 1, true}});
    bench.route(StatsSampled{1, 1, 10});
    CHECK(bench.pass_time(300) == Actions{SampleAudio{}});
    CHECK(bench.pass_time(500) == Actions{SampleStats{1, 2}});
    bench.route(StatsSampled{1, 2, 20});
    CHECK(without<SampleAudio>(bench.pass_time(1'250)) == Actions{SampleStats{1, 3}});
    bench.route(StatsSampled{1, 3, 30});
    CHECK(without<SampleAudio>(bench.pass_time(1'999)) == Actions{});
    CHECK(without<SampleAudio>(bench.pass_time(2'000)) == Actions{SampleStats{1, 4, true}});
    bench.route(StatsSampled{1, 4, 40});

    CHECK(watch(false) == Actions{});
    CHECK(bench.pass_time(2'749) == Actions{});
    CHECK(bench.pass_time(2'750) == Actions{SampleStats{1, 5}});
    CHECK(bench.pass_time(4'000) == Actions{});
}

TEST_CASE("figures, levels and voices are known while somebody looks", "[mesh]") {
    MeshBench bench;
    const auto watch = [&](bool on) {
        return bench.run([&](Turn& turn) { bench.mesh.handle(StatsWatched{on}, turn); });
    };
    const auto quality = [&] { return bench.mesh.view().front().quality; };
    watch(true);
    bench.connect(kAna);
    REQUIRE(bench.mesh.stats(kAna, {}));
    CHECK(bench.mesh.stats(kCyd, {}) == std::nullopt);
    bench.pass_time(0);
    StatsSampled sample{1, 1, 10, 5, PairStats{.local = CandidateType::relay}, {}, {}};
    CHECK(only<AnnounceStats>(bench.route(sample)).empty());
    CHECK(quality() == Quality::unknown);
    bench.pass_time(2'000);
    sample = {1, 2, 20, 2'005, {}, {{.slot = Slot::camera, .bytes = 0}}, {}};
    CHECK(only<AnnounceStats>(bench.route(sample)) == std::vector<AnnounceStats>{{kAna}});
    CHECK(quality() == Quality::excellent);
    CHECK(bench.changed);
    CHECK(bench.mesh.stats(kAna, {})->history.size() == 1);
    CHECK(bench.mesh.stats(kAna, {})->path.relayed == true);

    bench(AudioSampled{900, {{1, 200}, {7, 900}}});
    CHECK(bench.mesh.active_speaker() == kAna);

    SECTION("an end of looking forgets them") {
        watch(false);
        CHECK(bench.changed);
        CHECK(quality() == Quality::unknown);
        CHECK(bench.mesh.active_speaker().empty());
        bench(AudioSampled{{}, {{1, 900}}});
        CHECK(bench.mesh.active_speaker().empty());
    }
    SECTION("who leaves speaks no longer") {
        bench.run([&](Turn& turn) { bench.mesh.remove(kAna, turn); });
        CHECK(bench.mesh.active_speaker().empty());
    }
    SECTION("who is muted or has no path is not heard") {
        bench.run([&](Turn& turn) { bench.mesh.set_media({kAna, true, false, {}}, turn); });
        bench(AudioSampled{{}, {{1, 900}}});
        CHECK(bench.mesh.active_speaker().empty());
    }
    SECTION("a path that breaks is lost at once") {
        bench.route(ConnectionStateChanged{1, ConnectionState::disconnected});
        CHECK(quality() == Quality::lost);
    }
}

TEST_CASE("nobody is sampled when nobody is connected any more", "[mesh][channel]") {
    MeshBench bench;
    bench.connect(kAna);
    bench.pass_time(0);
    bench.route(ConnectionStateChanged{1, ConnectionState::failed});
    CHECK(bench.pass_time(2'000) == Actions{RestartIce{1}});
    CHECK(bench.mesh.deadline() == 5'000 + drawn(1, 601));
}

TEST_CASE("a list that names somebody hurries no recovery, a new announcement does",
          "[mesh][recovery]") {
    MeshBench bench;
    bench.connect(kAna);
    bench.pass_time(0);
    bench.route(ConnectionStateChanged{1, ConnectionState::failed});
    CHECK(bench.pass_time(2'000) == Actions{RestartIce{1}});
    const auto next = bench.mesh.deadline();
    REQUIRE(next > 3'000);
    CHECK(bench.list({entry(kAna)}) == Actions{});
    CHECK(bench.mesh.deadline() == next);
    CHECK(bench(user_joined(kAna)) == Actions{});
    CHECK(bench.mesh.deadline() == 3'000);
}

TEST_CASE("rows of people who are long gone don't keep newcomers out of the matrix",
          "[mesh][channel]") {
    MeshBench bench;
    bench.connect(kAna);
    // A row about each leaver arrives through Ana after the leaving, as gossip may.
    for (std::size_t i = 0; i < kMaxParticipants + 16; ++i) {
        const ParticipantId leaver = "p" + std::to_string(i);
        bench(user_joined(leaver));
        bench.left(leaver);
        bench.route(ChannelReceived{1, channel::LinkStates{{{leaver, 1, {}}}}});
    }
    bench(user_joined(kDan));
    bench.route(ChannelReceived{1, channel::LinkStates{{{kDan, 1, {kAna}}}}});
    const auto links = bench.mesh.links(kBob);
    CHECK(std::count(links.begin(), links.end(), LinkView{kDan, kAna, true}) == 1);
}

TEST_CASE("rows of those who are not here are not passed on", "[mesh][channel]") {
    MeshBench bench;
    bench.connect(kAna);
    bench.connect(kCyd);
    bench.pass_time(0);
    bench.route(ChannelReceived{1, channel::LinkStates{{{kDan, 1, {kBob}}}}});
    CHECK(only<SendOnChannel>(bench.pass_time(750)).empty());
}

// ---- by way of a third ----------------------------------------------------------------------

namespace {

/// Bob is connected to Ana over connection 1 and to Cyd over connection 2.
void connect_both(MeshBench& bench) {
    bench.connect(kAna);
    bench.connect(kCyd);
    REQUIRE(bench.counters.connection == 2);
}

}  // namespace

TEST_CASE("what one says to another by way of us is passed on as it is", "[mesh][channel]") {
    MeshBench bench;
    connect_both(bench);
    const channel::Forward message{kCyd, ice_restart_from(kAna, 3, 4)};
    CHECK(bench.route(ChannelReceived{1, message}) == Actions{SendOnChannel{2, message}});
}

TEST_CASE("nobody has messages of others passed on, nor to people who are not here",
          "[mesh][channel]") {
    MeshBench bench;
    connect_both(bench);
    CHECK(reported(bench.route(
              ChannelReceived{1, channel::Forward{kCyd, ice_restart_from(kDan, 3, 4)}})) ==
          ErrorCode::malformed_message);
    CHECK(bench.route(ChannelReceived{1, channel::Forward{kDan, ice_restart_from(kAna, 3, 4)}}) ==
          Actions{nobody(kAna, "a message to nobody here")});
    bench.route(ChannelClosed{2});
    CHECK(bench.route(ChannelReceived{1, channel::Forward{kCyd, ice_restart_from(kAna, 3, 4)}}) ==
          Actions{nobody(kAna, "a message to nobody here")});
}

TEST_CASE("who floods is passed on no further", "[mesh][channel]") {
    MeshBench bench;
    connect_both(bench);
    const channel::Forward message{kCyd, ice_restart_from(kAna, 3, 4)};
    for (int i = 0; i < 256; ++i) bench.route(ChannelReceived{1, message});
    CHECK(reported(bench.route(ChannelReceived{1, message})) == ErrorCode::queue_full);
}

TEST_CASE("a forwarded message from somebody who is not here, or about nothing here, is reported",
          "[mesh][channel]") {
    MeshBench bench;
    connect_both(bench);
    CHECK(bench.route(ChannelReceived{1, channel::Forward{kBob, ice_restart_from(kDan, 3, 4)}}) ==
          Actions{nobody(kDan, "a message of nobody here")});
    CHECK(bench.route(ChannelReceived{1, channel::Forward{kBob, ice_restart_from(kCyd, 3, 9)}}) ==
          Actions{stale(kCyd, "a forwarded message that goes on with no connection here")});
}
