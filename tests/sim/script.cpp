// What people do in one simulated meeting, as a list that can be made shorter.
#include "script.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <ostream>
#include <tuple>
#include <utility>

#include "ordeal.hpp"
#include "random.hpp"

namespace dvmeet::sim {

namespace {

constexpr TimeMs kActsMs = 12'000;  ///< people do things for so long
/// Then they only look: until every offer was sent again, or, where somebody went without a word,
/// until the server's patience is over and pairs have climbed their ladder.
constexpr TimeMs kRestMs = 16'000;
constexpr TimeMs kLongRestMs = 50'000;
/// A meeting that is at rest each time one looks stays so: most are left then, some watched on.
constexpr TimeMs kLookMs = 1'000;
constexpr std::uint32_t kLooks = 3;
constexpr std::uint32_t kWatchedOn = 32;
/// One meeting of so many is an ordeal, where it is small enough for its bounds.
constexpr std::uint32_t kOrdeals = 12;
constexpr std::uint32_t kMostInOrdeals = 8;
constexpr std::uint32_t kMostActs = 12;
/// One of so many adapts its pictures; in one its ICE servers expire; one in which messages are
/// refused.
constexpr std::uint32_t kAdaptive = 16;
constexpr std::uint32_t kExpiring = 32;
constexpr std::uint32_t kRefusing = 16;
/// In one of so many somebody takes another name.
constexpr std::uint32_t kRenaming = 6;
constexpr std::uint32_t kMostShows = 12;
/// On a steady link pictures have found their sizes after so long, step by step, and keep them for
/// so long, but for the tries that become rare: five at more of the uplink, three at more of the
/// processor fit in, and each is a step up and at most one back.
constexpr TimeMs kFindMs = 480'000;
constexpr TimeMs kSteadyMs = 480'000;
constexpr std::uint32_t kMostChanges = 16;
constexpr std::uint32_t kMostFaults = 5;

void draw_world(Random& random, Script& script) {
    Settings& settings = script.settings;
    settings.server.list_first = random.one_in(4);
    settings.server.plain = random.one_in(12);
    settings.server.resumes = !settings.server.list_first && !settings.server.plain;
    settings.watchful = random.one_in(24);
    settings.server.replays = mixed(script.seed) % 4 == 1;
    // Residents who don't wait for a newcomer's offer: both sides start.
    if (random.one_in(4)) settings.config.offer_wait_ms = 1 + random.below(400);
    if (random.one_in(6)) settings.delays.network = 600;
}

Bottleneck draw_bottleneck(Random& random) {
    Bottleneck through;
    if (!random.one_in(4)) through.uplink_bps = 60'000 << random.below(7);
    if (random.one_in(8)) through.pixels_per_second = 2'000'000 << random.below(5);
    through.symptom = static_cast<Symptom>(random.below(4));
    return through;
}

PictureSize draw_tile(Random& random) {
    constexpr std::array<PictureSize, 5> kTiles{
        {{0, 0}, {160, 120}, {320, 240}, {640, 480}, {1920, 1080}}};
    return kTiles[random.below(kTiles.size())];
}

/// What was learnt and told by then is void: on another uplink, on the way in, over a new channel.
void draw_turns(Random& random, std::uint32_t people, Script& script) {
    const NodeId node = random.below(people);
    const TimeMs at = kActsMs - random.below(3'000);
    auto& acts = script.acts;
    switch (random.below(4)) {
        case 0: acts.push_back({at, node, Narrow{draw_bottleneck(random)}}); break;
        case 1:
            if (script.settings.server.resumes) acts.push_back({at, node, ChangeAddress{true}});
            break;
        case 2:
            acts.push_back({at, node, Leave{}});
            acts.push_back({at + 1'000, node, Join{}});
            break;
        default:
            if (script.settings.server.plain) break;
            acts.push_back({at, node, Reconnect{(node + 1) % people}});
    }
}

/// What the rest of the meeting is drawn from stays as it is.
void draw_quality(std::uint32_t people, Script& script) {
    Random random{~script.seed};
    Settings& settings = script.settings;
    if (random.one_in(kExpiring)) settings.config.ice_servers_ttl_ms = 1 + random.below(20'000);
    settings.server.refuses = !settings.server.plain && random.one_in(kRefusing);
    for (std::uint32_t i = 0; settings.server.refuses && i < people; ++i)
        script.acts.push_back({random.below(static_cast<std::uint32_t>(kActsMs)),
                               random.below(people), i % 2 == 0 ? Deed{Say{}} : Deed{Retry{}}});
    if (mixed(script.seed) % kRenaming == 1) {
        const auto at = static_cast<TimeMs>(mixed(~script.seed) % kActsMs);
        script.acts.push_back({at, static_cast<NodeId>(at % people), Rename{}});
    }
    if (!random.one_in(kAdaptive)) return;
    settings.config.adapt = true;
    settings.config.capture = Config{}.capture;
    if (random.one_in(4)) settings.config.uplink_bps = 100'000U << random.below(6);
    for (NodeId node = 0; node < people; ++node)
        script.acts.push_back({0, node, Narrow{draw_bottleneck(random)}});
    for (std::uint32_t shows = random.below(kMostShows); shows > 0; --shows) {
        const TimeMs at = random.below(static_cast<std::uint32_t>(kActsMs));
        const Slot slot = random.one_in(4) ? Slot::screen : Slot::camera;
        script.acts.push_back(
            {at, random.below(people), Show{random.below(people), slot, draw_tile(random)}});
    }
    draw_turns(random, people, script);
}

void draw_arrivals(Random& random, std::uint32_t people, Script& script) {
    const std::uint32_t spread = random.one_in(2) ? 1 : 4'000;
    for (NodeId node = 0; node < people; ++node) {
        script.people.push_back("p" + std::to_string(node));
        if (!random.one_in(4)) script.acts.push_back({0, node, Toggle{Slot::microphone, true}});
        if (!random.one_in(4)) script.acts.push_back({0, node, Toggle{Slot::camera, true}});
        script.acts.push_back({random.below(spread), node, Join{}});
    }
    // Without the generations that a plain server loses, an answer to an offer that was given up
    // can't be told from the one to its successor.
    if (script.settings.server.plain || !random.one_in(3)) return;
    for (int i = 0; i < 4; ++i)
        script.acts.push_back(
            {random.below(2'500), random.below(people), Reconnect{random.below(people)}});
}

/// What people do.  A page that closes is opened anew by somebody of the same name.
void draw_act(Random& random, std::uint32_t people, Script& script) {
    const NodeId node = random.below(people);
    const TimeMs at = random.below(static_cast<std::uint32_t>(kActsMs));
    auto& acts = script.acts;
    switch (random.below(8)) {
        case 0:
            acts.push_back({at, node, Leave{}});
            if (random.one_in(2)) acts.push_back({at + random.below(2'000), node, Join{}});
            break;
        case 1: {
            acts.push_back({at, node, Close{}});
            const auto again = static_cast<NodeId>(script.people.size());
            script.people.push_back("p" + std::to_string(node) + "'");
            acts.push_back({at + random.below(500), again, Join{}});
            break;
        }
        case 2: acts.push_back({at, node, Say{}}); break;
        case 3:
            if (script.settings.server.plain) break;
            acts.push_back({at, node, Reconnect{random.below(people)}});
            break;
        default: acts.push_back({at, node, Toggle{kSlots[random.below(3)], random.one_in(2)}});
    }
}

/// Something was said before, and whoever is back first may speak before the others are.
void draw_restart(Random& random, std::uint32_t people, Script& script, NodeId node, TimeMs at) {
    const TimeMs lasts = 300 + random.below(15'000);
    script.acts.push_back({at / 2, random.below(people), Say{}});
    script.acts.push_back({at, node, ServerOutage{lasts}});
    for (int said = 0; said < 4; ++said)
        script.acts.push_back({at + lasts + random.below(3'000), random.below(people), Say{}});
}

/// What befalls them.  Without a server that knows them again, only sockets break.
void draw_fault(Random& random, std::uint32_t people, Script& script) {
    const NodeId node = random.below(people);
    const TimeMs at = random.below(static_cast<std::uint32_t>(kActsMs));
    auto& acts = script.acts;
    switch (script.settings.server.resumes ? random.below(6) : 0) {
        case 0: acts.push_back({at, node, LoseSocket{}}); break;
        case 1: acts.push_back({at, node, NetworkOutage{random.below(6'000)}}); break;
        case 2: acts.push_back({at, node, NetworkOutage{random.below(45'000)}}); break;
        case 3: acts.push_back({at, node, ChangeAddress{true}}); break;
        case 4: acts.push_back({at, node, ChangeAddress{false}}); break;
        default: draw_restart(random, people, script, node, at);
    }
}

/// When the last act has had its time, and when everybody has had enough of it.
std::pair<TimeMs, TimeMs> ends_of(const Script& script) {
    TimeMs last = 0;
    TimeMs end = 0;
    for (const auto& [at, node, deed] : script.acts) {
        const auto* network = std::get_if<NetworkOutage>(&deed);
        const auto* server = std::get_if<ServerOutage>(&deed);
        const bool is_lossy =
            network != nullptr || server != nullptr || std::holds_alternative<Close>(deed) ||
            std::holds_alternative<LoseSocket>(deed) || std::holds_alternative<ChangeAddress>(deed);
        const TimeMs lasts = network != nullptr  ? network->for_ms
                             : server != nullptr ? server->for_ms
                                                 : 0;
        last = std::max(last, at + lasts);
        end = std::max(end, at + lasts + (is_lossy ? kLongRestMs : kRestMs));
    }
    return {last, end};
}

void run_to_rest(const Script& script, World& world) {
    const auto [last, end] = ends_of(script);
    world.run_until(last);
    const bool is_watched_on =
        mixed(script.seed) % kWatchedOn == 0 || script.settings.config.ice_servers_ttl_ms > 0;
    std::uint32_t looks = 0;
    while (!is_watched_on && looks < kLooks && world.now() < end && !world.violation()) {
        world.run_until(std::min(world.now() + kLookMs, end));
        looks = world.is_at_rest() ? looks + 1 : 0;
    }
    if (looks < kLooks) world.run_until(end);
}

using Changes = std::map<std::tuple<NodeId, ConnectionId, Slot>, std::uint32_t>;
Changes changes_of(const World& world) {
    Changes changes;
    for (NodeId id = 0; id < world.size(); ++id)
        for (const auto& [connection, link] : world.node(id).links)
            for (const auto& [slot, line] : link.lines)
                changes[{id, connection, slot}] = line.changes;
    return changes;
}

std::uint32_t constraint_changes_of(const World& world) {
    std::uint32_t changes = 0;
    for (NodeId id = 0; id < world.size(); ++id) changes += world.node(id).constraint_changes;
    return changes;
}

void watch_steadily(World& world) {
    world.run_until(kFindMs);
    const Changes before = changes_of(world);
    const std::uint32_t constraints_before = constraint_changes_of(world);
    world.run_until(kFindMs + kSteadyMs);
    const Changes after = changes_of(world);
    // What a camera is to give depends on how many are there.
    if (constraint_changes_of(world) != constraints_before)
        world.violate("something else is asked of a camera on steady links");
    for (const auto& [line, count] : after) {
        const auto found = before.find(line);
        const std::uint32_t changes = count - (found == before.end() ? 0 : found->second);
        if (changes > kMostChanges)
            world.violate(world.name(std::get<0>(line)) + " changes one picture " +
                          std::to_string(changes) + " times on a steady link");
    }
}

bool breaks(const Script& script) { return play(script).violation().has_value(); }

}  // namespace

Script draw(std::uint64_t seed, std::uint32_t people) {
    if (people > 1 && people <= kMostInOrdeals && mixed(~seed) % kOrdeals == 0)
        return draw_ordeal(seed, people);
    Random random{seed};
    Script script;
    script.seed = seed;
    draw_world(random, script);
    draw_arrivals(random, people, script);
    const std::uint32_t acts = random.below(kMostActs);
    for (std::uint32_t i = 0; i < acts; ++i) draw_act(random, people, script);
    const std::uint32_t faults = random.one_in(2) ? random.below(kMostFaults) : 0;
    for (std::uint32_t i = 0; i < faults; ++i) draw_fault(random, people, script);
    draw_quality(people, script);
    return script;
}

Script draw_steady(std::uint64_t seed, std::uint32_t people) {
    Random random{seed};
    Script script;
    script.seed = seed;
    script.steady = true;
    script.settings.config.adapt = true;
    script.settings.config.capture = Config{}.capture;
    for (NodeId node = 0; node < people; ++node) {
        script.people.push_back("p" + std::to_string(node));
        for (const Slot slot : kSlots)
            if (slot == Slot::camera || random.one_in(2))
                script.acts.push_back({0, node, Toggle{slot, true}});
        script.acts.push_back({0, node, Narrow{draw_bottleneck(random)}});
        script.acts.push_back({random.below(2'000), node, Join{}});
        script.acts.push_back(
            {8'000, node, Show{random.below(people), Slot::camera, draw_tile(random)}});
    }
    return script;
}

World play(const Script& script, bool record) {
    World world{script.seed, script.settings};
    world.record(record);
    for (const std::string& name : script.people) world.open_page(name);
    for (const auto& [at, node, deed] : script.acts) world.plan(at, node, deed);
    if (script.ordeal) {
        endure(script, world);
    } else if (script.steady) {
        watch_steadily(world);
    } else {
        run_to_rest(script, world);
    }
    if (!world.violation()) world.check_quiescence();
    return world;
}

Script shrink(Script script) {
    if (script.ordeal) return script;  // its bounds hold for all of it
    for (std::size_t piece = script.acts.size(); piece > 0; piece /= 2) {
        for (std::size_t at = 0; at + piece <= script.acts.size();) {
            Script shorter = script;
            const auto first = shorter.acts.begin() + static_cast<std::ptrdiff_t>(at);
            shorter.acts.erase(first, first + static_cast<std::ptrdiff_t>(piece));
            if (breaks(shorter)) {
                script = std::move(shorter);
            } else {
                at += piece;
            }
        }
    }
    std::stable_sort(script.acts.begin(), script.acts.end(),
                     [](const auto& one, const auto& other) { return one.at < other.at; });
    return script;
}

void print(const Script& script, std::ostream& out) {
    const Settings& settings = script.settings;
    out << "    a " << (settings.server.plain ? "plain " : "") << "server"
        << (settings.server.list_first ? " whose list comes first" : "")
        << (settings.server.replays ? " that says things again" : "") << ", offers awaited for "
        << settings.config.offer_wait_ms << " ms, up to " << settings.delays.network
        << " ms a message" << (settings.server.refuses ? ", messages refused once" : "")
        << (settings.config.adapt ? ", adapting" : "") << "\n";
    for (const auto& [at, node, deed] : script.acts)
        out << "    " << at << " ms: " << script.people[node] << " " << to_text(deed) << "\n";
}

}  // namespace dvmeet::sim
