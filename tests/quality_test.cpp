// How large pictures are taken and sent: what is asked of the camera and of each connection.
#include "quality.hpp"

#include <algorithm>
#include <map>
#include <string>

#include "support.hpp"

using namespace dvmeet;
using namespace dvmeet::test;

namespace {

const TrackId kTrack{Slot::camera, 1};
constexpr TimeMs kRound = 2'000;

LocalMedia with_camera(bool supplied = false) {
    LocalMedia media;
    Bench bench;
    bench.run([&](Turn& turn) {
        media.handle(MediaWished{{{Slot::camera, true, {}, supplied}}}, true, turn);
        media.handle(MediaAcquired{1, {Slot::camera}, supplied, {""}}, turn);
    });
    return media;
}

/// One camera that goes out to some others over one uplink.
struct QualityBench : Bench {
    QualityControl quality;
    LocalMedia media = with_camera();
    QualityControl::Sending sending;

    explicit QualityBench(std::uint32_t others = 0) {
        for (std::uint32_t i = 1; i <= others; ++i) {
            sending.connections.push_back(i);
            sending.pictures.push_back({i, Slot::camera, false, {}});
        }
        sending.voices = others;
    }
    Actions constrain(std::size_t people) {
        return run([&](Turn& turn) { quality.constrain(media, people, turn); });
    }
    /// Settings that are asked for, all of which the browser carries out.
    std::vector<SetEncoding> adapt() {
        auto settings = only<SetEncoding>(run([&](Turn& turn) { quality.adapt(sending, turn); }));
        for (const SetEncoding& each : settings) CHECK(quality.complete(each.connection, each.op));
        return settings;
    }
};

/// What one connection has sent so far.
struct Encoder {
    std::int64_t voice_bytes = 0;
    std::int64_t bytes = 0;
    std::int64_t packets = 0;
    std::int64_t lost = 0;
};

/// A bottleneck that all connections share alike, as browsers' congestion control lets them; each
/// takes a while to find out what there is.
struct Bottleneck {
    std::int64_t capacity_bps = 0;
    bool names_limits = true;        ///< as Chromium does, and Firefox doesn't
    std::int64_t loss_permille = 0;  ///< beside what the congestion control avoids

    StatsSampled carry(const SetEncoding& set, Encoder& encoder, std::size_t connections,
                       TimeMs at) const {
        const auto share = capacity_bps / static_cast<std::int64_t>(connections) - kVoiceBps;
        const std::int64_t wanted = set.encoding.active ? set.encoding.max_bitrate_bps : 0;
        const std::int64_t sent =
            std::clamp<std::int64_t>(wanted, 0, std::max<std::int64_t>(share, 0));
        encoder.bytes += sent * kRound / 8'000;
        encoder.packets += 100;
        encoder.lost += 100 * loss_permille / 1000;
        StatsSampled made{set.connection, 0, 0, at, PairStats{}, {}, {{}, {}}};
        made.pair->round_trip_us = 40'000;
        made.pair->available_outgoing_bps = share + kVoiceBps;
        encoder.voice_bytes += kVoiceBps * kRound / 8'000;
        made.sent.back().bytes = encoder.voice_bytes;
        OutboundStats& out = made.sent.front();
        out.slot = Slot::camera;
        out.bytes = encoder.bytes;
        out.packets = encoder.packets;
        out.packets_lost = encoder.lost;
        if (names_limits) {
            out.limitation = sent < wanted ? Limitation::bandwidth : Limitation::none;
            out.target_bps = sent;
        }
        return made;
    }
};

/// Ten minutes and more of one link: when anything was set differently.
struct Link : QualityBench {
    Bottleneck bottleneck;
    std::map<ConnectionId, SetEncoding> set;
    std::map<ConnectionId, Encoder> encoders;
    std::vector<TimeMs> changes;

    Link(std::uint32_t others, Bottleneck link) : QualityBench{others}, bottleneck{link} {
        constrain(others + 1);
        note(adapt());
        changes.clear();
    }
    void note(const std::vector<SetEncoding>& settings) {
        if (!settings.empty()) changes.push_back(now);
        for (const SetEncoding& each : settings) set.insert_or_assign(each.connection, each);
    }
    void pass(TimeMs duration) {
        const TimeMs until = now + duration;
        while (now < until) {
            now += kRound;
            quality.conclude(now);
            note(adapt());
            for (const auto& [connection, each] : set)
                quality.take(bottleneck.carry(each, encoders[connection], set.size(), now), now);
        }
    }
    /// How long more than this is allowed while so much time passes.
    TimeMs time_above(std::int64_t bps, TimeMs duration) {
        TimeMs above = 0;
        for (const TimeMs until = now + duration; now < until;) {
            pass(kRound);
            if (allowed_bps() > bps) above += kRound;
        }
        return above;
    }
    [[nodiscard]] std::int64_t allowed_bps() const {
        std::int64_t sum = sending.voices * kVoiceBps;
        for (const auto& [connection, each] : set)
            if (each.encoding.active) sum += each.encoding.max_bitrate_bps;
        return sum;
    }
    [[nodiscard]] auto changes_since(TimeMs from) const {
        return std::count_if(changes.begin(), changes.end(),
                             [&](TimeMs each) { return each > from; });
    }
};

constexpr TimeMs kMinute = 60'000;

}  // namespace

