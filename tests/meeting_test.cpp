// The room: the way in and out, wishes, chat, time, and what is seen of it all.
#include <algorithm>
#include <functional>
#include <set>

#include "meeting_steps.hpp"

using namespace dvmeet;
using namespace dvmeet::test;

// ---- the way in -----------------------------------------------------------------------------

TEST_CASE("joining opens the socket, asks for the room and enters it", "[meeting]") {
    Desk desk;
    CHECK(desk(JoinRequested{kRoom, "Bob"}) == Actions{OpenSignaling{}, kChange, wake(5'000)});
    CHECK(desk.meeting.snapshot().connection == MeetingState::joining);
    CHECK(without<AnnounceChange>(desk(SignalingOpened{kBob})) ==
          Actions{join_with(1), wake(11'000)});

    CHECK(desk(join_answered(1, {entry(kAna)})) ==
          Actions{create(1, kAna), AddTransceivers{1, kAllSlots}, kJoined, kChange, wake(31'000)});

    const Snapshot shot = desk.meeting.snapshot();
    CHECK(shot.room == kRoom);
    CHECK(shot.connection == MeetingState::joined);
    CHECK(shot.self == SelfView{kBob, "Bob", {}, {}, {}});
    CHECK(shot.participants ==
          std::vector<ParticipantView>{
              {kBob, "Bob", true, true, true, false, false, false, TileState::connected, {}},
              {kAna,
               "Name of ana",
               false,
               false,
               false,
               false,
               false,
               false,
               TileState::connecting,
               {}}});
    CHECK(shot.warnings.empty());
    CHECK(shot.links.empty());
    CHECK(shot.chat.empty());
}

TEST_CASE("our own id is announced as soon as it is seen", "[meeting]") {
    Desk desk;
    desk(JoinRequested{kRoom, "Bob"});
    CHECK(desk(SignalingOpened{kBob}) == Actions{join_with(1), kChange, wake(11'000)});
    CHECK(desk.meeting.snapshot().self.id == kBob);
}

TEST_CASE("a server without acknowledgements lets us in by its list", "[meeting]") {
    Desk desk;
    desk(JoinRequested{kRoom, "Bob"});
    desk(SignalingOpened{kBob});
    wire::ParticipantsList list;
    list.participants = {entry(kAna, 1), entry(kBob, 1)};
    CHECK(desk.receive(list) ==
          Actions{create(1, kAna, false), AddTransceivers{1, {Slot::microphone, Slot::camera}},
                  kJoined, media_state(true, true, true), kChange, wake(31'000)});
    CHECK(desk.receive(list) == Actions{});
}

TEST_CASE("an acknowledgement after the list still tells the ice servers", "[meeting]") {
    const IceServer turn{{"turn:turn.example"}, "user", "secret"};
    Desk desk;
    join_by_list(desk, {entry(kBob)});
    desk(JoinAnswered{1, {true, "", "", kBob, {entry(kBob)}, {turn}}});

    desk.receive(user_joined(kAna, 1));
    CHECK(only<CreateConnection>(desk(1'000, TimePassed{})) ==
          std::vector<CreateConnection>{{1, kAna, {turn}, false}});
}

TEST_CASE("connections use our ice servers and those of the server", "[meeting]") {
    const IceServer ours{{"stun:stun.example"}, {}, {}};
    const IceServer theirs{{"turn:turn.example"}, "user", "secret"};
    Config config;
    config.ice_servers = {ours};
    Desk desk{config};
    desk(JoinRequested{kRoom, "Bob"});
    desk(SignalingOpened{kBob});
    const Actions actions = desk(JoinAnswered{1, {true, "", "", kBob, {entry(kAna)}, {theirs}}});
    CHECK(only<CreateConnection>(actions) ==
          std::vector<CreateConnection>{{1, kAna, {ours, theirs}, true}});
}

TEST_CASE("the server's word for our id counts", "[meeting]") {
    Desk desk;
    desk(JoinRequested{kRoom, "Bob"});
    desk(SignalingOpened{"socket-1"});
    desk(JoinAnswered{1, {true, "", "", kBob, {entry(kBob), entry(kAna)}, {}}});
    CHECK(desk.meeting.snapshot().self.id == kBob);
    CHECK(desk.meeting.snapshot().participants.size() == 2);
}

TEST_CASE("what is said about long texts stays within its limit", "[meeting]") {
    std::string longest;
    while (longest.size() < kSentenceText.max) longest += "é";
    const auto is_well_cut = [](const Actions& actions) {
        for (const Action& each : actions) CHECK_NOTHROW(text_of(each));
        for (const Report& each : only<Report>(actions))
            CHECK(each.detail.size() <= kSentenceText.max);
    };
    Desk desk;
    desk(JoinRequested{kRoom, "Bob"});
    const Actions refused = desk(SignalingClosed{longest});
    is_well_cut(refused);
    REQUIRE(only<SettleJoin>(refused).size() == 1);
    CHECK(only<SettleJoin>(refused).front().failure.value().detail.size() <= kSentenceText.max);

    desk.join({kAna});
    is_well_cut(desk.receive(wire::ServerError{"code", longest, "offer"}));
    is_well_cut(desk(ActionFailed{1, {"TypeError", longest}}));
    CHECK(desk.tile(kAna).error.value().detail.size() <= kSentenceText.max);
    CHECK_NOTHROW(text_of(desk.meeting.snapshot()));
}

TEST_CASE("a message of ours has a well-formed id, whatever we are called", "[meeting]") {
    std::string id = "a";
    while (id.size() + 2 <= kIdText.max) id += "é";
    Desk desk;
    desk(JoinRequested{kRoom, "Bob"});
    desk(SignalingOpened{id});
    desk(ChatSubmitted{"hi", "12:00"});
    CHECK_NOTHROW(text_of(desk.meeting.snapshot()));
}

TEST_CASE("fresh ICE servers are taken once, as the answer to the question for them", "[meeting]") {
    const IceServer fresh{{"turn:turn.example"}, "user", "fresh"};
    Desk desk;
    desk(JoinRequested{kRoom, "Bob"});
    desk(SignalingOpened{kBob});
    wire::JoinAnswer answer{true, "", "", kBob, {entry(kBob)}, {}};
    answer.ice_servers_ttl_ms = 600'000;
    desk(JoinAnswered{1, answer});
    const auto asked = only<Emit>(desk(600'000, TimePassed{}));
    REQUIRE(asked.size() == 1);
    CHECK(std::holds_alternative<wire::GetIceServers>(asked.front().message));
    const OperationId op = asked.front().op.value();

    const Meeting before = desk.meeting;
    CHECK(desk(IceServersAnswered{op + 1, {true, {fresh}}}) == Actions{});
    CHECK(desk.meeting == before);
    desk(IceServersAnswered{op, {true, {fresh}}});
    const Meeting after = desk.meeting;
    CHECK_FALSE(after == before);
    CHECK(desk(IceServersAnswered{op, {true, {}}}) == Actions{});
    CHECK(desk.meeting == after);
}

TEST_CASE("there are 16 ICE servers at most, ours first", "[meeting]") {
    const std::vector<IceServer> ours(kIceServerList.max - 1, {{"stun:ours.example"}, {}, {}});
    const std::vector<IceServer> theirs(2, {{"stun:theirs.example"}, {}, {}});
    Config config;
    config.ice_servers = ours;
    Desk desk{config};
    desk(JoinRequested{kRoom, "Bob"});
    desk(SignalingOpened{kBob});
    const auto created =
        only<CreateConnection>(desk(JoinAnswered{1, {true, "", "", kBob, {entry(kAna)}, theirs}}));
    REQUIRE(created.size() == 1);
    auto expected = ours;
    expected.push_back(theirs.front());
    CHECK(created.front().ice_servers == expected);
}

TEST_CASE("a failed pair that is tried again shows it at once, however often", "[meeting]") {
    Desk desk;
    desk.join({kAna});
    for (const ConnectionId connection : {1U, 2U}) {
        desk(ConnectionStateChanged{connection, ConnectionState::failed});
        CHECK(desk.tile(kAna).connection == TileState::failed);
        desk(NetworkChanged{});
        CHECK(desk.tile(kAna).connection != TileState::failed);
    }
    CHECK(desk.unannounced == std::vector<std::string>{});
}

TEST_CASE("a server that no longer answers heartbeats is sent none", "[meeting]") {
    Desk desk;
    desk(JoinRequested{kRoom, "Bob"});
    desk(SignalingOpened{kBob});
    wire::JoinAnswer answer{true, "", "", kBob, {entry(kBob)}, {}};
    answer.heartbeat_ms = 5'000;
    desk(JoinAnswered{1, answer});
    CHECK(desk.wake == 6'000);

    desk(RenameRequested{"Robert"});
    answer.heartbeat_ms = 0;
    desk(JoinAnswered{2, answer});
    CHECK(desk.wake == std::nullopt);
    CHECK(desk(10'000, TimePassed{}) == Actions{});
}

TEST_CASE("that we have left is for us to say", "[meeting]") {
    Desk desk;
    desk.join({kAna});
    desk.connect(kAna, 1);
    const Meeting before = desk.meeting;
    CHECK(desk.receive(wire::UserLeft{{kBob}}) == Actions{});
    CHECK(desk.receive(wire::ParticipantLeft{{kBob}}) == Actions{});
    CHECK(desk.meeting == before);
}

TEST_CASE("a list that takes us for another is set right by the server's word", "[meeting]") {
    Desk desk;
    desk(JoinRequested{kRoom, "Bob"});
    desk(SignalingOpened{"socket-1"});
    wire::ParticipantsList list;
    list.participants = {entry(kBob)};
    desk.receive(list);
    CHECK(desk(JoinAnswered{1, {true, "", "", kBob, {entry(kBob)}, {}}}) ==
          Actions{CloseConnection{1}, kChange, wake({})});
    CHECK(desk.meeting.snapshot().participants.size() == 1);
}

TEST_CASE("a join that the server does not answer in 10 s fails", "[meeting]") {
    Desk desk;
    desk(JoinRequested{kRoom, "Bob"});
    desk(SignalingOpened{kBob});
    CHECK(desk(9'999, TimePassed{}) == Actions{wake(11'000)});
    const Actions actions = desk(1, TimePassed{});
    CHECK(settled_with(actions) == ErrorCode::join_timeout);
    CHECK(without<SettleJoin>(actions) ==
          Actions{Emit{std::nullopt, wire::LeaveRoom{kRoom}}, CloseSignaling{}, kChange});
    CHECK_FALSE(desk.wake);
    CHECK(desk.meeting.snapshot().connection == MeetingState::idle);
    CHECK(desk(JoinRequested{kRoom, "Bob"}) == Actions{OpenSignaling{}, kChange, wake(15'000)});
}

TEST_CASE("a server that can't be reached fails the join, with a reason", "[meeting]") {
    Desk desk;
    desk(JoinRequested{kRoom, "Bob"});
    const Actions actions = desk(SignalingClosed{"connect_error"});
    CHECK(settled_with(actions) == ErrorCode::signaling_unreachable);
    CHECK(without<SettleJoin>(actions) == Actions{CloseSignaling{}, kChange, wake({})});
}

TEST_CASE("a refusal of the server fails the join, with the server's words", "[meeting]") {
    struct Row {
        std::string code;
        ErrorCode expected;
    };
    for (const Row& row : std::vector<Row>{{"room_full", ErrorCode::room_full},
                                           {"banned", ErrorCode::join_refused},
                                           {"", ErrorCode::join_refused}}) {
        Desk desk;
        desk(JoinRequested{kRoom, "Bob"});
        desk(SignalingOpened{kBob});
        const Actions actions = desk(JoinAnswered{1, {false, row.code, "No.", "", {}, {}}});
        CHECK(settled_with(actions) == row.expected);
        CHECK(only<SettleJoin>(actions).front().failure->detail == "No.");
        CHECK(desk.meeting.snapshot().connection == MeetingState::idle);
    }
}

TEST_CASE("a room of more people than the meeting takes is left again at once, with both numbers",
          "[meeting]") {
    Config config;
    config.max_participants = 3;
    Desk desk{config};
    desk(JoinRequested{kRoom, "Bob"});
    desk(SignalingOpened{"socket-1"});
    const std::vector<wire::Entry> three{entry(kAna), entry(kCyd), entry(kDan)};
    CHECK(without<WakeAt>(desk(JoinAnswered{1, resumable(three)})) ==
          Actions{Emit{std::nullopt, wire::LeaveRoom{kRoom}}, CloseSignaling{},
                  SettleJoin{Failure{ErrorCode::room_full,
                                     "The room is full: 3 people are in it, and this meeting takes "
                                     "3 at most."}},
                  kChange});
    CHECK(desk.meeting.snapshot().connection == MeetingState::idle);
    CHECK(desk.meeting.snapshot().self.id.empty());
    CHECK(desk.wake == std::nullopt);

    // Once somebody has left there is a place.
    desk(JoinRequested{kRoom, "Bob"});
    desk(SignalingOpened{"socket-2"});
    desk(JoinAnswered{2, resumable({entry(kAna), entry(kCyd)})});
    CHECK(desk.meeting.snapshot().connection == MeetingState::joined);
    CHECK(desk.meeting.snapshot().warnings.empty());
}

TEST_CASE("a list of a plain server tells as well that a room is too full", "[meeting]") {
    Config config;
    config.max_participants = 2;
    Desk desk{config};
    const Actions actions = join_by_list(desk, {entry(kAna, 1), entry(kCyd, 1), entry(kBob, 1)});
    CHECK(settled_with(actions) == ErrorCode::room_full);
    CHECK(only<CreateConnection>(actions).empty());
    CHECK(desk.meeting.snapshot().connection == MeetingState::idle);
}

TEST_CASE("a name chosen on the way into a room that is too full is told to nobody", "[meeting]") {
    Config config;
    config.max_participants = 2;
    Desk desk{config};
    desk(JoinRequested{kRoom, "Bob"});
    desk(SignalingOpened{"socket-1"});
    desk(RenameRequested{"Robert"});
    CHECK(emitted(desk(JoinAnswered{1, resumable({entry(kAna), entry(kCyd)})})) ==
          std::vector<std::string>{"leave-room"});
}

TEST_CASE("who is inside when more come than the meeting takes stays, connects and is warned",
          "[meeting]") {
    Config config;
    config.max_participants = 2;
    Desk desk{config};
    join_as(desk, resumable({entry(kAna)}));
    desk.receive(user_joined(kCyd));
    CHECK(only<CreateConnection>(desk(4'000, TimePassed{})) ==
          std::vector<CreateConnection>{{2, kCyd, {}, true}});
    CHECK(desk.meeting.snapshot().warnings ==
          std::vector<Warning>{{ErrorCode::too_many_participants,
                                "3 people are here, and this meeting takes 2: sound and picture "
                                "may suffer.",
                                ""}});
    // Back from a lost socket, the place is ours.
    const OperationId join = lose_and_open(desk);
    desk(JoinAnswered{join, resumable({entry(kAna), entry(kCyd)})});
    CHECK(desk.meeting.snapshot().connection == MeetingState::joined);
    desk.receive(wire::UserLeft{{kCyd}});
    CHECK(desk.meeting.snapshot().warnings.empty());
}

TEST_CASE("joining again when in the room changes nothing and says so", "[meeting]") {
    Desk desk;
    desk.join({kAna});
    const Meeting before = desk.meeting;
    CHECK(desk(JoinRequested{"elsewhere", "Robert"}) ==
          Actions{Report{Level::info, ErrorCode::out_of_place,
                         "already in a room, or on the way in", ""},
                  kJoined});
    CHECK(desk.meeting == before);
}

TEST_CASE("joining again on the way in does not settle the join before it is decided",
          "[meeting]") {
    Desk desk;
    desk(JoinRequested{kRoom, "Bob"});
    CHECK(only<SettleJoin>(desk(JoinRequested{kRoom, "Bob"})).empty());
    desk(SignalingOpened{kBob});
    CHECK(only<SettleJoin>(desk(join_answered(1))).size() == 1);
}

TEST_CASE("an answer to a join that is over is ignored", "[meeting]") {
    Desk desk;
    desk.join({});
    const Meeting before = desk.meeting;
    CHECK(desk(join_answered(0, {entry(kAna)})) == Actions{});
    CHECK(desk(join_answered(99, {entry(kAna)})) == Actions{});
    CHECK(desk.meeting == before);
}

// ---- the way out ----------------------------------------------------------------------------

TEST_CASE("leaving says goodbye, closes everything and gives every track back", "[meeting]") {
    Desk desk;
    turn_on(desk, Slot::microphone);
    desk.join({kAna});
    desk.connect(kAna, 1);
    const Actions actions = desk(LeaveRequested{});
    CHECK(actions == Actions{SendOnChannel{1, channel::Goodbye{}}, CloseConnection{1},
                             Emit{std::nullopt, wire::LeaveRoom{kRoom}}, CloseSignaling{},
                             ReleaseTrack{{Slot::microphone, 1}, true}, kChange, wake({})});
    const Snapshot shot = desk.meeting.snapshot();
    CHECK(shot.connection == MeetingState::left);
    CHECK(shot.participants.empty());
    CHECK(shot.links.empty());
    CHECK(shot.self.id.empty());
    CHECK_FALSE(desk.wake);
    CHECK(desk(LeaveRequested{}) == Actions{});
}

TEST_CASE("leaving on the way in settles the join", "[meeting]") {
    Desk desk;
    desk(JoinRequested{kRoom, "Bob"});
    const Actions actions = desk(LeaveRequested{});
    CHECK(settled_with(actions) == ErrorCode::left);
    CHECK(without<SettleJoin>(actions) == Actions{CloseSignaling{}, kChange, wake({})});
    CHECK(desk.meeting.snapshot().connection == MeetingState::left);
}

TEST_CASE("a plain server is not told of leaving by a message it does not know", "[meeting]") {
    Desk desk;
    join_by_list(desk, {entry(kBob, 1)});
    CHECK(desk(LeaveRequested{}) == Actions{CloseSignaling{}, kChange});
}

TEST_CASE("no timer is left after leaving, from whatever state", "[meeting]") {
    const auto joining = [](Desk& desk) { desk(JoinRequested{kRoom, "Bob"}); };
    const auto waiting = [](Desk& desk) {
        desk.join({});
        desk.receive(user_joined(kAna));
        desk.receive(candidate_from(kCyd, candidate(1)));
    };
    const auto connected = [](Desk& desk) {
        desk.join({kAna});
        desk.connect(kAna, 1);
    };
    const auto reconnecting = [](Desk& desk) {
        desk.join({kAna});
        desk(SignalingClosed{"transport close"});
    };
    const std::vector<std::function<void(Desk&)>> states{joining, waiting, connected, reconnecting};
    for (std::size_t i = 0; i < states.size(); ++i) {
        INFO("state " << i);
        Desk desk;
        states[i](desk);
        CHECK(desk.wake);
        desk(LeaveRequested{});
        CHECK_FALSE(desk.wake);
        CHECK(desk(60'000, TimePassed{}) == Actions{});
    }
}

TEST_CASE("a meeting that was left can be joined again, as if for the first time", "[meeting]") {
    Desk desk;
    desk.join({kAna});
    desk(LeaveRequested{});
    CHECK(desk(JoinRequested{kRoom, "Bob"}) == Actions{OpenSignaling{}, kChange, wake(5'000)});
    CHECK(without<AnnounceChange>(desk(SignalingOpened{kBob})) ==
          Actions{join_with(2), wake(11'000)});
    CHECK(only<CreateConnection>(desk(join_answered(2, {entry(kAna)}))) ==
          std::vector<CreateConnection>{{2, kAna, {}, true}});
}

TEST_CASE("a socket that opens only after leaving is not taken for open", "[meeting]") {
    Desk desk;
    desk(JoinRequested{kRoom, "Bob"});
    desk(LeaveRequested{});
    const Actions late = desk(SignalingOpened{kBob});
    CHECK(without<Report>(late) == Actions{});

    CHECK(desk(JoinRequested{kRoom, "Bob"}) == Actions{OpenSignaling{}, kChange, wake(5'000)});
}
// ---- names ----------------------------------------------------------------------------------

TEST_CASE("a new name is shown at once and told to the others", "[meeting]") {
    Desk desk;
    desk.join({kAna});
    const Actions actions = desk(RenameRequested{"Robert"});
    wire::JoinRoom again = join_room();
    again.user_name = "Robert";
    CHECK(actions == Actions{join_with(2, again), kChange});
    CHECK(desk.meeting.snapshot().self.name == "Robert");
    CHECK(desk(join_answered(2, {entry(kAna)})) == Actions{kChange});
    CHECK(desk.tile(kAna).connection == TileState::connecting);
}

TEST_CASE("a name that the server refuses does not cost the room", "[meeting]") {
    Desk desk;
    desk.join({kAna});
    desk.connect(kAna, 1);
    const auto joins = only<Emit>(desk(RenameRequested{"Robert"}));
    REQUIRE(joins.size() == 1);
    const Actions actions =
        desk(JoinAnswered{*joins.front().op, {false, "rate_limited", "Too many.", "", {}, {}}});
    CHECK(only<CloseConnection>(actions).empty());
    CHECK(desk.meeting.snapshot().connection == MeetingState::joined);
    CHECK(desk.tile(kAna).connection == TileState::connected);
}

TEST_CASE("a name chosen while the join is under way is told once in", "[meeting]") {
    Desk desk;
    desk(JoinRequested{kRoom, "Bob"});
    desk(SignalingOpened{kBob});
    desk(RenameRequested{"Robert"});
    const auto sent = only<Emit>(desk(join_answered(1, {entry(kAna)})));
    wire::JoinRoom again = join_room();
    again.user_name = "Robert";
    REQUIRE(sent.size() == 1);
    CHECK(sent.front().message == wire::ClientMessage{again});
}

// ---- the others -----------------------------------------------------------------------------

TEST_CASE("mute, camera and screen of the others show on their tiles", "[meeting]") {
    Desk desk;
    desk.join({kAna});
    CHECK(desk.receive(wire::MediaStateUpdated{kAna, true, true, {}}) == Actions{kChange});
    CHECK(desk.receive(wire::MediaStateUpdated{kAna, true, true, {}}) == Actions{});
    CHECK(desk.tile(kAna).muted);
    CHECK(desk.tile(kAna).video_off);
    CHECK(desk.receive(wire::ScreenShareStartedBy{{kAna}}) == Actions{kChange});
    CHECK(desk.tile(kAna).sharing);
    CHECK(desk.tile(kAna).has_screen);
    CHECK(desk.receive(wire::MediaStateUpdated{kAna, false, false, true}) == Actions{kChange});
    CHECK(desk.tile(kAna).video_off);
    CHECK(desk.receive(wire::ScreenShareEndedBy{{kAna}}) == Actions{kChange});
    CHECK_FALSE(desk.tile(kAna).sharing);
    CHECK_FALSE(desk.tile(kAna).has_screen);
}

TEST_CASE("a plain participant's screen has no tile of its own", "[meeting]") {
    Desk desk;
    desk.join({kAna}, 1);
    desk.receive(wire::ScreenShareStartedBy{{kAna}});
    CHECK(desk.tile(kAna).sharing);
    CHECK_FALSE(desk.tile(kAna).has_screen);
}

TEST_CASE("a late joiner sees the current state at once", "[meeting]") {
    Desk desk;
    desk(JoinRequested{kRoom, "Bob"});
    desk(SignalingOpened{kBob});
    wire::Entry ana = entry(kAna);
    ana.is_muted = ana.is_sharing = true;
    ana.is_camera_off = true;
    desk(join_answered(1, {ana}));
    CHECK(
        desk.tile(kAna) ==
        ParticipantView{
            kAna, "Name of ana", false, true, true, true, true, false, TileState::connecting, {}});
}

TEST_CASE("a repeated announcement that says nothing of media changes nothing of it", "[meeting]") {
    Desk desk;
    desk.join({kAna}, 1);
    desk.receive(wire::MediaStateUpdated{kAna, true, true, {}});
    desk.receive(wire::ScreenShareStartedBy{{kAna}});
    const ParticipantView before = desk.tile(kAna);
    // As a plain server announces: an id and a name.
    Event event;
    REQUIRE_FALSE(event_from_text(R"({"type":"signalReceived","name":"user-joined",)"
                                  R"("payload":{"socketId":"ana","userName":"Name of ana"}})",
                                  event));
    desk(event);
    CHECK(desk.tile(kAna) == before);
}

TEST_CASE("who leaves, by either message, takes tile and connection along", "[meeting]") {
    Desk desk;
    desk.join({kAna, kCyd});
    CHECK(only<CloseConnection>(desk.receive(wire::UserLeft{{kAna}})) ==
          std::vector<CloseConnection>{{1}});
    CHECK(without<WakeAt>(desk.receive(wire::ParticipantLeft{{kAna}})) == Actions{});
    CHECK(only<CloseConnection>(desk.receive(wire::ParticipantLeft{{kCyd}})) ==
          std::vector<CloseConnection>{{2}});
    CHECK(desk.meeting.snapshot().participants.size() == 1);
}

TEST_CASE("a list on request adds those we have not heard of, and connects when they don't",
          "[meeting]") {
    Desk desk;
    desk.join({});
    wire::RoomUsers users;
    users.participants = {entry(kAna), entry(kBob)};
    CHECK(desk.receive(users) == Actions{kChange, wake(5'000)});
    CHECK(only<CreateConnection>(desk(4'000, TimePassed{})).size() == 1);
}

TEST_CASE("a pair that fails shows on its tile and among the warnings, the others stay as they are",
          "[meeting]") {
    Desk desk;
    desk.join({kAna, kCyd});
    desk.connect(kAna, 1);
    const ParticipantView ana = desk.tile(kAna);
    CHECK(reported(desk(ConnectionStateChanged{2, ConnectionState::failed})) ==
          ErrorCode::no_relay_configured);
    const Snapshot shot = desk.meeting.snapshot();
    REQUIRE(shot.warnings.size() == 1);
    CHECK(shot.warnings.front().code == ErrorCode::no_relay_configured);
    CHECK(shot.warnings.front().participant_id == kCyd);
    CHECK(desk.tile(kCyd).connection == TileState::failed);
    CHECK(desk.tile(kCyd).error.has_value());
    CHECK(desk.tile(kAna) == ana);

    const Actions again = desk(ReconnectRequested{kCyd});
    CHECK(only<CloseConnection>(again) == std::vector<CloseConnection>{{2}});
    CHECK(only<CreateConnection>(again) == std::vector<CreateConnection>{{3, kCyd, {}, true}});
    CHECK(desk.meeting.snapshot().warnings.empty());
    CHECK(desk.tile(kAna) == ana);
}

// ---- wishes ---------------------------------------------------------------------------------

TEST_CASE("what is on when joining is said in joining, and sent", "[meeting]") {
    Desk desk;
    turn_on(desk, Slot::microphone);
    turn_on(desk, Slot::camera);
    CHECK(desk(JoinRequested{kRoom, "Bob"}) == Actions{OpenSignaling{}, kChange, wake(5'000)});
    CHECK(without<AnnounceChange>(desk(SignalingOpened{kBob})) ==
          Actions{join_with(3, join_room(false, false, false)), wake(11'000)});
    CHECK(only<ReplaceTrack>(desk(join_answered(3, {entry(kAna)}))).size() == 2);
}

TEST_CASE("turning a slot on tells the others and sends the track, with no further offer",
          "[meeting]") {
    Desk desk{Config{.adapt = false}};
    desk.join({kAna});
    desk.connect(kAna, 1);
    CHECK(desk(MediaWished{{{Slot::camera, true}}}) ==
          Actions{AcquireMedia{5, {{Slot::camera, {}, false}}}, kChange});
    CHECK(desk(MediaAcquired{5, {Slot::camera}}) ==
          Actions{ReplaceTrack{1, 6, Slot::camera, TrackId{Slot::camera, 5}},
                  ApplyConstraints{{Slot::camera, 5}, 1280, 720, 30},
                  media_state(true, false, false), kChange});
    CHECK(desk.meeting.snapshot().self.camera == SlotView{true, SlotState::on, {}});
    CHECK_FALSE(desk.tile(kBob).video_off);

    CHECK(desk(OperationDone{1, 6}) == Actions{});
    CHECK(desk(200, MediaWished{{{Slot::camera, false}}}) ==
          Actions{ReleaseTrack{{Slot::camera, 5}, true},
                  ReplaceTrack{1, 7, Slot::camera, std::nullopt}, media_state(true, true, true),
                  kChange});
}

TEST_CASE("who says goodbye by the channel makes room for the pictures of the others at once",
          "[meeting]") {
    Desk desk;
    desk.join({kAna, kCyd});
    desk.connect(kAna, 1);
    turn_on(desk, Slot::camera);
    const auto constrained = only<ApplyConstraints>(desk(ChannelReceived{1, channel::Goodbye{}}));
    REQUIRE(constrained.size() == 1);
    CHECK(constrained.front().width == 1280);
    desk(TimePassed{});
    CHECK(desk(ConnectionStateChanged{1, ConnectionState::disconnected}) == Actions{});
}

TEST_CASE("a shared screen goes in its own line, and the camera's absence is told from it",
          "[meeting]") {
    Desk desk;
    desk.join({kAna});
    desk.connect(kAna, 1);
    desk(MediaWished{{{Slot::screen, true}}});
    CHECK(desk(MediaAcquired{5, {Slot::screen}}) ==
          Actions{ReplaceTrack{1, 6, Slot::screen, TrackId{Slot::screen, 5}},
                  media_state(true, false, true),
                  Emit{std::nullopt, wire::ScreenShareStarted{{kRoom, "Bob", {}}}}, kChange});
    CHECK(desk.tile(kBob).sharing);
    CHECK(desk.tile(kBob).video_off);

    CHECK(desk(200, TrackEnded{{Slot::screen, 5}}) ==
          Actions{ReleaseTrack{{Slot::screen, 5}, true}, media_state(true, true, true),
                  Emit{std::nullopt, wire::ScreenShareEnded{{kRoom, "Bob", {}}}}, kChange});
    CHECK(desk(OperationDone{1, 6}) == Actions{ReplaceTrack{1, 7, Slot::screen, std::nullopt}});
}

TEST_CASE("the others are told of a slot at most five times a second, and of its last state always",
          "[meeting]") {
    Desk desk;
    turn_on(desk, Slot::microphone);
    desk.join({});
    desk.now += 1'000;
    CHECK(desk(MediaWished{{{Slot::microphone, false}}}) ==
          Actions{media_state(true, true, true), kChange});
    CHECK(desk(50, MediaWished{{{Slot::microphone, true}}}) == Actions{kChange, wake(2'200)});
    CHECK(desk(50, MediaWished{{{Slot::microphone, false}}}) == Actions{kChange, wake({})});
    CHECK(desk(50, MediaWished{{{Slot::microphone, true}}}) == Actions{kChange, wake(2'200)});
    CHECK(desk(50, TimePassed{}) == Actions{media_state(false, true, true)});
    CHECK_FALSE(desk.wake);
}

TEST_CASE("a state that the server refused is told again, and less and less often", "[meeting]") {
    Desk desk;
    turn_on(desk, Slot::microphone);
    desk.join({});
    desk.now += 1'000;
    std::size_t told = emitted(desk(MediaWished{{{Slot::microphone, false}}})).size();
    CHECK(told == 1);
    const TimeMs end = desk.now + 60'000;
    while (desk.now < end && told < 1'000) {
        told += emitted(desk.receive(wire::ServerError{"rate_limited", "", "media-state-change"}))
                    .size();
        if (!desk.wake) break;
        desk.now = *desk.wake;
        told += emitted(desk(TimePassed{})).size();
    }
    CHECK(told > 1);
    CHECK(told < 60);
}

TEST_CASE("a chat message that the server refused shows as failed", "[meeting][chat]") {
    Desk desk;
    desk.join({});
    desk(ChatSubmitted{"hi", "12:00"});
    CHECK(desk(ChatAnswered{3, {false, "not_in_room", "Join first."}}) ==
          Actions{Report{Level::warn, ErrorCode::server_error,
                         "The server refused a chat message (not_in_room): Join first.", ""},
                  kChange});
    CHECK(desk.meeting.snapshot().chat.front().state == ChatState::failed);
}

TEST_CASE("fifty changes of every slot cause no offer and no line", "[meeting]") {
    const std::uint32_t protocol = GENERATE(2U, 1U);
    Desk desk;
    desk.join({kAna}, protocol);
    desk(1'000, TimePassed{});  // a plain client gets so long to offer
    desk.connect(kAna, 1);
    Actions all;
    const std::function<void(const Event&)> carry = [&](const Event& event) {
        for (const Action& action : desk(event)) {
            all.push_back(action);
            if (const auto* replaced = std::get_if<ReplaceTrack>(&action))
                carry(OperationDone{replaced->connection, replaced->op});
            if (const auto* asked = std::get_if<AcquireMedia>(&action))
                carry(MediaAcquired{asked->op, {asked->requests.front().slot}});
        }
    };
    for (int i = 0; i < 50; ++i) {
        for (const Slot slot : kSlots) carry(MediaWished{{{slot, i % 2 == 0}}});
    }
    CHECK(only<SetLocalDescription>(all).empty());
    CHECK(only<AddTransceivers>(all).empty());
    CHECK(only<CreateConnection>(all).empty());
    CHECK(only<ReplaceTrack>(all).size() >= 100);
    CHECK(desk.meeting.snapshot().self.screen == SlotView{});
}

TEST_CASE("wishes of before joining and of after leaving hold for the next room", "[meeting]") {
    Desk desk;
    turn_on(desk, Slot::camera);
    desk.join({});
    CHECK(only<ReleaseTrack>(desk(LeaveRequested{})).size() == 1);
    CHECK(desk(JoinRequested{kRoom, "Bob"}) == Actions{AcquireMedia{3, {{Slot::camera, {}, false}}},
                                                       OpenSignaling{}, kChange, wake(5'000)});
}

TEST_CASE("a refused camera is told plainly and keeps nobody out", "[meeting]") {
    Desk desk;
    desk(MediaWished{{{Slot::microphone, true}, {Slot::camera, true}}});
    desk(MediaFailed{1, {"NotAllowedError", "denied"}});
    desk(MediaFailed{2, {"NotAllowedError", "denied"}});
    CHECK(reported(desk(MediaFailed{3, {"NotAllowedError", "denied"}})) ==
          ErrorCode::media_refused);
    CHECK(desk.meeting.snapshot().self.camera.state == SlotState::failed);
    CHECK(desk.meeting.snapshot().self.microphone.state == SlotState::failed);
    CHECK(desk(JoinRequested{kRoom, "Bob"}) == Actions{OpenSignaling{}, kChange, wake(5'000)});
}

TEST_CASE("plain residents are told our state once we are in: a join tells them but a name",
          "[meeting]") {
    Desk desk;
    desk(JoinRequested{kRoom, "Bob"});
    desk(SignalingOpened{kBob});
    CHECK(desk(join_answered(1, {entry(kAna, 1)})) ==
          Actions{kJoined, media_state(true, true, true), kChange, wake(2'000)});
}

TEST_CASE("plain residents take a newcomer who says nothing for one that is heard and seen",
          "[meeting]") {
    Desk desk;
    turn_on(desk, Slot::microphone);
    turn_on(desk, Slot::camera);
    desk(JoinRequested{kRoom, "Bob"});
    desk(SignalingOpened{kBob});
    CHECK(desk(join_answered(3, {entry(kAna, 1)})) == Actions{kJoined, kChange, wake(2'000)});
}

// ---- chat -----------------------------------------------------------------------------------

TEST_CASE("a chat message goes to the room and into the chat", "[meeting][chat]") {
    Desk desk;
    desk.join({kAna});
    CHECK(desk(ChatSubmitted{"hi", "12:00"}) ==
          Actions{Emit{3, wire::SendMessage{kRoom, {"bob-2", "Bob", "12:00", "hi", {}}}}, kChange});
    CHECK(desk.meeting.snapshot().chat.front().state == ChatState::sending);
    CHECK(desk(ChatAnswered{3, {true, "", ""}}) == Actions{kChange});
    CHECK(desk.meeting.snapshot().chat.front().state == ChatState::sent);
    CHECK(desk.receive(wire::NewMessage{"m1", "who", "12:01", "hello", kAna}) ==
          Actions{AnnounceChat{"m1"}, kChange});
    const auto chat = desk.meeting.snapshot().chat;
    REQUIRE(chat.size() == 2);
    CHECK(chat.back() ==
          ChatView{"m1", kAna, "Name of ana", "hello", "12:01", false, ChatState::sent});
}

TEST_CASE("a chat message that can't go out shows as failed", "[meeting][chat]") {
    Desk desk;
    CHECK(desk(ChatSubmitted{"hi", "12:00"}) == Actions{kChange});
    CHECK(desk.meeting.snapshot().chat.front().state == ChatState::failed);
}

TEST_CASE("a chat message that the server has refused goes out again when asked to",
          "[meeting][chat]") {
    Desk desk;
    desk.join({kAna});
    desk(ChatSubmitted{"hi", "12:00"});
    desk(ChatAnswered{3, {false, "not_in_room", "Join first."}});
    CHECK(desk(ChatRetried{"bob-2"}) ==
          Actions{Emit{4, wire::SendMessage{kRoom, {"bob-2", "Bob", "12:00", "hi", {}, {}}}},
                  kChange});
    CHECK(desk(ChatAnswered{4, {true, "", ""}}) == Actions{kChange});
    CHECK(desk.meeting.snapshot().chat.front().state == ChatState::sent);
}

TEST_CASE("a chat message that is sent again while the socket is lost waits for it",
          "[meeting][chat][recovery]") {
    Desk desk;
    join_as(desk, resumable());
    desk(ChatSubmitted{"hi", "12:00"});
    desk(ChatAnswered{3, {false, "not_in_room", "Join first."}});
    desk(SignalingClosed{"transport close"});
    CHECK(desk(ChatRetried{"bob-2"}) == Actions{kChange});
    desk(kFirstPauseMs, TimePassed{});
    desk(SignalingOpened{"socket-2"});
    CHECK(without<WakeAt>(desk(JoinAnswered{4, resumable()})) ==
          Actions{Emit{5, wire::SendMessage{kRoom, {"bob-2", "Bob", "12:00", "hi", {}, {}}}},
                  kChange});
}

TEST_CASE("what was written while the server was away goes out no faster than servers take it",
          "[meeting][chat][recovery]") {
    Desk desk;
    join_as(desk, resumable());
    desk(SignalingClosed{"transport close"});
    for (const std::string text : {"1", "2", "3", "4", "5", "6", "7"})
        CHECK(desk(ChatSubmitted{text, "12:00"}) == Actions{kChange});
    desk(kFirstPauseMs, TimePassed{});
    const auto joins = only<Emit>(desk(SignalingOpened{"socket-2"}));
    REQUIRE(joins.size() == 1);
    CHECK(only<Emit>(desk(JoinAnswered{*joins.front().op, resumable()})).size() == 5);
    CHECK(desk.wake == desk.now + 1'000);
    CHECK(only<Emit>(desk(999, TimePassed{})).empty());
    CHECK(only<Emit>(desk(1, TimePassed{})).size() == 2);
}

TEST_CASE("outside a room no chat message is sent again", "[meeting][chat]") {
    Desk desk;
    desk(ChatSubmitted{"hi", "12:00"});
    CHECK(reported(desk(ChatRetried{"-1"})) == ErrorCode::out_of_place);
    CHECK(desk.meeting.snapshot().chat.front().state == ChatState::failed);
}

TEST_CASE("a chat message of while the socket is lost goes out once we are back",
          "[meeting][chat][recovery]") {
    Desk desk;
    join_as(desk, resumable());
    const auto sent = [](OperationId op, OperationId number, const std::string& text) {
        const std::string id = "bob-" + std::to_string(number);
        return Action{Emit{op, wire::SendMessage{kRoom, {id, "Bob", "12:00", text, {}}}}};
    };
    CHECK(desk(ChatSubmitted{"before", "12:00"}) == Actions{sent(3, 2, "before"), kChange});
    desk(SignalingClosed{"transport close"});
    CHECK(desk(ChatSubmitted{"meanwhile", "12:00"}) == Actions{kChange});
    CHECK(desk.meeting.snapshot().chat.back().state == ChatState::sending);
    desk(kFirstPauseMs, TimePassed{});
    CHECK(without<WakeAt>(desk(SignalingOpened{"socket-2"})) ==
          Actions{join_with(5, resume_room())});
    CHECK(without<WakeAt>(desk(JoinAnswered{5, resumable()})) ==
          Actions{sent(6, 2, "before"), sent(7, 4, "meanwhile"), kChange});
    // The server takes each id once; nothing comes over the former socket any more.
    CHECK(desk(ChatAnswered{3, {true, "", ""}}) == Actions{});
    CHECK(desk(ChatAnswered{6, {true, "", ""}}) == Actions{kChange});
    CHECK(desk(ChatAnswered{7, {true, "", ""}}) == Actions{kChange});
    for (const auto& each : desk.meeting.snapshot().chat) CHECK(each.state == ChatState::sent);
}

TEST_CASE("coming back we say which message is the newest here", "[meeting][chat][recovery]") {
    Desk desk;
    wire::JoinAnswer answer = resumable({entry(kAna)});
    answer.last_chat_id = "before-us";
    join_as(desk, answer);
    desk(SignalingClosed{"transport close"});
    desk(kFirstPauseMs, TimePassed{});
    CHECK(only<Emit>(desk(SignalingOpened{"socket-2"})) ==
          std::vector<Emit>{{2, resume_room("before-us")}});
    answer.last_chat_id = "m9";
    desk(JoinAnswered{2, answer});
    desk.receive(wire::NewMessage{"m9", "Ana", "12:00", "missed", kAna});
    desk(SignalingClosed{"transport close"});
    desk(kFirstPauseMs, TimePassed{});
    CHECK(only<Emit>(desk(SignalingOpened{"socket-3"})) ==
          std::vector<Emit>{{3, resume_room("m9")}});
}

TEST_CASE("a chat message that is under way when we leave has failed",
          "[meeting][chat][recovery]") {
    Desk desk;
    join_as(desk, resumable());
    desk(ChatSubmitted{"hi", "12:00"});
    desk(LeaveRequested{});
    CHECK(desk.meeting.snapshot().chat.front().state == ChatState::failed);
    CHECK(desk(ChatAnswered{3, {true, "", ""}}) == Actions{});
}

TEST_CASE("a plain server acknowledges no chat; what it was sent counts as sent",
          "[meeting][chat]") {
    Desk desk;
    join_by_list(desk, {entry(kBob, 1)});
    CHECK(desk(ChatSubmitted{"hi", "12:00"}) ==
          Actions{Emit{std::nullopt, wire::SendMessage{kRoom, {"bob-2", "Bob", "12:00", "hi", {}}}},
                  kChange});
    CHECK(desk.meeting.snapshot().chat.front().state == ChatState::sent);
}

TEST_CASE("what a plain server's message says of its author and its time is not believed",
          "[meeting][chat]") {
    Desk desk;
    join_by_list(desk, {entry(kAna, 1), entry(kBob, 1)});
    desk.receive(wire::NewMessage{"m1", "Mallory", "12:00", "hello", kAna, true});
    CHECK(desk.meeting.snapshot().chat ==
          std::vector<ChatView>{
              {"m1", "", "Mallory", "hello", "12:00", false, ChatState::sent, false}});
}

TEST_CASE("another room starts with an empty chat", "[meeting][chat]") {
    Desk desk;
    desk.join({kAna});
    desk(ChatSubmitted{"hi", "12:00"});
    desk(LeaveRequested{});
    CHECK(desk.meeting.snapshot().chat.size() == 1);
    desk(JoinRequested{"elsewhere", "Bob"});
    CHECK(desk.meeting.snapshot().chat.empty());
}

// ---- broken messages ------------------------------------------------------------------------

TEST_CASE("a malformed message is one report, naming message, field and sender, and no change",
          "[meeting]") {
    Desk desk;
    desk.join({kAna});
    const Meeting before = desk.meeting;
    CHECK(desk(SignalRejected{"offer", kAna, "sdp.type", "is missing"}) ==
          Actions{Report{Level::warn, ErrorCode::malformed_message, "'offer': sdp.type is missing",
                         kAna}});
    CHECK(desk(SignalRejected{"user-left", "", "", "is not a text"}) ==
          Actions{Report{Level::warn, ErrorCode::malformed_message,
                         "'user-left': the payload is not a text", ""}});
    CHECK(desk.meeting == before);
}

// ---- time -----------------------------------------------------------------------------------

TEST_CASE("a clock that runs backwards counts as the latest time seen", "[meeting]") {
    Desk desk;
    desk(JoinRequested{kRoom, "Bob"});
    desk.now = 5'000;
    desk(TimePassed{});
    desk.now = 10;
    CHECK(without<AnnounceChange>(desk(SignalingOpened{kBob})) == Actions{join_with(1)});
    desk.now = 10'999;
    CHECK(without<WakeAt>(desk(TimePassed{})) == Actions{});
    desk.now = 11'000;
    CHECK(settled_with(desk(TimePassed{})) == ErrorCode::join_timeout);
}

TEST_CASE("early and needless wake-ups are harmless", "[meeting]") {
    Desk desk;
    desk.join({kAna});
    const Meeting before = desk.meeting;
    const auto asked = desk.wake;
    // The timer is spent by it, so it is asked for again.
    CHECK(desk(TimePassed{}) == Actions{wake(asked)});
    CHECK(desk.meeting == before);
}

TEST_CASE("a change is announced only when something that is seen has changed", "[meeting]") {
    const std::vector<Event> needless{MediaWished{{{Slot::camera, false}}},
                                      RenameRequested{"Bob"},
                                      MediaAcquired{0, {}},
                                      NegotiationNeeded{1},
                                      SignalReceived{user_joined(kAna)},
                                      SignalReceived{wire::UserLeft{{kDan}}},
                                      TrackEnded{{Slot::camera, 9}},
                                      TimePassed{}};
    for (const Event& event : needless) {
        INFO(text_of(event));
        Desk desk;
        desk.join({kAna});
        const Snapshot before = desk.meeting.snapshot();
        const Actions actions = desk(event);
        CHECK(desk.meeting.snapshot() == before);
        CHECK(only<AnnounceChange>(actions).empty());
    }
}

// ---- the value ------------------------------------------------------------------------------

TEST_CASE("a copy of a meeting is the same meeting and goes its own way", "[meeting]") {
    Desk desk;
    desk.join({kAna});
    Meeting copy = desk.meeting;
    CHECK(copy == desk.meeting);
    const Event event = SignalReceived{wire::UserLeft{{kAna}}};
    CHECK(copy.handle(desk.now, event) == desk.meeting.handle(desk.now, event));
    CHECK(copy == desk.meeting);

    (void)copy.handle(desk.now, LeaveRequested{});
    CHECK_FALSE(copy == desk.meeting);
    copy = desk.meeting;
    CHECK(copy == desk.meeting);
    const Meeting& self = copy;
    copy = self;
    CHECK(copy == desk.meeting);
    const Meeting moved = std::move(copy);
    CHECK(moved == desk.meeting);
    Meeting target;
    target = Meeting{moved};
    CHECK(target == moved);
}

// ---- totality -------------------------------------------------------------------------------

namespace {

/// One event of every type, about people, connections and operations that aren't there.
std::vector<Event> nonsense() {
    const PlatformError error{"OperationError", "no"};
    const ConnectionId connection = 999;
    const OperationId op = 888;
    return {ReconnectRequested{"nobody"},
            MediaAcquired{op, {}},
            MediaFailed{op, error},
            TrackEnded{{Slot::camera, op}},
            SignalReceived{answer_from("nobody", answer("x", "x"))},
            SignalReceived{wire::MediaStateUpdated{"nobody", true, true, {}}},
            SignalReceived{wire::ScreenShareStartedBy{{"nobody"}}},
            SignalReceived{wire::ScreenShareEndedBy{{"nobody"}}},
            SignalReceived{wire::ServerError{"", "", ""}},
            SignalReceived{wire::RoomUsers{}},
            SignalRejected{"", "", "", ""},
            JoinAnswered{op, {true, "", "", "mallory", {entry("nobody")}, {}}},
            JoinAnswered{op, {false, "", "", "", {}, {}}},
            JoinAnswered{0, {true, "", "", "", {}, {}}},
            HeartbeatAnswered{op},
            ChatAnswered{op, {false, "", ""}},
            ChatRetried{"nothing"},
            IceServersAnswered{op, {true, {{{"stun:x"}, {}, {}}}, 1}},
            IceServersAnswered{0, {true, {{{"stun:x"}, {}, {}}}, 1}},
            IceServersGiven{op, {{{"stun:x"}, {}, {}}}, 1},
            IceServersGiven{0, {{{"stun:x"}, {}, {}}}, 1},
            IceServersFailed{op, error},
            IceServersFailed{0, error},
            SignalReceived{ice_restart_from("nobody", 1, 2)},
            ActionFailed{connection, error},
            NegotiationNeeded{connection},
            LocalDescriptionSet{connection, op, offer("x", "x")},
            RemoteDescriptionSet{connection, op, three_remote()},
            OperationDone{connection, op},
            OperationFailed{connection, op, error},
            CandidateGathered{connection, candidate(1)},
            CandidateGathered{0, std::nullopt},
            ConnectionStateChanged{connection, ConnectionState::failed},
            ConnectionStateChanged{0, ConnectionState::connected},
            ChannelOpened{connection},
            ChannelClosed{connection},
            ChannelReceived{connection, channel::Goodbye{}},
            ChannelReceived{connection, channel::LinkStates{{{"nobody", 1, {}}}}},
            ChannelReceived{connection, channel::Ping{}},
            ChannelReceived{connection, channel::Pong{}},
            StatsSampled{connection, op, 1},
            TimePassed{}};
}

/// The states a meeting can be in, by how it gets there.
struct State {
    std::string name;
    std::function<void(Desk&)> enter;
};
std::vector<State> states() {
    return {{"idle", [](Desk&) {}},
            {"joining, socket opening",
             [](Desk& desk) {
                 desk(JoinRequested{kRoom, "Bob"});
             }},
            {"joining, room asked for",
             [](Desk& desk) {
                 desk(JoinRequested{kRoom, "Bob"});
                 desk(SignalingOpened{kBob});
             }},
            {"joined",
             [](Desk& desk) {
                 desk.join({kAna, kCyd});
                 desk.connect(kAna, 1);
             }},
            {"reconnecting, waiting",
             [](Desk& desk) {
                 desk.join({kAna, kCyd});
                 desk.connect(kAna, 1);
                 desk(SignalingClosed{"gone"});
             }},
            {"reconnecting, socket opening",
             [](Desk& desk) {
                 desk.join({kAna});
                 desk(SignalingClosed{"gone"});
                 desk(kFirstPauseMs, TimePassed{});
             }},
            {"left", [](Desk& desk) {
                 desk.join({kAna});
                 desk(LeaveRequested{});
             }}};
}

}  // namespace

TEST_CASE("nonsense in any state yields at most a report and changes nothing", "[meeting]") {
    for (const State& state : states()) {
        for (const Event& event : nonsense()) {
            INFO(state.name << ": " << text_of(event));
            // A wish to reconnect to anybody is also one to reach the server.
            const bool fits = std::holds_alternative<ReconnectRequested>(event) &&
                              state.name == "reconnecting, waiting";
            if (fits) continue;
            Desk desk;
            state.enter(desk);
            desk(TimePassed{});
            const Meeting before = desk.meeting;
            Actions actions = desk(event);
            if (std::holds_alternative<TimePassed>(event)) actions = without<WakeAt>(actions);
            CHECK(without<Report>(actions) == Actions{});
            CHECK(only<Report>(actions).size() <= 1);
            CHECK(desk.meeting == before);
        }
    }
}

TEST_CASE("stale completions of a living connection yield at most a report and change nothing",
          "[meeting]") {
    const PlatformError error{"OperationError", "no"};
    const std::vector<Event> late{LocalDescriptionSet{1, 888, offer("x", "x")},
                                  RemoteDescriptionSet{1, 888, three_remote()},
                                  OperationDone{1, 888},
                                  OperationFailed{1, 888, error},
                                  StatsSampled{1, 888, 1},
                                  OperationDone{1, 0},
                                  StatsSampled{2, 0, 1}};
    for (const Event& event : late) {
        INFO(text_of(event));
        Desk desk;
        desk.join({kAna, kCyd});
        desk.connect(kAna, 1);
        const Meeting before = desk.meeting;
        const Actions actions = desk(event);
        CHECK(without<Report>(actions) == Actions{});
        CHECK(desk.meeting == before);
    }
}

TEST_CASE("signaling events that fit nowhere yield at most a report and change nothing",
          "[meeting]") {
    for (const State& state : states()) {
        for (const Event& event :
             {Event{SignalingOpened{"late"}}, Event{SignalingClosed{"late"}}}) {
            const bool in_idle = state.name == "idle" || state.name == "left";
            if (!in_idle) continue;
            INFO(state.name << ": " << text_of(event));
            Desk desk;
            state.enter(desk);
            desk(TimePassed{});
            const Meeting before = desk.meeting;
            CHECK(without<Report>(desk(event)) == Actions{});
            CHECK(desk.meeting == before);
        }
    }
}

TEST_CASE("any two events after each other in any state keep every promise of a batch",
          "[meeting]") {
    std::vector<Event> events = nonsense();
    const std::vector<Event> real{
        JoinRequested{kRoom, "Bob"},
        LeaveRequested{},
        RenameRequested{"Robert"},
        ReconnectRequested{},
        ReconnectRequested{kAna},
        MediaWished{{{Slot::camera, true}, {Slot::microphone, true}}},
        MediaWished{{{Slot::camera, false}}},
        ChatSubmitted{"hi", ""},
        SignalingOpened{kBob},
        SignalingOpened{"bob2"},
        SignalingClosed{"gone"},
        SignalReceived{user_joined(kAna)},
        SignalReceived{user_joined(kDan, 1)},
        SignalReceived{offer_from(kAna, offer("far", "far"), 9)},
        SignalReceived{offer_from(kDan, offer("far", "far"))},
        SignalReceived{answer_from(kAna, answer("far", "far"), 7, 1)},
        SignalReceived{candidate_from(kAna, candidate(1, "far"), 7)},
        SignalReceived{candidate_from(kDan, std::nullopt)},
        SignalReceived{wire::UserLeft{{kAna}}},
        NegotiationNeeded{1},
        NegotiationNeeded{2},
        ActionFailed{1, {"x", "y"}},
        OperationFailed{1, 3, {"x", "y"}},
        CandidateGathered{1, candidate(1, "near")},
        ConnectionStateChanged{1, ConnectionState::connected},
        ConnectionStateChanged{2, ConnectionState::connected},
        ConnectionStateChanged{1, ConnectionState::failed},
        ConnectionStateChanged{1, ConnectionState::disconnected},
        NetworkChanged{},
        PageShown{},
        SignalReceived{ice_restart_from(kAna, 7, 1)},
        SignalReceived{offer_from(kAna, offer("far", "far"), 9, {}, 1, 1)},
        SignalReceived{wire::ServerError{"displaced", "", "join-room"}},
        ChannelReceived{1, channel::Ping{}},
        ChannelOpened{2},
        ChannelReceived{1, channel::Goodbye{}},
        ChannelReceived{1, channel::LinkStates{{{kCyd, 1, {kAna}}}}},
        StatsSampled{1, 3, 1}};
    events.insert(events.end(), real.begin(), real.end());
    std::set<std::string> unannounced;
    for (const State& state : states()) {
        Desk at_start;
        state.enter(at_start);
        for (const Event& first : events) {
            Desk after_first = at_start;
            after_first(first);
            for (const Event& second : events) {
                Desk desk = after_first;
                desk(700, second);
                desk(LeaveRequested{});
                CHECK_FALSE(desk.wake);
                CHECK(desk.meeting.snapshot().participants.empty());
                unannounced.insert(desk.unannounced.begin(), desk.unannounced.end());
            }
        }
    }
    CHECK(unannounced == std::set<std::string>{});
}
