// What every test starts from: people, descriptions, candidates, and a bench for one machine.
#include "support.hpp"

#include <algorithm>

#include "json_edge.hpp"

namespace dvmeet {

std::string text_of(const Action& action) { return action_to_json(action).dump(); }
std::string text_of(const Event& event) { return event_to_json(event).dump(); }
std::string text_of(const Snapshot& snapshot) { return to_json(snapshot).dump(); }

std::optional<std::string> event_from_text(const std::string& text, Event& out) {
    const auto problem = event_from_json(Json::parse(text), out);
    if (!problem) return std::nullopt;
    return problem->field + " " + problem->detail;
}

namespace test {

std::vector<std::string> emitted(const Actions& actions) {
    std::vector<std::string> names;
    for (const Emit& each : only<Emit>(actions))
        std::visit([&](const auto& message) { names.emplace_back(message.kEvent); }, each.message);
    return names;
}

Actions Desk::operator()(const Event& event) {
    INFO("event " << text_of(event));
    const Snapshot before = meeting.snapshot();
    const Actions actions = meeting.handle(now, event);
    if (!(meeting.snapshot() == before) && only<AnnounceChange>(actions).empty())
        unannounced.push_back(text_of(event));
    if (std::holds_alternative<TimePassed>(event)) wake.reset();
    const auto wakes = only<WakeAt>(actions);
    CHECK(wakes.size() <= 1);
    if (!wakes.empty()) {
        CHECK(std::holds_alternative<WakeAt>(actions.back()));
        CHECK((wakes.front().time != wake || std::holds_alternative<TimePassed>(event)));
        wake = wakes.front().time;
    }
    return actions;
}

void Desk::join(const std::vector<ParticipantId>& others, std::uint32_t protocol) {
    (*this)(JoinRequested{kRoom, "Bob"});
    const Actions opened = (*this)(SignalingOpened{kBob});
    REQUIRE(!only<Emit>(opened).empty());
    const auto op = only<Emit>(opened).front().op;
    std::vector<wire::Entry> entries;
    for (const auto& id : others) entries.push_back(entry(id, protocol));
    entries.push_back(entry(kBob));
    (*this)(JoinAnswered{*op, {true, "", "", kBob, entries, {}}});
}

void Desk::connect(const ParticipantId& to, ConnectionId connection, ConnectionId theirs) {
    const std::string ours = "ours" + std::to_string(connection);
    const std::string other = "theirs" + std::to_string(theirs);
    const auto needed = (*this)(NegotiationNeeded{connection});
    REQUIRE(only<SetLocalDescription>(needed).size() == 1);
    (*this)(LocalDescriptionSet{connection, only<SetLocalDescription>(needed).front().op,
                                offer(ours, ours)});
    const auto answered = receive(answer_from(to, answer(other, other), theirs, connection));
    REQUIRE(only<SetRemoteDescription>(answered).size() == 1);
    (*this)(RemoteDescriptionSet{connection, only<SetRemoteDescription>(answered).front().op,
                                 three_ours()});
    (*this)(ConnectionStateChanged{connection, ConnectionState::connecting});
    (*this)(ConnectionStateChanged{connection, ConnectionState::connected});
    (*this)(ChannelOpened{connection});
}

ParticipantView Desk::tile(const ParticipantId& id) const {
    const auto tiles = meeting.snapshot().participants;
    const auto found = std::find_if(tiles.begin(), tiles.end(),
                                    [&](const ParticipantView& each) { return each.id == id; });
    REQUIRE(found != tiles.end());
    return *found;
}

}  // namespace test
}  // namespace dvmeet
