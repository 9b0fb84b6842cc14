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
    Actions operator()(const DevicesChanged& event) {
        return run([&](Turn& turn) { media.handle(event, true, turn); });
    }
    Actions pass_time() {
        return run([&](Turn& turn) { media.pass_time(turn); });
    }
    Actions resume() {
        return run([&](Turn& turn) { media.resume(turn); });
    }
    Actions release_all() {
        return run([&](Turn& turn) { media.release_all(turn); });
    }
    /// Turns one slot on with whatever operation comes next.
    void have(Slot slot, const std::string& device = "", bool supplied = false) {
        REQUIRE(wish({{slot, true, {}, supplied}}).size() == 1);
        REQUIRE((*this)(MediaAcquired{counters.operation, {slot}, supplied, {device}}) ==
                Actions{});
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
const PlatformError kMissing{"NotFoundError", "Requested device not found"};
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

TEST_CASE("of several wishes for a slot in one event the last counts", "[local media]") {
    MediaBench bench;
    CHECK(bench.wish({on(Slot::camera, "front"), on(Slot::screen), on(Slot::camera, "back")}) ==
          Actions{acquire(1, {{Slot::screen}, {Slot::camera, "back"}})});
    CHECK(bench.wish({on(Slot::microphone), off(Slot::microphone)}) == Actions{});
    CHECK_FALSE(bench.media.view(Slot::microphone).wanted);
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
        {Slot::camera, "NotSupportedError", Level::error, ErrorCode::media_unsupported},
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
    bench.have(Slot::camera, "", true);
    CHECK(bench.wish({off(Slot::camera)}) == Actions{});
    CHECK_FALSE(bench.media.is_on(Slot::camera));
    CHECK(bench.wish({on(Slot::camera)}) == Actions{});
    CHECK(bench.media.is_on(Slot::camera));

    CHECK(bench.release_all() == Actions{release(Slot::camera, 1, false)});
}

TEST_CASE("another track of the application takes the place of the one before", "[local media]") {
    MediaBench bench;
    bench.have(Slot::camera, "", true);
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

TEST_CASE("a device that stops by itself is replaced by the default one", "[local media]") {
    const Slot slot = GENERATE(Slot::microphone, Slot::camera);
    MediaBench bench;
    bench.have(slot, "front");

    CHECK(bench(TrackEnded{{slot, 1}}) ==
          Actions{release(slot, 1), acquire(2, {{slot, {}, false}})});
    CHECK(bench.media.view(slot) == SlotView{true, SlotState::starting, {}});

    const Actions actions = bench(MediaAcquired{2, {slot}, false, {"back"}});
    CHECK(reported(actions) == ErrorCode::media_ended);
    CHECK(only<Report>(actions).front().level == Level::warn);
    CHECK(without<Report>(actions) == Actions{});
    CHECK(bench.media.view(slot) == SlotView{true, SlotState::on, {}});
}

TEST_CASE("where the default device doesn't work either, each of the others is tried once",
          "[local media]") {
    MediaBench bench;
    bench(DevicesChanged{{{Slot::camera, "front"},
                          {Slot::microphone, "desk"},
                          {Slot::camera, "back"},
                          {Slot::camera, ""},
                          {Slot::camera, "top"}}});
    bench.have(Slot::camera, "front");

    bench(TrackEnded{{Slot::camera, 1}});
    CHECK(bench(MediaFailed{2, kBusy}) == Actions{acquire(3, {{Slot::camera, "back", false}})});
    CHECK(bench(MediaFailed{3, kMissing}) == Actions{acquire(4, {{Slot::camera, "top", false}})});

    const Actions actions = bench(MediaFailed{4, kBusy});
    CHECK(reported(actions) == ErrorCode::media_ended);
    CHECK(only<Report>(actions).front().level == Level::error);
    CHECK(without<Report>(actions) == Actions{});
    CHECK(bench.media.view(Slot::camera) == SlotView{true, SlotState::failed, kBusy});
    CHECK_FALSE(bench.media.is_on(Slot::camera));
}

TEST_CASE("a browser that refuses a replacement is not asked for another", "[local media]") {
    MediaBench bench;
    bench(DevicesChanged{{{Slot::camera, "front"}, {Slot::camera, "back"}}});
    bench.have(Slot::camera, "front");
    bench(TrackEnded{{Slot::camera, 1}});

    CHECK(without<Report>(bench(MediaFailed{2, kRefused})) == Actions{});
    CHECK(bench.media.view(Slot::camera) == SlotView{true, SlotState::failed, kRefused});
}

TEST_CASE("devices that stop again and again are given up", "[local media]") {
    MediaBench bench;
    std::vector<MediaDevice> many;
    for (const char* const id : {"1", "2", "3", "4", "5", "6"}) many.push_back({Slot::camera, id});
    bench(DevicesChanged{many});
    bench.have(Slot::camera, "1");

    OperationId op = 1;
    for (std::uint32_t i = 0; i < LocalMedia::kMostTries; ++i) {
        CHECK(only<AcquireMedia>(bench(TrackEnded{{Slot::camera, op}})).size() == 1);
        bench(MediaAcquired{++op, {Slot::camera}, false, {std::to_string(i)}});
    }
    const Actions actions = bench(TrackEnded{{Slot::camera, op}});
    CHECK(without<Report>(actions) == Actions{release(Slot::camera, op)});
    CHECK(reported(actions) == ErrorCode::media_ended);
    CHECK(bench.media.view(Slot::camera).state == SlotState::failed);
}

TEST_CASE("a device that lasted for a while may be replaced anew", "[local media]") {
    MediaBench bench;
    bench.have(Slot::camera, "front");
    OperationId op = 1;
    for (std::uint32_t i = 0; i < 2 * LocalMedia::kMostTries; ++i) {
        bench.now += LocalMedia::kSteadyMs;
        CHECK(bench(TrackEnded{{Slot::camera, op}}) ==
              Actions{release(Slot::camera, op), acquire(op + 1, {{Slot::camera, {}, false}})});
        bench(MediaAcquired{++op, {Slot::camera}});
    }
}

TEST_CASE("the device that was in use is taken again when it comes back", "[local media]") {
    MediaBench bench;
    bench(DevicesChanged{{{Slot::camera, "front"}, {Slot::camera, "back"}}});
    bench.have(Slot::camera, "front");
    bench(DevicesChanged{{{Slot::camera, "back"}}});
    bench(TrackEnded{{Slot::camera, 1}});
    bench(MediaAcquired{2, {Slot::camera}, false, {"back"}});

    CHECK(bench(DevicesChanged{{{Slot::camera, "back"}, {Slot::camera, "top"}}}) == Actions{});
    CHECK(bench(DevicesChanged{{{Slot::camera, "back"}, {Slot::camera, "front"}}}) ==
          Actions{acquire(3, {{Slot::camera, "front", false}})});
    CHECK(bench.media.is_on(Slot::camera));  // the other one until then
    CHECK(bench(MediaAcquired{3, {Slot::camera}, false, {"front"}}) ==
          Actions{release(Slot::camera, 2)});
    CHECK(bench(DevicesChanged{{{Slot::camera, "front"}}}) == Actions{});
}

TEST_CASE("a chosen device that was missing is taken when it is plugged in", "[local media]") {
    MediaBench bench;
    bench.wish({on(Slot::camera, "front")});
    CHECK(bench(MediaFailed{1, kMissing}) == Actions{acquire(2, {{Slot::camera, {}, false}})});
    bench(MediaAcquired{2, {Slot::camera}, false, {"back"}});

    CHECK(bench(DevicesChanged{{{Slot::camera, "back"}, {Slot::camera, "front"}}}) ==
          Actions{acquire(3, {{Slot::camera, "front", false}})});
}

TEST_CASE("a device that came back and doesn't open leaves the other one in use, without a word",
          "[local media]") {
    MediaBench bench;
    bench.have(Slot::camera, "front");
    bench(TrackEnded{{Slot::camera, 1}});
    bench(MediaAcquired{2, {Slot::camera}, false, {"back"}});
    bench(DevicesChanged{{{Slot::camera, "front"}}});

    CHECK(bench(MediaFailed{3, kBusy}) == Actions{});
    CHECK(bench.media.sent(Slot::camera) == TrackId{Slot::camera, 2});
    CHECK(bench(DevicesChanged{{{Slot::camera, "front"}}}) == Actions{});
}

TEST_CASE("what stops while a device that came back is opened has its place filled by any other",
          "[local media]") {
    MediaBench bench;
    bench(DevicesChanged{{{Slot::camera, "front"}}});
    bench.have(Slot::camera, "front");
    bench(DevicesChanged{{{Slot::camera, "back"}}});
    bench(TrackEnded{{Slot::camera, 1}});
    bench(MediaAcquired{2, {Slot::camera}, false, {"back"}});
    REQUIRE(bench(DevicesChanged{{{Slot::camera, "back"}, {Slot::camera, "front"}}}) ==
            Actions{acquire(3, {{Slot::camera, "front", false}})});

    CHECK(bench(TrackEnded{{Slot::camera, 2}}) == Actions{release(Slot::camera, 2)});
    CHECK(bench(MediaFailed{3, kBusy}) == Actions{acquire(4, {{Slot::camera, {}, false}})});
    bench(MediaFailed{4, kBusy});
    CHECK(reported(bench(MediaFailed{5, kBusy})) == ErrorCode::media_ended);
    // The wish is still there.
    CHECK(bench(DevicesChanged{{{Slot::camera, "top"}}}) ==
          Actions{acquire(6, {{Slot::camera, {}, false}})});
}

TEST_CASE("with no device left, the next list of devices is a reason to try again",
          "[local media]") {
    MediaBench bench;
    bench(DevicesChanged{{{Slot::camera, "front"}}});
    bench.have(Slot::camera, "front");
    bench(DevicesChanged{{}});
    bench(TrackEnded{{Slot::camera, 1}});
    REQUIRE(reported(bench(MediaFailed{2, kMissing})) == ErrorCode::media_ended);

    SECTION("the same device") {
        CHECK(bench(DevicesChanged{{{Slot::camera, "front"}}}) ==
              Actions{acquire(3, {{Slot::camera, "front", false}})});
    }
    SECTION("another one") {
        CHECK(bench(DevicesChanged{{{Slot::camera, "back"}}}) ==
              Actions{acquire(3, {{Slot::camera, {}, false}})});
        CHECK(bench(MediaFailed{3, kBusy}) == Actions{acquire(4, {{Slot::camera, "back", false}})});
        CHECK(bench(MediaFailed{4, kBusy}) == Actions{});  // has been said
    }
    SECTION("or that the page is seen again") {
        CHECK(bench.run([&](Turn& turn) { bench.media.revive(turn); }) ==
              Actions{acquire(3, {{Slot::camera, {}, false}})});
    }
    SECTION("but not where the person has turned it off meanwhile") {
        bench.wish({off(Slot::camera)});
        CHECK(bench(DevicesChanged{{{Slot::camera, "front"}}}) == Actions{});
        CHECK(bench.run([&](Turn& turn) { bench.media.revive(turn); }) == Actions{});
    }
    SECTION("nor after leaving") {
        CHECK(bench.run([&](Turn& turn) {
            bench.media.handle(DevicesChanged{{{Slot::camera, "front"}}}, false, turn);
        }) == Actions{});
    }
}

TEST_CASE("a microphone that stops while it is muted is opened anew when it is turned on",
          "[local media]") {
    MediaBench bench;
    bench.have(Slot::microphone, "desk");
    bench.wish({off(Slot::microphone)});
    CHECK(bench(TrackEnded{{Slot::microphone, 1}}) == Actions{release(Slot::microphone, 1)});
    CHECK(bench.wish({on(Slot::microphone)}) ==
          Actions{acquire(2, {{Slot::microphone, {}, false}})});
}

TEST_CASE("the application's own track that ends is not replaced", "[local media]") {
    MediaBench bench;
    bench.have(Slot::camera, "", true);
    const Actions actions = bench(TrackEnded{{Slot::camera, 1}});
    CHECK(without<Report>(actions) == Actions{release(Slot::camera, 1, false)});
    CHECK(reported(actions) == ErrorCode::media_ended);
    CHECK_FALSE(bench.media.view(Slot::camera).wanted);
}

TEST_CASE("a track that stays muted is shown and reported, once", "[local media]") {
    MediaBench bench;
    bench.have(Slot::microphone);
    CHECK(bench(TrackMuted{{Slot::microphone, 1}}) == Actions{});
    CHECK(bench.media.deadline() == bench.now + LocalMedia::kMutedMs);
    CHECK(bench.pass_time() == Actions{});
    bench.now += LocalMedia::kMutedMs;
    CHECK(reported(bench.pass_time()) == ErrorCode::media_muted);
    CHECK(bench.media.view(Slot::microphone) == SlotView{true, SlotState::on, {}, true});
    CHECK(bench.pass_time() == Actions{});
    CHECK(bench.media.deadline() == std::nullopt);

    CHECK(bench(TrackUnmuted{{Slot::microphone, 1}}) == Actions{});
    CHECK(bench.changed);
    CHECK(bench.media.view(Slot::microphone) == SlotView{true, SlotState::on, {}});
}

TEST_CASE("a track that is muted for a moment, given back, or shared is no trouble",
          "[local media]") {
    MediaBench bench;
    bench.have(Slot::screen);
    bench(TrackMuted{{Slot::screen, 1}});
    bench.have(Slot::camera);
    bench(TrackMuted{{Slot::camera, 2}});
    bench.now += LocalMedia::kMutedMs - 1;
    bench(TrackUnmuted{{Slot::camera, 2}});
    bench.have(Slot::microphone);
    bench(TrackMuted{{Slot::microphone, 3}});
    bench(TrackMuted{{Slot::microphone, 9}});
    bench.wish({off(Slot::microphone)});
    bench.now += LocalMedia::kMutedMs;
    CHECK(bench.media.deadline() == std::nullopt);
    CHECK(bench.pass_time() == Actions{});
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
    bench.have(Slot::microphone, "", true);
    bench.release_all();

    CHECK(bench.resume() == Actions{acquire(3, {{Slot::camera, "back", false}}),
                                    acquire(4, {{Slot::microphone, {}, true}})});
}
