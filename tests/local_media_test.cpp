// Wishes and reality of the person's own devices.
#include "local_media.hpp"

#include "support.hpp"

using namespace dvmeet;
using namespace dvmeet::test;

namespace {

struct MediaBench : Bench {
    LocalMedia media{};

    template <class Event>
    Actions operator()(const Event& event) {
        return run([&](Turn& turn) { media.handle(event, turn); });
    }
    Actions wish(std::vector<Wish> wishes, bool may_open = true) {
        return run(
            [&](Turn& turn) { media.handle(MediaWished{std::move(wishes)}, may_open, turn); });
    }
    Actions resume() {
        return run([&](Turn& turn) { media.resume(turn); });
    }
    Actions release_all() {
        return run([&](Turn& turn) { media.release_all(turn); });
    }
    /// Turns one slot on with whatever operation comes next.
    void have(Slot slot, bool supplied = false) {
        REQUIRE(wish({{slot, true, {}, supplied}}).size() == 1);
        REQUIRE((*this)(MediaAcquired{counters.operation, {slot}, supplied}) == Actions{});
        REQUIRE(media.is_on(slot));
    }
};

Wish on(Slot slot, std::optional<std::string> device = {}) {
    return {slot, true, std::move(device)};
}
Wish off(Slot slot) { return {slot, false}; }
Action acquire(OperationId op, std::vector<MediaRequest> requests) {
    return AcquireMedia{op, std::move(requests)};
}
Action release(Slot slot, OperationId source, bool stop = true) {
    return ReleaseTrack{{slot, source}, stop};
}
const PlatformError kRefused{"NotAllowedError", "Permission denied"};
const PlatformError kBusy{"NotReadableError", "Could not start"};

}  // namespace

TEST_CASE("nothing is wanted and nothing is on to begin with", "[local media]") {
    MediaBench bench;
    for (const Slot slot : kSlots) {
        CHECK_FALSE(bench.media.is_on(slot));
        CHECK(bench.media.view(slot) == SlotView{});
    }
    CHECK(bench.resume() == Actions{});
}

TEST_CASE("a track that is reported twice is kept", "[local media]") {
    MediaBench bench;
    bench.have(Slot::camera);
    CHECK(bench(MediaAcquired{bench.counters.operation, {Slot::camera, Slot::camera}}) ==
          Actions{});
    CHECK(bench.media.is_on(Slot::camera));
}

TEST_CASE("slots wished together are opened in one request", "[local media]") {
    MediaBench bench;
    CHECK(bench.wish({on(Slot::microphone), on(Slot::camera, "front")}) ==
          Actions{acquire(1, {{Slot::microphone, {}, false}, {Slot::camera, "front", false}})});
    CHECK(bench.media.view(Slot::camera) == SlotView{true, SlotState::starting, {}});

    CHECK(bench(MediaAcquired{1, {Slot::microphone, Slot::camera}}) == Actions{});

    CHECK(bench.changed);
    CHECK(bench.media.sent(Slot::microphone) == TrackId{Slot::microphone, 1});
    CHECK(bench.media.sent(Slot::camera) == TrackId{Slot::camera, 1});
    CHECK(bench.media.view(Slot::camera) == SlotView{true, SlotState::on, {}});
}

TEST_CASE("slots that cannot be opened together are opened each alone", "[local media]") {
    MediaBench bench;
    bench.wish({on(Slot::microphone), on(Slot::camera)});

    CHECK(bench(MediaFailed{1, {"NotFoundError", "Requested device not found"}}) ==
          Actions{acquire(2, {{Slot::microphone, {}, false}}),
                  acquire(3, {{Slot::camera, {}, false}})});

    CHECK(bench(MediaAcquired{2, {Slot::microphone}}) == Actions{});
    CHECK(reported(bench(MediaFailed{3, {"NotFoundError", "Requested device not found"}})) ==
          ErrorCode::media_missing);
    CHECK(bench.media.is_on(Slot::microphone));
    CHECK(bench.media.view(Slot::camera) ==
          SlotView{false, SlotState::failed,
                   PlatformError{"NotFoundError", "Requested device not found"}});
}

TEST_CASE("tracks of the application are asked for as such when they are asked for alone",
          "[local media]") {
    MediaBench bench;
    bench.wish({{Slot::microphone, true, {}, true}, {Slot::camera, true, {}, true}});

    CHECK(bench(MediaFailed{1, kBusy}) == Actions{acquire(2, {{Slot::microphone, {}, true}}),
                                                  acquire(3, {{Slot::camera, {}, true}})});
}

