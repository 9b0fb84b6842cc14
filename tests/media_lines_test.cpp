// The media lines of one connection: made once, then only tracks come and go.
#include "media_lines.hpp"

#include "support.hpp"

using namespace dvmeet;
using namespace dvmeet::test;

namespace {

constexpr ConnectionId kConnection = 5;

struct LinesBench : Bench {
    explicit LinesBench(bool extended = true) : lines{kConnection, extended} {}
    MediaLines lines;
    LocalMedia media{};

    void have(Slot slot) {
        run([&](Turn& turn) {
            media.handle(MediaWished{{{slot, true}}}, true, turn);
            media.handle(MediaAcquired{counters.operation, {slot}}, turn);
        });
        REQUIRE(media.is_on(slot));
    }
    void lose(Slot slot) {
        run([&](Turn& turn) { media.handle(MediaWished{{{slot, false}}}, true, turn); });
    }
    Actions add_all() {
        return run([&](Turn& turn) { lines.add_all(turn); });
    }
    Actions adopt(const std::vector<TransceiverInfo>& transceivers) {
        return run([&](Turn& turn) { lines.adopt(transceivers, turn); });
    }
    Actions converge(bool may_add = false) {
        return run([&](Turn& turn) { lines.converge(media, may_add, turn); });
    }
};

Action add(std::vector<Slot> slots) { return AddTransceivers{kConnection, std::move(slots)}; }
Action adopted(std::vector<SlotMid> slots) {
    return AdoptTransceivers{kConnection, std::move(slots)};
}
Action replace(OperationId op, Slot slot, std::optional<TrackId> track) {
    return ReplaceTrack{kConnection, op, slot, track};
}

}  // namespace

TEST_CASE("the offering side makes three lines in fixed order, once", "[media lines]") {
    LinesBench bench;
    CHECK(bench.add_all() == Actions{add(kAllSlots)});
    CHECK(bench.add_all() == Actions{});
    for (const Slot slot : kSlots) CHECK(bench.lines.has(slot));
}

TEST_CASE("a plain peer gets two lines", "[media lines]") {
    LinesBench bench{false};
    CHECK(bench.add_all() == Actions{add({Slot::microphone, Slot::camera})});
    CHECK_FALSE(bench.lines.has(Slot::screen));
}

TEST_CASE("the answering side adopts the three lines of the offer by kind and order",
          "[media lines]") {
    LinesBench bench;
    CHECK(bench.adopt(three_remote()) ==
          Actions{adopted({{Slot::microphone, "0"}, {Slot::camera, "1"}, {Slot::screen, "2"}})});
    CHECK(bench.changed);
    CHECK(bench.add_all() == Actions{});

    CHECK(bench.adopt(three_ours()) == Actions{});
    CHECK_FALSE(bench.changed);
}

TEST_CASE("lines in whatever order are adopted by their kind", "[media lines]") {
    LinesBench bench;
    CHECK(bench.adopt({{"v", MediaKind::video, {}}, {"a", MediaKind::audio, {}}}) ==
          Actions{adopted({{Slot::camera, "v"}, {Slot::microphone, "a"}})});
    CHECK(bench.adopt({{"v", MediaKind::video, Slot::camera},
                       {"a", MediaKind::audio, Slot::microphone},
                       {"w", MediaKind::video, {}}}) == Actions{adopted({{Slot::screen, "w"}})});
}

TEST_CASE("lines beyond the three slots are left alone", "[media lines]") {
    LinesBench bench;
    CHECK(bench.adopt({{"0", MediaKind::audio, {}}, {"1", MediaKind::audio, {}}}) ==
          Actions{adopted({{Slot::microphone, "0"}})});
    CHECK(bench.adopt({{"2", MediaKind::video, {}},
                       {"3", MediaKind::video, {}},
                       {"4", MediaKind::video, {}}}) ==
          Actions{adopted({{Slot::camera, "2"}, {Slot::screen, "3"}})});
    CHECK(bench.adopt({{"5", MediaKind::audio, {}}, {"6", MediaKind::video, {}}}) == Actions{});
}

