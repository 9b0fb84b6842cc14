// The codec: every message read and written, and every way to be broken told by its field.
#include <fstream>
#include <sstream>

#include "json_edge.hpp"
#include "support.hpp"

using namespace dvmeet;
using namespace dvmeet::test;

namespace {

/// What is read equals what was written, and so does its fingerprint.
template <class T>
void round_trip(const T& value) {
    const Json json = to_json(value);
    T read;
    const auto problem = read_json(Json::parse(json.dump()), read);
    INFO(json.dump());
    CHECK_FALSE(problem);
    CHECK(read == value);
    CHECK(fingerprint_of(read) == fingerprint_of(value));
}

void round_trip_event(const Event& event) {
    const std::string text = text_of(event);
    INFO(text);
    Event read;
    CHECK(event_from_text(text, read) == std::nullopt);
    CHECK(read == event);
    CHECK(fingerprint_of(read) == fingerprint_of(event));
    CHECK(text_of(read) == text);
}

/// What a text is read as when it stands for an event.
Event read_text(const std::string& text) {
    Event event;
    CHECK(event_from_text(text, event) == std::nullopt);
    return event;
}

Json load(const std::string& name) {
    std::ifstream file{std::string{DVMEET_TRANSCRIPTS} + "/" + name};
    std::stringstream text;
    text << file.rdbuf();
    Json json = Json::parse(text.str(), nullptr, false);
    REQUIRE(json.is_array());
    return json;
}

StatsSampled full_sample() {
    const PairStats pair{CandidateType::relay,
                         CandidateType::srflx,
                         Transport::udp,
                         Transport::tls,
                         20'000,
                         1'500'000,
                         2};
    const InboundStats camera{Slot::camera, 1, 2, -3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 1000};
    const OutboundStats screen{Slot::screen, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, Limitation::cpu, 0};
    return {1, 2, 3, 4, pair, {{}, camera}, {{}, screen}};
}

wire::Entry full_entry() {
    wire::Entry made = entry(kAna);
    made.is_muted = made.is_video_off = made.is_sharing = true;
    made.is_camera_off = false;
    return made;
}

/// Every message of the server, with everything that may be in it and without what may be absent.
std::vector<wire::ServerMessage> server_messages() {
    wire::ParticipantsList list;
    list.participants = {full_entry(), entry(kBob, 1)};
    wire::RoomUsers users;
    users.participants = list.participants;
    IceCandidate sparse;
    sparse.candidate = "candidate:1";
    return {wire::UserJoined{full_entry()},
            user_joined(kBob, 1),
            wire::ParticipantsList{},
            list,
            users,
            offer_from(kAna, offer("s", "u"), 4'294'967'295U, 0U),
            offer_from(kAna, offer("s", "u")),
            offer_from(kAna, offer("s", "u"), 2, 1, 4'294'967'295U, 0U),
            answer_from(kAna, answer("s", "u"), 2, 3),
            answer_from(kAna, {SdpType::pranswer, ""}),
            answer_from(kAna, answer("s", "u"), 2, 3, 4),
            ice_restart_from(kAna, 2, 3),
            ice_restart_from(kAna),
            candidate_from(kAna, candidate(1, "u"), 1, 2),
            candidate_from(kAna, sparse),
            candidate_from(kAna, std::nullopt),
            wire::MediaStateUpdated{kAna, true, false, true},
            wire::MediaStateUpdated{kAna, false, true, {}},
            wire::ScreenShareStartedBy{{kAna}},
            wire::ScreenShareEndedBy{{kAna}},
            wire::NewMessage{"m1", "Ána ☕", "12:00", "<b>\"\\\n\t\u0001</b>", kAna},
            wire::NewMessage{"m1", "", "", "x", {}},
            wire::UserLeft{{kAna}},
            wire::ParticipantLeft{{kAna}},
            wire::ServerError{"rate_limited", "Too many.", "offer"},
            wire::ServerError{"", "", ""}};
}

}  // namespace

// ---- reading and writing --------------------------------------------------------------------

TEST_CASE("every message of the server is read as it was written", "[walk]") {
    for (const auto& message : server_messages()) round_trip_event(SignalReceived{message});
}

TEST_CASE("every message to the server is read as it was written", "[walk]") {
    round_trip(wire::JoinRoom{kRoom, "Bob", kBob, true, true, false, true, 2});
    round_trip(wire::JoinRoom{kRoom, "Bob", {}, false, false, {}, false, 1});
    round_trip(wire::GetUsers{kRoom});
    round_trip(wire::Offer{{{1, 2}, kRoom, kAna, offer("s", "u")}});
    round_trip(wire::Answer{{{{}, {}}, kRoom, kAna, answer("s", "u")}});
    round_trip(wire::IceCandidateTo{{1, {}}, kRoom, kAna, candidate(1, "u")});
    round_trip(wire::IceCandidateTo{{1, 2}, kRoom, kAna, std::nullopt});
    round_trip(wire::MediaStateChange{kBob, true, false, true, 5});
    round_trip(wire::MediaStateChange{kBob, true, false, {}, {}});
    round_trip(wire::ScreenShareStarted{{kRoom, "Bob", 5}});
    round_trip(wire::ScreenShareEnded{{kRoom, {}, {}}});
    round_trip(wire::SendMessage{kRoom, {"m1", "Bob", "12:00", "hi", {}}});
    round_trip(wire::LeaveRoom{kRoom});
    round_trip(wire::JoinRoom{kRoom, "Bob", kBob, true, true, {}, false, 2, "token", "m1"});
    round_trip(wire::Offer{{{1, {}}, kRoom, kAna, offer("s", "u"), 3, 4}});
    round_trip(wire::Answer{{{1, 2}, kRoom, kAna, answer("s", "u"), 3, {}}});
    round_trip(wire::IceRestartTo{{1, 2}, kRoom, kAna});
    round_trip(wire::Heartbeat{});
    round_trip(wire::GetIceServers{kRoom});
}

TEST_CASE("messages to the server have the names and shapes of dvMeet's table", "[walk]") {
    const auto sent = [](const wire::ClientMessage& message) {
        return text_of(Action{Emit{std::nullopt, message}});
    };
    CHECK(sent(wire::JoinRoom{kRoom, "Bob", kBob, true, false, true, false, 2}) ==
          R"({"type":"emit","op":null,"name":"join-room","payload":{"roomId":"standup",)"
          R"("userName":"Bob","socketId":"bob","isMuted":true,"isVideoOff":false,)"
          R"("isCameraOff":true,"isSharing":false,"protocol":2}})");
    CHECK(sent(wire::GetUsers{kRoom}) ==
          R"({"type":"emit","op":null,"name":"get-users","payload":{"roomId":"standup"}})");
    CHECK(sent(wire::Offer{{{3, {}}, kRoom, kAna, {SdpType::offer, "v=0"}}}) ==
          R"({"type":"emit","op":null,"name":"offer","payload":{"roomId":"standup",)"
          R"("targetId":"ana","sdp":{"type":"offer","sdp":"v=0"},"generation":3}})");
    CHECK(sent(wire::Answer{{{{}, {}}, kRoom, kAna, {SdpType::answer, "v=0"}}}) ==
          R"({"type":"emit","op":null,"name":"answer","payload":{"roomId":"standup",)"
          R"("targetId":"ana","sdp":{"type":"answer","sdp":"v=0"}}})");
    CHECK(sent(wire::Offer{{{3, {}}, kRoom, kAna, {SdpType::offer, "v=0"}, 1, 7}}) ==
          R"({"type":"emit","op":null,"name":"offer","payload":{"roomId":"standup",)"
          R"("targetId":"ana","sdp":{"type":"offer","sdp":"v=0"},"round":1,"replaces":7,)"
          R"("generation":3}})");
    CHECK(sent(wire::IceRestartTo{{3, 7}, kRoom, kAna}) ==
          R"({"type":"emit","op":null,"name":"ice-restart","payload":{"roomId":"standup",)"
          R"("targetId":"ana","generation":3,"peerGeneration":7}})");
    CHECK(sent(wire::Heartbeat{}) ==
          R"({"type":"emit","op":null,"name":"heartbeat","payload":{}})");
    CHECK(sent(wire::GetIceServers{kRoom}) ==
          R"({"type":"emit","op":null,"name":"get-ice-servers","payload":{"roomId":"standup"}})");
    CHECK(sent(wire::MediaStateChange{kBob, true, false, {}, {}}) ==
          R"({"type":"emit","op":null,"name":"media-state-change","payload":{"socketId":"bob",)"
          R"("isMuted":true,"isVideoOff":false}})");
    CHECK(sent(wire::ScreenShareStarted{{kRoom, {}, {}}}) ==
          R"({"type":"emit","op":null,"name":"screen-share-started",)"
          R"("payload":{"meetingId":"standup"}})");
    CHECK(sent(wire::SendMessage{kRoom, {"m1", "Bob", "12:00", "hi", {}}}) ==
          R"({"type":"emit","op":null,"name":"send-message","payload":{"roomId":"standup",)"
          R"("message":{"id":"m1","sender":"Bob","time":"12:00","text":"hi"}}})");
}

TEST_CASE("a candidate's members that are absent are not said, the end of candidates is",
          "[walk]") {
    IceCandidate sparse;
    sparse.candidate = "candidate:1";
    CHECK(text_of(Action{Emit{{}, wire::IceCandidateTo{{{}, {}}, kRoom, kAna, std::nullopt}}}) ==
          R"({"type":"emit","op":null,"name":"ice-candidate","payload":{"roomId":"standup",)"
          R"("targetId":"ana","candidate":null}})");
    CHECK(Json::parse(text_of(Action{AddIceCandidate{1, 2, sparse}}))["candidate"]["candidate"] ==
          "candidate:1");
}

TEST_CASE("dvMeet's own messages, without a word of ours, are understood", "[walk]") {
    wire::Entry plain;
    plain.socket_id = kAna;
    plain.user_name = "Ana";
    CHECK(read_text(R"({"type":"signalReceived","name":"user-joined",)"
                    R"("payload":{"socketId":"ana","userName":"Ana"}})") ==
          Event{SignalReceived{wire::UserJoined{plain}}});
    wire::ParticipantsList list;
    plain.is_muted = true;
    plain.is_video_off = false;
    list.participants = {plain};
    CHECK(
        read_text(R"({"type":"signalReceived","name":"participants-list","payload":)"
                  R"([{"socketId":"ana","userName":"Ana","isMuted":true,"isVideoOff":false}]})") ==
        Event{SignalReceived{list}});
    CHECK(read_text(R"({"type":"signalReceived","name":"offer","payload":)"
                    R"({"fromId":"ana","sdp":{"type":"offer","sdp":"v=0"}}})") ==
          Event{SignalReceived{offer_from(kAna, {SdpType::offer, "v=0"})}});
    CHECK(read_text(R"({"type":"signalReceived","name":"user-left","payload":"ana"})") ==
          Event{SignalReceived{wire::UserLeft{{kAna}}}});
    CHECK(read_text(R"({"type":"signalReceived","name":"ice-candidate","payload":)"
                    R"({"fromId":"ana","candidate":{"candidate":"c","sdpMid":null}}})") ==
          Event{SignalReceived{candidate_from(kAna, IceCandidate{"c", {}, {}, {}})}});
}

TEST_CASE("members that nobody described are passed over", "[walk]") {
    CHECK(read_text(R"({"type":"signalReceived","name":"user-left","payload":"ana","extra":{}})") ==
          Event{SignalReceived{wire::UserLeft{{kAna}}}});
    CHECK(read_text(R"({"type":"signalReceived","name":"screen-share-started",)"
                    R"("payload":{"socketId":"ana","__proto__":[],"meetingId":5}})") ==
          Event{SignalReceived{wire::ScreenShareStartedBy{{kAna}}}});
}

TEST_CASE("every event is read as it was written", "[walk]") {
    const PlatformError error{"NotAllowedError", "denied"};
    const std::vector<Event> events{
        JoinRequested{kRoom, "Bob"},
        LeaveRequested{},
        RenameRequested{"Robert"},
        ReconnectRequested{},
        ReconnectRequested{kAna},
        MediaWished{{{Slot::microphone, true, "device", false}, {Slot::screen, false, {}, true}}},
        MediaWished{},
        ChatSubmitted{"hi", "12:00"},
        ChatRetried{"m1"},
        MediaAcquired{1, {Slot::microphone, Slot::camera}, true},
        MediaFailed{1, error},
        TrackEnded{{Slot::camera, 1}},
        SignalingOpened{kBob},
        SignalingClosed{"transport close"},
        SignalRejected{"offer", kAna, "sdp.type", "is missing"},
        JoinAnswered{1, {true, "", "", kBob, {full_entry()}, {{{"turn:t"}, "u", "c"}}}},
        JoinAnswered{1, {false, "room_full", "The room is full."}},
        JoinAnswered{1,
                     {true, "", "", kBob, {}, {}, 604'800'000, "token", true, 1'000, 30'000, "m1"}},
        HeartbeatAnswered{1},
        ChatAnswered{1, {true, "", ""}},
        ChatAnswered{1, {false, "rate_limited", "Too many."}},
        IceServersAnswered{1, {true, {{{"turn:t"}, "u", "c"}}, 60'000}},
        IceServersAnswered{1, {false, {}, 0}},
        IceServersGiven{1, {{{"turn:t"}, "u", "c"}}, 60'000},
        IceServersGiven{1, {}, 0},
        IceServersFailed{1, error},
        NetworkChanged{},
        PageShown{},
        ActionFailed{1, error},
        NegotiationNeeded{1},
        LocalDescriptionSet{1, 2, offer("s", "u")},
        RemoteDescriptionSet{1, 2, three_ours()},
        RemoteDescriptionSet{1, 2, three_remote()},
        OperationDone{1, 2},
        OperationFailed{1, 2, error},
        CandidateGathered{1, candidate(1, "u")},
        CandidateGathered{1, std::nullopt},
        ConnectionStateChanged{1, ConnectionState::fresh},
        ConnectionStateChanged{1, ConnectionState::closed},
        ChannelOpened{1},
        ChannelClosed{1},
        ChannelReceived{1, channel::Goodbye{}},
        ChannelReceived{1, channel::LinkStates{{{kAna, 1, {kBob, kCyd}}}}},
        ChannelReceived{1, channel::Ping{}},
        ChannelReceived{1, channel::Pong{}},
        StatsSampled{1, 2, 9'007'199'254'740'991},
        full_sample(),
        AudioSampled{{}, {{1, 1000}, {2, 0}}},
        AudioSampled{500, {}},
        StatsWatched{true},
        TileSized{kAna, Slot::screen, 65'535, 0},
        ConstraintsApplied{{Slot::camera, 1}, 640, 480, 24},
        ConstraintsApplied{{Slot::camera, 1}, 0, 0, 0},
        ConstraintsFailed{{Slot::camera, 1}, error},
        ChannelReceived{1, channel::TileSizes{{{Slot::camera, 640, 360}, {Slot::screen, 0, 0}}}},
        CandidateError{1, "turn:relay.example", 401, "Unauthorized"},
        TimePassed{}};
    for (const Event& event : events) round_trip_event(event);
}

TEST_CASE("snapshots and configurations are read as they were written", "[walk]") {
    Desk desk;
    desk.join({kAna, kCyd});
    desk.connect(kAna, 1);
    desk(ConnectionStateChanged{2, ConnectionState::failed});
    desk(ChatSubmitted{"hi", "12:00"});
    round_trip(desk.meeting.snapshot());
    round_trip(Snapshot{});
    Config config;
    config.ice_servers = {{{"stun:stun.example", "turn:turn.example"}, "user", "secret"}};
    config.ice_servers_ttl_ms = 604'800'000;
    config.max_participants = 128;
    config.candidate_capacity = 1;
    config.capture = {{1, 1920, 1080, 60}};
    config.uplink_bps = 4'294'967'295U;
    config.adapt = false;
    round_trip(config);
    Config empty;
    CHECK_FALSE(read_json(Json::object(), empty));
    CHECK(empty == Config{});
}

TEST_CASE("every action has a text of its own", "[walk]") {
    const std::vector<std::pair<Action, std::string>> actions{
        {OpenSignaling{}, R"({"type":"openSignaling"})"},
        {CloseSignaling{}, R"({"type":"closeSignaling"})"},
        {CreateConnection{1, kAna, {{{"stun:s"}, {}, {}}}, true},
         R"({"type":"createConnection","connection":1,"participant":"ana","iceServers":)"
         R"([{"urls":["stun:s"],"username":null,"credential":null}],"channel":true})"},
        {CloseConnection{1}, R"({"type":"closeConnection","connection":1})"},
        {AddTransceivers{1, kAllSlots},
         R"({"type":"addTransceivers","connection":1,"slots":["microphone","camera","screen"]})"},
        {AdoptTransceivers{1, {{Slot::camera, "1"}}},
         R"({"type":"adoptTransceivers","connection":1,"slots":[{"slot":"camera","mid":"1"}]})"},
        {ReplaceTrack{1, 2, Slot::camera, TrackId{Slot::screen, 3}},
         R"({"type":"replaceTrack","connection":1,"op":2,"slot":"camera",)"
         R"("track":{"slot":"screen","source":3}})"},
        {ReplaceTrack{1, 2, Slot::camera, {}},
         R"({"type":"replaceTrack","connection":1,"op":2,"slot":"camera","track":null})"},
        {SetEncoding{1, 2, Slot::screen, {false, 60'000, 1'500, 5, Preference::detail}},
         R"({"type":"setEncoding","connection":1,"op":2,"slot":"screen","encoding":)"
         R"({"active":false,"maxBitrateBps":60000,"scaleDownPermille":1500,"maxFrameRate":5,)"
         R"("prefers":"detail"}})"},
        {ApplyConstraints{{Slot::camera, 1}, 640, 480, 24},
         R"({"type":"applyConstraints","track":{"slot":"camera","source":1},"width":640,)"
         R"("height":480,"frameRate":24})"},
        {SendOnChannel{1, channel::TileSizes{{{Slot::camera, 640, 360}}}},
         R"({"type":"sendOnChannel","connection":1,"name":"tile-sizes","payload":)"
         R"({"sizes":[{"slot":"camera","width":640,"height":360}]}})"},
        {SetLocalDescription{1, 2}, R"({"type":"setLocalDescription","connection":1,"op":2})"},
        {SetRemoteDescription{1, 2, {SdpType::answer, "v=0\r\n"}},
         R"({"type":"setRemoteDescription","connection":1,"op":2,)"
         R"("description":{"type":"answer","sdp":"v=0\r\n"}})"},
        {AddIceCandidate{1, 2, {}},
         R"({"type":"addIceCandidate","connection":1,"op":2,"candidate":null})"},
        {SendOnChannel{1, channel::Goodbye{}},
         R"({"type":"sendOnChannel","connection":1,"name":"goodbye","payload":{}})"},
        {SendOnChannel{1, channel::LinkStates{{{kAna, 1, {kBob}}}}},
         R"({"type":"sendOnChannel","connection":1,"name":"link-states","payload":)"
         R"({"rows":[{"receiver":"ana","version":1,"senders":["bob"]}]}})"},
        {SendOnChannel{1, channel::Ping{}},
         R"({"type":"sendOnChannel","connection":1,"name":"ping","payload":{}})"},
        {SendOnChannel{1, channel::Pong{}},
         R"({"type":"sendOnChannel","connection":1,"name":"pong","payload":{}})"},
        {RestartIce{1}, R"({"type":"restartIce","connection":1})"},
        {UpdateIceServers{1, {{{"stun:s"}, {}, {}}}},
         R"({"type":"updateIceServers","connection":1,"iceServers":)"
         R"([{"urls":["stun:s"],"username":null,"credential":null}]})"},
        {SendKeyFrames{1}, R"({"type":"sendKeyFrames","connection":1})"},
        {SampleStats{1, 2, true},
         R"({"type":"sampleStats","connection":1,"op":2,"detailed":true})"},
        {SampleAudio{}, R"({"type":"sampleAudio"})"},
        {AnnounceStats{kAna}, R"({"type":"announceStats","participant":"ana"})"},
        {AcquireMedia{1, {{Slot::camera, "x", false}}},
         R"({"type":"acquireMedia","op":1,"requests":)"
         R"([{"slot":"camera","deviceId":"x","supplied":false}]})"},
        {ReleaseTrack{{Slot::camera, 1}, true},
         R"({"type":"releaseTrack","track":{"slot":"camera","source":1},"stop":true})"},
        {SettleJoin{}, R"({"type":"settleJoin","failure":null})"},
        {SettleJoin{Failure{ErrorCode::left, "gone"}},
         R"({"type":"settleJoin","failure":{"code":"left","detail":"gone"}})"},
        {AnnounceChange{}, R"({"type":"announceChange"})"},
        {AnnounceChat{"m1"}, R"({"type":"announceChat","id":"m1"})"},
        {AskIceServers{1}, R"({"type":"askIceServers","op":1})"},
        {Report{Level::warn, ErrorCode::queue_full, "full", kAna},
         R"({"type":"report","level":"warn","code":"queue_full","detail":"full",)"
         R"("participant":"ana"})"},
        {WakeAt{5}, R"({"type":"wakeAt","time":5})"},
        {WakeAt{}, R"({"type":"wakeAt","time":null})"}};
    for (const auto& [action, text] : actions) {
        CHECK(text_of(action) == text);
        for (const auto& [other, its_text] : actions)
            CHECK((fingerprint_of(action) == fingerprint_of(other)) == (text == its_text));
    }
}

// ---- what is broken -------------------------------------------------------------------------

TEST_CASE(
    "each way to break a message of the server is told by message, field and sender, and "
    "changes nothing",
    "[walk]") {
    Desk desk;
    desk.join({kAna});
    const Json rows = load("malformed.json");
    CHECK(rows.size() >= 250);
    for (const Json& row : rows) {
        INFO(row.dump());
        Json event{{"type", "signalReceived"}, {"name", row["name"]}};
        if (row.contains("payload")) event["payload"] = row["payload"];
        Event read;
        CHECK_FALSE(event_from_json(event, read));
        const auto* rejected = std::get_if<SignalRejected>(&read);
        REQUIRE(rejected != nullptr);
        const std::string name = row["name"];
        const std::string field = row["field"];
        const std::string detail = row["detail"];
        CHECK(rejected->name == name);
        CHECK(rejected->field_path == field);
        CHECK(rejected->detail == detail);

        const Meeting before = desk.meeting;
        CHECK(desk(read) ==
              Actions{Report{
                  Level::warn, ErrorCode::malformed_message,
                  "'" + name + "': " + (field.empty() ? "the payload" : field) + " " + detail,
                  rejected->from}});
        CHECK(desk.meeting == before);
    }
}

TEST_CASE("a broken message names its sender where it says one", "[walk]") {
    const auto sender_of = [](const std::string& payload) {
        const Event event =
            read_text(R"({"type":"signalReceived","name":"offer","payload":)" + payload + "}");
        REQUIRE(std::holds_alternative<SignalRejected>(event));
        return std::get<SignalRejected>(event).from;
    };
    CHECK(sender_of(R"({"fromId":"ana"})") == "ana");
    CHECK(sender_of(R"({"socketId":"ana"})") == "ana");
    CHECK(sender_of(R"({"fromId":5,"socketId":"ana"})") == "ana");
    CHECK(sender_of(R"({"fromId":")" + std::string(65, 'x') + R"("})").empty());
    CHECK(sender_of(R"(["ana"])").empty());
    CHECK(sender_of("null").empty());
}

TEST_CASE("texts at their longest are read, one byte more is not", "[walk]") {
    const auto offered = [](std::size_t size) {
        Json event{{"type", "signalReceived"}, {"name", "offer"}};
        event["payload"] = {{"fromId", "ana"},
                            {"sdp", {{"type", "offer"}, {"sdp", std::string(size, 'x')}}}};
        Event read;
        CHECK_FALSE(event_from_json(event, read));
        return read;
    };
    CHECK(std::holds_alternative<SignalReceived>(offered(131'072)));
    CHECK(offered(131'073) ==
          Event{SignalRejected{"offer", kAna, "sdp.sdp",
                               "is not a well-formed text of between 0 and 131072 bytes"}});
    const auto said = [](std::size_t size) {
        Json event{{"type", "signalReceived"}, {"name", "new-message"}};
        event["payload"] = {
            {"id", "1"}, {"sender", ""}, {"time", ""}, {"text", std::string(size, 'x')}};
        Event read;
        CHECK_FALSE(event_from_json(event, read));
        return std::holds_alternative<SignalReceived>(read);
    };
    CHECK(said(16'384));
    CHECK_FALSE(said(16'385));
}

TEST_CASE("as many participants as a room may have are read, one more is not", "[walk]") {
    const auto listed = [](std::size_t size) {
        Json event{{"type", "signalReceived"}, {"name", "participants-list"}};
        event["payload"] = Json::array();
        for (std::size_t i = 0; i < size; ++i)
            event["payload"].push_back({{"socketId", "p" + std::to_string(i)}});
        Event read;
        CHECK_FALSE(event_from_json(event, read));
        return std::holds_alternative<SignalReceived>(read);
    };
    CHECK(listed(kMaxParticipants));
    CHECK_FALSE(listed(kMaxParticipants + 1));
}

TEST_CASE("a broken answer to a join, and a broken message of a peer, are rejected too", "[walk]") {
    CHECK(read_text(R"({"type":"joinAnswered","op":1,"answer":{}})") ==
          Event{SignalRejected{"join-room", "", "answer.ok", "is missing"}});
    CHECK(read_text(R"({"type":"joinAnswered","op":1})") ==
          Event{SignalRejected{"join-room", "", "answer", "is missing"}});
    CHECK(read_text(R"({"type":"joinAnswered","op":1,"answer":)"
                    R"({"ok":true,"iceServers":[{"urls":"stun:s"}]}})") ==
          Event{SignalRejected{"join-room", "", "answer.iceServers[0].urls", "is not a list"}});
    CHECK(read_text(R"({"type":"channelReceived","connection":1,"name":"link-states",)"
                    R"("payload":{"rows":[{"receiver":"ana","version":-1,"senders":[]}]}})") ==
          Event{SignalRejected{"link-states", "", "rows[0].version",
                               "is not a whole number between 0 and 4294967295"}});
    CHECK(read_text(R"({"type":"channelReceived","connection":1,"name":"link-states",)"
                    R"("payload":{"rows":[{"receiver":"ana","version":1,"senders":["a",""]}]}})") ==
          Event{SignalRejected{"link-states", "", "rows[0].senders[1]",
                               "is not a well-formed text of between 1 and 64 bytes"}});
    CHECK(read_text(R"({"type":"channelReceived","connection":1,"name":"tile-sizes",)"
                    R"("payload":{"sizes":[{"slot":"camera","width":65536,"height":0}]}})") ==
          Event{SignalRejected{"tile-sizes", "", "sizes[0].width",
                               "is not a whole number between 0 and 65535"}});
    CHECK(read_text(R"({"type":"channelReceived","connection":1,"name":"shutdown"})") ==
          Event{SignalRejected{"shutdown", "", "name", "is not one of the known names"}});
    CHECK(read_text(R"({"type":"channelReceived","connection":1})") ==
          Event{SignalRejected{"", "", "name", "is not a text"}});
    CHECK(read_text(R"({"type":"signalReceived","name":5,"payload":{}})") ==
          Event{SignalRejected{"", "", "name", "is not a text"}});
    CHECK(read_text(R"({"type":"channelReceived","connection":1,"name":"goodbye"})") ==
          Event{ChannelReceived{1, channel::Goodbye{}}});
}

TEST_CASE("a message with a name of any length is rejected, its name kept in bounds", "[walk]") {
    const Event event = read_text(R"({"type":"signalReceived","name":")" +
                                  std::string(10'000, 'n') + R"(","payload":{}})");
    REQUIRE(std::holds_alternative<SignalRejected>(event));
    CHECK(std::get<SignalRejected>(event).name.size() <= kShortText.max);
    CHECK(std::get<SignalRejected>(event).field_path == "name");
}

TEST_CASE("what is no event is told to whoever hands it in", "[walk]") {
    struct Row {
        std::string text;
        std::string problem;
    };
    const std::vector<Row> rows{
        {"null", " is not an object"},
        {"[]", " is not an object"},
        {"{}", "type is not a text"},
        {R"({"type":5})", "type is not a text"},
        {R"({"type":"nothing"})", "type is not one of the known names"},
        {R"({"type":"joinRequested","room":"r"})", "name is missing"},
        {R"({"type":"joinRequested","room":"","name":"n"})",
         "room is not a well-formed text of between 1 and 256 bytes"},
        {R"({"type":"mediaWished","wishes":[{},{},{},{}]})", "wishes has more than 3 items"},
        {R"({"type":"mediaWished","wishes":[{"slot":"speaker","wanted":true}]})",
         "wishes[0].slot is not one of the known names"},
        {R"({"type":"connectionStateChanged","connection":1,"state":"fresh"})",
         "state is not one of the known names"},
        {R"({"type":"connectionStateChanged","connection":-1,"state":"new"})",
         "connection is not a whole number between 0 and 4294967295"},
        {R"({"type":"remoteDescriptionSet","connection":1,"op":1})", "transceivers is missing"},
        {R"({"type":"signalRejected","name":"offer","from":")" + std::string(65, 'x') + R"("})",
         "from is not a well-formed text of between 0 and 64 bytes"},
        {R"({"type":"candidateGathered","connection":1,"candidate":{"candidate":5}})",
         "candidate.candidate is not a text"}};
    for (const Row& row : rows) {
        INFO(row.text);
        Event event;
        CHECK(event_from_text(row.text, event) == row.problem);
    }
}

TEST_CASE("a configuration out of its bounds is told by its field", "[walk]") {
    Config config;
    const auto problem = read_json(Json::parse(R"({"offerWaitMs":0})"), config);
    REQUIRE(problem);
    CHECK(problem->field == "offerWaitMs");
    CHECK(problem->detail == "is not a whole number between 1 and 3600000");
    for (const int people : {1, 129})
        CHECK(read_json(Json{{"maxParticipants", people}}, config)->detail ==
              "is not a whole number between 2 and 128");
}
