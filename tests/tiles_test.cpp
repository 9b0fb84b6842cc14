// Who is told which sizes when, and what is known of how others show us.
#include "tiles.hpp"

#include "support.hpp"

using namespace dvmeet;
using namespace dvmeet::test;
using channel::TileSizes;

namespace {

struct TilesBench : Bench {
    Tiles tiles{};
    Actions show(const ParticipantId& id, Slot slot, std::uint32_t width, std::uint32_t height) {
        return run([&](Turn& turn) { tiles.handle({id, slot, width, height}, turn); });
    }
    std::optional<TileSizes> news(TimeMs at) {
        const auto made = tiles.news_for(kAna, at);
        CHECK(tiles.news_for(kAna, at) == std::nullopt);
        return made;
    }
};

}  // namespace

TEST_CASE("a size is told at once, further ones after a pause, and the last one always",
          "[tiles]") {
    TilesBench bench;
    CHECK(bench.tiles.deadline(kAna) == std::nullopt);
    CHECK(bench.news(0) == std::nullopt);
    CHECK(bench.show(kAna, Slot::camera, 640, 360) == Actions{});
    CHECK(bench.news(1'000) == TileSizes{{{Slot::camera, 640, 360}}});
    CHECK(bench.tiles.deadline(kAna) == std::nullopt);

    for (std::uint32_t width = 639; width > 600; --width)
        bench.show(kAna, Slot::camera, width, 360);
    CHECK(bench.tiles.deadline(kAna) == 1'500);
    CHECK(bench.news(1'499) == std::nullopt);
    CHECK(bench.news(1'500) == TileSizes{{{Slot::camera, 601, 360}}});
}

TEST_CASE("a size that is back where it was is not told", "[tiles]") {
    TilesBench bench;
    bench.show(kAna, Slot::camera, 640, 360);
    CHECK(bench.news(0));
    bench.show(kAna, Slot::camera, 1, 1);
    bench.show(kAna, Slot::camera, 640, 360);
    CHECK(bench.tiles.deadline(kAna) == std::nullopt);
    CHECK(bench.news(10'000) == std::nullopt);
}

TEST_CASE("all sizes of a participant go out in one message, to that one alone", "[tiles]") {
    TilesBench bench;
    bench.show(kAna, Slot::camera, 640, 360);
    bench.show(kAna, Slot::screen, 0, 0);
    bench.show(kCyd, Slot::camera, 9, 9);
    CHECK(bench.news(0) == TileSizes{{{Slot::camera, 640, 360}, {Slot::screen, 0, 0}}});
    CHECK(bench.tiles.news_for(kCyd, 0) == TileSizes{{{Slot::camera, 9, 9}}});
}

TEST_CASE("a channel that opens is told everything anew, and what it said is forgotten",
          "[tiles]") {
    TilesBench bench;
    bench.show(kAna, Slot::camera, 640, 360);
    CHECK(bench.news(1'000));
    bench.tiles.learn(kAna, TileSizes{{{Slot::camera, 100, 100}}});
    bench.tiles.begin(kAna);
    CHECK(bench.tiles.shown_by(kAna, Slot::camera) == std::nullopt);
    CHECK(bench.news(1'001) == TileSizes{{{Slot::camera, 640, 360}}});
    bench.tiles.begin(kCyd);
    CHECK(bench.tiles.deadline(kCyd) == std::nullopt);
}

TEST_CASE("a slot counts as hidden once its sender has been told so", "[tiles]") {
    TilesBench bench;
    CHECK_FALSE(bench.tiles.is_hidden(kAna, Slot::camera));
    bench.show(kAna, Slot::camera, 0, 0);
    CHECK_FALSE(bench.tiles.is_hidden(kAna, Slot::camera));
    CHECK(bench.news(0));
    CHECK(bench.tiles.is_hidden(kAna, Slot::camera));
    CHECK_FALSE(bench.tiles.is_hidden(kAna, Slot::screen));
    bench.tiles.forget(kAna);
    CHECK_FALSE(bench.tiles.is_hidden(kAna, Slot::camera));
}

TEST_CASE("what somebody says of our tiles replaces what they said before", "[tiles]") {
    TilesBench bench;
    CHECK(bench.tiles.shown_by(kAna, Slot::camera) == std::nullopt);
    bench.tiles.learn(kAna, TileSizes{{{Slot::camera, 640, 360}, {Slot::microphone, 0, 0}}});
    CHECK(bench.tiles.shown_by(kAna, Slot::camera) == PictureSize{640, 360});
    CHECK(bench.tiles.shown_by(kAna, Slot::microphone) == std::nullopt);
    bench.tiles.learn(kAna, TileSizes{{{Slot::screen, 0, 0}}});
    CHECK(bench.tiles.shown_by(kAna, Slot::camera) == std::nullopt);
    CHECK(bench.tiles.shown_by(kAna, Slot::screen) == PictureSize{0, 0});
    bench.tiles.clear();
    CHECK(bench.tiles.shown_by(kAna, Slot::screen) == std::nullopt);
}

TEST_CASE("a voice has no size", "[tiles]") {
    TilesBench bench;
    CHECK(reported(bench.show(kAna, Slot::microphone, 1, 1)) == ErrorCode::out_of_place);
    CHECK(bench.tiles == Tiles{});
}