TEST_CASE("what is on is sent in its line, what goes off is taken out", "[media lines]") {
    LinesBench bench;
    bench.add_all();
    CHECK(bench.converge() == Actions{});
    bench.have(Slot::camera);

    CHECK(bench.converge() == Actions{replace(2, Slot::camera, TrackId{Slot::camera, 1})});
    CHECK(bench.converge() == Actions{});
    CHECK(bench.lines.complete(2));
    CHECK_FALSE(bench.lines.complete(2));
    CHECK(bench.converge() == Actions{});

    bench.lose(Slot::camera);
    CHECK(bench.converge() == Actions{replace(3, Slot::camera, std::nullopt)});
}

TEST_CASE("one replaceTrack of a line is under way at a time, and the last wish counts",
          "[media lines]") {
    LinesBench bench;
    bench.add_all();
    bench.have(Slot::camera);
    CHECK(bench.converge() == Actions{replace(2, Slot::camera, TrackId{Slot::camera, 1})});
    bench.lose(Slot::camera);
    CHECK(bench.converge() == Actions{});
    bench.have(Slot::camera);
    CHECK(bench.converge() == Actions{});

    CHECK(bench.lines.complete(2));
    CHECK(bench.converge() == Actions{replace(4, Slot::camera, TrackId{Slot::camera, 3})});
}

TEST_CASE("slots converge beside each other", "[media lines]") {
    LinesBench bench;
    bench.add_all();
    bench.have(Slot::microphone);
    bench.have(Slot::screen);
    CHECK(bench.converge() == Actions{replace(3, Slot::microphone, TrackId{Slot::microphone, 1}),
                                      replace(4, Slot::screen, TrackId{Slot::screen, 2})});
}

TEST_CASE(
    "a line that the offer lacked is added only when there is something to send and the "
    "round is over",
    "[media lines]") {
    LinesBench bench;
    bench.adopt({{"0", MediaKind::audio, {}}});
    CHECK(bench.converge(true) == Actions{});
    bench.have(Slot::camera);
    CHECK(bench.converge(false) == Actions{});

    CHECK(bench.converge(true) ==
          Actions{add({Slot::camera}), replace(2, Slot::camera, TrackId{Slot::camera, 1})});
    CHECK(bench.converge(true) == Actions{});
}

TEST_CASE("with a plain peer the shared screen takes the camera's line and gives it back",
          "[media lines]") {
    LinesBench bench{false};
    bench.add_all();
    bench.have(Slot::camera);
    bench.converge();
    bench.lines.complete(2);
    bench.have(Slot::screen);

    CHECK(bench.converge(true) == Actions{replace(4, Slot::camera, TrackId{Slot::screen, 3})});
    bench.lines.complete(4);
    CHECK(bench.converge(true) == Actions{});

    bench.lose(Slot::screen);
    CHECK(bench.converge(true) == Actions{replace(5, Slot::camera, TrackId{Slot::camera, 1})});
}

TEST_CASE("with a plain peer that offered audio only a shared screen adds the camera's line",
          "[media lines]") {
    LinesBench bench{false};
    bench.adopt({{"0", MediaKind::audio, {}}});
    bench.have(Slot::screen);
    CHECK(bench.converge(true) ==
          Actions{add({Slot::camera}), replace(2, Slot::camera, TrackId{Slot::screen, 1})});
}

TEST_CASE("a second video line of a plain peer stays silent", "[media lines]") {
    LinesBench bench{false};
    bench.adopt(three_remote());
    CHECK(bench.lines.has(Slot::screen));
    bench.have(Slot::screen);
    CHECK(bench.converge(true) == Actions{replace(2, Slot::camera, TrackId{Slot::screen, 1})});
}

TEST_CASE("operations of others complete nothing here", "[media lines]") {
    LinesBench bench;
    bench.add_all();
    CHECK_FALSE(bench.lines.complete(1));
    CHECK_FALSE(bench.lines.complete(0));
}
