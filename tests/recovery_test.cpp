// The ladder of one pair against a virtual clock: when a try is due, and when there are no more.
#include "recovery.hpp"

#include <algorithm>

#include "support.hpp"

using namespace dvmeet;
using namespace dvmeet::test;

namespace {

struct RecoveryBench : Bench {
    Recovery recovery{};

    void suspect(TimeMs delay_ms = 0, bool certain = false) {
        CHECK(run([&](Turn& turn) { recovery.suspect(delay_ms, certain, turn); }) == Actions{});
    }
    void begin() {
        CHECK(run([&](Turn& turn) { recovery.begin(turn); }) == Actions{});
    }
    void tried() {
        CHECK(run([&](Turn& turn) { recovery.tried(turn); }) == Actions{});
    }
    void postpone() {
        CHECK(run([&](Turn& turn) { recovery.postpone(turn); }) == Actions{});
    }
    /// Goes to the next deadline and tries there.
    void try_when_due() {
        REQUIRE(recovery.deadline());
        now = *recovery.deadline();
        REQUIRE(recovery.is_due(now));
        tried();
    }
};

}  // namespace

TEST_CASE("a path that is not in doubt needs nothing", "[recovery]") {
    RecoveryBench bench;
    CHECK_FALSE(bench.recovery.is_active());
    CHECK_FALSE(bench.recovery.is_due(1'000'000));
    CHECK_FALSE(bench.recovery.prove(bench.now));
    bench.begin();
    bench.postpone();
    CHECK_FALSE(bench.recovery.deadline());
    CHECK_FALSE(bench.recovery.is_active());
}

TEST_CASE("a path in doubt is tried after the delay it is given to heal", "[recovery]") {
    RecoveryBench bench;
    bench.now = 50;
    bench.suspect(300);
    CHECK(bench.changed);
    CHECK(bench.recovery.is_active());
    CHECK(bench.recovery.deadline() == 350);
    CHECK_FALSE(bench.recovery.is_due(349));
    CHECK(bench.recovery.is_due(350));
}

