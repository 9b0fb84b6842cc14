// How an uplink is divided: who goes first, how far each climbs, and what changes nothing.
#include "budget.hpp"

#include "support.hpp"

using namespace dvmeet;
using namespace dvmeet::test;

namespace {

constexpr Capture k720{{1280, 720}, 30};
constexpr Capture k480{{640, 480}, 24};
constexpr Capture k240{{320, 240}, 15};
constexpr PictureSize kHidden{0, 0};

Picture camera(ConnectionId connection, std::optional<PictureSize> shown = {}) {
    return {connection, Slot::camera, false, shown};
}
Picture screen(ConnectionId connection, std::optional<PictureSize> shown = {}) {
    return {connection, Slot::screen, true, shown};
}
Encoding moving(std::uint32_t bps, std::uint32_t scale_permille, std::uint32_t frame_rate) {
    return {true, bps, scale_permille, frame_rate, Preference::motion};
}
Encoding sharp(std::uint32_t bps, std::uint32_t frame_rate, std::uint32_t scale_permille = 1000) {
    return {true, bps, scale_permille, frame_rate, Preference::detail};
}
using Encodings = std::vector<Encoding>;

}  // namespace

// ---- the room -------------------------------------------------------------------------------

TEST_CASE("a mesh takes the square of its participants", "[budget]") {
    CHECK(mesh_bandwidth(4, 1000) == MeshBandwidth{6, 3000, 3000, 12'000});
    CHECK(mesh_bandwidth(2, 1500) == MeshBandwidth{1, 1500, 1500, 3000});
    CHECK(mesh_bandwidth(1, 1000) == MeshBandwidth{0, 0, 0, 0});
    CHECK(mesh_bandwidth(0, 1000) == MeshBandwidth{0, 0, 0, 0});
    CHECK(mesh_bandwidth(12, 250) == MeshBandwidth{66, 2750, 2750, 33'000});
}

TEST_CASE("a picture is worth more the larger it is and the more it moves", "[budget]") {
    CHECK(worth_bps(k720) == 1'500'000);
    CHECK(worth_bps(k480) == 600'000);
    CHECK(worth_bps(k240) == 150'000);
    CHECK(worth_bps({{320, 240}, 30}) == 230'000);
    CHECK(worth_bps({{16, 16}, 1}) == 60'000);
    CHECK(worth_bps({{1920, 1080}, 30}) == 3'030'000);
    CHECK(worth_bps({{7680, 4320}, 60}) == 4'000'000);
}

// ---- without a limit ------------------------------------------------------------------------

TEST_CASE("without a limit everything is sent as it is shown, or as it is taken", "[budget]") {
    struct Row {
        std::optional<PictureSize> shown;
        Encoding encoding;
    };
    const std::vector<Row> rows{
        {{}, moving(1'500'000, 1000, 30)},
        {PictureSize{2560, 1440}, moving(1'500'000, 1000, 30)},
        {PictureSize{1280, 720}, moving(1'500'000, 1000, 30)},
        {PictureSize{853, 480}, moving(820'000, 1500, 30)},
        {PictureSize{640, 361}, moving(820'000, 1500, 30)},  // both sides are filled
        {PictureSize{640, 360}, moving(570'000, 2000, 30)},
        {PictureSize{320, 180}, moving(190'000, 4000, 30)},
        {PictureSize{1, 1}, moving(80'000, 8000, 30)},
    };
    for (const Row& row : rows) {
        INFO((row.shown ? row.shown->width : 0));
        const Division division = divide({}, {0, {camera(1, row.shown)}, k720, 0});
        CHECK(division.encodings == Encodings{row.encoding});
        CHECK(division.wanted_bps == row.encoding.max_bitrate_bps);
        CHECK(division.least_bps == 30'000);
        CHECK(division.next_bps == std::nullopt);
    }
}

TEST_CASE("a small camera is not scaled to where a face is none", "[budget]") {
    CHECK(divide({}, {0, {camera(1, PictureSize{1, 1})}, k240, 0}).encodings ==
          Encodings{moving(60'000, 2000, 15)});
    CHECK(divide({}, {0, {camera(1, PictureSize{1, 1})}, {{100, 100}, 1}, 0}).encodings ==
          Encodings{moving(60'000, 1000, 1)});
}

TEST_CASE("what nobody sees is not sent, and takes nothing", "[budget]") {
    const Division division =
        divide({}, {1, {camera(1, kHidden), screen(1, PictureSize{640, 0})}, k480, 0});
    CHECK(division.wanted_bps == kVoiceBps);
    CHECK(division.least_bps == kVoiceBps);
    REQUIRE(division.encodings.size() == 2);
    CHECK_FALSE(division.encodings[0].active);
    CHECK_FALSE(division.encodings[1].active);
}

TEST_CASE("a screen that nobody can read is sent small and seldom", "[budget]") {
    CHECK(divide({}, {0, {screen(1, PictureSize{480, 270})}, k480, 0}).encodings ==
          Encodings{sharp(2'500'000, 30)});
    CHECK(divide({}, {0, {screen(1, PictureSize{479, 270})}, k480, 0}).encodings ==
          Encodings{sharp(200'000, 5, 2000)});
}

TEST_CASE("relief of the processor costs cameras a rung each, and never the last", "[budget]") {
    const auto relieved = [](std::uint32_t rungs) {
        return divide({}, {0, {camera(1), screen(1)}, k480, rungs}).encodings;
    };
    CHECK(relieved(1) == Encodings{moving(300'000, 1500, 24), sharp(2'500'000, 30)});
    CHECK(relieved(2) == Encodings{moving(200'000, 2000, 24), sharp(2'500'000, 30)});
    CHECK(relieved(100).front() == moving(80'000, 4000, 24));
}

// ---- with one -------------------------------------------------------------------------------

TEST_CASE("voices have their place, whatever it leaves for pictures", "[budget]") {
    const Demand demand{3, {camera(1), camera(2), camera(3)}, k480, 0};
    const Division division = divide(100'000, demand);
    CHECK(division.encodings == Encodings(3, moving(30'000, 4000, 4)));
    CHECK(division.wanted_bps == 3 * 50'000 + 3 * 600'000);
    CHECK(division.least_bps == 3 * 50'000 + 3 * 30'000);
    CHECK(division.next_bps == 3 * 50'000 + 3 * 80'000);
}

TEST_CASE("pictures that are shown alike are sent alike", "[budget]") {
    const Demand demand{2, {camera(1), camera(2)}, k480, 0};
    const auto with = [&](std::int64_t uplink_bps) { return divide(uplink_bps, demand); };
    CHECK(with(1'300'000).encodings == Encodings(2, moving(600'000, 1000, 24)));
    CHECK(with(1'300'000).next_bps == std::nullopt);
    CHECK(with(1'299'999).encodings == Encodings(2, moving(300'000, 1500, 24)));
    CHECK(with(1'299'999).next_bps == 1'300'000);
    CHECK(with(700'000).encodings == Encodings(2, moving(300'000, 1500, 24)));
    CHECK(with(699'999).encodings == Encodings(2, moving(200'000, 2000, 24)));
}

TEST_CASE("an uplink that is a little different changes nothing", "[budget]") {
    const Demand demand{3, {camera(1), camera(2), screen(2), camera(3)}, k480, 0};
    std::size_t changes = 0;
    Encodings before;
    for (std::int64_t uplink_bps = 0; uplink_bps <= 6'000'000; uplink_bps += 1'000) {
        const Division division = divide(uplink_bps, demand);
        if (division.encodings != before) ++changes;
        before = division.encodings;
        if (division.next_bps) {
            CHECK(divide(*division.next_bps - 1, demand) == division);
            CHECK(divide(*division.next_bps, demand).encodings != division.encodings);
        }
    }
    CHECK(changes < 30);
}

TEST_CASE("a division takes no more than the uplink carries, if the least fits", "[budget]") {
    const Demand demand{
        2,
        {camera(1, PictureSize{1280, 720}), camera(2, PictureSize{160, 90}), screen(2)},
        k720,
        0};
    for (std::int64_t uplink_bps = 220'000; uplink_bps <= 6'000'000; uplink_bps += 10'000) {
        const Division division = divide(uplink_bps, demand);
        std::int64_t taken = 2 * kVoiceBps;
        for (const Encoding& each : division.encodings) taken += each.max_bitrate_bps;
        REQUIRE(division.least_bps <= uplink_bps);
        CHECK(taken <= uplink_bps);
    }
}

TEST_CASE("a screen climbs before faces, and stays sharp", "[budget]") {
    const Demand demand{0, {camera(1), screen(1)}, k480, 0};
    CHECK(divide(1'100'000, demand).encodings ==
          Encodings{moving(80'000, 4000, 24), sharp(1'000'000, 10)});
    CHECK(divide(530'000, demand).encodings ==
          Encodings{moving(30'000, 4000, 4), sharp(500'000, 5)});
}

TEST_CASE("a large tile climbs before thumbnails", "[budget]") {
    const Demand demand{0,
                        {camera(1, PictureSize{160, 90}), camera(2, PictureSize{1280, 720}),
                         camera(3, PictureSize{160, 90})},
                        k720,
                        0};
    CHECK(divide(900'000, demand).encodings ==
          Encodings{moving(30'000, 8000, 4), moving(820'000, 1500, 30), moving(30'000, 8000, 4)});
    // What is too little for the large one's next step is enough for theirs.
    CHECK(divide(1'000'000, demand).encodings ==
          Encodings{moving(80'000, 8000, 30), moving(820'000, 1500, 30), moving(80'000, 8000, 30)});
}
