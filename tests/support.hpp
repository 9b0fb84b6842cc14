// What every test starts from: people, descriptions, candidates, and a bench for one machine.
#pragma once

#include <catch2/catch.hpp>

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "digest.hpp"
#include "dvmeet/meeting.hpp"
#include "turn.hpp"

namespace dvmeet {

/// As the transcripts write them.
std::string text_of(const Action& action);
std::string text_of(const Event& event);
std::string text_of(const Snapshot& snapshot);
/// Reads an event as the glue would hand it in; returns what is wrong with it.
std::optional<std::string> event_from_text(const std::string& text, Event& out);

namespace test {

// In the order of their ids; the lesser id of a pair is the polite one.
inline const ParticipantId kAna = "ana";
inline const ParticipantId kBob = "bob";  ///< "we", where a test needs one
inline const ParticipantId kCyd = "cyd";
inline const ParticipantId kDan = "dan";
inline const std::string kRoom = "standup";

/// A description of one RTCPeerConnection (`session`) with one ICE generation.
inline std::string sdp(const std::string& session, const std::string& ufrag) {
    return "v=0\r\no=- " + session +
           " 2 IN IP4 127.0.0.1\r\ns=-\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n"
           "a=ice-ufrag:" +
           ufrag + "\r\na=ice-pwd:0123456789012345678901\r\n";
}
inline SessionDescription offer(const std::string& session, const std::string& ufrag) {
    return {SdpType::offer, sdp(session, ufrag)};
}
inline SessionDescription answer(const std::string& session, const std::string& ufrag) {
    return {SdpType::answer, sdp(session, ufrag)};
}

/// The `number`-th candidate of an ICE generation; without one it names none.
inline IceCandidate candidate(int number, const std::optional<std::string>& ufrag = {}) {
    return {"candidate:" + std::to_string(number) + " 1 udp 2122260223 192.0.2.1 " +
                std::to_string(50'000 + number) + " typ host",
            "0", 0, ufrag};
}

inline wire::Entry entry(const ParticipantId& id, std::uint32_t protocol = wire::kProtocol) {
    wire::Entry made;
    made.socket_id = id;
    made.user_name = "Name of " + id;
    made.protocol = protocol;
    return made;
}
inline wire::UserJoined user_joined(const ParticipantId& id,
                                    std::uint32_t protocol = wire::kProtocol) {
    return {entry(id, protocol)};
}
inline wire::OfferFrom offer_from(const ParticipantId& id, SessionDescription description,
                                  std::optional<ConnectionId> generation = {},
                                  std::optional<ConnectionId> peer_generation = {},
                                  std::optional<std::uint32_t> round = {},
                                  std::optional<ConnectionId> replaces = {}) {
    return {{{generation, peer_generation}, id, std::move(description), round, replaces}};
}
inline wire::AnswerFrom answer_from(const ParticipantId& id, SessionDescription description,
                                    std::optional<ConnectionId> generation = {},
                                    std::optional<ConnectionId> peer_generation = {},
                                    std::optional<std::uint32_t> round = {}) {
    return {{{generation, peer_generation}, id, std::move(description), round, {}}};
}
inline wire::IceRestartFrom ice_restart_from(const ParticipantId& id,
                                             std::optional<ConnectionId> generation = {},
                                             std::optional<ConnectionId> peer_generation = {}) {
    return {{generation, peer_generation}, id};
}
inline wire::IceCandidateFrom candidate_from(const ParticipantId& id,
                                             std::optional<IceCandidate> candidate,
                                             std::optional<ConnectionId> generation = {},
                                             std::optional<ConnectionId> peer_generation = {}) {
    return {{generation, peer_generation}, id, std::move(candidate)};
}
/// `replaces`: only a first offer says it, to one whose earlier connection we knew.
inline Action emit_offer(const ParticipantId& id, SessionDescription description,
                         std::optional<ConnectionId> generation,
                         std::optional<ConnectionId> peer_generation,
                         std::optional<std::uint32_t> round,
                         std::optional<ConnectionId> replaces = {}) {
    return Emit{
        std::nullopt,
        wire::Offer{
            {{generation, peer_generation}, kRoom, id, std::move(description), round, replaces}}};
}
inline Action emit_answer(const ParticipantId& id, SessionDescription description,
                          std::optional<ConnectionId> generation,
                          std::optional<ConnectionId> peer_generation = {},
                          std::optional<std::uint32_t> round = {}) {
    return Emit{std::nullopt,
                wire::Answer{
                    {{generation, peer_generation}, kRoom, id, std::move(description), round, {}}}};
}
inline Action emit_ice_restart(const ParticipantId& id, ConnectionId generation,
                               std::optional<ConnectionId> peer_generation = {}) {
    return Emit{std::nullopt, wire::IceRestartTo{{generation, peer_generation}, kRoom, id}};
}
inline Action emit_candidate(const ParticipantId& id, std::optional<IceCandidate> candidate,
                             std::optional<ConnectionId> generation,
                             std::optional<ConnectionId> peer_generation = {}) {
    return Emit{std::nullopt, wire::IceCandidateTo{
                                  {generation, peer_generation}, kRoom, id, std::move(candidate)}};
}

inline const std::vector<Slot> kAllSlots{Slot::microphone, Slot::camera, Slot::screen};
/// The three transceivers as the browser lists them: made by the other side, or already ours.
inline std::vector<TransceiverInfo> three_remote() {
    return {{"0", MediaKind::audio, std::nullopt},
            {"1", MediaKind::video, std::nullopt},
            {"2", MediaKind::video, std::nullopt}};
}
inline std::vector<TransceiverInfo> three_ours() {
    return {{"0", MediaKind::audio, Slot::microphone},
            {"1", MediaKind::video, Slot::camera},
            {"2", MediaKind::video, Slot::screen}};
}

/// The `number`-th of the numbers that the seed stands for, counted from 1, below `bound`.
inline TimeMs drawn(std::uint32_t number, std::uint32_t bound, const Config& config = {}) {
    Counters counters;
    counters.drawn = number - 1;
    return Turn{0, config, counters}.draw(bound);
}

/// Where a machine finds what a Meeting gives it for one turn.
struct Bench {
    Config config{};
    Counters counters{};
    TimeMs now = 0;
    bool changed = false;  ///< of the last turn

    template <class Do>
    Actions run(Do what) {
        Turn turn{now, config, counters};
        what(turn);
        changed = turn.changed;
        return turn.actions;
    }
};

template <class T>
Fingerprint fingerprint_of(const T& value) {
    Digest digest;
    digest.add(value);
    return digest.value();
}

template <class Wanted>
std::vector<Wanted> only(const Actions& actions) {
    std::vector<Wanted> found;
    for (const Action& action : actions)
        if (const auto* each = std::get_if<Wanted>(&action)) found.push_back(*each);
    return found;
}
template <class Unwanted>
Actions without(const Actions& actions) {
    Actions rest;
    for (const Action& action : actions)
        if (!std::holds_alternative<Unwanted>(action)) rest.push_back(action);
    return rest;
}
/// The messages sent, in order, as their event names.
std::vector<std::string> emitted(const Actions& actions);

/// The code of the only report there is; anything but one fails the test.
inline ErrorCode reported(const Actions& actions) {
    const auto reports = only<Report>(actions);
    REQUIRE(reports.size() == 1);
    return reports.front().code;
}

/// A meeting and its clock.  Every batch is checked for what must hold of all batches.
class Desk {
public:
    explicit Desk(Config config = {}) : meeting{std::move(config)} {}

    Actions operator()(const Event& event);
    Actions operator()(TimeMs later, const Event& event) {
        now += later;
        return (*this)(event);
    }
    /// A message of the server.
    Actions receive(wire::ServerMessage message) {
        return (*this)(SignalReceived{std::move(message)});
    }
    /// From nowhere into a room with these others, each of them speaking `protocol`.
    void join(const std::vector<ParticipantId>& others, std::uint32_t protocol = wire::kProtocol);
    /// Carries one connection of ours that has offered through to `connected`.
    void connect(const ParticipantId& to, ConnectionId connection, ConnectionId theirs = 7);
    /// The tile of a participant.
    [[nodiscard]] ParticipantView tile(const ParticipantId& id) const;

    Meeting meeting;
    TimeMs now = 1000;
    std::optional<TimeMs> wake{};            ///< what WakeAt asked for last
    std::vector<std::string> unannounced{};  ///< events that changed what is seen, and said nothing
};

}  // namespace test
}  // namespace dvmeet

namespace Catch {
template <>
struct StringMaker<dvmeet::Action> {
    static std::string convert(const dvmeet::Action& value) { return dvmeet::text_of(value); }
};
template <>
struct StringMaker<dvmeet::Snapshot> {
    static std::string convert(const dvmeet::Snapshot& value) { return dvmeet::text_of(value); }
};
}  // namespace Catch