// ---- what is taken --------------------------------------------------------------------------

TEST_CASE("the camera is asked for less the more people there are", "[quality]") {
    struct Row {
        std::size_t people;
        ApplyConstraints wanted;
    };
    const std::vector<Row> rows{{1, {kTrack, 1280, 720, 30}}, {2, {kTrack, 1280, 720, 30}},
                                {3, {kTrack, 640, 480, 24}},  {4, {kTrack, 640, 480, 24}},
                                {5, {kTrack, 320, 240, 15}},  {128, {kTrack, 320, 240, 15}}};
    for (const Row& row : rows) {
        CAPTURE(row.people);
        QualityBench bench;
        CHECK(bench.constrain(row.people) == Actions{row.wanted});
        CHECK(bench.constrain(row.people) == Actions{});
    }
}

TEST_CASE("somebody who comes or goes within a row leaves the camera alone", "[quality]") {
    QualityBench bench;
    bench.constrain(3);
    CHECK(bench.constrain(4) == Actions{});
    CHECK(bench.constrain(5) == Actions{ApplyConstraints{kTrack, 320, 240, 15}});
    CHECK(bench.constrain(4) == Actions{ApplyConstraints{kTrack, 640, 480, 24}});
}

TEST_CASE("the table of sizes is the application's, and may be empty", "[quality]") {
    QualityBench bench;
    bench.config.capture = {{3, 960, 540, 20}};
    CHECK(bench.constrain(2) == Actions{ApplyConstraints{kTrack, 960, 540, 20}});
    CHECK(bench.constrain(9) == Actions{});
    bench.quality = {};
    bench.config.capture = {};
    CHECK(bench.constrain(2) == Actions{});
}

TEST_CASE("a track of the application is left as it is, and sent as large as it is", "[quality]") {
    QualityBench bench{1};
    bench.media = with_camera(true);
    REQUIRE(bench.media.sent(Slot::camera) == kTrack);
    CHECK(bench.constrain(2) == Actions{});
    bench.sending.pictures.front().shown = PictureSize{320, 240};
    CHECK(bench.adapt().front().encoding.scale_down_permille == 2000);
    bench.quality.handle(ConstraintsApplied{kTrack, 320, 240, 30});
    CHECK(bench.adapt().front().encoding.scale_down_permille == 1000);
}

TEST_CASE("what a camera gives instead of what it was asked for is what is divided", "[quality]") {
    QualityBench bench{1};
    bench.constrain(2);
    bench.quality.handle(ConstraintsApplied{kTrack, 640, 480, 15});
    const auto settings = bench.adapt();
    REQUIRE(settings.size() == 1);
    CHECK(settings.front().encoding.max_bitrate_bps == worth_bps({{640, 480}, 15}));
    CHECK(settings.front().encoding.max_frame_rate == 15);
    bench.quality.handle(ConstraintsApplied{kTrack, 640, 480, 0});  // some tell no rate
    CHECK(bench.adapt().front().encoding.max_frame_rate == 30);
    bench.quality.handle(ConstraintsApplied{kTrack, 0, 0, 0});
    CHECK(bench.adapt().empty());
}

