// What two samples say, and how good a connection is.
#include "stats.hpp"

#include "support.hpp"

using namespace dvmeet;
using namespace dvmeet::test;

namespace {

using Levels = std::vector<Quality>;
constexpr Quality kExcellent = Quality::excellent;
constexpr Quality kGood = Quality::good;
constexpr Quality kPoor = Quality::poor;
constexpr Quality kDead = Quality::lost;

/// What a level shows after each of these.
Levels levels_of(const Levels& seen) {
    QualityLevel level;
    Levels shown;
    for (const Quality each : seen) {
        level.take(each);
        shown.push_back(level.level());
    }
    return shown;
}

/// The `number`-th sample of a picture that comes in and one that goes out, two seconds apart.
StatsSampled sample(std::int64_t number) {
    StatsSampled made{1, 1, 0, number * 2'000, PairStats{}, {{}}, {{}}};
    made.pair->round_trip_us = 40'000;
    made.pair->available_outgoing_bps = 2'000'000;
    InboundStats& in = made.received.front();
    in.slot = Slot::camera;
    in.bytes = number * 250'000;
    in.packets = number * 1'000;
    in.packets_lost = 0;
    in.jitter_us = 5'000;
    in.frames_decoded = number * 60;
    in.width = 640;
    in.height = 360;
    in.freezes = 0;
    in.frozen_ms = 0;
    OutboundStats& out = made.sent.front();
    out.slot = Slot::camera;
    out.bytes = number * 125'000;
    out.packets = number * 500;
    out.packets_lost = 0;
    out.frames_encoded = number * 30;
    out.limitation = Limitation::none;
    return made;
}

struct StatsBench : Bench {
    Stats stats;
    bool take(const StatsSampled& event, bool is_received = true) {
        bool news = false;
        now = event.at + 100;
        CHECK(run([&](Turn& turn) { news = stats.take(event, is_received, turn); }) == Actions{});
        return news;
    }
    /// The level after two samples, of which the second was changed.
    template <class Change>
    Quality level_with(const Change& change) {
        stats = {};
        take(sample(1));
        StatsSampled second = sample(2);
        change(second);
        take(second);
        return stats.quality();
    }
};

}  // namespace

// ---- figures --------------------------------------------------------------------------------

TEST_CASE("two samples make rates", "[stats]") {
    StatsBench bench;
    CHECK_FALSE(bench.take(sample(1)));
    CHECK(bench.stats.view() == [] {
        StatsView view;
        view.round_trip_us = 40'000;
        view.available_outgoing_bps = 2'000'000;
        return view;
    }());

    StatsSampled second = sample(2);
    second.received.front().packets_lost = 250;
    second.received.front().freezes = 1;
    second.received.front().frozen_ms = 500;
    second.sent.front().packets_lost = 5;
    CHECK(bench.take(second));
    FlowView in{.slot = Slot::camera};
    in.bitrate_bps = 1'000'000;
    in.loss_permille = 200;  // 250 of 1 250
    in.jitter_us = 5'000;
    in.fps = 30;
    in.width = 640;
    in.height = 360;
    in.freezes = 1;
    in.frozen_permille = 250;
    FlowView out{.slot = Slot::camera};
    out.bitrate_bps = 500'000;
    out.loss_permille = 10;
    out.fps = 15;
    out.limitation = Limitation::none;
    const StatsPoint point{4'100, 1'000'000, 500'000, 200, 40'000, 30};
    CHECK(bench.stats.view() ==
          StatsView{kPoor, 40'000, 2'000'000, {in}, {out}, {point}, PathView{}});
}

TEST_CASE("what a browser doesn't count stays unknown, and harms no level", "[stats]") {
    StatsBench bench;
    StatsSampled bare{1, 1, 0, 1'000, {}, {{}}, {}};
    bench.take(bare);
    bare.at = 3'000;
    CHECK(bench.take(bare));
    CHECK(bench.stats.view() == StatsView{kExcellent,
                                          {},
                                          {},
                                          {FlowView{}},
                                          {},
                                          {StatsPoint{3'100, 0, 0, 0, {}, {}}},
                                          PathView{}});
}

TEST_CASE("another connection, an earlier time or a new slot is a new beginning", "[stats]") {
    StatsBench bench;
    bench.take(sample(5));
    StatsSampled other = sample(6);
    other.connection = 2;
    CHECK_FALSE(bench.take(other));
    StatsSampled same_time = other;
    CHECK_FALSE(bench.take(same_time));
    StatsSampled next = sample(7);
    next.connection = 2;
    next.received.push_back({.slot = Slot::screen, .bytes = 9});
    CHECK(bench.take(next));
    CHECK(bench.stats.received().size() == 1);
}

TEST_CASE("counters that go back give no rate", "[stats]") {
    StatsBench bench;
    bench.take(sample(2));
    StatsSampled next = sample(3);
    next.received.front().bytes = 5;
    next.received.front().packets = 5;
    CHECK(bench.take(next));
    CHECK(bench.stats.received().front().bitrate_bps == std::nullopt);
    CHECK(bench.stats.received().front().loss_permille == std::nullopt);
}

TEST_CASE("voices that stop on purpose are not concealed ones", "[stats]") {
    StatsBench bench;
    const auto voice = [](std::int64_t number, std::int64_t packets) {
        StatsSampled made{1, 1, 0, number * 2'000, {}, {{}}, {}};
        made.received.front().packets = packets;
        made.received.front().samples = number * 96'000;
        made.received.front().concealed_samples = number * 48'000;
        return made;
    };
    bench.take(voice(1, 100));
    bench.take(voice(2, 200));
    CHECK(bench.stats.received().front().concealed_permille == 500);
    bench.take(voice(3, 200));
    CHECK(bench.stats.received().front().concealed_permille == std::nullopt);
}

TEST_CASE("the history is bounded, and the latest points stay", "[stats]") {
    StatsBench bench;
    for (std::int64_t number = 1; number <= 100; ++number) bench.take(sample(number));
    const auto history = bench.stats.view().history;
    CHECK(history.size() == kMostStatsPoints);
    CHECK(history.front().at == 41 * 2'000 + 100);
    CHECK(history.back().at == 100 * 2'000 + 100);
}

// ---- the level ------------------------------------------------------------------------------

TEST_CASE("each figure has two bounds that make a connection good and poor", "[stats]") {
    StatsBench bench;
    CHECK(bench.level_with([](auto& /*sample*/) {}) == kExcellent);
    const auto round_trip = [&](std::int64_t us) {
        return bench.level_with([&](auto& sample) { sample.pair->round_trip_us = us; });
    };
    CHECK(round_trip(199'999) == kExcellent);
    CHECK(round_trip(200'000) == kGood);
    CHECK(round_trip(499'999) == kGood);
    CHECK(round_trip(500'000) == kPoor);
    const auto inbound = [&](auto member, std::int64_t number) {
        return bench.level_with([&](auto& sample) { sample.received.front().*member = number; });
    };
    CHECK(inbound(&InboundStats::packets_lost, 20) == kExcellent);  // of 1 020
    CHECK(inbound(&InboundStats::packets_lost, 21) == kGood);
    CHECK(inbound(&InboundStats::packets_lost, 87) == kPoor);
    CHECK(inbound(&InboundStats::jitter_us, 29'999) == kExcellent);
    CHECK(inbound(&InboundStats::jitter_us, 30'000) == kGood);
    CHECK(inbound(&InboundStats::jitter_us, 60'000) == kPoor);
    CHECK(inbound(&InboundStats::frozen_ms, 2) == kGood);
    CHECK(inbound(&InboundStats::frozen_ms, 300) == kPoor);
    const auto outbound = [&](auto member, auto value) {
        return bench.level_with([&](auto& sample) { sample.sent.front().*member = value; });
    };
    CHECK(outbound(&OutboundStats::packets_lost, 9) == kExcellent);  // of 500
    CHECK(outbound(&OutboundStats::packets_lost, 10) == kGood);
    CHECK(outbound(&OutboundStats::packets_lost, 40) == kPoor);
    CHECK(outbound(&OutboundStats::limitation, Limitation::bandwidth) == kGood);
    CHECK(outbound(&OutboundStats::limitation, Limitation::cpu) == kGood);
    CHECK(outbound(&OutboundStats::limitation, Limitation::other) == kExcellent);
}

TEST_CASE("who should be received and isn't is lost", "[stats]") {
    StatsBench bench;
    bench.take(sample(1));
    bench.take(sample(2), false);
    CHECK(bench.stats.quality() == kDead);
    CHECK(bench.changed);
}

TEST_CASE("a level gets worse after two samples and better after three", "[stats]") {
    CHECK(levels_of({kExcellent, kPoor, kExcellent, kPoor, kPoor}) ==
          Levels{kExcellent, kExcellent, kExcellent, kExcellent, kPoor});
    CHECK(levels_of({kPoor, kExcellent, kExcellent, kPoor, kExcellent, kExcellent, kExcellent}) ==
          Levels{kPoor, kPoor, kPoor, kPoor, kPoor, kPoor, kExcellent});
}

TEST_CASE("a level goes no further than all samples in a row agree on", "[stats]") {
    CHECK(levels_of({kExcellent, kDead, kGood}) == Levels{kExcellent, kExcellent, kGood});
    CHECK(levels_of({kDead, kExcellent, kPoor, kExcellent}) == Levels{kDead, kDead, kDead, kPoor});
    CHECK(levels_of({kGood, kPoor, kExcellent, kPoor, kExcellent}) ==
          Levels{kGood, kGood, kGood, kGood, kGood});
}

TEST_CASE("a steady connection shows a steady level", "[stats]") {
    StatsBench bench;
    bench.take(sample(1));
    bench.take(sample(2));
    CHECK(bench.changed);
    for (std::int64_t number = 3; number < 20; ++number) {
        bench.take(sample(number));
        CHECK_FALSE(bench.changed);
    }
}