TEST_CASE("each refusal has its own code, and a sentence that says what to do", "[local media]") {
    struct Row {
        Slot slot;
        std::string name;
        Level level;
        ErrorCode code;
    };
    const std::vector<Row> rows{
        {Slot::camera, "NotAllowedError", Level::error, ErrorCode::media_refused},
        {Slot::microphone, "SecurityError", Level::error, ErrorCode::media_refused},
        {Slot::camera, "NotFoundError", Level::error, ErrorCode::media_missing},
        {Slot::camera, "OverconstrainedError", Level::error, ErrorCode::media_missing},
        {Slot::camera, "NotReadableError", Level::error, ErrorCode::media_busy},
        {Slot::microphone, "AbortError", Level::error, ErrorCode::media_busy},
        {Slot::camera, "TypeError", Level::error, ErrorCode::media_failed},
        {Slot::screen, "NotAllowedError", Level::info, ErrorCode::screen_declined},
        {Slot::screen, "InvalidStateError", Level::error, ErrorCode::media_failed},
    };
    for (const Row& row : rows) {
        INFO(row.name);
        MediaBench bench;
        bench.wish({on(row.slot)});
        const auto reports = only<Report>(bench(MediaFailed{1, {row.name, "why"}}));
        REQUIRE(reports.size() == 1);
        CHECK(reports.front().code == row.code);
        CHECK(reports.front().level == row.level);
        CHECK_FALSE(reports.front().detail.empty());
        CHECK_FALSE(bench.media.view(row.slot).wanted);
        CHECK_FALSE(bench.media.is_on(row.slot));
    }
}

TEST_CASE("a failed slot is tried again when it is wished again", "[local media]") {
    MediaBench bench;
    bench.wish({on(Slot::camera)});
    bench(MediaFailed{1, kRefused});

    CHECK(bench.wish({on(Slot::camera)}) == Actions{acquire(2, {{Slot::camera, {}, false}})});
    CHECK(bench.media.view(Slot::camera) == SlotView{true, SlotState::starting, {}});
}

TEST_CASE("a muted microphone keeps its track, so that unmuting is instant", "[local media]") {
    MediaBench bench;
    bench.have(Slot::microphone);
    CHECK(bench.wish({off(Slot::microphone)}) == Actions{});
    CHECK_FALSE(bench.media.is_on(Slot::microphone));
    CHECK(bench.media.view(Slot::microphone) == SlotView{false, SlotState::off, {}});

    CHECK(bench.wish({on(Slot::microphone)}) == Actions{});
    CHECK(bench.media.sent(Slot::microphone) == TrackId{Slot::microphone, 1});
}

TEST_CASE("camera and screen give their tracks back, so that the light goes out", "[local media]") {
    const Slot slot = GENERATE(Slot::camera, Slot::screen);
    MediaBench bench;
    bench.have(slot);
    CHECK(bench.wish({off(slot)}) == Actions{release(slot, 1)});
    CHECK(bench.wish({off(slot)}) == Actions{});
    CHECK(bench.wish({on(slot)}) == Actions{acquire(2, {{slot, {}, false}})});
}

TEST_CASE("a track of the application is never stopped, and kept until the end", "[local media]") {
    MediaBench bench;
    bench.have(Slot::camera, true);
    CHECK(bench.wish({off(Slot::camera)}) == Actions{});
    CHECK_FALSE(bench.media.is_on(Slot::camera));
    CHECK(bench.wish({on(Slot::camera)}) == Actions{});
    CHECK(bench.media.is_on(Slot::camera));

    CHECK(bench.release_all() == Actions{release(Slot::camera, 1, false)});
}

TEST_CASE("another track of the application takes the place of the one before", "[local media]") {
    MediaBench bench;
    bench.have(Slot::camera, true);
    CHECK(bench.wish({{Slot::camera, true, {}, true}}) ==
          Actions{acquire(2, {{Slot::camera, {}, true}})});
    CHECK(bench(MediaAcquired{2, {Slot::camera}, true}) ==
          Actions{release(Slot::camera, 1, false)});
    CHECK(bench.media.sent(Slot::camera) == TrackId{Slot::camera, 2});
}

TEST_CASE("another device is opened before the one in use is given back", "[local media]") {
    MediaBench bench;
    bench.have(Slot::camera);
    CHECK(bench.wish({on(Slot::camera, "back")}) ==
          Actions{acquire(2, {{Slot::camera, "back", false}})});
    CHECK(bench.media.sent(Slot::camera) == TrackId{Slot::camera, 1});

    CHECK(bench(MediaAcquired{2, {Slot::camera}}) == Actions{release(Slot::camera, 1)});
    CHECK(bench.media.sent(Slot::camera) == TrackId{Slot::camera, 2});
    CHECK(bench.wish({on(Slot::camera, "back")}) == Actions{});
    CHECK(bench.wish({on(Slot::camera)}) == Actions{});
}

