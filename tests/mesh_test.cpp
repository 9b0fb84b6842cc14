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

    [[nodiscard]] Mesh::Context context() const { return {self, kRoom, media, ice_servers}; }
    template <class Message>
    Actions operator()(const Message& message) {
        return run([&](Turn& turn) { mesh.handle(message, context(), turn); });
    }
    Actions join_list(const std::vector<wire::Entry>& entries) {
        return run([&](Turn& turn) { mesh.handle_join_list(entries, context(), turn); });
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

TEST_CASE("the room takes 63 others; the next is ignored, its offer too", "[mesh]") {
    MeshBench bench;
    std::vector<wire::Entry> crowd;
    for (int i = 0; i < 63; ++i) crowd.push_back(entry("p" + std::to_string(i)));
    bench.join_list(crowd);
    CHECK(bench.counters.connection == 63);
    CHECK(reported(bench(user_joined(kAna))) == ErrorCode::too_many_participants);
    const Actions offered = bench(offer_from(kAna, kTheirs, 7));
    CHECK(reported(offered) == ErrorCode::too_many_participants);
    CHECK(without<Report>(offered) == Actions{});
    CHECK(bench.mesh.view().size() == 63);
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
    CHECK(bench.join_list({entry(kBob), entry(kCyd)}) == Actions{CloseConnection{1}});
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
        CHECK(bench.route(InboundSampled{gone, 1, 1}) == Actions{});
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

TEST_CASE("link states are learnt, passed on to the others, and shown", "[mesh][channel]") {
    MeshBench bench;
    bench.connect(kAna);
    bench.connect(kCyd);
    const channel::LinkRow row{kCyd, 5, {kAna}};
    CHECK(bench.route(ChannelReceived{2, channel::LinkStates{{row}}}) ==
          Actions{SendOnChannel{1, channel::LinkStates{{row}}}});
    CHECK(bench.changed);
    CHECK(bench.route(ChannelReceived{2, channel::LinkStates{{row}}}) == Actions{});
    CHECK_FALSE(bench.changed);
    CHECK(bench.mesh.links(kBob) ==
          std::vector<LinkView>{
              {kBob, kAna, false}, {kBob, kCyd, false}, {kCyd, kAna, true}, {kCyd, kBob, false}});
}

TEST_CASE("two who can't reach each other learn of each other through a third", "[mesh][channel]") {
    // Bob stands between Ana and Cyd, who have no connection to each other.
    MeshBench bob;
    bob.connect(kAna);
    bob.connect(kCyd);
    const channel::LinkRow of_ana{kAna, 1, {kBob}};
    const Actions passed_on = bob.route(ChannelReceived{1, channel::LinkStates{{of_ana}}});
    REQUIRE(passed_on == Actions{SendOnChannel{2, channel::LinkStates{{of_ana}}}});

    MeshBench cyd;
    cyd.self = kCyd;
    cyd.connect(kBob);
    cyd(user_joined(kAna));
    cyd.route(ChannelReceived{1, std::get<SendOnChannel>(passed_on.front()).message});
    const auto links = cyd.mesh.links(kCyd);
    CHECK(std::count(links.begin(), links.end(), LinkView{kAna, kBob, true}) == 1);
    CHECK(std::count(links.begin(), links.end(), LinkView{kAna, kCyd, false}) == 1);
}

TEST_CASE("whoever's channel opens is told all rows that are known", "[mesh][channel]") {
    MeshBench bench;
    bench.connect(kAna);
    bench(user_joined(kDan));
    bench.route(ChannelReceived{1, channel::LinkStates{{{kDan, 3, {kAna}}, {"gone", 1, {}}}}});
    bench.join_list({entry(kCyd)});
    CHECK(bench.route(ChannelOpened{2}) ==
          Actions{SendOnChannel{2, channel::LinkStates{{{kBob, 1, {}}, {kDan, 3, {kAna}}}}}});
}

TEST_CASE("media that starts and stops to arrive is told to everybody", "[mesh][channel]") {
    MeshBench bench;
    bench.connect(kAna);
    CHECK(bench.mesh.deadline() == 0);
    CHECK(bench.pass_time(0) == Actions{SampleInbound{1, 1}});
    CHECK(bench.route(InboundSampled{1, 1, 10}) == Actions{});
    CHECK(bench.pass_time(500) == Actions{SampleInbound{1, 2}});
    CHECK(bench.route(InboundSampled{1, 2, 20}) ==
          Actions{SendOnChannel{1, channel::LinkStates{{{kBob, 2, {kAna}}}}}});
    CHECK(bench.pass_time(2'499) == Actions{});
    CHECK(bench.pass_time(2'500) == Actions{SampleInbound{1, 3}});
    CHECK(bench.route(InboundSampled{1, 3, 20}) ==
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
    bench.route(InboundSampled{1, 1, 0});
    CHECK(bench.mesh.links(kBob) == std::vector<LinkView>{{kBob, kAna, true}});

    bench.route(ConnectionStateChanged{1, ConnectionState::disconnected});
    CHECK(bench.mesh.links(kBob) == std::vector<LinkView>{{kBob, kAna, false}});
}

TEST_CASE("nobody is sampled when nobody is connected any more", "[mesh][channel]") {
    MeshBench bench;
    bench.connect(kAna);
    bench.pass_time(0);
    bench.route(ConnectionStateChanged{1, ConnectionState::failed});
    CHECK(bench.pass_time(2'000) == Actions{});
    CHECK(bench.mesh.deadline() == std::nullopt);
}

TEST_CASE("rows of people who are long gone don't keep newcomers out of the matrix",
          "[mesh][channel]") {
    MeshBench bench;
    bench.connect(kAna);
    // A row about each leaver arrives through Ana after the leaving, as gossip may.
    for (int i = 0; i < 80; ++i) {
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