TEST_CASE("more of the same doubt neither hurries nor delays the try", "[recovery]") {
    RecoveryBench bench;
    bench.suspect(300);
    bench.now = 100;
    bench.suspect(0);
    CHECK_FALSE(bench.changed);
    CHECK(bench.recovery.deadline() == 300);
    bench.suspect(10'000);
    CHECK(bench.recovery.deadline() == 300);
}

TEST_CASE("a certain doubt brings the try forward, and never puts it off", "[recovery]") {
    RecoveryBench bench;
    bench.suspect(300);
    bench.now = 100;
    bench.suspect(0, true);
    CHECK_FALSE(bench.changed);
    CHECK(bench.recovery.deadline() == 100);
    bench.suspect(5'000, true);
    CHECK(bench.recovery.deadline() == 100);
}

TEST_CASE("the pauses grow from 3 to 8 s, with a fifth of each drawn on top", "[recovery]") {
    RecoveryBench bench;
    bench.suspect();
    std::uint32_t number = 0;
    for (const std::uint32_t pause : {3'000U, 4'500U, 6'000U, 7'500U, 8'000U, 8'000U}) {
        INFO("pause " << pause);
        bench.try_when_due();
        CHECK(bench.recovery.tries() == ++number);
        CHECK(bench.recovery.deadline() == bench.now + pause + drawn(number, pause / 5 + 1));
    }
}

TEST_CASE("what is drawn comes from the seed, stays in its bounds and keeps pairs out of step",
          "[recovery]") {
    TimeMs least = 1'000'000;
    TimeMs most = 0;
    for (std::uint32_t seed = 0; seed < 200; ++seed) {
        RecoveryBench bench;
        bench.config.seed = seed;
        bench.suspect();
        bench.try_when_due();
        CHECK(bench.recovery.deadline() == 3'000 + drawn(1, 601, bench.config));
        least = std::min(least, *bench.recovery.deadline());
        most = std::max(most, *bench.recovery.deadline());
    }
    CHECK(least >= 3'000);
    CHECK(least < 3'050);
    CHECK(most <= 3'600);
    CHECK(most > 3'550);
}

TEST_CASE("the configured wait is what the pauses grow from", "[recovery]") {
    RecoveryBench bench;
    bench.config.recovery_wait_ms = 1'000;
    bench.suspect();
    bench.try_when_due();
    CHECK(bench.recovery.deadline() == 1'000 + drawn(1, 201));
}

TEST_CASE("data on the path ends the doubt, and the next one starts from the first pause",
          "[recovery]") {
    RecoveryBench bench;
    bench.suspect();
    for (int i = 0; i < 3; ++i) bench.try_when_due();
    CHECK(bench.recovery.prove(bench.now));
    CHECK(bench.recovery == Recovery{});
    CHECK_FALSE(bench.recovery.prove(bench.now));

    bench.suspect();
    bench.try_when_due();
    CHECK(bench.recovery.deadline() == bench.now + 3'000 + drawn(4, 601));
}

TEST_CASE("a certain doubt is not ended by data before a try was made", "[recovery]") {
    RecoveryBench bench;
    bench.suspect(0, true);
    CHECK_FALSE(bench.recovery.prove(bench.now));
    CHECK(bench.recovery.is_active());
    bench.try_when_due();
    CHECK(bench.recovery.prove(bench.now));
}

TEST_CASE("a doubt that becomes certain is treated as certain", "[recovery]") {
    RecoveryBench bench;
    bench.suspect(300);
    bench.suspect(300, true);
    CHECK_FALSE(bench.recovery.prove(bench.now));
}

TEST_CASE("no two tries are less than a second apart, whoever asks", "[recovery]") {
    RecoveryBench bench;
    bench.suspect();
    bench.try_when_due();
    bench.now = 200;
    bench.suspect(0, true);
    CHECK(bench.recovery.deadline() == Recovery::kLeastPauseMs);
    bench.begin();
    CHECK(bench.recovery.deadline() == Recovery::kLeastPauseMs);
    bench.now = 1'200;
    bench.begin();
    CHECK(bench.recovery.deadline() == 1'200);
}

TEST_CASE("a try that is held has no time until it may begin", "[recovery]") {
    RecoveryBench bench;
    bench.suspect(300);
    bench.recovery.hold();
    CHECK(bench.recovery.is_active());
    CHECK_FALSE(bench.recovery.deadline());
    CHECK_FALSE(bench.recovery.is_due(1'000'000));
    bench.suspect(0);
    CHECK_FALSE(bench.recovery.deadline());

    bench.now = 90'000;
    bench.begin();
    CHECK(bench.recovery.is_due(90'000));
}

TEST_CASE("while the other side does something, ours waits as long as a first try", "[recovery]") {
    RecoveryBench bench;
    bench.suspect(300);
    bench.now = 100;
    bench.postpone();
    CHECK(bench.recovery.deadline() == 3'100);
    bench.now = 200;
    bench.postpone();
    CHECK(bench.recovery.deadline() == 3'200);
}

TEST_CASE("a doubt that comes up while the other side does something waits for that, too",
          "[recovery]") {
    RecoveryBench bench;
    bench.now = 100;
    bench.postpone();
    CHECK(bench.recovery.deadline() == std::nullopt);
    bench.now = 800;
    bench.suspect();
    CHECK(bench.recovery.deadline() == 3'100);
    bench.now = 900;
    bench.suspect(0, true);  // another network is more than the other side can know of
    CHECK(bench.recovery.deadline() == 900);
}

TEST_CASE("what the other side does never brings our try forward", "[recovery]") {
    RecoveryBench bench;
    bench.suspect();
    for (int i = 0; i < 3; ++i) bench.try_when_due();
    const auto due = bench.recovery.deadline();
    CHECK(due > bench.now + 3'000);
    bench.postpone();
    CHECK(bench.recovery.deadline() == due);
}

TEST_CASE("a try that was held is due some time after the other side did something", "[recovery]") {
    RecoveryBench bench;
    bench.suspect();
    bench.recovery.hold();
    bench.now = 500;
    bench.postpone();
    CHECK(bench.recovery.deadline() == 3'500);
}

TEST_CASE("twelve tries are made, some 85 s long", "[recovery]") {
    RecoveryBench bench;
    bench.suspect();
    for (int i = 0; i < 12; ++i) {
        CHECK_FALSE(bench.recovery.is_exhausted());
        bench.try_when_due();
    }
    CHECK(bench.recovery.is_exhausted());
    CHECK(*bench.recovery.deadline() >= 85'000);
    CHECK(*bench.recovery.deadline() <= 85'000 * 6 / 5);
    bench.recovery.reset();
    CHECK(bench.recovery == Recovery{});
}
