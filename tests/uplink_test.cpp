// What the uplink and the processor are taken to carry, round after round of samples.
#include "uplink.hpp"

#include "support.hpp"

using namespace dvmeet;
using namespace dvmeet::test;

namespace {

constexpr TimeMs kRound = 2'000;

Reading calm(std::int64_t sent_bps) { return {sent_bps, false, false}; }
Reading congested(std::int64_t sent_bps) { return {sent_bps, true, false}; }
Reading busy() { return {100'000, false, true}; }

/// Rounds in which everybody reads alike, two seconds apart.
struct UplinkBench {
    Uplink uplink;
    Division present{{}, 2'000'000, 100'000, {}};
    TimeMs now = 0;
    void rounds(std::size_t count, const std::vector<Reading>& readings) {
        for (std::size_t i = 0; i < count; ++i) {
            now += kRound;
            uplink.conclude(readings, present, now);
        }
    }
    /// Two congested rounds, in which two connections sent so much altogether.
    void choke(std::int64_t sent_bps) {
        rounds(Uplink::kCongestedRounds, {congested(sent_bps / 2), congested(sent_bps / 2)});
    }
    /// A step is tried so often, and is too much each time.
    void try_in_vain(int times) {
        choke(1'000'000);
        present.next_bps = 1'100'000;
        for (int i = 0; i < times; ++i) {
            (void)until_tried();
            choke(1'000'000);
        }
    }
    /// Calm until more is tried; returns how long that took.
    TimeMs until_tried() {
        const TimeMs from = now;
        const auto before = uplink.bps();
        while (uplink.bps() == before && now - from < 10 * Uplink::kLongestWaitMs)
            rounds(1, {calm(500'000)});
        return now - from;
    }
};

struct ReliefBench {
    Relief relief;
    TimeMs now = 0;
    void rounds(std::size_t count, const std::vector<Reading>& readings) {
        for (std::size_t i = 0; i < count; ++i) relief.conclude(readings, now += kRound);
    }
    /// Rounds without need until a rung is given back.
    std::size_t until_eased() {
        const std::uint32_t before = relief.rungs();
        std::size_t count = 0;
        for (; relief.rungs() == before && count < 2'000; ++count) rounds(1, {calm(100'000)});
        return count;
    }
};

}  // namespace

// ---- the uplink -----------------------------------------------------------------------------

TEST_CASE("an uplink is unknown until congestion speaks of it twice in a row", "[uplink]") {
    UplinkBench bench;
    bench.rounds(1, {congested(1'000'000)});
    CHECK_FALSE(bench.uplink.bps());
    bench.rounds(1, {calm(1'000'000)});
    bench.rounds(1, {congested(1'000'000)});
    CHECK_FALSE(bench.uplink.bps());
    bench.rounds(1, {congested(1'000'000)});
    CHECK(bench.uplink.bps() == 850'000);
}

TEST_CASE("a round without any reading says nothing", "[uplink]") {
    UplinkBench bench;
    bench.rounds(1, {congested(1'000'000)});
    bench.rounds(5, {});
    CHECK_FALSE(bench.uplink.bps());
    bench.rounds(1, {congested(1'000'000)});
    CHECK(bench.uplink.bps() == 850'000);
}

TEST_CASE("one of many that is congested speaks of its far end", "[uplink]") {
    UplinkBench bench;
    bench.rounds(20, {congested(200'000), calm(500'000), calm(500'000)});
    CHECK_FALSE(bench.uplink.bps());
    bench.rounds(20, {congested(200'000), calm(500'000)});
    CHECK_FALSE(bench.uplink.bps());
    bench.rounds(2, {congested(200'000), congested(200'000), calm(500'000)});
    CHECK(bench.uplink.bps() == 765'000);
}

TEST_CASE("an uplink never falls below what everything takes at its least", "[uplink]") {
    UplinkBench bench;
    bench.choke(40'000);
    CHECK(bench.uplink.bps() == 100'000);
}

TEST_CASE("congestion while nothing is tried only ever lowers the uplink", "[uplink]") {
    UplinkBench bench;
    bench.choke(1'000'000);
    bench.choke(1'200'000);
    CHECK(bench.uplink.bps() == 850'000);
    bench.choke(600'000);
    CHECK(bench.uplink.bps() == 510'000);
}

TEST_CASE("after calm the next step is tried, and kept where it holds", "[uplink]") {
    UplinkBench bench;
    bench.choke(1'000'000);
    bench.present.next_bps = 1'100'000;
    CHECK(bench.until_tried() == Uplink::kFirstWaitMs);
    CHECK(bench.uplink.bps() == 1'100'000);
    bench.present.next_bps = 1'500'000;
    bench.rounds(Uplink::kTrialMs / kRound - 1, {calm(900'000)});
    CHECK(bench.uplink.bps() == 1'100'000);  // a trial is not cut short by the next one
    bench.rounds(1, {calm(900'000)});
    CHECK(bench.uplink.bps() == 1'500'000);
}

TEST_CASE("where everything is sent at its best nothing is tried", "[uplink]") {
    UplinkBench bench;
    bench.choke(1'000'000);
    bench.present.next_bps.reset();
    bench.rounds(100, {calm(500'000)});
    CHECK(bench.uplink.bps() == 850'000);
}

TEST_CASE("a step that is too much is taken back, and each next try waits twice as long",
          "[uplink]") {
    UplinkBench bench;
    bench.choke(1'000'000);
    bench.present.next_bps = 1'100'000;
    std::vector<TimeMs> waits;
    for (int i = 0; i < 9; ++i) {
        waits.push_back(bench.until_tried());
        CHECK(bench.uplink.bps() == 1'100'000);
        bench.choke(1'000'000);
        CHECK(bench.uplink.bps() == 850'000);
    }
    CHECK(waits == std::vector<TimeMs>{10'000, 20'000, 40'000, 80'000, 160'000, 320'000, 640'000,
                                       640'000, 640'000});
}

TEST_CASE("what is less than what was too much is tried without the wait of that", "[uplink]") {
    UplinkBench bench;
    bench.try_in_vain(4);
    bench.present.next_bps = 950'000;  // somebody's tile has become smaller
    CHECK(bench.until_tried() == Uplink::kFirstWaitMs);
}

TEST_CASE("a link that has become better is climbed with the first wait again", "[uplink]") {
    UplinkBench bench;
    bench.try_in_vain(4);
    (void)bench.until_tried();
    bench.present.next_bps = 1'500'000;
    CHECK(bench.until_tried() == Uplink::kTrialMs);  // it holds, and the next one follows
    CHECK(bench.uplink.bps() == 1'500'000);
}

TEST_CASE("an uplink that is congested now and then is climbed ever more rarely", "[uplink]") {
    UplinkBench bench;
    bench.choke(1'000'000);
    std::vector<TimeMs> waits;
    for (int i = 0; i < 4; ++i) {
        bench.present.next_bps = 1'100'000;
        waits.push_back(bench.until_tried());
        bench.present.next_bps.reset();
        bench.rounds(30, {calm(1'000'000)});  // the step has held for a minute
        bench.choke(400'000);
    }
    CHECK(waits == std::vector<TimeMs>{10'000, 20'000, 40'000, 80'000});
    bench.rounds(Uplink::kForgottenMs / kRound, {calm(400'000)});
    bench.choke(400'000);
    bench.present.next_bps = 1'100'000;
    CHECK(bench.until_tried() == 2 * Uplink::kFirstWaitMs);
}

TEST_CASE("congestion long after a step speaks against the link, not the step", "[uplink]") {
    UplinkBench bench;
    bench.choke(1'000'000);
    bench.present.next_bps = 1'100'000;
    (void)bench.until_tried();
    bench.present.next_bps.reset();
    bench.rounds(30, {calm(1'000'000)});
    bench.choke(400'000);
    CHECK(bench.uplink.bps() == 340'000);
}

TEST_CASE("another network has another uplink", "[uplink]") {
    UplinkBench bench;
    bench.choke(1'000'000);
    bench.uplink.reset();
    CHECK(bench.uplink == Uplink{});
}

// ---- the processor --------------------------------------------------------------------------

TEST_CASE("a processor that can't keep up is relieved, a rung at a time", "[uplink]") {
    ReliefBench bench;
    bench.rounds(Relief::kBusyRounds - 1, {busy()});
    CHECK(bench.relief.rungs() == 0);
    bench.rounds(1, {calm(1)});
    bench.rounds(Relief::kBusyRounds, {calm(1), busy()});
    CHECK(bench.relief.rungs() == 1);
    bench.rounds(20, {busy()});
    CHECK(bench.relief.rungs() == Relief::kMost);
}

TEST_CASE("relief is given back after a minute, and later where that was too soon", "[uplink]") {
    ReliefBench bench;
    bench.rounds(Relief::kBusyRounds, {busy()});
    std::vector<std::size_t> waits;
    for (int i = 0; i < 4; ++i) {
        waits.push_back(bench.until_eased());
        bench.rounds(Relief::kBusyRounds, {busy()});
    }
    CHECK(waits == std::vector<std::size_t>{30, 60, 120, 240});
}

TEST_CASE("relief that holds makes the next wait short again", "[uplink]") {
    ReliefBench bench;
    bench.rounds(2 * Relief::kBusyRounds, {busy()});
    CHECK(bench.relief.rungs() == 2);
    (void)bench.until_eased();
    bench.rounds(Relief::kBusyRounds, {busy()});  // too soon: a wait of two minutes
    CHECK(bench.until_eased() == 60);
    CHECK(bench.until_eased() == 60);
    CHECK(bench.relief.rungs() == 0);
    bench.rounds(Relief::kBusyRounds, {busy()});
    CHECK(bench.until_eased() == 60);  // it fell back once more, in the middle of a trial
}
