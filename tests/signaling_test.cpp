// The way to the server: opened, watched, opened again.
#include "signaling.hpp"

#include <algorithm>

#include "support.hpp"

using namespace dvmeet;
using namespace dvmeet::test;

namespace {

struct SignalingBench : Bench {
    Signaling signaling{};

    Actions open() {
        return run([&](Turn& turn) { signaling.open(turn); });
    }
    Actions close() {
        return run([&](Turn& turn) { signaling.close(turn); });
    }
    Actions retry_later() {
        return run([&](Turn& turn) { signaling.retry_later(turn); });
    }
    Actions retry_soon() {
        return run([&](Turn& turn) { signaling.retry_soon(turn); });
    }
    Actions renew() {
        return run([&](Turn& turn) { signaling.renew(turn); });
    }
    Actions hurry() {
        return run([&](Turn& turn) { signaling.hurry(turn); });
    }
    Actions watch(std::uint32_t heartbeat_ms) {
        return run([&](Turn& turn) { signaling.watch(heartbeat_ms, turn); });
    }
    Actions probe() {
        return run([&](Turn& turn) { signaling.probe(turn); });
    }
    Actions answer(OperationId op) {
        return run([&](Turn& turn) { signaling.handle(HeartbeatAnswered{op}, turn); });
    }
    Actions hear(TimeMs at) {
        now = at;
        return run([&](Turn& turn) { signaling.hear(turn); });
    }
    Actions pass_time(TimeMs until) {
        now = until;
        return run([&](Turn& turn) { dead = signaling.pass_time(cut_off, turn); });
    }
    [[nodiscard]] Deadline deadline() const { return signaling.deadline(config, cut_off); }
    /// An open socket to a server that answers heartbeats so often.
    void watched(std::uint32_t heartbeat_ms) {
        open();
        signaling.opened();
        watch(heartbeat_ms);
    }
    bool cut_off = false;
    bool dead = false;  ///< what pass_time() returned last
};

Action heartbeat(OperationId op) { return Emit{op, wire::Heartbeat{}}; }

}  // namespace

// ---- opened and closed ----------------------------------------------------------------------

