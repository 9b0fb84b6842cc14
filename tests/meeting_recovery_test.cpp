// The room: signaling, networks and credentials that come and go.
#include <algorithm>

#include "meeting_steps.hpp"

using namespace dvmeet;
using namespace dvmeet::test;

// ---- signaling comes and goes ---------------------------------------------------------------

TEST_CASE("a lost socket is opened again after pauses that double up to 5 s, and a quarter drawn",
          "[meeting]") {
    Desk desk;
    desk.join({});
    const Action lost = Report{Level::warn, ErrorCode::signaling_lost,
                               "The connection to the server was lost (transport close); trying "
                               "again.",
                               ""};
    std::uint32_t number = 0;
    for (const std::uint32_t pause : {500U, 1'000U, 2'000U, 4'000U, 5'000U, 5'000U}) {
        INFO("pause " << pause);
        const TimeMs at = desk.now + pause + drawn(++number, pause / 4 + 1);
        Actions expected{kChange, wake(at)};
        if (number == 1) expected.insert(expected.begin(), lost);
        CHECK(desk(SignalingClosed{"transport close"}) == expected);
        CHECK(desk.meeting.snapshot().connection == MeetingState::reconnecting);
        CHECK(desk.meeting.snapshot().warnings.size() == 1);
        CHECK(desk(at - 1 - desk.now, TimePassed{}) == Actions{wake(at)});
        CHECK(desk(1, TimePassed{}) == Actions{OpenSignaling{}, wake(at + 4'000)});
    }
}

TEST_CASE("running calls go on while the socket is lost, and after it comes back under the same id",
          "[meeting]") {
    Desk desk;
    desk.join({kAna});
    desk.connect(kAna, 1);
    desk(SignalingClosed{"transport close"});
    CHECK(desk.tile(kAna).connection == TileState::connected);
    desk(kFirstPauseMs, TimePassed{});
    CHECK(only<Emit>(desk(SignalingOpened{kBob})).size() == 1);
    CHECK(desk.tile(kAna).connection == TileState::connected);
}

TEST_CASE("back under the same id the pairs stay as they are, the room is asked for anew",
          "[meeting]") {
    Desk desk;
    desk.join({kAna, kCyd});
    desk.connect(kAna, 1);
    desk(SignalingClosed{"transport close"});
    desk(kFirstPauseMs, TimePassed{});
    const auto joins = only<Emit>(desk(SignalingOpened{kBob}));
    REQUIRE(joins.size() == 1);
    CHECK(joins.front().message == wire::ClientMessage{join_room()});

    const Actions back = desk(join_answered(*joins.front().op, {entry(kAna)}));
    CHECK(only<CloseConnection>(back) == std::vector<CloseConnection>{{2}});
    CHECK(only<CreateConnection>(back).empty());
    CHECK(only<SettleJoin>(back).empty());
    CHECK(desk.meeting.snapshot().connection == MeetingState::joined);
    CHECK(desk.tile(kAna).connection == TileState::connected);
}

TEST_CASE("back under another id everything starts anew", "[meeting]") {
    Desk desk;
    desk.join({kAna});
    desk.connect(kAna, 1);
    desk(SignalingClosed{"transport close"});
    desk(kFirstPauseMs, TimePassed{});
    const Actions opened = desk(SignalingOpened{"bob2"});
    CHECK(only<CloseConnection>(opened) == std::vector<CloseConnection>{{1}});
    const auto joins = only<Emit>(opened);
    REQUIRE(joins.size() == 1);
    const Actions back = desk(
        JoinAnswered{*joins.front().op, {true, "", "", "bob2", {entry(kAna), entry("bob2")}, {}}});
    CHECK(only<CreateConnection>(back) == std::vector<CreateConnection>{{2, kAna, {}, true}});
    CHECK(desk.meeting.snapshot().self.id == "bob2");
    CHECK(desk.meeting.snapshot().participants.size() == 2);
}

TEST_CASE("a room that does not take us back after a lost socket is tried again, with a reason",
          "[meeting]") {
    Desk desk;
    desk.join({kAna});
    desk(SignalingClosed{"transport close"});
    desk(kFirstPauseMs, TimePassed{});
    const auto joins = only<Emit>(desk(SignalingOpened{kBob}));
    REQUIRE(joins.size() == 1);
    const TimeMs pause = 1'000 + drawn(2, 251);
    CHECK(desk(JoinAnswered{*joins.front().op, {false, "room_full", "Full.", "", {}, {}}}) ==
          Actions{Report{Level::warn, ErrorCode::room_full, "Full.", ""}, CloseSignaling{}, kChange,
                  wake(desk.now + pause)});
    CHECK(desk.meeting.snapshot().connection == MeetingState::reconnecting);
    const std::vector<Warning> full{
        {ErrorCode::room_full, "The server does not let us in again: Full. Trying again.", ""}};
    CHECK(desk.meeting.snapshot().warnings == full);
    CHECK(only<OpenSignaling>(desk(pause, TimePassed{})).size() == 1);
    const auto again = only<Emit>(desk(SignalingOpened{kBob}));
    REQUIRE(again.size() == 1);
    CHECK(desk.meeting.snapshot().warnings == full);
    desk(join_answered(*again.front().op, {entry(kAna)}));
    CHECK(desk.meeting.snapshot().warnings.empty());
}

TEST_CASE("a refused first join leaves the meeting as it was before", "[meeting]") {
    Desk desk;
    desk.join({});
    desk(LeaveRequested{});
    desk(JoinRequested{kRoom, "Bob"});
    const auto joins = only<Emit>(desk(SignalingOpened{kBob}));
    REQUIRE(joins.size() == 1);
    CHECK(settled_with(desk(JoinAnswered{*joins.front().op, {false, "", "No.", "", {}, {}}})) ==
          ErrorCode::join_refused);
    CHECK(desk.meeting.snapshot().connection == MeetingState::left);
}

TEST_CASE(
    "a server that does not answer who comes back is asked again over another socket, and "
    "given twice the time",
    "[meeting][recovery]") {
    Desk desk;
    desk.join({});
    desk(SignalingClosed{"transport close"});
    desk(kFirstPauseMs, TimePassed{});
    for (const TimeMs patience : {2'500, 5'000, 10'000, 10'000}) {
        desk(SignalingOpened{kBob});
        const TimeMs end = desk.now + patience;
        CHECK(desk.wake == end);
        CHECK(desk(patience - 1, TimePassed{}) == Actions{wake(end)});
        const Actions given_up = desk(1, TimePassed{});
        CHECK(without<WakeAt>(given_up) ==
              Actions{Report{Level::warn, ErrorCode::signaling_lost,
                             "The server does not answer any more; connecting to it again.", ""},
                      CloseSignaling{}, kChange});
        CHECK(desk.meeting.snapshot().connection == MeetingState::reconnecting);
        REQUIRE(desk.wake);
        CHECK(*desk.wake <= desk.now + 500);
        CHECK(only<OpenSignaling>(desk(*desk.wake - desk.now, TimePassed{})).size() == 1);
    }
}

TEST_CASE("nothing is sent into a socket that is not open", "[meeting]") {
    Desk desk;
    desk.join({kAna, kCyd});
    desk.connect(kAna, 1);
    desk(NegotiationNeeded{2});
    desk(SignalingClosed{"transport close"});
    CHECK(emitted(desk(LocalDescriptionSet{2, 5, offer("near", "near")})).empty());
    CHECK(emitted(desk(CandidateGathered{2, candidate(1, "near")})).empty());
    CHECK(emitted(desk(ChatSubmitted{"hi", "12:00"})).empty());
    CHECK(emitted(desk(RenameRequested{"Robert"})).empty());
    turn_on(desk, Slot::camera);
    CHECK(emitted(desk(MediaWished{{{Slot::camera, false}}})).empty());
    CHECK(emitted(desk(LeaveRequested{})).empty());
}

TEST_CASE("an offer that was made while the socket was lost goes out once we are back",
          "[meeting]") {
    Desk desk;
    desk.join({kAna});
    desk(NegotiationNeeded{1});
    desk(SignalingClosed{"transport close"});
    CHECK(emitted(desk(LocalDescriptionSet{1, 2, offer("near", "near")})).empty());
    CHECK(emitted(desk(CandidateGathered{1, candidate(1, "near")})).empty());
    desk(kFirstPauseMs, TimePassed{});
    const auto joins = only<Emit>(desk(SignalingOpened{kBob}));
    REQUIRE(joins.size() == 1);
    CHECK(without<WakeAt>(desk(join_answered(*joins.front().op, {entry(kAna)}))) ==
          Actions{emit_offer(kAna, offer("near", "near"), 1, {}, 1),
                  emit_candidate(kAna, candidate(1, "near"), 1), kChange});
}

TEST_CASE("a wish to reconnect opens a lost socket at once", "[meeting]") {
    Desk desk;
    desk.join({});
    desk(SignalingClosed{"transport close"});
    CHECK(only<OpenSignaling>(desk(ReconnectRequested{})).size() == 1);
    CHECK(only<OpenSignaling>(desk(ReconnectRequested{})).empty());
}

TEST_CASE("messages while not in a room, or while the socket is lost, are out of place",
          "[meeting]") {
    Desk desk;
    CHECK(reported(desk.receive(user_joined(kAna))) == ErrorCode::out_of_place);
    desk.join({});
    desk(SignalingClosed{"transport close"});
    CHECK(reported(desk.receive(user_joined(kAna))) == ErrorCode::out_of_place);
    CHECK(desk.meeting.snapshot().participants.size() == 1);
}

TEST_CASE("a refusal of one of our messages is reported in the server's words", "[meeting]") {
    Desk desk;
    desk.join({});
    CHECK(desk.receive(wire::ServerError{"rate_limited", "Too many.", "offer"}) ==
          Actions{Report{Level::warn, ErrorCode::server_error,
                         "The server refused 'offer' (rate_limited): Too many.", ""}});
}

// ---- back as the same participant -----------------------------------------------------------

TEST_CASE("back over another socket we are the same participant, and nothing of the mesh changes",
          "[meeting][recovery]") {
    Desk desk;
    join_as(desk, resumable({entry(kAna)}));
    desk.connect(kAna, 1);
    desk(SignalingClosed{"transport close"});
    desk(kFirstPauseMs, TimePassed{});
    const OperationId op = 5;
    CHECK(without<WakeAt>(desk(SignalingOpened{"socket-2"})) ==
          Actions{join_with(op, resume_room())});
    CHECK(desk.meeting.snapshot().self.id == kBob);

    wire::JoinAnswer back = resumable({entry(kAna)});
    back.resumed = true;
    CHECK(without<WakeAt>(desk(JoinAnswered{op, back})) == Actions{kChange});
    CHECK(desk.meeting.snapshot().connection == MeetingState::joined);
    CHECK(desk.tile(kAna).connection == TileState::connected);
}

TEST_CASE("where the server has forgotten us the mesh starts anew under another id",
          "[meeting][recovery]") {
    Desk desk;
    join_as(desk, resumable({entry(kAna)}));
    desk.connect(kAna, 1);
    const OperationId op = lose_and_open(desk);
    CHECK(without<WakeAt>(desk(JoinAnswered{op, resumable({entry(kAna)}, "bob2")})) ==
          Actions{CloseConnection{1}, create(2, kAna), AddTransceivers{2, kAllSlots}, kChange});
    CHECK(desk.meeting.snapshot().self.id == "bob2");
    CHECK(desk.meeting.snapshot().participants.size() == 2);
}

TEST_CASE("every join asks for the place with the latest token", "[meeting][recovery]") {
    Desk desk;
    join_as(desk, resumable());
    wire::JoinAnswer back = resumable();
    back.resume_token = "a later token";
    desk(JoinAnswered{lose_and_open(desk), back});
    desk(SignalingClosed{"transport close"});
    desk(kFirstPauseMs, TimePassed{});
    wire::JoinRoom again = resume_room();
    again.resume = "a later token";
    CHECK(without<WakeAt>(desk(SignalingOpened{"socket-3"})) == Actions{join_with(3, again)});
}

TEST_CASE("a place that was given up by leaving is not asked for again", "[meeting][recovery]") {
    Desk desk;
    join_as(desk, resumable());
    desk(LeaveRequested{});
    desk(JoinRequested{kRoom, "Bob"});
    CHECK(without<WakeAt>(desk(SignalingOpened{kBob})) == Actions{join_with(2), kChange});
}

TEST_CASE("who is not back yet when we are has as long as the server says", "[meeting][recovery]") {
    Desk desk;
    join_as(desk, resumable({entry(kAna)}));
    wire::JoinAnswer back = resumable();
    back.settles_in_ms = 5'000;
    desk(JoinAnswered{lose_and_open(desk), back});
    CHECK(only<CloseConnection>(desk(4'999, TimePassed{})).empty());
    CHECK(only<CloseConnection>(desk(1, TimePassed{})) == std::vector<CloseConnection>{{1}});
    CHECK(desk.meeting.snapshot().participants.size() == 1);
}

TEST_CASE("an answer to a join of a socket that is gone is ignored", "[meeting][recovery]") {
    Desk desk;
    join_as(desk, resumable({entry(kAna)}));
    const OperationId late = lose_and_open(desk);
    desk(SignalingClosed{"transport close"});
    const Meeting before = desk.meeting;
    CHECK(desk(JoinAnswered{late, resumable({}, "bob2")}) == Actions{});
    CHECK(desk(JoinAnswered{late, {false, "room_full", "Full.", "", {}, {}}}) == Actions{});
    CHECK(desk.meeting == before);
}

TEST_CASE("a plain server that takes us back lets attempts count from the start",
          "[meeting][recovery]") {
    Desk desk;
    wire::ParticipantsList list;
    list.participants = {entry(kBob, 1)};
    desk(JoinRequested{kRoom, "Bob"});
    desk(SignalingOpened{kBob});
    desk.receive(list);
    for (std::uint32_t number = 1; number <= 4; ++number) {
        desk(SignalingClosed{"transport close"});
        CHECK(desk.wake == desk.now + 500 + drawn(number, 126));
        desk(kFirstPauseMs, TimePassed{});
        desk(SignalingOpened{kBob});
        desk.receive(list);
        REQUIRE(desk.meeting.snapshot().connection == MeetingState::joined);
    }
}

TEST_CASE("another page that goes on as us ends it here, and nobody is told a goodbye",
          "[meeting][recovery]") {
    Desk desk;
    turn_on(desk, Slot::camera);
    desk(JoinRequested{kRoom, "Bob"});
    desk(SignalingOpened{"socket-1"});
    desk(JoinAnswered{2, resumable({entry(kAna)})});
    desk.connect(kAna, 1);
    // A goodbye would make the others take us for gone while the other page goes on.
    CHECK(desk.receive(wire::ServerError{"displaced", "You are elsewhere.", "join-room"}) ==
          Actions{Report{Level::error, ErrorCode::displaced,
                         "This meeting was taken over by another page. Join again to take it "
                         "back.",
                         ""},
                  CloseConnection{1}, CloseSignaling{}, ReleaseTrack{{Slot::camera, 1}, true},
                  kChange, wake({})});
    CHECK(desk.meeting.snapshot().connection == MeetingState::left);
    CHECK(desk(60'000, TimePassed{}) == Actions{});
}

TEST_CASE("another page that goes on as us while we are on the way in ends that, too",
          "[meeting][recovery]") {
    Desk desk;
    desk(JoinRequested{kRoom, "Bob"});
    desk(SignalingOpened{"socket-1"});
    const Actions actions = desk.receive(wire::ServerError{"displaced", "Elsewhere.", ""});
    CHECK(settled_with(actions) == ErrorCode::displaced);
    CHECK(desk.meeting.snapshot().connection == MeetingState::left);
}

// ---- the network ----------------------------------------------------------------------------

TEST_CASE("on another network the socket is opened anew at once, and every pair is restarted then",
          "[meeting][recovery]") {
    Desk desk;
    join_as(desk, resumable({entry(kAna)}));
    desk.connect(kAna, 1);
    CHECK(without<WakeAt>(desk(NetworkChanged{})) ==
          Actions{CloseSignaling{}, OpenSignaling{}, kChange});
    CHECK(desk.meeting.snapshot().connection == MeetingState::reconnecting);
    CHECK(desk.tile(kAna).connection == TileState::reconnecting);
    CHECK(without<WakeAt>(desk(SignalingOpened{"socket-2"})) ==
          Actions{join_with(5, resume_room())});
    CHECK(without<WakeAt>(desk(JoinAnswered{5, resumable({entry(kAna)})})) ==
          Actions{RestartIce{1}, kChange});
    CHECK(desk.meeting.snapshot().connection == MeetingState::joined);
}

TEST_CASE("a socket that does not open on the new network in 4 s is tried again",
          "[meeting][recovery]") {
    Desk desk;
    join_as(desk, resumable());
    desk(NetworkChanged{});
    CHECK(desk.wake == desk.now + 4'000);
    const TimeMs again = desk.now + 4'000 + drawn(1, 500);
    CHECK(desk(4'000, TimePassed{}) == Actions{CloseSignaling{}, wake(again)});
    CHECK(desk(again - desk.now, TimePassed{}) == Actions{OpenSignaling{}, wake(again + 4'000)});
}

TEST_CASE("a network that changes again while the socket opens has it opened again",
          "[meeting][recovery]") {
    Desk desk;
    join_as(desk, resumable());
    desk(NetworkChanged{});
    CHECK(desk(100, NetworkChanged{}) ==
          Actions{CloseSignaling{}, OpenSignaling{}, kChange, wake(5'100)});
}

TEST_CASE("a network that comes back while the socket is lost ends the pause",
          "[meeting][recovery]") {
    Desk desk;
    join_as(desk, resumable());
    desk(SignalingClosed{"transport close"});
    CHECK(desk(NetworkChanged{}) == Actions{OpenSignaling{}, kChange, wake(desk.now + 4'000)});
}

namespace {

/// Time goes on for so long; whatever is sampled has moved on, if `moves`.
void go_on(Desk& desk, TimeMs time, bool moves) {
    static std::int64_t bytes = 0;
    const TimeMs until = desk.now + time;
    while (desk.now < until)
        for (const SampleStats& each : only<SampleStats>(desk(50, TimePassed{})))
            desk(StatsSampled{each.connection, each.op, moves ? bytes += 100 : bytes});
}

/// In a room with Ana, whose media flows.
void meet_ana(Desk& desk) {
    join_as(desk, resumable({entry(kAna)}));
    desk.connect(kAna, 1);
    // The sample that began with the connection; completions of others count for nothing.
    for (OperationId op = 1; op < 10; ++op) desk(StatsSampled{1, op, 0});
    go_on(desk, 2'000, true);
    REQUIRE(desk.tile(kAna).connection == TileState::connected);
}

}  // namespace

TEST_CASE("where no restart can be made on a changed network, media that goes on is proof enough",
          "[meeting][recovery]") {
    Desk desk;
    meet_ana(desk);
    desk(SignalingClosed{"transport close"});
    desk(NetworkChanged{});
    REQUIRE(desk.tile(kAna).connection == TileState::reconnecting);
    SECTION("what was under way comes at first") {
        go_on(desk, 1'500, true);
        CHECK(desk.tile(kAna).connection == TileState::reconnecting);
    }
    SECTION("what comes later has come by the path there is") {
        go_on(desk, 3'000, true);
        CHECK(desk.tile(kAna).connection == TileState::connected);
    }
    SECTION("where nothing comes, nothing is proven") {
        go_on(desk, 10'000, false);
        CHECK(desk.tile(kAna).connection == TileState::reconnecting);
    }
}

TEST_CASE("who was lost by the server stays through a changed network that media survives",
          "[meeting][recovery]") {
    Desk desk;
    meet_ana(desk);
    SECTION("lost before") {
        desk.receive(wire::UserLeft{{kAna}});
        REQUIRE(desk.tile(kAna).signaling_lost);
        desk(NetworkChanged{});
    }
    SECTION("lost meanwhile") { desk(NetworkChanged{}); }
    const auto joins = only<Emit>(desk(100, SignalingOpened{"socket-2"}));
    REQUIRE(joins.size() == 1);
    CHECK(only<CloseConnection>(desk(JoinAnswered{*joins.front().op, resumable()})).empty());
    CHECK(desk.tile(kAna).signaling_lost);
}

TEST_CASE("who said goodbye is not back because a server that can't know lists them",
          "[meeting][recovery]") {
    Desk desk;
    join_as(desk, resumable({entry(kAna), entry(kCyd)}));
    desk.connect(kAna, 1);
    desk(ChannelReceived{1, channel::Goodbye{}});
    REQUIRE(desk.meeting.snapshot().participants.size() == 2);
    const OperationId join = lose_and_open(desk);
    const Actions back = desk(JoinAnswered{join, resumable({entry(kAna), entry(kCyd)})});
    CHECK(only<CreateConnection>(back).empty());
    CHECK(desk.meeting.snapshot().participants.size() == 2);
    CHECK(only<CreateConnection>(desk.receive(user_joined(kAna))).empty());
    CHECK(desk.meeting.snapshot().participants.size() == 3);
}

TEST_CASE("nobody counts as gone while a join is not answered", "[meeting][recovery]") {
    Desk desk;
    join_as(desk, resumable({entry(kAna), entry(kCyd)}));
    const OperationId join = lose_and_open(desk);
    wire::JoinAnswer settling = resumable({entry(kAna)});
    settling.settles_in_ms = 5'000;
    desk(JoinAnswered{join, settling});
    desk.receive(user_joined(kCyd));
    const auto renamed = only<Emit>(desk(4'900, RenameRequested{"Robert"}));
    REQUIRE(renamed.size() == 1);
    CHECK(only<CloseConnection>(desk(200, TimePassed{})).empty());
    CHECK(only<CloseConnection>(
              desk(JoinAnswered{*renamed.front().op, resumable({entry(kAna), entry(kCyd)})}))
              .empty());
    CHECK(desk.meeting.snapshot().participants.size() == 3);
}

TEST_CASE("with a server that would see us leave, a changed network is looked after pair by pair",
          "[meeting][recovery]") {
    Desk desk;
    desk.join({kAna});
    desk.connect(kAna, 1);
    CHECK(without<WakeAt>(desk(NetworkChanged{})) == Actions{RestartIce{1}, kChange});
    CHECK(desk.meeting.snapshot().connection == MeetingState::joined);
    CHECK(desk.tile(kAna).connection == TileState::reconnecting);
}

TEST_CASE("a network that changes outside a room, or on the way in, changes nothing",
          "[meeting][recovery]") {
    Desk desk;
    desk(TimePassed{});
    Meeting before = desk.meeting;
    CHECK(desk(NetworkChanged{}) == Actions{});
    CHECK(desk(PageShown{}) == Actions{});
    CHECK(desk.meeting == before);
    desk(JoinRequested{kRoom, "Bob"});
    before = desk.meeting;
    CHECK(desk(NetworkChanged{}) == Actions{});
    CHECK(desk(PageShown{}) == Actions{});
    CHECK(desk.meeting == before);
}

TEST_CASE("a page that is seen again asks whether the server is there, or opens a lost socket",
          "[meeting][recovery]") {
    Desk desk;
    join_as(desk, resumable({}, kBob, 10'000));
    CHECK(desk(PageShown{}) == Actions{Emit{2, wire::Heartbeat{}}, wake(desk.now + 2'500)});
    CHECK(desk(PageShown{}) == Actions{});
    CHECK(desk(HeartbeatAnswered{2}) == Actions{wake(desk.now + 10'000)});
    desk(SignalingClosed{"transport close"});
    CHECK(desk(PageShown{}) == Actions{OpenSignaling{}, wake(desk.now + 4'000)});
}

TEST_CASE("a page that is seen again tries whom it had given up", "[meeting][recovery]") {
    Desk desk;
    desk.join({kAna});
    desk.connect(kAna, 1);
    desk(ConnectionStateChanged{1, ConnectionState::failed});
    while (desk.tile(kAna).connection != TileState::failed) desk(1'000, TimePassed{});
    desk(PageShown{});
    CHECK(desk.tile(kAna).connection == TileState::reconnecting);
}

TEST_CASE("a server that does not answer a heartbeat is left for another socket",
          "[meeting][recovery]") {
    Desk desk;
    join_as(desk, resumable({}, kBob, 1'000));
    CHECK(desk(1'000, TimePassed{}) == Actions{Emit{2, wire::Heartbeat{}}, wake(3'000)});
    CHECK(desk(1'000, TimePassed{}) == Actions{wake(4'000)});
    CHECK(desk(1'000, TimePassed{}) == Actions{wake(4'500)});
    CHECK(desk(500, TimePassed{}) ==
          Actions{Report{Level::warn, ErrorCode::signaling_lost,
                         "The server does not answer any more; connecting to it again.", ""},
                  CloseSignaling{}, kChange, wake(4'500 + drawn(1, 500))});
    CHECK(desk.meeting.snapshot().connection == MeetingState::reconnecting);
}

TEST_CASE("who hears neither the server nor anybody else has lost the network, and waits less",
          "[meeting][recovery]") {
    Desk desk;
    join_as(desk, resumable({entry(kAna)}, kBob, 1'000));
    desk.connect(kAna, 1);
    const TimeMs begun = desk.now;
    std::optional<TimeMs> asked;
    const auto is_lost = [&] {
        return desk.meeting.snapshot().connection == MeetingState::reconnecting;
    };
    // The sample that began with the connection; completions of others count for nothing.
    for (OperationId op = 1; op < 10; ++op) desk(StatsSampled{1, op, 100});
    while (!is_lost() && desk.now < begun + 10'000) {
        for (const Action& each : desk(*desk.wake - desk.now, TimePassed{})) {
            const auto* const emit = std::get_if<Emit>(&each);
            if (emit != nullptr && std::holds_alternative<wire::Heartbeat>(emit->message) && !asked)
                asked = desk.now;
            if (const auto* const sample = std::get_if<SampleStats>(&each))
                desk(StatsSampled{sample->connection, sample->op, 100});
        }
    }
    CHECK(is_lost());
    REQUIRE(asked);
    CHECK(desk.now == *asked + 1'250);
}

TEST_CASE("a participant whom the server has lost is shown as such, and warned of",
          "[meeting][recovery]") {
    Desk desk;
    join_as(desk, resumable({entry(kAna)}));
    desk.connect(kAna, 1);
    const std::string words = "The server has lost this participant; the connection still works.";
    CHECK(desk.receive(wire::UserLeft{{kAna}}) ==
          Actions{Report{Level::warn, ErrorCode::signaling_lost, words, kAna}, kChange});
    CHECK(desk.receive(wire::ParticipantLeft{{kAna}}) == Actions{});
    CHECK(desk.tile(kAna).signaling_lost);
    CHECK(desk.meeting.snapshot().warnings ==
          std::vector<Warning>{{ErrorCode::signaling_lost, words, kAna}});
    CHECK(desk.receive(user_joined(kAna)) == Actions{kChange});
    CHECK(desk.meeting.snapshot().warnings.empty());
}

// ---- credentials ----------------------------------------------------------------------------

namespace {

const IceServer kOldTurn{{"turn:turn.example"}, "1:bob", "old"};
const IceServer kNewTurn{{"turn:turn.example"}, "2:bob", "new"};

/// A room with Ana, where credentials last a minute.
void join_with_credentials(Desk& desk) {
    wire::JoinAnswer answer = resumable({entry(kAna)});
    answer.ice_servers = {kOldTurn};
    answer.ice_servers_ttl_ms = 60'000;
    join_as(desk, answer);
    desk.connect(kAna, 1);
    // The sample of its first media is under way for the rest of the test.
    CHECK(only<Emit>(desk(1'000, TimePassed{})).empty());
}

}  // namespace

TEST_CASE("credentials are asked for anew when three quarters of their life are over",
          "[meeting][recovery]") {
    Desk desk;
    join_with_credentials(desk);
    CHECK(only<Emit>(desk(43'999, TimePassed{})).empty());
    CHECK(only<Emit>(desk(1, TimePassed{})) == std::vector<Emit>{{5, wire::GetIceServers{kRoom}}});
    CHECK(without<WakeAt>(desk(IceServersAnswered{5, {true, {kNewTurn}, 60'000}})) ==
          Actions{UpdateIceServers{1, {kNewTurn}}});
    // New connections use them too.
    CHECK(only<CreateConnection>(desk(ReconnectRequested{kAna})) ==
          std::vector<CreateConnection>{{2, kAna, {kNewTurn}, true}});
    CHECK(only<Emit>(desk(44'999, TimePassed{})).empty());
    CHECK(only<Emit>(desk(1, TimePassed{})) == std::vector<Emit>{{6, wire::GetIceServers{kRoom}}});
}

TEST_CASE("the same credentials again are no news to a connection", "[meeting][recovery]") {
    Desk desk;
    join_with_credentials(desk);
    desk(44'000, TimePassed{});
    CHECK(without<WakeAt>(desk(IceServersAnswered{5, {true, {kOldTurn}, 60'000}})) == Actions{});
}

TEST_CASE("credentials that don't come are asked for again after pauses that double",
          "[meeting][recovery]") {
    Desk desk;
    join_with_credentials(desk);
    desk(44'000, TimePassed{});
    CHECK(without<WakeAt>(desk(IceServersAnswered{5, {false, {}, 0}})) == Actions{});
    CHECK(only<Emit>(desk(9'999, TimePassed{})).empty());
    CHECK(only<Emit>(desk(1, TimePassed{})) == std::vector<Emit>{{6, wire::GetIceServers{kRoom}}});
    CHECK(only<Emit>(desk(19'999, TimePassed{})).empty());
    CHECK(only<Emit>(desk(1, TimePassed{})) == std::vector<Emit>{{7, wire::GetIceServers{kRoom}}});
}

TEST_CASE("credentials that last for ever are not asked for again", "[meeting][recovery]") {
    Desk desk;
    join_with_credentials(desk);
    desk(44'000, TimePassed{});
    desk(IceServersAnswered{5, {true, {kNewTurn}, 0}});
    CHECK(only<Emit>(desk(1'000'000, TimePassed{})).empty());
}

TEST_CASE("credentials that run out while the server is away are asked for by coming back",
          "[meeting][recovery]") {
    Desk desk;
    join_with_credentials(desk);
    desk(SignalingClosed{"transport close"});
    CHECK(only<Emit>(desk(100'000, TimePassed{})).empty());
    const auto joins = only<Emit>(desk(SignalingOpened{"socket-2"}));
    REQUIRE(joins.size() == 1);
    wire::JoinAnswer back = resumable({entry(kAna)});
    back.ice_servers = {kNewTurn};
    back.ice_servers_ttl_ms = 60'000;
    const Actions actions = desk(JoinAnswered{*joins.front().op, back});
    CHECK(only<UpdateIceServers>(actions) == std::vector<UpdateIceServers>{{1, {kNewTurn}}});
    CHECK(only<Emit>(actions).empty());
}

TEST_CASE("the application's credentials are renewed while in a room, and reach every connection",
          "[meeting][recovery]") {
    Config config;
    config.ice_servers = {kOldTurn};
    config.ice_servers_ttl_ms = 60'000;
    Desk desk{config};
    // The clock runs from the first event on, whatever it is.
    desk(MediaWished{});
    CHECK(desk.wake == std::nullopt);
    desk.now += 50'000;
    const Actions joining = desk(JoinRequested{kRoom, "Bob"});
    CHECK(without<WakeAt>(joining) == Actions{OpenSignaling{}, AskIceServers{1}, kChange});
    desk(SignalingOpened{kBob});
    desk(join_answered(2, {entry(kAna)}));
    CHECK(without<WakeAt>(desk(IceServersGiven{1, {kNewTurn}, 60'000})) ==
          Actions{UpdateIceServers{1, {kNewTurn}}});
    CHECK(only<AskIceServers>(desk(44'999, TimePassed{})).empty());
    const auto asked = only<AskIceServers>(desk(1, TimePassed{}));
    REQUIRE(asked.size() == 1);
    CHECK(reported(desk(IceServersFailed{asked.front().op, {"Error", "no"}})) ==
          ErrorCode::ice_servers_failed);
    desk(LeaveRequested{});
    CHECK(desk.wake == std::nullopt);
}

TEST_CASE("an answer about credentials that nobody waits for is ignored", "[meeting][recovery]") {
    Desk desk;
    join_with_credentials(desk);
    const Meeting before = desk.meeting;
    CHECK(desk(IceServersAnswered{99, {true, {kNewTurn}, 60'000}}) == Actions{});
    CHECK(desk(IceServersAnswered{0, {true, {kNewTurn}, 60'000}}) == Actions{});
    CHECK(desk.meeting == before);
    desk(44'000, TimePassed{});
    desk(LeaveRequested{});
    desk(JoinRequested{"elsewhere", "Bob"});
    CHECK(desk(IceServersAnswered{5, {true, {kNewTurn}, 60'000}}) == Actions{});
}
