// Who speaks, with pauses for breath, coughs and two at once.
#include "speakers.hpp"

#include "support.hpp"

using namespace dvmeet;
using namespace dvmeet::test;

namespace {

struct SpeakersBench : Bench {
    Speakers speakers;

    /// One sample, 300 ms after the one before; who is active then.
    ParticipantId hear(const std::vector<Voice>& voices) {
        now += 300;
        CHECK(run([&](Turn& turn) { speakers.take(voices, turn); }) == Actions{});
        return speakers.active();
    }
    ParticipantId silence(int samples) {
        ParticipantId active;
        for (int i = 0; i < samples; ++i) active = hear({{kAna, 0}, {kCyd, 0}});
        return active;
    }
};

}  // namespace

TEST_CASE("whose voice rises is the active speaker, at once", "[speakers]") {
    SpeakersBench bench;
    CHECK(bench.hear({{kAna, 10}, {kCyd, 5}}).empty());
    CHECK_FALSE(bench.changed);
    CHECK(bench.hear({{kAna, 200}, {kCyd, 5}}) == kAna);
    CHECK(bench.changed);
    bench.hear({{kAna, 200}, {kCyd, 5}});
    CHECK_FALSE(bench.changed);
}

TEST_CASE("breath and noise make nobody a speaker", "[speakers]") {
    SpeakersBench bench;
    for (int i = 0; i < 20; ++i) CHECK(bench.hear({{kAna, 25}, {kCyd, i % 2 == 0 ? 36 : 0}}) == "");
}

TEST_CASE("who speaks keeps the floor while somebody else speaks louder", "[speakers]") {
    SpeakersBench bench;
    bench.hear({{kAna, 100}});
    for (int i = 0; i < 10; ++i) CHECK(bench.hear({{kAna, 100}, {kCyd, 900}}) == kAna);
}

TEST_CASE("a pause for breath keeps the floor, and a longer one hands it over", "[speakers]") {
    SpeakersBench bench;
    bench.hear({{kAna, 60}, {kCyd, 0}});
    std::vector<ParticipantId> active;
    for (int i = 0; i < 8; ++i) active.push_back(bench.hear({{kAna, 0}, {kCyd, 500}}));
    // 30, 24, 19, 15 are heard as speech still, 12 no longer; then the pause.
    CHECK(active == std::vector<ParticipantId>{kAna, kAna, kAna, kAna, kCyd, kCyd, kCyd, kCyd});
}

TEST_CASE("after long silence nobody speaks", "[speakers]") {
    SpeakersBench bench;
    bench.hear({{kAna, 60}, {kCyd, 0}});
    CHECK(bench.silence(8) == kAna);
    CHECK(bench.silence(3).empty());
    CHECK(bench.silence(3).empty());
}

TEST_CASE("who is no longer heard is silent", "[speakers]") {
    SpeakersBench bench;
    CHECK(bench.hear({{kAna, 500}, {kCyd, 0}}) == kAna);
    CHECK(bench.hear({{kCyd, 0}}).empty());
    CHECK(bench.changed);
}

TEST_CASE("when nobody looks any more, nobody is shown as speaking", "[speakers]") {
    SpeakersBench bench;
    bench.hear({{kAna, 500}});
    bench.run([&](Turn& turn) { bench.speakers.clear(turn); });
    CHECK(bench.changed);
    CHECK(bench.speakers == Speakers{});
    bench.run([&](Turn& turn) { bench.speakers.clear(turn); });
    CHECK_FALSE(bench.changed);
}