TEST_CASE("a camera that refuses a size goes on, and is not asked again", "[quality]") {
    QualityBench bench{1};
    bench.constrain(2);
    const auto told = bench.run([&](Turn& turn) {
        bench.quality.handle(ConstraintsFailed{kTrack, {"OverconstrainedError", "width"}}, turn);
    });
    CHECK(reported(told) == ErrorCode::constraints_rejected);
    CHECK(bench.constrain(2) == Actions{});
    // It is as it was opened.
    CHECK(bench.adapt().front().encoding == Encoding{true, 600'000, 1000, 24, Preference::motion});
}

TEST_CASE("sizes of a track that isn't sent any more say nothing", "[quality]") {
    QualityBench bench{1};
    bench.constrain(2);
    bench.quality.handle(ConstraintsApplied{{Slot::camera, 2}, 16, 16, 1});
    CHECK(bench.adapt().front().encoding.max_bitrate_bps == 1'500'000);
}

// ---- what is sent ---------------------------------------------------------------------------

TEST_CASE("an encoding is set once, and anew only where it differs", "[quality]") {
    QualityBench bench{2};
    bench.constrain(3);
    CHECK(bench.adapt().size() == 2);
    CHECK(bench.adapt().empty());
    bench.sending.pictures.front().shown = PictureSize{0, 0};
    const auto settings = bench.adapt();
    REQUIRE(settings.size() == 1);
    CHECK(settings.front().connection == 1);
    CHECK_FALSE(settings.front().encoding.active);
}

TEST_CASE("one setting at a time for each picture, the last wish in the end", "[quality]") {
    QualityBench bench{1};
    const auto adapt = [&] {
        return only<SetEncoding>(
            bench.run([&](Turn& turn) { bench.quality.adapt(bench.sending, turn); }));
    };
    const auto first = adapt();
    REQUIRE(first.size() == 1);
    bench.sending.pictures.front().shown = PictureSize{0, 0};
    CHECK(adapt().empty());
    CHECK_FALSE(bench.quality.complete(1, first.front().op + 1));
    CHECK_FALSE(bench.quality.complete(2, first.front().op));
    CHECK(adapt().empty());
    CHECK(bench.quality.complete(1, first.front().op));
    const auto second = adapt();
    REQUIRE(second.size() == 1);
    CHECK_FALSE(second.front().encoding.active);
}

TEST_CASE("a connection that comes in the place of another one is set anew", "[quality]") {
    QualityBench bench{1};
    CHECK(bench.adapt().size() == 1);
    bench.sending.connections = {2};
    bench.sending.pictures.front().connection = 2;
    CHECK(bench.adapt().front().connection == 2);
}

TEST_CASE("an uplink that is configured is divided from the first", "[quality]") {
    Link link{3, {10'000'000}};
    CHECK(link.allowed_bps() == 3 * (600'000 + kVoiceBps));
    link.config.uplink_bps = 1'000'000;
    link.note(link.adapt());
    CHECK(link.allowed_bps() <= 1'000'000);
    CHECK(link.quality.view(link.config) == BudgetView{1'000'000, 3 * 650'000, true});
}

// ---- what the samples tell ------------------------------------------------------------------

TEST_CASE("a link that carries everything is never said to be limited", "[quality]") {
    Link link{3, {10'000'000}};
    link.pass(10 * kMinute);
    CHECK(link.changes.empty());
    CHECK(link.quality.view(link.config) == BudgetView{{}, 3 * 650'000, false});
}

TEST_CASE("a steady link that is too narrow is soon divided, and what is sent stays as it is",
          "[quality]") {
    struct Row {
        std::string what;
        std::uint32_t others;
        Bottleneck link;
    };
    const std::vector<Row> rows{{"a third of what is wanted", 3, {700'000}},
                                {"most of what is wanted", 3, {1'500'000}},
                                {"just above a step", 3, {1'210'000}},
                                {"just below a step", 3, {1'190'000}},
                                {"less than the least", 3, {150'000}},
                                {"a pair", 1, {900'000}},
                                {"a large room", 11, {1'000'000}},
                                {"a browser that says no limits", 3, {1'500'000, false}}};
    for (const Row& row : rows) {
        CAPTURE(row.what);
        Link link{row.others, row.link};
        link.pass(kMinute);
        const std::int64_t least_bps = row.others * (30'000 + kVoiceBps);
        const std::int64_t bearable_bps = std::max(row.link.capacity_bps * 5 / 4, least_bps);
        // Each further try waits twice as long, and is taken back at once where it is too much.
        const TimeMs settled = link.now;
        CHECK(link.time_above(bearable_bps, 10 * kMinute) <= kMinute);
        CHECK(link.changes_since(settled) <= 14);
        const TimeMs late = link.now;
        CHECK(link.time_above(bearable_bps, 10 * kMinute) <= kMinute / 2);
        CHECK(link.changes_since(late) <= 4);
    }
}

TEST_CASE("random loss lowers what is sent once, not without end", "[quality]") {
    Link link{3, {10'000'000, true, 80}};
    link.pass(kMinute);
    const std::int64_t allowed = link.allowed_bps();
    CHECK(allowed < 3 * 650'000);
    link.pass(10 * kMinute);
    const std::int64_t least_bps = 3 * (30'000 + kVoiceBps);
    CHECK(link.allowed_bps() >= least_bps);
    const TimeMs late = link.now;
    link.pass(10 * kMinute);
    CHECK(link.changes_since(late) <= 4);
}

TEST_CASE("a link that has become better is used again within some minutes", "[quality]") {
    Link link{3, {600'000}};
    link.pass(2 * kMinute);
    CHECK(link.allowed_bps() < 900'000);
    link.bottleneck.capacity_bps = 10'000'000;
    link.pass(6 * kMinute);
    CHECK(link.allowed_bps() == 3 * 650'000);
    CHECK_FALSE(link.quality.view(link.config).limited);
}

TEST_CASE("another network is tried with everything", "[quality]") {
    Link link{3, {600'000}};
    link.pass(2 * kMinute);
    link.bottleneck.capacity_bps = 10'000'000;
    link.quality.reset_uplink();
    link.note(link.adapt());
    CHECK(link.allowed_bps() == 3 * 650'000);
}

TEST_CASE("an estimate that is forgotten where it limits nothing is announced", "[quality]") {
    Link link{3, {600'000}};
    link.pass(2 * kMinute);
    link.bottleneck.capacity_bps = 10'000'000;
    link.pass(6 * kMinute);
    REQUIRE(link.quality.view(link.config).uplink_bps);
    (void)link.adapt();
    CHECK_FALSE(link.changed);
    link.quality.reset_uplink();
    CHECK(link.adapt().empty());
    CHECK(link.changed);
}

TEST_CASE("packets that wait in our own queue are congestion", "[quality]") {
    Link link{1, {10'000'000}};
    link.pass(kMinute);
    CHECK(link.changes.empty());
    for (int i = 0; i < 4; ++i) {
        link.now += kRound;
        link.quality.conclude(link.now);
        link.note(link.adapt());
        auto sample = link.bottleneck.carry(link.set.at(1), link.encoders[1], 1, link.now);
        sample.pair->round_trip_us = 900'000;
        link.quality.take(sample, link.now);
    }
    CHECK(link.changes.size() == 1);
    CHECK(link.quality.view(link.config).limited);
}

TEST_CASE("what is lost while a path is doubted is not held against the uplink", "[quality]") {
    Link link{1, {10'000'000}};
    link.pass(kMinute);
    link.bottleneck.loss_permille = 900;
    for (int i = 0; i < 6; ++i) {
        link.pass(kRound);
        link.quality.forget(1);
    }
    link.bottleneck.loss_permille = 0;
    link.pass(kMinute);
    CHECK(link.changes.empty());
}

TEST_CASE("a processor that can't keep up gets smaller pictures", "[quality]") {
    Link link{1, {10'000'000}};
    for (std::uint32_t i = 0; i < Relief::kBusyRounds + 1; ++i) {
        link.now += kRound;
        link.quality.conclude(link.now);
        link.note(link.adapt());
        auto sample = link.bottleneck.carry(link.set.at(1), link.encoders[1], 1, link.now);
        sample.sent.front().limitation = Limitation::cpu;
        link.quality.take(sample, link.now);
    }
    link.quality.conclude(link.now + kRound);
    link.note(link.adapt());
    CHECK(link.set.at(1).encoding.scale_down_permille == 1500);
    CHECK(link.quality.view(link.config).uplink_bps == std::nullopt);
}

// ---- in a room ------------------------------------------------------------------------------

namespace {

/// Bob with Ana, to whom his camera goes.
struct Pair : Desk {
    OperationId setting = 0;
    explicit Pair(Config settings = {}) : Desk{std::move(settings)} {
        join({kAna});
        connect(kAna, 1);
        const auto wished = (*this)(MediaWished{{{Slot::camera, true}}});
        const auto replaced =
            (*this)(MediaAcquired{only<AcquireMedia>(wished).front().op, {Slot::camera}});
        const auto set =
            only<SetEncoding>((*this)(OperationDone{1, only<ReplaceTrack>(replaced).front().op}));
        if (set.empty()) return;
        setting = set.front().op;
        (*this)(OperationDone{1, setting});
    }
    std::vector<SetEncoding> hear(std::uint32_t width, std::uint32_t height) {
        return only<SetEncoding>(
            (*this)(ChannelReceived{1, channel::TileSizes{{{Slot::camera, width, height}}}}));
    }
    Actions show(const ParticipantId& id, Slot slot, std::uint32_t width, std::uint32_t height) {
        return only_sizes((*this)(TileSized{id, slot, width, height}));
    }
    static Actions only_sizes(const Actions& actions) {
        Actions sizes;
        for (const SendOnChannel& each : only<SendOnChannel>(actions))
            if (std::holds_alternative<channel::TileSizes>(each.message)) sizes.push_back(each);
        return sizes;
    }
};

}  // namespace

TEST_CASE("a picture is set once its track is in the line, and follows its tile", "[quality]") {
    Pair bob;
    REQUIRE(bob.setting != 0);
    const auto small = bob.hear(320, 180);
    REQUIRE(small.size() == 1);
    CHECK(small.front().encoding.scale_down_permille == 4000);
    bob(OperationDone{1, small.front().op});
    const auto hidden = bob.hear(0, 0);
    REQUIRE(hidden.size() == 1);
    CHECK_FALSE(hidden.front().encoding.active);
    bob(OperationDone{1, hidden.front().op});
    const auto large = bob.hear(1920, 1080);
    REQUIRE(large.size() == 1);
    CHECK(large.front().encoding == Encoding{true, 1'500'000, 1000, 30, Preference::motion});
}

TEST_CASE("how large we show somebody is told to that one, over the channel", "[quality]") {
    Pair bob;
    CHECK(bob.show(kAna, Slot::camera, 640, 360) ==
          Actions{SendOnChannel{1, channel::TileSizes{{{Slot::camera, 640, 360}}}}});
    CHECK(bob.show(kAna, Slot::camera, 320, 180) == Actions{});
    REQUIRE(bob.wake);
    bob.now = *bob.wake;
    CHECK(Pair::only_sizes(bob(TimePassed{})) ==
          Actions{SendOnChannel{1, channel::TileSizes{{{Slot::camera, 320, 180}}}}});
}

TEST_CASE("a tile of nobody here is reported and forgotten", "[quality]") {
    Pair bob;
    CHECK(reported(bob(TileSized{kCyd, Slot::camera, 640, 360})) == ErrorCode::unknown_participant);
    CHECK(reported(bob(TileSized{kBob, Slot::camera, 640, 360})) == ErrorCode::unknown_participant);
}

TEST_CASE("an encoding that the browser refuses thrice is reported, and the pair goes on",
          "[quality]") {
    Pair bob;
    const auto small = bob.hear(320, 180);
    REQUIRE(small.size() == 1);
    const auto refuse = [&](OperationId op) {
        return bob(OperationFailed{1, op, {"InvalidStateError", "gone"}});
    };
    OperationId op = small.front().op;
    for (int i = 0; i < 2; ++i) {
        const auto again = refuse(op);
        REQUIRE(only<SetEncoding>(again).size() == 1);
        CHECK(only<Report>(again).empty());
        CHECK(only<SetEncoding>(again).front().encoding == small.front().encoding);
        op = only<SetEncoding>(again).front().op;
    }
    const auto told = refuse(op);
    CHECK(reported(told) == ErrorCode::encoding_rejected);
    CHECK(only<SetEncoding>(told).empty());
    CHECK(bob.tile(kAna).connection == TileState::connected);
    CHECK(bob.hear(320, 180).empty());
    CHECK(bob.hear(0, 0).size() == 1);
}

TEST_CASE("without adaptation nothing is set or sampled for it", "[quality]") {
    Pair bob{Config{.adapt = false}};
    CHECK(bob.setting == 0);
    CHECK(bob.hear(320, 180).empty());
}

TEST_CASE("a room that takes more than the uplink says so, and what is done about it",
          "[quality]") {
    Pair bob{Config{.uplink_bps = 700'000}};
    const auto warnings = bob.meeting.snapshot().warnings;
    REQUIRE(warnings.size() == 1);
    CHECK(warnings.front().code == ErrorCode::uplink_exceeded);
    CHECK(warnings.front().detail ==
          "2 people would take 1.6 Mbit/s up; this connection gives about 0.7. "
          "Voices go first, pictures are sent smaller.");
    CHECK(bob.meeting.snapshot().budget.limited);
    bob(MediaWished{{{Slot::camera, false}}});
    CHECK(bob.meeting.snapshot().warnings.empty());
}

TEST_CASE("a room that the uplink carries warns of nothing", "[quality]") {
    Pair bob{Config{.uplink_bps = 1'600'000}};
    CHECK(bob.meeting.snapshot().warnings.empty());
    CHECK_FALSE(bob.meeting.snapshot().budget.limited);
}

TEST_CASE("what was said of sizes is said again over a channel that opens anew", "[quality]") {
    Pair bob;
    bob.show(kAna, Slot::camera, 640, 360);
    bob(5'000, ChannelClosed{1});
    CHECK(Pair::only_sizes(bob(ChannelOpened{1})) ==
          Actions{SendOnChannel{1, channel::TileSizes{{{Slot::camera, 640, 360}}}}});
}
