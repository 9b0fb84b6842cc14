// Two and three whole meetings against each other, in every order that chance comes up with.
#include <string>
#include <vector>

#include "model.hpp"
#include "support.hpp"

using namespace dvmeet;
using namespace dvmeet::test;
using model::Page;
using model::Settings;
using model::World;

namespace {

constexpr std::uint64_t kSeeds = 300;
const std::vector<ParticipantId> kPeople{kAna, kBob, kCyd};

/// What became of one run: empty when every promise was kept.
std::string verdict(const World& world) {
    const std::string pairs = world.check_pairs();
    std::string text = pairs;
    for (const auto& each : world.problems) text += (text.empty() ? "" : "; ") + each;
    if (!text.empty())
        for (const auto& each : world.log) text += "\n    " + each;
    return text;
}

using Story = void (*)(World&);

/// Everybody at once.
void together(World& world) {
    for (Page& page : world.pages) world.dispatch(page, JoinRequested{kRoom, page.id});
    world.run(world.now + 20'000);
}
/// Each when the one before is done.
void one_by_one(World& world) {
    for (Page& page : world.pages) {
        world.dispatch(page, JoinRequested{kRoom, page.id});
        world.run(world.now + 1'000);
    }
    world.run(world.now + 20'000);
}
/// Each some steps after the one before.
void shortly_after(World& world) {
    for (Page& page : world.pages) {
        world.dispatch(page, JoinRequested{kRoom, page.id});
        const auto steps = world.chance().below(40);
        for (std::uint32_t i = 0; i < steps; ++i) world.step();
    }
    world.run(world.now + 20'000);
}

/// Runs a story for many seeds; says which seeds broke what, few lines for many.
void all_seeds(std::size_t people, const Settings& settings, Story story) {
    std::vector<std::string> broken;
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
        World world{seed, settings};
        for (std::size_t i = 0; i < people; ++i) world.add(kPeople[i]);
        story(world);
        const std::string text = verdict(world);
        if (!text.empty()) broken.push_back("seed " + std::to_string(seed) + ": " + text);
    }
    INFO("people " << people << ", broken seeds " << broken.size());
    if (!broken.empty()) UNSCOPED_INFO(broken.front());
    CHECK(broken.empty());
}

/// Residents don't wait for the newcomer's offer: both sides start.
Settings impatient() {
    Settings settings;
    settings.config.offer_wait_ms = 1;
    settings.haste_percent = 30;
    // Time flies here; nobody shall give up because of it.
    settings.config.connect_timeout_ms = 3'600'000;
    settings.config.join_timeout_ms = 3'600'000;
    settings.config.candidate_wait_ms = 3'600'000;
    return settings;
}

}  // namespace

TEST_CASE("whoever joins at once ends with one good connection per pair", "[pair]") {
    all_seeds(2, {}, together);
    all_seeds(3, {}, together);
}

TEST_CASE("whoever joins one by one ends with one good connection per pair, made once", "[pair]") {
    all_seeds(2, {}, one_by_one);
    all_seeds(3, {}, one_by_one);

    World world{1, {}};
    for (const auto& id : kPeople) world.add(id);
    one_by_one(world);
    for (const Page& page : world.pages) CHECK(page.created == 2);
}

TEST_CASE("whoever joins shortly after each other ends with one good connection per pair",
          "[pair]") {
    all_seeds(2, {}, shortly_after);
    all_seeds(3, {}, shortly_after);
}

TEST_CASE("offers that collide because nobody waits still end with one good connection per pair",
          "[pair]") {
    all_seeds(2, impatient(), together);
    all_seeds(2, impatient(), shortly_after);
    all_seeds(3, impatient(), together);
    all_seeds(3, impatient(), shortly_after);
}

TEST_CASE("a list that outruns the acknowledgement makes no difference", "[pair]") {
    Settings settings;
    settings.list_before_answer = true;
    all_seeds(3, settings, together);
    settings = impatient();
    settings.list_before_answer = true;
    all_seeds(3, settings, shortly_after);
}

TEST_CASE("through a server that knows dvMeet's table only the pairs connect too", "[pair]") {
    Settings settings;
    settings.plain_server = true;
    all_seeds(2, settings, one_by_one);
    all_seeds(2, settings, together);
    all_seeds(3, settings, shortly_after);
    settings = impatient();
    settings.plain_server = true;
    all_seeds(2, settings, together);
}

TEST_CASE("devices that open while connecting are sent without another offer", "[pair]") {
    all_seeds(3, {}, [](World& world) {
        for (Page& page : world.pages) {
            world.dispatch(page, MediaWished{{{Slot::microphone, true}, {Slot::camera, true}}});
            world.dispatch(page, JoinRequested{kRoom, page.id});
        }
        const auto steps = world.chance().below(100);
        for (std::uint32_t i = 0; i < steps; ++i) world.step();
        for (Page& page : world.pages) {
            world.dispatch(page, MediaWished{{{Slot::screen, true}}});
            world.dispatch(page, MediaWished{{{Slot::camera, false}}});
        }
        world.run(world.now + 20'000);
    });
}

TEST_CASE("who leaves and comes back in the middle of anything is one participant, connected",
          "[pair]") {
    all_seeds(3, {}, [](World& world) {
        for (Page& page : world.pages) world.dispatch(page, JoinRequested{kRoom, page.id});
        for (int round = 0; round < 3; ++round) {
            const auto steps = world.chance().below(120);
            for (std::uint32_t i = 0; i < steps; ++i) world.step();
            Page& page = world.pages[world.chance().below(3)];
            world.dispatch(page, LeaveRequested{});
            const auto pause = world.chance().below(30);
            for (std::uint32_t i = 0; i < pause; ++i) world.step();
            world.dispatch(page, JoinRequested{kRoom, page.id});
        }
        world.run(world.now + 25'000);
    });
}

TEST_CASE("whoever asks for a reconnect in the middle of anything ends connected", "[pair]") {
    const auto story = [](World& world) {
        for (Page& page : world.pages) world.dispatch(page, JoinRequested{kRoom, page.id});
        for (int round = 0; round < 4; ++round) {
            const auto steps = world.chance().below(60);
            for (std::uint32_t i = 0; i < steps; ++i) world.step();
            Page& page = world.pages[world.chance().below(2)];
            world.dispatch(page, ReconnectRequested{});
        }
        world.run(world.now + 25'000);
    };
    all_seeds(2, {}, story);
    all_seeds(2, impatient(), story);
}

TEST_CASE("after everybody has left nothing is left", "[pair]") {
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        INFO("seed " << seed);
        World world{seed, {}};
        for (const auto& id : kPeople) world.add(id);
        for (Page& page : world.pages) world.dispatch(page, JoinRequested{kRoom, page.id});
        const auto steps = world.chance().below(300);
        for (std::uint32_t i = 0; i < steps; ++i) world.step();
        for (Page& page : world.pages) world.dispatch(page, LeaveRequested{});
        world.run(world.now + 60'000);
        for (const Page& page : world.pages) {
            CHECK(page.connections.empty());
            CHECK_FALSE(page.wake);
            CHECK_FALSE(page.socket_open);
            CHECK(page.meeting.snapshot().participants.empty());
        }
        CHECK(world.problems == std::vector<std::string>{});
    }
}

TEST_CASE("the same seed is the same story, action for action", "[pair]") {
    const auto run = [] {
        World world{7, impatient()};
        for (const auto& id : kPeople) world.add(id);
        together(world);
        return world;
    };
    const World first = run();
    const World second = run();
    CHECK(first.log == second.log);
    for (std::size_t i = 0; i < kPeople.size(); ++i)
        CHECK(first.pages[i].meeting == second.pages[i].meeting);
}

TEST_CASE("once everybody is connected all agree on who receives whom", "[pair]") {
    World world{3, {}};
    for (const auto& id : kPeople) world.add(id);
    together(world);
    std::vector<LinkView> expected;
    for (const auto& receiver : kPeople)
        for (const auto& sender : kPeople)
            if (receiver != sender) expected.push_back({receiver, sender, true});
    for (const Page& page : world.pages) CHECK(page.meeting.snapshot().links == expected);
}
