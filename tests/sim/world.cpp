// A whole meeting in one value: cores, browsers, sockets, the server, and one virtual clock.
#include "world.hpp"

#include <algorithm>
#include <utility>

#include "digest.hpp"
#include "random.hpp"

namespace dvmeet::sim {

namespace {

/// A wake-up storm: more timers than anything here can mean, at once or for long.  The most that a
/// page was seen to set, in 6,000 meetings, a crowd of 60 and on steady links, is 13 and 69.
struct MostWakes {
    TimeMs within_ms;
    std::size_t count;
};
constexpr MostWakes kAtOnce{1'000, 20};
constexpr MostWakes kForLong{10'000, 100};
constexpr std::string_view kRoom = "room";

/// A server notices a socket that went without a word by its own pings.
constexpr TimeMs kServerPingMs = 10'000;

std::string name_of(const Action& action) {
    return std::visit(
        [](const auto& each) { return std::string{kTag<std::remove_cvref_t<decltype(each)>>}; },
        action);
}

std::string name_of(const Event& event) {
    if (const auto* signal = std::get_if<SignalReceived>(&event))
        return std::visit([](const auto& each) { return std::string{each.kEvent}; },
                          signal->message);
    return std::visit(
        [](const auto& each) { return std::string{kTag<std::remove_cvref_t<decltype(each)>>}; },
        event);
}

std::string text_of_deed(const Join& /*deed*/) { return "joins"; }
std::string text_of_deed(const Leave& /*deed*/) { return "leaves"; }
std::string text_of_deed(const Close& /*deed*/) { return "closes the page"; }
std::string text_of_deed(const Reconnect& deed) {
    return deed.whom ? "presses Reconnect on the tile of page " + std::to_string(*deed.whom)
                     : "presses Reconnect";
}
std::string text_of_deed(const Rename& /*deed*/) { return "takes another name"; }
std::string text_of_deed(const LoseSocket& /*deed*/) { return "loses the socket"; }
std::string text_of_deed(const Say& /*deed*/) { return "says something"; }
std::string text_of_deed(const Retry& /*deed*/) { return "sends again what was refused"; }
std::string text_of_deed(const Show& deed) {
    return "shows the " + std::string{kNames<Slot>[static_cast<std::size_t>(deed.slot)]} +
           " of page " + std::to_string(deed.whom) + " as " + std::to_string(deed.size.width) +
           " x " + std::to_string(deed.size.height);
}
std::string text_of_deed(const Narrow& deed) {
    return "gets an uplink of " + std::to_string(deed.to.uplink_bps) + " bit/s";
}
std::string text_of_deed(const NetworkOutage& deed) {
    return "has no network for " + std::to_string(deed.for_ms) + " ms";
}
std::string text_of_deed(const NetworkBack& /*deed*/) { return "has a network again"; }
std::string text_of_deed(const ServerOutage& deed) {
    return "sees the server end for " + std::to_string(deed.for_ms) + " ms";
}
std::string text_of_deed(const ServerBack& /*deed*/) { return "sees the server start"; }
std::string text_of_deed(const ChangeAddress& deed) {
    return std::string{"gets another address"} + (deed.told ? "" : " without a word");
}
std::string text_of_deed(const Toggle& deed) {
    return "turns the " + std::string{kNames<Slot>[static_cast<std::size_t>(deed.slot)]} +
           (deed.on ? " on" : " off");
}

}  // namespace

std::string to_text(const Deed& deed) {
    return std::visit([](const auto& each) { return text_of_deed(each); }, deed);
}

World::World(std::uint64_t seed, Settings settings)
    : seed_{seed}, settings_{std::move(settings)}, server_{settings_.server} {}

// ---- time -----------------------------------------------------------------------------------

/// What is drawn depends on the seed, the lane and the count alone, so that a shorter script leaves
/// the rest of the world as it is.
TimeMs World::due_in(Lane lane, std::uint32_t delay) {
    Lanes::State& state = lanes_[lane];
    std::uint32_t wait = 0;
    if (delay > 0) {
        const std::uint64_t place = lane.spread() ^ state.count++;
        wait = 1 + static_cast<std::uint32_t>(mixed(seed_ ^ mixed(place)) % delay);
    }
    state.last = std::max(state.last, now_ + wait);
    return state.last;
}

void World::plan(TimeMs at, NodeId node, Deed deed) {
    agenda_.push(at, {'x', node, 0}, Done{node, deed});
}

void World::violate(std::string sentence) {
    if (!violation_) violation_ = "at " + std::to_string(now_) + " ms: " + std::move(sentence);
}

void World::go(const Payload& payload) {
    ++steps_;
    std::visit([&](const auto& each) { go(each); }, payload);
}

std::optional<NodeId> World::earliest_wake() {
    if (!wakes_changed_) return waker_;
    wakes_changed_ = false;
    waker_.reset();
    for (NodeId id = 0; id < nodes_.size(); ++id) {
        if (!nodes_[id].wake) continue;
        if (!waker_ || *nodes_[id].wake < *nodes_[*waker_].wake) waker_ = id;
    }
    return waker_;
}

void World::set_wake(NodeId id, std::optional<TimeMs> time) {
    nodes_[id].wake = time;
    wakes_changed_ = true;
}

void World::run_until(TimeMs end) {
    while (!violation_) {
        const auto waker = earliest_wake();
        const bool is_item = !agenda_.empty() && (!waker || agenda_.due() <= *nodes_[*waker].wake);
        if (is_item ? agenda_.due() > end : !waker || *nodes_[*waker].wake > end) break;
        if (is_item) {
            now_ = std::max(now_, agenda_.due());
            agenda_.pop([&](const Payload& payload) { go(payload); });
        } else {
            now_ = std::max(now_, *nodes_[*waker].wake);
            wake(*waker);
        }
    }
    now_ = std::max(now_, end);
}

std::vector<std::size_t> World::choices() const {
    const auto& items = agenda_.items();
    std::vector<std::size_t> due;
    for (std::size_t i = 0; i < items.size(); ++i)
        if (items[i].due <= now_) due.push_back(i);
    std::sort(due.begin(), due.end(), [&](std::size_t one, std::size_t other) {
        return std::tie(items[one].lane, items[one].number) <
               std::tie(items[other].lane, items[other].number);
    });
    const auto same_lane = [&](std::size_t one, std::size_t other) {
        return items[one].lane == items[other].lane;
    };
    due.erase(std::unique(due.begin(), due.end(), same_lane), due.end());
    return due;
}

void World::take(std::size_t choice) {
    agenda_.take(choice, [&](const Payload& payload) { go(payload); });
}

bool World::pass_time() {
    const auto waker = earliest_wake();
    if (!agenda_.empty() && agenda_.due() > now_ &&
        (!waker || agenda_.due() < *nodes_[*waker].wake)) {
        now_ = agenda_.due();
        return true;
    }
    if (!waker) return false;
    now_ = std::max(now_, *nodes_[*waker].wake);
    wake(*waker);
    return true;
}

std::string World::describe(std::size_t choice) const {
    const auto& payload = agenda_.at(agenda_.items()[choice]);
    if (const auto* core = std::get_if<ToCore>(&payload))
        return names_[core->node] + " gets " + name_of(core->event);
    if (const auto* up = std::get_if<ToServer>(&payload))
        return "the server gets " +
               std::visit([](const auto& each) { return std::string{each.kEvent}; }, up->message) +
               " of " + names_[page_of(up->socket)];
    if (const auto* operation = std::get_if<Operation>(&payload))
        return names_[operation->node] + "'s browser does " + name_of(operation->action);
    if (const auto* resent = std::get_if<Resent>(&payload))
        return names_[resent->node] + "'s channel sends again";
    if (const auto* gathered = std::get_if<Gathered>(&payload))
        return names_[gathered->node] + " gathers candidate " + std::to_string(gathered->index);
    if (const auto* needed = std::get_if<Needed>(&payload))
        return names_[needed->node] + " gets negotiationneeded";
    if (const auto* done = std::get_if<Done>(&payload))
        return names_[done->node] + " " + to_text(done->deed);
    if (const auto* opened = std::get_if<Opened>(&payload))
        return names_[opened->node] + "'s socket opens";
    if (const auto* closed = std::get_if<Closed>(&payload))
        return "the server sees " + names_[page_of(closed->socket)] + "'s socket close";
    if (std::holds_alternative<Grace>(payload)) return "the server's patience ends";
    if (const auto* thaw = std::get_if<Thaw>(&payload))
        return "what waited for " + names_[thaw->node] + "'s network gets through";
    return std::holds_alternative<Connected>(payload) ? "ICE connects two" : "ICE notices";
}

/// What changes nothing when its turn comes: the connection, socket or outage it means is gone.
bool World::is_void(const Payload& payload) const {
    const auto link = [&](const auto& item) {
        return link_of(session_of(item.node, item.connection));
    };
    if (const auto* core = std::get_if<ToCore>(&payload))
        return core->socket != 0 && nodes_[core->node].socket != core->socket;
    if (const auto* operation = std::get_if<Operation>(&payload))
        return link(*operation) == nullptr;
    if (const auto* resent = std::get_if<Resent>(&payload)) return link(*resent) == nullptr;
    if (const auto* needed = std::get_if<Needed>(&payload)) return link(*needed) == nullptr;
    if (const auto* gathered = std::get_if<Gathered>(&payload))
        return link(*gathered) == nullptr || link(*gathered)->gathered != gathered->generation;
    if (const auto* opened = std::get_if<Opened>(&payload))
        return nodes_[opened->node].opening != opened->attempt;
    const auto* noticed = std::get_if<Noticed>(&payload);
    if (noticed == nullptr) return false;
    const Node::Link* const its = link_of(noticed->session);
    return its == nullptr || its->outage != noticed->outage;
}

void World::drop_void() {
    const auto& items = agenda_.items();
    for (std::size_t i = 0; i < items.size();) {
        if (is_void(agenda_.at(items[i]))) {
            agenda_.take(i, [](const Payload&) {});
            i = 0;
        } else {
            ++i;
        }
    }
}

Fingerprint World::fingerprint() const {
    Digest digest;
    digest.add(now_);
    for (const Node& each : nodes_) {
        digest.add(each.core.fingerprint());
        digest.add(std::tie(each.open, each.socket, each.sockets, each.opening, each.wake,
                            each.online, each.address, each.socket_address, each.socket_life,
                            each.links, each.tracks, each.tiles, each.through, each.camera,
                            each.constraints, each.given));
    }
    digest.add(server_);
    digest.add(std::tie(server_on_, server_life_));
    digest.add(stalled_);
    auto order = agenda_.items();
    std::sort(order.begin(), order.end(), [](const auto& one, const auto& other) {
        return std::tie(one.lane, one.number) < std::tie(other.lane, other.number);
    });
    for (const auto& each : order)
        if (!is_void(agenda_.at(each))) digest.add(std::tie(each.lane, each.due, agenda_.at(each)));
    digest.add(cut_);
    return digest.value();
}

// ---- pages ----------------------------------------------------------------------------------

NodeId World::open_page(const std::string& name) {
    nodes_.emplace_back(settings_.config);
    names_.push_back(name);
    return static_cast<NodeId>(nodes_.size() - 1);
}

void World::go(const Done& item) {
    if (const auto* outage = std::get_if<ServerOutage>(&item.deed)) act(item.node, *outage);
    if (const auto* back = std::get_if<ServerBack>(&item.deed)) act(item.node, *back);
    if (!nodes_[item.node].open) return;
    if (std::holds_alternative<Join>(item.deed)) {
        ++nodes_[item.node].stays;
        nodes_[item.node].fresh = is_outside(item.node);
        if (settings_.watchful) handle(item.node, StatsWatched{true});
        handle(item.node, JoinRequested{std::string{kRoom}, names_[item.node]});
    } else if (std::holds_alternative<Leave>(item.deed)) {
        handle(item.node, LeaveRequested{});
    } else if (const auto* reconnect = std::get_if<Reconnect>(&item.deed)) {
        ReconnectRequested event;
        if (reconnect->whom) event.participant = nodes_[*reconnect->whom].core.snapshot().self.id;
        if (!event.participant || !event.participant->empty()) handle(item.node, event);
    } else if (const auto* toggle = std::get_if<Toggle>(&item.deed)) {
        handle(item.node, MediaWished{{{toggle->slot, toggle->on, std::nullopt, false}}});
    } else if (std::holds_alternative<Rename>(item.deed)) {
        handle(item.node, RenameRequested{names_[item.node] + " since " + std::to_string(now_)});
    } else if (std::holds_alternative<LoseSocket>(item.deed)) {
        drop_socket(item.node);
        handle(item.node, SignalingClosed{"transport close"});
    } else if (std::holds_alternative<Say>(item.deed)) {
        say(item.node);
    } else if (std::holds_alternative<Retry>(item.deed)) {
        retry(item.node);
    } else if (const auto* show = std::get_if<Show>(&item.deed)) {
        act(item.node, *show);
    } else if (const auto* narrow = std::get_if<Narrow>(&item.deed)) {
        nodes_[item.node].through = narrow->to;
    } else if (const auto* outage = std::get_if<NetworkOutage>(&item.deed)) {
        act(item.node, *outage);
    } else if (const auto* back = std::get_if<NetworkBack>(&item.deed)) {
        act(item.node, *back);
    } else if (const auto* change = std::get_if<ChangeAddress>(&item.deed)) {
        act(item.node, *change);
    } else if (std::holds_alternative<Close>(item.deed)) {
        close_page(item.node);
    }
}

bool World::is_outside(NodeId id) const {
    const MeetingState state = nodes_[id].core.snapshot().connection;
    return state == MeetingState::idle || state == MeetingState::left;
}

void World::close_page(NodeId id) {
    Node& node = nodes_[id];
    drop_socket(id);
    while (!node.links.empty()) close_link(id, node.links.begin()->first);
    node.open = false;
    set_wake(id, {});
    node.tracks.clear();
    node.constraints.clear();
}

void World::say(NodeId id) {
    if (nodes_[id].core.snapshot().connection != MeetingState::joined) return;
    const std::string text = names_[id] + " at " + std::to_string(now_) + ", the " +
                             std::to_string(said_.size() + 1) + ". of all";
    said_.push_back({text, id, server_life_, listeners()});
    handle(id, ChatSubmitted{text, ""});
}

/// Who has come since then hears it, too.
void World::retry(NodeId id) {
    const Snapshot shot = nodes_[id].core.snapshot();
    if (shot.connection != MeetingState::joined) return;
    for (const ChatView& each : shot.chat) {
        if (!each.own || each.state != ChatState::failed) continue;
        const auto said = std::find_if(said_.begin(), said_.end(),
                                       [&](const Said& other) { return other.text == each.text; });
        if (said != said_.end()) said->heard_by = listeners();
        handle(id, ChatRetried{each.id});
    }
}

std::map<NodeId, std::uint32_t> World::listeners() const {
    std::map<NodeId, std::uint32_t> stays;
    for (NodeId each = 0; each < nodes_.size(); ++each) {
        const MeetingState state = nodes_[each].core.snapshot().connection;
        const bool is_inside = state == MeetingState::joined || state == MeetingState::reconnecting;
        if (nodes_[each].open && is_inside) stays[each] = nodes_[each].stays;
    }
    return stays;
}

/// A page has tiles for those whom it shows.
void World::act(NodeId id, const Show& deed) {
    const ParticipantId whom = nodes_[deed.whom].core.snapshot().self.id;
    const auto tiles = nodes_[id].core.snapshot().participants;
    const bool is_shown = std::any_of(tiles.begin(), tiles.end(), [&](const auto& each) {
        return !each.is_self && each.id == whom;
    });
    if (!is_shown) return;
    nodes_[id].tiles[whom][deed.slot] = deed.size;
    handle(id, TileSized{whom, deed.slot, deed.size.width, deed.size.height});
}

void World::act(NodeId id, const NetworkOutage& deed) {
    if (!nodes_[id].online) return;
    nodes_[id].online = false;
    path_changes(id);
    plan(now_ + deed.for_ms, id, NetworkBack{});
}

void World::act(NodeId id, const NetworkBack& /*deed*/) {
    nodes_[id].online = true;
    path_changes(id);
    push_in({'n', id, 0}, settings_.delays.network, Thaw{id});
}

void World::go(const Thaw& item) {
    if (!nodes_[item.node].online) return;
    const auto stalled = stalled_.extract(item.node);
    if (stalled.empty()) return;
    for (const Payload& each : stalled.mapped())
        std::visit([&](const auto& one) { go(one); }, each);
}

void World::act(NodeId id, const ChangeAddress& deed) {
    Node& node = nodes_[id];
    ++node.address;
    stalled_.erase(id);
    if (node.socket != 0) agenda_.push(now_ + kServerPingMs, {'u', id, 1}, Closed{node.socket});
    path_changes(id);
    if (!deed.told) return;
    handle(id, NetworkChanged{});
    const MeetingState state = node.core.snapshot().connection;
    if (state == MeetingState::reconnecting) check_estimate(id, "on another network");
}

void World::act(NodeId id, const ServerOutage& deed) {
    if (!server_on_) return;
    server_on_ = false;
    for (NodeId each = 0; each < nodes_.size(); ++each) {
        if (nodes_[each].socket == 0) continue;
        push_in({'s', each, 0}, settings_.delays.network,
                ToCore{each, SignalingClosed{"transport close"}, nodes_[each].socket});
    }
    plan(now_ + deed.for_ms, id, ServerBack{});
}

void World::act(NodeId /*id*/, const ServerBack& /*deed*/) {
    server_on_ = true;
    ++server_life_;
    server_.restart(now_);
}

bool World::socket_works(NodeId id) const {
    const Node& node = nodes_[id];
    return server_on_ && node.address == node.socket_address && node.socket_life == server_life_;
}

/// A server hears at once of a socket that is closed where a way leads to it.
void World::drop_socket(NodeId id) {
    Node& node = nodes_[id];
    if (node.socket == 0) return;
    if (node.online && socket_works(id)) {
        push_in({'u', id, 0}, settings_.delays.network, Closed{node.socket});
    } else {
        agenda_.push(now_ + kServerPingMs, {'u', id, 1}, Closed{node.socket});
    }
    node.socket = 0;
    stalled_.erase(id);
}

void World::handle(NodeId id, const Event& event) {
    if (!nodes_[id].open || violation_) return;
    Actions actions = nodes_[id].core.handle(now_, event);
    check_batch(id, event, actions);
    if (recording_) entries_.push_back({id, now_, event, actions});
    for (Action& action : actions) perform(id, action);
}

void World::go(const ToCore& item) {
    Node& node = nodes_[item.node];
    if (item.socket == 0) {
        handle(item.node, item.event);
        return;
    }
    if (node.socket != item.socket) return;
    if (std::holds_alternative<SignalingClosed>(item.event)) {
        if (!node.online) return;  // notices by itself that nobody answers
        node.socket = 0;
        stalled_.erase(item.node);
        handle(item.node, item.event);
    } else if (node.address != node.socket_address) {
        return;  // sent to an address that is nobody's any more
    } else if (is_stalled(item.node)) {
        stalled_[item.node].emplace_back(item);
    } else {
        handle(item.node, item.event);
    }
}

void World::wake(NodeId id) {
    Node& node = nodes_[id];
    set_wake(id, {});
    ++steps_;
    check_wakes(node.wakes);
    handle(id, TimePassed{});
}

void World::check_wakes(std::vector<TimeMs>& wakes) {
    wakes.push_back(now_);
    for (const auto& [within_ms, count] : {kAtOnce, kForLong})
        if (wakes.size() > count && now_ - wakes[wakes.size() - 1 - count] < within_ms)
            violate("a timer storm, more than " + std::to_string(count) + " within " +
                    std::to_string(within_ms) + " ms");
    if (wakes.size() > 2 * kForLong.count)
        wakes.erase(wakes.begin(), wakes.end() - static_cast<std::ptrdiff_t>(kForLong.count));
}

// ---- the server -----------------------------------------------------------------------------

void World::go(const Opened& item) {
    Node& node = nodes_[item.node];
    if (!node.open || node.socket != 0 || node.opening != item.attempt) return;
    if (!node.online) return;  // nobody answers, and nothing says so
    if (!server_on_) {
        handle(item.node, SignalingClosed{"connection refused"});
        return;
    }
    node.socket = socket_id(item.node, ++node.sockets);
    node.socket_address = node.address;
    node.socket_life = server_life_;
    handle(item.node, SignalingOpened{to_text(node.socket)});
}

void World::go(const Closed& item) {
    if (!server_on_) return;
    deliver(server_.closed(item.socket, now_));
    agenda_.push(now_ + Server::kGraceMs, {'z', 0, 0}, Grace{});
}

void World::go(const Grace& /*item*/) {
    if (server_on_) deliver(server_.expire(now_));
}

void World::go(const ToServer& item) {
    const NodeId node = page_of(item.socket);
    if (nodes_[node].socket != item.socket) {
        // Sent just before the socket was closed in good order, and still under way.
        if (server_on_ && item.life == server_life_)
            deliver(server_.receive(item.socket, item.op, item.message, now_));
    } else if (!socket_works(node)) {
        return;
    } else if (is_stalled(node)) {
        stalled_[node].emplace_back(item);
    } else {
        deliver(server_.receive(item.socket, item.op, item.message, now_));
    }
}

void World::deliver(Server::Deliveries deliveries) {
    for (auto& [socket, event] : deliveries) {
        const NodeId node = page_of(socket);
        push_in({'s', node, 0}, settings_.delays.network, ToCore{node, std::move(event), socket});
    }
}

}  // namespace dvmeet::sim
