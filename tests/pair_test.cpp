// Two and three whole meetings against each other, in every order that chance comes up with.
#include <string>
#include <vector>

#include "explore.hpp"
#include "random.hpp"
#include "script.hpp"
#include "support.hpp"

using namespace dvmeet;
using namespace dvmeet::test;
using sim::Close;
using sim::Join;
using sim::Leave;
using sim::NodeId;
using sim::Random;
using sim::Reconnect;
using sim::Script;
using sim::Toggle;
using sim::World;

namespace {

constexpr std::uint64_t kSeeds = 100;

Script meeting_of(std::uint32_t people, std::uint64_t seed) {
    Script script;
    script.seed = seed;
    script.settings.watchful = true;
    for (std::uint32_t i = 0; i < people; ++i) script.people.push_back("p" + std::to_string(i));
    return script;
}

/// Everybody joins within so many milliseconds, in any order.
Script all_join(std::uint32_t people, std::uint64_t seed, std::uint32_t within) {
    Script script = meeting_of(people, seed);
    Random random{seed};
    for (NodeId node = 0; node < people; ++node)
        script.acts.push_back({random.below(within), node, Join{}});
    return script;
}

/// Residents don't wait for the newcomer's offer: both sides start.
Script impatient(Script script) {
    script.settings.config.offer_wait_ms = 1;
    return script;
}
Script list_first(Script script) {
    script.settings.server.list_first = true;
    return script;
}
Script plain_server(Script script) {
    script.settings.server.plain = true;
    return script;
}

void check(const Script& script) {
    INFO("seed " << script.seed << ", " << script.people.size() << " people");
    CHECK(sim::play(script).violation().value_or("") == "");
}

std::uint32_t connections_made(const World& world, NodeId id) {
    std::uint32_t made = 0;
    for (const auto& entry : world.entries())
        for (const Action& action : entry.actions)
            made += entry.node == id && std::holds_alternative<CreateConnection>(action) ? 1U : 0U;
    return made;
}

}  // namespace

TEST_CASE("whoever joins, at once or apart, ends with one good connection per pair", "[pair]") {
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
        for (const std::uint32_t within : {1U, 500U, 5'000U}) {
            check(all_join(2, seed, within));
            check(all_join(3, seed, within));
        }
    }
}

TEST_CASE("one connection per pair is made where people come one by one", "[pair]") {
    Script script = meeting_of(3, 1);
    for (NodeId node = 0; node < 3; ++node) script.acts.push_back({node * 5'000, node, Join{}});
    const World world = sim::play(script, true);
    CHECK(world.violation().value_or("") == "");
    for (NodeId node = 0; node < 3; ++node) CHECK(connections_made(world, node) == 2);
}

TEST_CASE("offers that collide because nobody waits still end with one good connection per pair",
          "[pair]") {
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
        for (const std::uint32_t within : {1U, 500U}) {
            check(impatient(all_join(2, seed, within)));
            check(impatient(all_join(3, seed, within)));
        }
    }
}

TEST_CASE("a list that outruns the acknowledgement makes no difference", "[pair]") {
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
        check(list_first(all_join(3, seed, 1)));
        check(list_first(impatient(all_join(3, seed, 500))));
    }
}

