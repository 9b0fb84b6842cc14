// The books of one meeting: what its actions have led to, and what they must not lead to.
#include "ledger.hpp"

#include <algorithm>
#include <type_traits>

#include "described.hpp"
#include "promise.hpp"

namespace dvmeet::fuzz {

namespace {

/// An encoding that a browser refused so often stays as it was.
constexpr int kMostRefusals = 3;

template <class Event>
concept OfConnection = requires(const Event& event) {
    event.connection;
};

bool is_setting(const Ledger::Connection& connection, OperationId op) {
    const auto is_it = [&](const auto& each) { return each.second == op; };
    return std::any_of(connection.replacing.begin(), connection.replacing.end(), is_it) ||
           std::any_of(connection.encoding.begin(), connection.encoding.end(), is_it);
}

/// Whether a live connection waits for what this event reports; true where nothing is echoed.
template <class Any>
bool awaits(const Ledger::Connection& /*connection*/, const Any& /*event*/) {
    return true;
}
bool awaits(const Ledger::Connection& connection, const LocalDescriptionSet& event) {
    return event.op != 0 && event.op == connection.setting_local;
}
bool awaits(const Ledger::Connection& connection, const RemoteDescriptionSet& event) {
    return event.op != 0 && event.op == connection.setting_remote;
}
bool awaits(const Ledger::Connection& connection, const OperationDone& event) {
    return is_setting(connection, event.op);
}
bool awaits(const Ledger::Connection& connection, const OperationFailed& event) {
    return event.op != 0 &&
           (event.op == connection.setting_local || event.op == connection.setting_remote ||
            event.op == connection.sampling || is_setting(connection, event.op));
}
bool awaits(const Ledger::Connection& connection, const StatsSampled& event) {
    return event.op != 0 && event.op == connection.sampling;
}

template <class Wanted>
std::size_t count(const Actions& actions) {
    return static_cast<std::size_t>(
        std::count_if(actions.begin(), actions.end(),
                      [](const Action& each) { return std::holds_alternative<Wanted>(each); }));
}

void check_snapshot(const Snapshot& shot) {
    const auto beyond = excess_of(shot);
    promise(!beyond, "the snapshot is within its limits: " + beyond.value_or(""));
    std::set<ParticipantId> ids;
    std::size_t selves = 0;
    for (const auto& tile : shot.participants) {
        promise(ids.insert(tile.id).second, "nobody is shown twice: " + tile.id);
        if (tile.is_self) ++selves;
    }
    promise(shot.participants.empty() || selves == 1, "we are shown once");
}

}  // namespace

// ---- what there is --------------------------------------------------------------------------

const Ledger::Connection* Ledger::find(ConnectionId id) const {
    const auto found = std::find_if(connections_.begin(), connections_.end(),
                                    [&](const Connection& each) { return each.id == id; });
    return found == connections_.end() ? nullptr : &*found;
}

Ledger::Connection* Ledger::find(ConnectionId id) {
    const auto found = std::find_if(connections_.begin(), connections_.end(),
                                    [&](const Connection& each) { return each.id == id; });
    return found == connections_.end() ? nullptr : &*found;
}

const Ledger::Connection* Ledger::connection_to(const ParticipantId& id) const {
    const auto found = std::find_if(connections_.begin(), connections_.end(),
                                    [&](const Connection& each) { return each.participant == id; });
    return found == connections_.end() ? nullptr : &*found;
}

Ledger::Connection& Ledger::live(ConnectionId id, std::string_view action) {
    Connection* found = find(id);
    promise(found != nullptr, "a connection that is used is there: " + std::string{action});
    return *found;
}

void Ledger::use(OperationId op) {
    promise(op > last_operation_, "operations are counted upwards");
    last_operation_ = op;
}

void Ledger::add_slots(Connection& connection, const std::vector<Slot>& slots) {
    for (const Slot slot : slots)
        promise(connection.slots.insert(slot).second, "a slot has one transceiver");
}

bool Ledger::is_of_nothing(const Event& event) const {
    return std::visit(
        [&](const auto& each) {
            using Each = std::decay_t<decltype(each)>;
            if constexpr (OfConnection<Each>) {
                const Connection* found = find(each.connection);
                return found == nullptr || !awaits(*found, each);
            } else if constexpr (std::is_same_v<Each, MediaAcquired> ||
                                 std::is_same_v<Each, MediaFailed>) {
                return std::none_of(requests_.begin(), requests_.end(),
                                    [&](const Request& request) { return request.op == each.op; });
            } else if constexpr (std::is_same_v<Each, TrackEnded>) {
                return std::find(tracks_.begin(), tracks_.end(), each.track) == tracks_.end();
            } else if constexpr (std::is_same_v<Each, ConstraintsApplied>) {
                return std::find(tracks_.begin(), tracks_.end(), each.track) == tracks_.end() &&
                       std::find(constrained_.begin(), constrained_.end(), each.track) ==
                           constrained_.end();
            } else if constexpr (std::is_same_v<Each, IceServersGiven> ||
                                 std::is_same_v<Each, IceServersFailed>) {
                return std::find(asked_.begin(), asked_.end(), each.op) == asked_.end();
            } else if constexpr (Answers<Each>) {
                return std::none_of(questions_.begin(), questions_.end(),
                                    [&](const Question& asked) { return asked.is_for(each); });
            } else {
                return std::is_same_v<Each, SignalRejected>;
            }
        },
        event);
}

bool Ledger::awaits_heartbeat() const {
    return std::any_of(questions_.begin(), questions_.end(),
                       [](const Question& each) { return each.kind == kKind<wire::Heartbeat>; });
}

// ---- events ---------------------------------------------------------------------------------

void Ledger::hand_in(const Event& event) {
    std::visit([&](const auto& each) { note(each); }, event);
}

void Ledger::note(const JoinRequested& /*event*/) { join_pending_ = true; }

void Ledger::note(const MediaAcquired& event) {
    std::erase_if(requests_, [&](const Request& each) { return each.op == event.op; });
    for (const Slot slot : event.slots) {
        const TrackId track{slot, event.op};
        if (std::find(tracks_.begin(), tracks_.end(), track) == tracks_.end())
            tracks_.push_back(track);
    }
}

void Ledger::note(const MediaFailed& event) {
    std::erase_if(requests_, [&](const Request& each) { return each.op == event.op; });
}

void Ledger::note(const SignalingOpened& /*event*/) { socket_open_ = true; }

void Ledger::note(const SignalingClosed& /*event*/) { socket_wanted_ = socket_open_ = false; }

void Ledger::note(const LocalDescriptionSet& event) {
    Connection* found = find(event.connection);
    if (found == nullptr || !awaits(*found, event)) return;
    found->setting_local = 0;
    found->answers = false;
}

void Ledger::note(const RemoteDescriptionSet& event) {
    Connection* found = find(event.connection);
    if (found == nullptr || !awaits(*found, event)) return;
    found->setting_remote = 0;
    found->has_remote = true;
    found->answers = found->remote_type == SdpType::offer;
    for (const auto& each : event.transceivers)
        if (each.slot) found->claimed.insert(*each.slot);
}

void Ledger::note(const OperationDone& event) {
    Connection* found = find(event.connection);
    if (found == nullptr) return;
    for (auto* const setting : {&found->replacing, &found->encoding})
        std::erase_if(*setting, [&](const auto& each) { return each.second == event.op; });
    std::erase(found->candidates, event.op);
}

void Ledger::note(const OperationFailed& event) {
    Connection* found = find(event.connection);
    if (found == nullptr) return;
    for (OperationId* const op : {&found->setting_local, &found->setting_remote, &found->sampling})
        if (*op == event.op) *op = 0;
    for (const auto& [slot, op] : found->encoding)
        if (op == event.op) ++found->encoded[slot].refusals;
    note(OperationDone{event.connection, event.op});
}

void Ledger::note(const StatsSampled& event) {
    Connection* found = find(event.connection);
    if (found != nullptr && found->sampling == event.op) found->sampling = 0;
}

void Ledger::note(const TimePassed& /*event*/) { wake_.reset(); }

// ---- actions --------------------------------------------------------------------------------

void Ledger::carry_out(const OpenSignaling& /*action*/) {
    promise(!socket_wanted_, "a socket is opened once");
    socket_wanted_ = true;
}

void Ledger::carry_out(const Emit& action) {
    promise(socket_open_, "what is sent has an open socket");
    if (!action.op) return;
    use(*action.op);
    questions_.push_back({*action.op, action.message.index()});
}

void Ledger::carry_out(const AskIceServers& action) {
    use(action.op);
    asked_.push_back(action.op);
}

void Ledger::carry_out(const CreateConnection& action) {
    promise(action.connection > last_connection_, "connections are counted upwards");
    promise(connection_to(action.participant) == nullptr,
            "one connection per participant: " + action.participant);
    last_connection_ = action.connection;
    connections_.push_back({.id = action.connection, .participant = action.participant});
}

void Ledger::carry_out(const CloseConnection& action) {
    live(action.connection, "close");
    std::erase_if(connections_,
                  [&](const Connection& each) { return each.id == action.connection; });
}

void Ledger::carry_out(const AddTransceivers& action) {
    promise(!action.slots.empty(), "transceivers are added");
    add_slots(live(action.connection, "add transceivers"), action.slots);
}

void Ledger::carry_out(const AdoptTransceivers& action) {
    std::vector<Slot> slots;
    for (const auto& each : action.slots) slots.push_back(each.slot);
    promise(!slots.empty(), "transceivers are adopted");
    add_slots(live(action.connection, "adopt transceivers"), slots);
}

void Ledger::carry_out(const ReplaceTrack& action) {
    Connection& connection = live(action.connection, "replace a track");
    use(action.op);
    promise(connection.slots.contains(action.slot) || connection.claimed.contains(action.slot),
            "the slot to send in has a transceiver");
    promise(!connection.replacing.contains(action.slot), "one track of a slot at a time");
    promise(
        !action.track || std::find(tracks_.begin(), tracks_.end(), *action.track) != tracks_.end(),
        "the track to send is there");
    connection.replacing[action.slot] = action.op;
}

void Ledger::carry_out(const SetEncoding& action) {
    Connection& connection = live(action.connection, "set an encoding");
    use(action.op);
    promise(connection.slots.contains(action.slot) || connection.claimed.contains(action.slot),
            "the slot to adapt has a transceiver");
    promise(!connection.encoding.contains(action.slot), "one encoding of a slot at a time");
    const auto [last, is_first] = connection.encoded.try_emplace(action.slot);
    const bool is_other = is_first || last->second.encoding != action.encoding;
    promise(is_other || last->second.refusals > 0,
            "an encoding is another one than the last, unless that was refused");
    promise(is_other || last->second.refusals < kMostRefusals,
            "an encoding that is refused again and again is given up");
    connection.encoding[action.slot] = action.op;
    last->second = {action.encoding, is_other ? 0 : last->second.refusals};
}

void Ledger::carry_out(const ApplyConstraints& action) {
    promise(std::find(tracks_.begin(), tracks_.end(), action.track) != tracks_.end(),
            "the track to constrain is there");
    if (std::find(constrained_.begin(), constrained_.end(), action.track) == constrained_.end())
        constrained_.push_back(action.track);
}

void Ledger::carry_out(const SetLocalDescription& action) {
    Connection& connection = live(action.connection, "set a local description");
    use(action.op);
    promise(connection.setting_local == 0 && connection.setting_remote == 0,
            "one step of a negotiation at a time");
    connection.setting_local = action.op;
}

void Ledger::carry_out(const SetRemoteDescription& action) {
    Connection& connection = live(action.connection, "set a remote description");
    use(action.op);
    promise(connection.setting_local == 0 && connection.setting_remote == 0,
            "one step of a negotiation at a time");
    connection.setting_remote = action.op;
    connection.remote_type = action.description.type;
}

void Ledger::carry_out(const AddIceCandidate& action) {
    Connection& connection = live(action.connection, "add a candidate");
    use(action.op);
    promise(connection.has_remote, "a candidate has a remote description");
    connection.candidates.push_back(action.op);
}

void Ledger::carry_out(const SampleStats& action) {
    Connection& connection = live(action.connection, "sample");
    use(action.op);
    promise(connection.sampling == 0, "one sample at a time");
    connection.sampling = action.op;
    connection.detailed = action.detailed;
}

void Ledger::carry_out(const AcquireMedia& action) {
    use(action.op);
    Request request{action.op, {}, !action.requests.empty() && action.requests.front().supplied};
    for (const auto& each : action.requests) request.slots.push_back(each.slot);
    const std::set<Slot> distinct{request.slots.begin(), request.slots.end()};
    promise(!request.slots.empty() && distinct.size() == request.slots.size(),
            "each slot is opened once");
    requests_.push_back(std::move(request));
}

void Ledger::carry_out(const ReleaseTrack& action) {
    const bool again =
        std::find(released_.begin(), released_.end(), action.track) != released_.end();
    promise(std::erase(tracks_, action.track) == 1 || again, "a track is released once");
    released_.push_back(action.track);
}

void Ledger::carry_out(const SettleJoin& /*action*/) {
    promise(join_pending_, "a join is settled once");
    join_pending_ = false;
}

// ---- the batch as a whole -------------------------------------------------------------------

void Ledger::settle(TimeMs now, const Actions& actions, const Snapshot& before,
                    const Snapshot& after) {
    released_.clear();
    for (const Action& action : actions) {
        const auto beyond = excess_of(action);
        promise(!beyond, "an action is within its limits: " + beyond.value_or(""));
        std::visit([&](const auto& each) { carry_out(each); }, action);
        if (const auto* chat = std::get_if<AnnounceChat>(&action))
            promise(std::any_of(after.chat.begin(), after.chat.end(),
                                [&](const ChatView& each) { return each.id == chat->id; }),
                    "an announced message is shown");
    }
    promise(count<WakeAt>(actions) == 0 || std::holds_alternative<WakeAt>(actions.back()),
            "the wish to be woken comes last");
    promise(count<WakeAt>(actions) <= 1, "there is one wish to be woken");
    promise(!wake_ || *wake_ > now, "what is due is done");
    promise(count<AnnounceChange>(actions) <= 1, "a change is announced once");
    promise(before == after || count<AnnounceChange>(actions) == 1, "a change is announced");
    promise(join_pending_ == (after.connection == MeetingState::joining),
            "a join is pending as long as it shows");
    if (!(before == after)) check_snapshot(after);
    for (const Connection& each : connections_)
        promise(std::any_of(after.participants.begin(), after.participants.end(),
                            [&](const auto& tile) { return tile.id == each.participant; }),
                "who has a connection is shown");
}

void Ledger::check_left(const Snapshot& after) const {
    promise(after.connection == MeetingState::left, "who left has left");
    promise(after.participants.empty(), "nobody is shown after leaving");
    promise(connections_.empty(), "no connection is left");
    promise(!wake_, "no timer is left");
    promise(tracks_.empty(), "no track is left");
    promise(!socket_wanted_, "no socket is left");
}

}  // namespace dvmeet::fuzz