TEST_CASE("a device that fails while being exchanged leaves the old one in use", "[local media]") {
    MediaBench bench;
    bench.have(Slot::camera);
    bench.wish({on(Slot::camera, "back")});

    CHECK(reported(bench(MediaFailed{2, kRefused})) == ErrorCode::media_refused);

    CHECK(bench.media.sent(Slot::camera) == TrackId{Slot::camera, 1});
    CHECK(bench.media.view(Slot::camera) == SlotView{true, SlotState::on, kRefused});
}

TEST_CASE("a device that failed in an exchange can be chosen again", "[local media]") {
    MediaBench bench;
    bench.have(Slot::camera);
    bench.wish({on(Slot::camera, "back")});
    bench(MediaFailed{2, kRefused});

    CHECK(bench.wish({on(Slot::camera, "back")}) ==
          Actions{acquire(3, {{Slot::camera, "back", false}})});
}

TEST_CASE("a device that is busy because of the one in use is tried again without it",
          "[local media]") {
    MediaBench bench;
    bench.have(Slot::camera);
    bench.wish({on(Slot::camera, "back")});

    CHECK(bench(MediaFailed{2, kBusy}) ==
          Actions{release(Slot::camera, 1), acquire(3, {{Slot::camera, "back", false}})});
    CHECK(bench.changed);
    CHECK(bench.media.view(Slot::camera) == SlotView{true, SlotState::starting, std::nullopt});
    CHECK(reported(bench(MediaFailed{3, kBusy})) == ErrorCode::media_busy);
    CHECK(bench.media.view(Slot::camera) == SlotView{false, SlotState::failed, kBusy});
}

TEST_CASE("where a chosen device is missing, any other is taken", "[local media]") {
    MediaBench bench;
    const PlatformError missing{"OverconstrainedError", ""};
    bench.wish({on(Slot::camera, "gone")});
    CHECK(bench(MediaFailed{1, missing}) == Actions{acquire(2, {{Slot::camera, {}, false}})});
    CHECK(reported(bench(MediaFailed{2, missing})) == ErrorCode::media_missing);
}

TEST_CASE("each alone is tried as if it had been wished alone", "[local media]") {
    MediaBench bench;
    bench.wish({on(Slot::microphone, "gone"), on(Slot::camera)});
    const PlatformError missing{"NotFoundError", ""};
    CHECK(bench(MediaFailed{1, missing}) == Actions{acquire(2, {{Slot::microphone, "gone", false}}),
                                                    acquire(3, {{Slot::camera, {}, false}})});
    CHECK(bench(MediaFailed{2, missing}) == Actions{acquire(4, {{Slot::microphone, {}, false}})});
}

TEST_CASE("a wish that is under way is not asked for twice", "[local media]") {
    MediaBench bench;
    bench.wish({on(Slot::camera, "front")});
    CHECK(bench.wish({on(Slot::camera, "front")}) == Actions{});
    CHECK(bench.wish({on(Slot::camera)}) == Actions{});
}

TEST_CASE("a track that comes after its wish has gone is given back", "[local media]") {
    const Slot slot = GENERATE(Slot::microphone, Slot::camera, Slot::screen);
    MediaBench bench;
    bench.wish({on(slot)});
    CHECK(bench.wish({off(slot)}) == Actions{});

    CHECK(bench(MediaAcquired{1, {slot}}) == Actions{release(slot, 1)});
    CHECK_FALSE(bench.media.is_on(slot));
}

TEST_CASE("a track that comes after another device was chosen is given back", "[local media]") {
    MediaBench bench;
    bench.wish({on(Slot::camera, "front")});
    CHECK(bench.wish({on(Slot::camera, "back")}) ==
          Actions{acquire(2, {{Slot::camera, "back", false}})});

    CHECK(bench(MediaAcquired{1, {Slot::camera}}) == Actions{release(Slot::camera, 1)});
    CHECK(bench(MediaFailed{1, kBusy}) == Actions{});
    CHECK(bench(MediaAcquired{2, {Slot::camera}}) == Actions{});
    CHECK(bench.media.sent(Slot::camera) == TrackId{Slot::camera, 2});
}

TEST_CASE("a slot that was asked for and not given has failed, not started for ever",
          "[local media]") {
    MediaBench bench;
    bench.wish({on(Slot::microphone), on(Slot::camera)});

    bench(MediaAcquired{1, {Slot::microphone}});

    CHECK(bench.media.is_on(Slot::microphone));
    CHECK(bench.media.view(Slot::camera).state != SlotState::starting);
    CHECK(bench.wish({on(Slot::camera)}) == Actions{acquire(2, {{Slot::camera, {}, false}})});
}