TEST_CASE("a socket that is not open in 4 s is given up, once", "[signaling]") {
    SignalingBench bench;
    CHECK(bench.signaling.is_closed());
    CHECK(bench.deadline() == std::nullopt);
    bench.now = 100;
    CHECK(bench.open() == Actions{OpenSignaling{}});
    CHECK_FALSE(bench.signaling.is_closed());
    CHECK_FALSE(bench.signaling.is_open());
    CHECK(bench.deadline() == 4'100);

    CHECK(bench.pass_time(4'099) == Actions{});
    CHECK_FALSE(bench.dead);
    CHECK(bench.pass_time(4'100) == Actions{});
    CHECK(bench.dead);
    CHECK(bench.deadline() == std::nullopt);
    bench.pass_time(4'101);
    CHECK_FALSE(bench.dead);
}

TEST_CASE("a socket that has opened needs no more time", "[signaling]") {
    SignalingBench bench;
    bench.open();
    bench.signaling.opened();
    CHECK(bench.signaling.is_open());
    CHECK(bench.deadline() == std::nullopt);
    CHECK(bench.pass_time(100'000) == Actions{});
    CHECK_FALSE(bench.dead);
}

TEST_CASE("a socket that broke asks for nothing by itself", "[signaling]") {
    SignalingBench bench;
    bench.watched(1'000);
    bench.probe();
    bench.signaling.closed();
    CHECK(bench.signaling.is_closed());
    CHECK(bench.deadline() == std::nullopt);
    CHECK(bench.pass_time(100'000) == Actions{});
    CHECK_FALSE(bench.dead);
}

TEST_CASE("closing is said even where there is no socket: one that was lent is given back",
          "[signaling]") {
    SignalingBench bench;
    CHECK(bench.close() == Actions{CloseSignaling{}});
    bench.open();
    CHECK(bench.close() == Actions{CloseSignaling{}});
    CHECK(bench.signaling.is_closed());
    CHECK(bench.deadline() == std::nullopt);
}

// ---- opened again ---------------------------------------------------------------------------

TEST_CASE("the pauses between attempts double from 500 ms to 5 s, a quarter of each drawn on top",
          "[signaling]") {
    SignalingBench bench;
    std::uint32_t number = 0;
    for (const std::uint32_t pause : {500U, 1'000U, 2'000U, 4'000U, 5'000U, 5'000U}) {
        INFO("pause " << pause);
        CHECK(bench.retry_later() == Actions{});
        const TimeMs at = bench.now + pause + drawn(++number, pause / 4 + 1);
        CHECK(bench.deadline() == at);
        CHECK(bench.pass_time(at - 1) == Actions{});
        CHECK(bench.pass_time(at) == Actions{OpenSignaling{}});
        CHECK(bench.deadline() == at + 4'000);
        bench.signaling.closed();
    }
}

TEST_CASE("the pauses stay at their longest for ever", "[signaling]") {
    SignalingBench bench;
    for (int i = 0; i < 100; ++i) {
        bench.retry_later();
        bench.pass_time(*bench.deadline());
        bench.signaling.closed();
    }
    bench.retry_later();
    CHECK(*bench.deadline() >= bench.now + 5'000);
    CHECK(*bench.deadline() <= bench.now + 6'250);
}

TEST_CASE("what is drawn keeps the clients of a server that went down from coming back in step",
          "[signaling]") {
    TimeMs least = 10'000;
    TimeMs most = 0;
    for (std::uint32_t seed = 0; seed < 200; ++seed) {
        SignalingBench bench;
        bench.config.seed = seed;
        bench.retry_later();
        CHECK(bench.deadline() == 500 + drawn(1, 126, bench.config));
        least = std::min(least, *bench.deadline());
        most = std::max(most, *bench.deadline());
    }
    CHECK(least >= 500);
    CHECK(least < 510);
    CHECK(most <= 625);
    CHECK(most > 615);
}

TEST_CASE("after an attempt that nothing answered the next one follows soon, for some 100 s",
          "[signaling]") {
    SignalingBench bench;
    bench.open();
    for (std::uint32_t number = 1; number <= 40; ++number) {
        bench.pass_time(*bench.deadline());
        REQUIRE(bench.dead);
        CHECK(bench.retry_soon() == Actions{CloseSignaling{}});
        CHECK(bench.deadline() == bench.now + drawn(number, 500));
        CHECK(bench.pass_time(*bench.deadline()) == Actions{OpenSignaling{}});
    }
    bench.retry_soon();
    CHECK(bench.now > 90'000);
    CHECK(bench.now < 110'000);
    CHECK(bench.deadline() == bench.now + 500 + drawn(41, 126));
    bench.signaling.settle();
    bench.retry_soon();
    CHECK(bench.deadline() == bench.now + drawn(42, 500));
}

TEST_CASE("most attempts after two unanswered ones are given up before TCP would ask a third time",
          "[signaling]") {
    SignalingBench bench;
    const auto patiences = [&](std::size_t count) {
        std::vector<TimeMs> found;
        while (found.size() < count) {
            bench.open();
            found.push_back(*bench.deadline() - bench.now);
            bench.pass_time(*bench.deadline());
            bench.retry_soon();
        }
        return found;
    };
    CHECK(patiences(9) ==
          std::vector<TimeMs>{4'000, 4'000, 1'500, 1'500, 4'000, 1'500, 1'500, 1'500, 4'000});
    bench.signaling.settle();
    CHECK(patiences(3) == std::vector<TimeMs>{4'000, 4'000, 1'500});
    bench.renew();  // another network may be a slow one
    CHECK(bench.deadline() == bench.now + 4'000);
}

TEST_CASE("a socket that is there is closed before another attempt is waited for", "[signaling]") {
    SignalingBench bench;
    bench.watched(1'000);
    CHECK(bench.retry_later() == Actions{CloseSignaling{}});
    CHECK(bench.signaling.is_closed());
    CHECK(bench.deadline() == 500 + drawn(1, 126));
}

TEST_CASE("attempts count from the start once the server lets us in", "[signaling]") {
    SignalingBench bench;
    for (int i = 0; i < 3; ++i) bench.retry_later();
    bench.open();
    bench.signaling.opened();
    bench.signaling.settle();
    bench.retry_later();
    CHECK(bench.deadline() == bench.now + 500 + drawn(4, 126));
}

TEST_CASE("a socket that opens without our being let in does not count as success", "[signaling]") {
    SignalingBench bench;
    bench.retry_later();
    bench.open();
    bench.signaling.opened();
    bench.retry_later();
    CHECK(bench.deadline() == bench.now + 1'000 + drawn(2, 251));
}

TEST_CASE("another socket takes the place of the present one at once", "[signaling]") {
    SignalingBench bench;
    bench.watched(1'000);
    bench.now = 10;
    CHECK(bench.renew() == Actions{CloseSignaling{}, OpenSignaling{}});
    CHECK_FALSE(bench.signaling.is_open());
    CHECK(bench.deadline() == 4'010);

    CHECK(bench.renew() == Actions{CloseSignaling{}, OpenSignaling{}});
    bench.signaling.closed();
    for (int i = 0; i < 3; ++i) bench.retry_later();
    CHECK(bench.renew() == Actions{OpenSignaling{}});
    bench.signaling.closed();
    bench.retry_later();
    CHECK(bench.deadline() == 10 + 500 + drawn(4, 126));
}

TEST_CASE("an attempt that is waited for can be hurried, and only such a one", "[signaling]") {
    SignalingBench bench;
    CHECK(bench.hurry() == Actions{});
    CHECK(bench.pass_time(0) == Actions{});
    bench.retry_later();
    bench.now = 100;
    CHECK(bench.hurry() == Actions{});
    CHECK(bench.pass_time(100) == Actions{OpenSignaling{}});
    CHECK(bench.hurry() == Actions{});
    CHECK(bench.pass_time(101) == Actions{});
}

// ---- watched --------------------------------------------------------------------------------

TEST_CASE("the server is asked as often as it said, one heartbeat at a time", "[signaling]") {
    SignalingBench bench;
    bench.watched(1'000);
    CHECK(bench.deadline() == 1'000);
    CHECK(bench.pass_time(999) == Actions{});
    for (OperationId op = 1; op <= 5; ++op) {
        const TimeMs at = 1'000 * TimeMs{op};
        CHECK(bench.pass_time(at) == Actions{heartbeat(op)});
        CHECK(bench.pass_time(at + 40) == Actions{});
        bench.answer(op);
        CHECK(bench.deadline() == at + 1'000);
        CHECK_FALSE(bench.dead);
    }
    // This one is not answered, and no other goes out meanwhile.
    CHECK(bench.pass_time(6'000) == Actions{heartbeat(6)});
    CHECK(bench.pass_time(7'000) == Actions{});
    CHECK(bench.pass_time(8'000) == Actions{});
}

TEST_CASE("a server that does not answer a heartbeat in 2.5 s is gone", "[signaling]") {
    SignalingBench bench;
    bench.watched(4'000);
    bench.pass_time(4'000);
    CHECK(bench.deadline() == 6'500);
    bench.pass_time(6'499);
    CHECK_FALSE(bench.dead);
    CHECK(bench.pass_time(6'500) == Actions{});
    CHECK(bench.dead);
}

TEST_CASE("where no participant is heard either, half the time is enough", "[signaling]") {
    SignalingBench bench;
    bench.watched(1'000);
    bench.probe();
    CHECK(bench.deadline() == 1'000);
    bench.pass_time(1'000);
    bench.cut_off = true;
    CHECK(bench.deadline() == 1'250);
    bench.pass_time(1'249);
    CHECK_FALSE(bench.dead);
    bench.pass_time(1'250);
    CHECK(bench.dead);
}

TEST_CASE("that nobody is heard any more may show as late as that the server is not",
          "[signaling]") {
    SignalingBench bench;
    bench.watched(1'000);
    bench.probe();
    bench.pass_time(2'000);
    bench.cut_off = true;
    bench.pass_time(2'500);
    CHECK(bench.dead);
}

TEST_CASE("a server from which anything comes is not gone, however late its answer",
          "[signaling]") {
    SignalingBench bench;
    bench.watched(4'000);
    bench.pass_time(4'000);
    bench.hear(4'400);
    CHECK(bench.deadline() == 6'900);
    bench.pass_time(6'899);
    CHECK_FALSE(bench.dead);
    bench.pass_time(6'900);
    CHECK(bench.dead);
}

TEST_CASE("what comes while no heartbeat is out tells nothing of the server's patience",
          "[signaling]") {
    SignalingBench bench;
    bench.watched(4'000);
    bench.hear(3'900);
    bench.pass_time(4'000);
    CHECK(bench.deadline() == 6'500);
}

TEST_CASE("a slow server gets twice its longest silence on top, at most 10 s in all",
          "[signaling]") {
    SignalingBench bench;
    bench.watched(60'000);
    const auto [silence, patience] = GENERATE(table<TimeMs, TimeMs>(
        {{0, 2'500}, {499, 2'500}, {500, 3'500}, {2'000, 6'500}, {2'499, 7'498}}));
    bench.pass_time(60'000);
    bench.pass_time(60'000 + silence);
    bench.answer(1);
    bench.pass_time(120'000);
    CHECK(bench.deadline() == 120'000 + patience);
    if (silence < 2'000) return;
    // Slower and slower.
    bench.hear(120'000 + patience - 1);
    CHECK(bench.deadline() == bench.now + 10'000);
}

TEST_CASE("the silence of a server that is quick again is forgotten by and by", "[signaling]") {
    SignalingBench bench;
    bench.watched(10'000);
    bench.pass_time(10'000);
    bench.pass_time(12'000);
    bench.answer(1);
    for (OperationId op = 2; op < 20; ++op) {
        bench.pass_time(10'000 * TimeMs{op});
        CHECK(bench.deadline() <= bench.now + 6'500);
        bench.answer(op);
    }
    bench.pass_time(200'000);
    CHECK(bench.deadline() == 202'500);
}

TEST_CASE("an hour of sleep is forgotten as soon as another long silence", "[signaling]") {
    SignalingBench bench;
    bench.watched(10'000);
    bench.pass_time(10'000);
    bench.now = 3'600'000;
    bench.answer(1);
    for (OperationId op = 2; op < 24; ++op) {
        bench.pass_time(3'600'000 + 10'000 * TimeMs{op});
        bench.answer(op);
    }
    bench.pass_time(4'000'000);
    CHECK(bench.deadline() == 4'002'500);
}

TEST_CASE("an answer to another heartbeat is none", "[signaling]") {
    SignalingBench bench;
    bench.watched(1'000);
    bench.pass_time(1'000);
    bench.answer(77);
    bench.answer(0);
    bench.pass_time(3'500);
    CHECK(bench.dead);
}

TEST_CASE("a timer that is far too late asks again, since the answer may be waiting behind it",
          "[signaling]") {
    SignalingBench bench;
    bench.watched(1'000);
    bench.pass_time(1'000);
    // The computer slept from here.
    CHECK(bench.pass_time(6'000) == Actions{heartbeat(2)});
    CHECK_FALSE(bench.dead);
    bench.answer(1);
    bench.pass_time(8'499);
    CHECK_FALSE(bench.dead);
    bench.pass_time(8'500);
    CHECK(bench.dead);
}

TEST_CASE("a timer that is a little late still tells that the server is gone", "[signaling]") {
    SignalingBench bench;
    bench.watched(1'000);
    bench.pass_time(1'000);
    CHECK(bench.pass_time(5'999) == Actions{});
    CHECK(bench.dead);
}

TEST_CASE("a probe goes out at once, where the server answers and none is under way",
          "[signaling]") {
    SignalingBench bench;
    CHECK(bench.probe() == Actions{});
    bench.open();
    CHECK(bench.probe() == Actions{});
    bench.signaling.opened();
    CHECK(bench.probe() == Actions{});
    bench.watch(1'000);
    bench.now = 100;
    CHECK(bench.probe() == Actions{heartbeat(1)});
    CHECK(bench.probe() == Actions{});
    bench.answer(1);
    CHECK(bench.deadline() == 1'100);
}

TEST_CASE("being let in again on the same socket changes nothing of the watch", "[signaling]") {
    SignalingBench bench;
    bench.watched(1'000);
    bench.now = 600;
    CHECK(bench.watch(1'000) == Actions{});
    CHECK(bench.deadline() == 1'000);
}

TEST_CASE("a server that answers no heartbeats any more is asked for none, and for no time",
          "[signaling]") {
    SignalingBench bench;
    bench.watched(1'000);
    bench.watch(0);
    CHECK(bench.deadline() == std::nullopt);
    CHECK(bench.pass_time(10'000) == Actions{});
    CHECK_FALSE(bench.dead);
    CHECK(bench.deadline() == std::nullopt);
}

TEST_CASE("a server without heartbeats is not watched", "[signaling]") {
    SignalingBench bench;
    bench.watched(0);
    CHECK(bench.deadline() == std::nullopt);
    CHECK(bench.pass_time(100'000) == Actions{});
    CHECK_FALSE(bench.dead);
}

TEST_CASE("whatever time a timer comes, the next one lies ahead of it", "[signaling]") {
    for (const std::uint32_t heartbeat_ms : {500U, 1'000U, 2'500U, 10'000U}) {
        for (std::uint32_t seed = 0; seed < 50; ++seed) {
            SignalingBench bench;
            bench.watched(heartbeat_ms);
            Config chance;
            chance.seed = seed;
            for (std::uint32_t step = 1; step <= 40 && !bench.dead; ++step) {
                INFO("heartbeat " << heartbeat_ms << " seed " << seed << " step " << step);
                const bool on_time = drawn(2 * step, 3, chance) > 0;
                const TimeMs until =
                    on_time ? *bench.deadline() : bench.now + drawn(2 * step + 1, 9'000, chance);
                bench.pass_time(until);
                if (bench.dead) break;
                REQUIRE(bench.deadline());
                CHECK(*bench.deadline() > bench.now);
                if (drawn(3 * step, 2, chance) == 0) bench.answer(bench.counters.operation);
            }
        }
    }
}