TEST_CASE("through a server that knows dvMeet's table only the pairs connect too", "[pair]") {
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
        check(plain_server(all_join(2, seed, 1)));
        check(plain_server(all_join(3, seed, 5'000)));
        check(plain_server(impatient(all_join(2, seed, 1))));
    }
}

TEST_CASE("devices that open while connecting are sent without another offer", "[pair]") {
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
        Script script = all_join(3, seed, 1);
        Random random{~seed};
        for (NodeId node = 0; node < 3; ++node)
            for (const Slot slot : kSlots)
                script.acts.push_back({random.below(1'500), node, Toggle{slot, true}});
        const World world = sim::play(script, true);
        INFO("seed " << seed);
        CHECK(world.violation().value_or("") == "");
        std::uint32_t offers = 0;
        for (const auto& entry : world.entries())
            for (const Action& action : entry.actions)
                if (const auto* emit = std::get_if<Emit>(&action))
                    offers += std::holds_alternative<wire::Offer>(emit->message) ? 1U : 0U;
        CHECK(offers == 3);
    }
}

TEST_CASE("who leaves and comes back in the middle of anything is one participant, connected",
          "[pair]") {
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
        Script script = all_join(3, seed, 1);
        Random random{~seed};
        for (int round = 0; round < 3; ++round) {
            const NodeId node = random.below(3);
            const TimeMs at = random.below(3'000);
            script.acts.push_back({at, node, Leave{}});
            script.acts.push_back({at + 1 + random.below(300), node, Join{}});
        }
        check(script);
    }
}

TEST_CASE("whoever asks for a reconnect in the middle of anything ends connected", "[pair]") {
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
        Script script = all_join(2, seed, 1);
        Random random{~seed};
        for (int round = 0; round < 4; ++round) {
            const NodeId node = random.below(2);
            script.acts.push_back({random.below(3'000), node, Reconnect{1 - node}});
        }
        check(script);
        check(impatient(script));
    }
}

TEST_CASE("two whose path broke while the server is away come back by way of a third", "[pair]") {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        INFO("seed " << seed);
        sim::Settings settings;
        settings.server.resumes = true;
        World world{seed, settings};
        for (NodeId node = 0; node < 3; ++node)
            world.plan(node * 500, world.open_page("p" + std::to_string(node)), Join{});
        world.plan(10'000, 0, sim::ServerOutage{200'000});
        world.run_until(12'000);
        world.set_reachable(0, 1, false);
        world.run_until(35'000);  // both browsers have given the path up
        world.set_reachable(0, 1, true);
        world.run_until(60'000);
        CHECK(world.violation().value_or("") == "");
        for (NodeId node = 0; node < 3; ++node) {
            const Snapshot shot = world.node(node).core.snapshot();
            CHECK(shot.connection == MeetingState::reconnecting);
            REQUIRE(shot.participants.size() == 3);
            for (const auto& tile : shot.participants)
                CHECK((tile.is_self || tile.connection == TileState::connected));
            CHECK(world.node(node).links.size() == 2);
            for (const auto& [connection, link] : world.node(node).links) CHECK(connection <= 2);
        }
    }
}

TEST_CASE("after everybody has left nothing is left", "[pair]") {
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
        Script script = all_join(3, seed, 500);
        Random random{~seed};
        for (NodeId node = 0; node < 3; ++node)
            script.acts.push_back({500 + random.below(2'000), node, Leave{}});
        const World world = sim::play(script);
        INFO("seed " << seed);
        CHECK(world.violation().value_or("") == "");
        for (NodeId node = 0; node < 3; ++node) {
            CHECK(world.node(node).links.empty());
            CHECK_FALSE(world.node(node).wake);
            CHECK(world.node(node).socket == 0);
            CHECK(world.node(node).core.snapshot().participants.empty());
        }
    }
}

TEST_CASE("the same seed is the same story, event for event", "[pair]") {
    const Script script = sim::draw(7, 3);
    const World first = sim::play(script, true);
    const World second = sim::play(script, true);
    CHECK(first.fingerprint() == second.fingerprint());
    REQUIRE(first.entries().size() == second.entries().size());
    for (std::size_t i = 0; i < first.entries().size(); ++i) {
        CHECK(first.entries()[i].event == second.entries()[i].event);
        CHECK(first.entries()[i].actions == second.entries()[i].actions);
    }
}

TEST_CASE("meetings have one fingerprint exactly where they are equal", "[pair]") {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const Script script = sim::draw(seed, 2);
        const World world = sim::play(script, true);
        Meeting meeting{script.settings.config};
        for (const auto& entry : world.entries()) {
            if (entry.node != 0) continue;
            const Meeting before = meeting;
            (void)meeting.handle(entry.time, entry.event);
            CHECK((before == meeting) == (before.fingerprint() == meeting.fingerprint()));
            const Meeting copy = meeting;
            CHECK(copy.fingerprint() == meeting.fingerprint());
        }
    }
}

TEST_CASE("two who join at once end well in every order, for some detours from the first",
          "[pair]") {
    sim::Settings settings;
    settings.delays = sim::kNoDelays;
    settings.candidates = 1;
    World world{1, settings};
    for (NodeId node = 0; node < 2; ++node) world.plan(0, world.open_page("p"), Join{});
    const auto found = sim::explore(world, {.detours = 2});
    CHECK(found.violation.value_or("") == "");
    CHECK(found.complete);
    CHECK(found.states > 500);
}