TEST_CASE("tracks nobody asked for are given back", "[local media]") {
    MediaBench bench;
    CHECK(bench(MediaAcquired{0, {Slot::camera}}) == Actions{release(Slot::camera, 0)});
    CHECK(bench(MediaAcquired{9, {Slot::camera}, true}) ==
          Actions{release(Slot::camera, 9, false)});
    CHECK(bench(MediaFailed{0, kBusy}) == Actions{});
    CHECK(bench(MediaFailed{9, kBusy}) == Actions{});
    CHECK(bench.media == LocalMedia{});
}

TEST_CASE("a device that stops by itself ends its wish and says what to do", "[local media]") {
    const Slot slot = GENERATE(Slot::microphone, Slot::camera);
    MediaBench bench;
    bench.have(slot);

    const Actions actions = bench(TrackEnded{{slot, 1}});

    CHECK(without<Report>(actions) == Actions{release(slot, 1)});
    CHECK(reported(actions) == ErrorCode::media_ended);
    CHECK(bench.media.view(slot).state == SlotState::failed);
    CHECK_FALSE(bench.media.view(slot).wanted);
    CHECK(bench.wish({on(slot)}) == Actions{acquire(2, {{slot, {}, false}})});
}

TEST_CASE("the browser's own stop-sharing ends the screen without a complaint", "[local media]") {
    MediaBench bench;
    bench.have(Slot::screen);
    CHECK(bench(TrackEnded{{Slot::screen, 1}}) == Actions{release(Slot::screen, 1)});
    CHECK(bench.media.view(Slot::screen) == SlotView{});
    CHECK(bench.changed);
}

TEST_CASE("the end of a track that is not held any more means nothing", "[local media]") {
    MediaBench bench;
    bench.have(Slot::camera);
    CHECK(bench(TrackEnded{{Slot::camera, 9}}) == Actions{});
    CHECK(bench(TrackEnded{{Slot::microphone, 1}}) == Actions{});
    CHECK_FALSE(bench.changed);
    CHECK(bench.media.is_on(Slot::camera));
}

TEST_CASE("a device that stops while it is being exchanged does not stop the exchange",
          "[local media]") {
    MediaBench bench;
    bench.have(Slot::camera);
    bench.wish({on(Slot::camera, "back")});

    bench(TrackEnded{{Slot::camera, 1}});
    bench(MediaAcquired{2, {Slot::camera}});

    // Either the new one is sent, or its light goes out: never held and not sent.
    CHECK(bench.media.sent(Slot::camera) == TrackId{Slot::camera, 2});
}

TEST_CASE("leaving gives everything back; coming back opens microphone and camera, not the screen",
          "[local media]") {
    MediaBench bench;
    bench.have(Slot::microphone);
    bench.have(Slot::camera);
    bench.have(Slot::screen);

    CHECK(bench.release_all() == Actions{release(Slot::microphone, 1), release(Slot::camera, 2),
                                         release(Slot::screen, 3)});
    CHECK(bench.release_all() == Actions{});

    CHECK(bench.resume() ==
          Actions{acquire(4, {{Slot::microphone, {}, false}, {Slot::camera, {}, false}})});
    CHECK(bench.resume() == Actions{});
    CHECK_FALSE(bench.media.view(Slot::screen).wanted);
}

TEST_CASE("a wish after leaving opens nothing until the next join", "[local media]") {
    MediaBench bench;
    CHECK(bench.wish({on(Slot::camera, "back")}, false) == Actions{});
    CHECK(bench.media.view(Slot::camera) == SlotView{true, SlotState::off, {}});
    CHECK(bench.resume() == Actions{acquire(1, {{Slot::camera, "back", false}})});
}

TEST_CASE("a device that opens only after leaving is given back at once", "[local media]") {
    MediaBench bench;
    bench.wish({on(Slot::camera)});
    CHECK(bench.release_all() == Actions{});
    CHECK(bench(MediaAcquired{1, {Slot::camera}}) == Actions{release(Slot::camera, 1)});
}

TEST_CASE("coming back asks for the same device and the application's own track again",
          "[local media]") {
    MediaBench bench;
    bench.wish({on(Slot::camera, "back")});
    bench(MediaAcquired{1, {Slot::camera}});
    bench.have(Slot::microphone, true);
    bench.release_all();

    CHECK(bench.resume() == Actions{acquire(3, {{Slot::camera, "back", false}}),
                                    acquire(4, {{Slot::microphone, {}, true}})});
}
