// What tests of the meeting as a whole say again and again.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "support.hpp"

namespace dvmeet::test {

inline wire::JoinRoom join_room(bool muted = true, bool video_off = true, bool camera_off = true,
                                bool sharing = false) {
    return {kRoom, "Bob", kBob, muted, video_off, camera_off, sharing, wire::kProtocol, {}, {}};
}
inline Action join_with(OperationId op, wire::JoinRoom message = join_room()) {
    return Emit{op, std::move(message)};
}
inline Action media_state(bool muted, bool video_off, bool camera_off) {
    return Emit{std::nullopt,
                wire::MediaStateChange{kBob, muted, video_off, camera_off, std::nullopt}};
}
/// A lost socket is opened again after 500 ms and what is drawn on top.
inline constexpr TimeMs kFirstPauseMs = 625;
inline const Action kChange = AnnounceChange{};
inline const Action kJoined = SettleJoin{};
inline Action wake(std::optional<TimeMs> time) { return WakeAt{time}; }
inline Action create(ConnectionId connection, const ParticipantId& id, bool extended = true) {
    return CreateConnection{connection, id, {}, extended};
}
inline JoinAnswered join_answered(OperationId op, std::vector<wire::Entry> others = {}) {
    others.push_back(entry(kBob));
    return {op, {true, "", "", kBob, std::move(others), {}}};
}
/// The answer of a server that lets us come back as the same participant.
inline wire::JoinAnswer resumable(std::vector<wire::Entry> others = {},
                                  const ParticipantId& id = kBob, std::uint32_t heartbeat_ms = 0) {
    wire::JoinAnswer answer;
    answer.ok = true;
    answer.participant_id = id;
    others.push_back(entry(id));
    answer.participants = std::move(others);
    answer.resume_token = "token of " + id;
    answer.heartbeat_ms = heartbeat_ms;
    return answer;
}
/// Into a room over socket-1; the server knows us as Bob.
inline void join_as(Desk& desk, wire::JoinAnswer answer) {
    desk(JoinRequested{kRoom, "Bob"});
    desk(SignalingOpened{"socket-1"});
    desk(JoinAnswered{1, std::move(answer)});
    REQUIRE(desk.meeting.snapshot().connection == MeetingState::joined);
}
/// What follows from the list of a server that may say nothing else; it knows us by the socket.
inline Actions join_by_list(Desk& desk, std::vector<wire::Entry> entries) {
    desk(JoinRequested{kRoom, "Bob"});
    desk(SignalingOpened{kBob});
    wire::ParticipantsList list;
    list.participants = std::move(entries);
    return desk.receive(list);
}
inline wire::JoinRoom resume_room(std::optional<std::string> last_chat_id = {}) {
    wire::JoinRoom message = join_room();
    message.resume = "token of bob";
    message.last_chat_id = std::move(last_chat_id);
    return message;
}
/// Loses the socket and opens another; returns the operation of the join that follows.
inline OperationId lose_and_open(Desk& desk, const ParticipantId& socket = "socket-2") {
    desk(SignalingClosed{"transport close"});
    desk(kFirstPauseMs, TimePassed{});
    const auto joins = only<Emit>(desk(SignalingOpened{socket}));
    REQUIRE(joins.size() == 1);
    REQUIRE(joins.front().op);
    return *joins.front().op;
}
inline ErrorCode settled_with(const Actions& actions) {
    const auto settled = only<SettleJoin>(actions);
    REQUIRE(settled.size() == 1);
    REQUIRE(settled.front().failure);
    return settled.front().failure->code;
}
/// A slot on, whatever operation comes next.
inline void turn_on(Desk& desk, Slot slot) {
    const auto asked = only<AcquireMedia>(desk(MediaWished{{{slot, true}}}));
    REQUIRE(asked.size() == 1);
    desk(MediaAcquired{asked.front().op, {slot}});
}

}  // namespace dvmeet::test
