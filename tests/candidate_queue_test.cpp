// The queue of remote candidates: what waits, what is released, what is dropped and reported.
#include "candidate_queue.hpp"

#include "support.hpp"

using namespace dvmeet;
using namespace dvmeet::test;

namespace {

using Candidates = std::vector<std::optional<IceCandidate>>;
const SdpFacts kFirst{"1", {"first"}};
const SdpFacts kSecond{"1", {"second"}};

/// One queue; each step returns what it released and checks what it reported.
struct QueueBench : Bench {
    CandidateQueue queue{};

    bool accept(const std::optional<IceCandidate>& candidate, const Actions& expected = {}) {
        bool usable = false;
        CHECK(run([&](Turn& turn) { usable = queue.accept(candidate, turn); }) == expected);
        return usable;
    }
    Candidates release(const SdpFacts& facts, const Actions& expected = {}) {
        Candidates released;
        CHECK(run([&](Turn& turn) { released = queue.release(facts, turn); }) == expected);
        return released;
    }
    void ignore(const SdpFacts& facts, const Actions& expected = {}) {
        CHECK(run([&](Turn& turn) { queue.ignore(facts, turn); }) == expected);
    }
    Actions expire() {
        return run([&](Turn& turn) { queue.expire(turn); });
    }
    Actions restart() {
        return run([&](Turn& turn) { queue.restart(turn); });
    }
};

const Action kStale =
    Report{Level::debug, ErrorCode::stale_message, "a candidate of a generation that is gone", ""};
Action stale(int count) {
    return Report{Level::debug, ErrorCode::stale_message,
                  std::to_string(count) + " candidates of a generation that is gone", ""};
}
const Action kFull =
    Report{Level::warn, ErrorCode::queue_full,
           "more than 256 candidates wait for a description; the oldest is dropped", ""};
const Action kExpired = Report{Level::info, ErrorCode::stale_message,
                               "a candidate waited too long for its description", ""};

}  // namespace

TEST_CASE("candidates that outrun their description leave in the order they came", "[candidates]") {
    QueueBench bench;

    CHECK_FALSE(bench.accept(candidate(1, "first")));
    CHECK_FALSE(bench.accept(candidate(2, "first")));
    CHECK_FALSE(bench.accept(candidate(3, "first")));
    CHECK(bench.queue.size() == 3);

    bench.queue.expect();
    CHECK(bench.release(kFirst) ==
          Candidates{candidate(1, "first"), candidate(2, "first"), candidate(3, "first")});
    CHECK(bench.queue.size() == 0);
    CHECK(bench.queue.deadline() == std::nullopt);
}

TEST_CASE("a candidate of the description that is set needs no waiting", "[candidates]") {
    QueueBench bench;
    bench.queue.expect();
    CHECK(bench.release(kFirst).empty());

    CHECK(bench.accept(candidate(1, "first")));
    CHECK(bench.accept(candidate(2)));
    CHECK(bench.accept(std::nullopt));
    CHECK(bench.queue.size() == 0);
}

TEST_CASE("end-of-candidates waits in its place among the candidates", "[candidates]") {
    QueueBench bench;

    CHECK_FALSE(bench.accept(candidate(1, "first")));
    CHECK_FALSE(bench.accept(std::nullopt));

    bench.queue.expect();
    CHECK(bench.release(kFirst) == Candidates{candidate(1, "first"), std::nullopt});
}

TEST_CASE("a candidate of the generation to come waits past the present description",
          "[candidates]") {
    QueueBench bench;
    CHECK_FALSE(bench.accept(candidate(1, "second")));
    bench.queue.expect();

    CHECK(bench.release(kFirst).empty());
    CHECK_FALSE(bench.accept(candidate(2, "second")));
    CHECK(bench.accept(candidate(3, "first")));

    bench.queue.expect();
    CHECK(bench.release(kSecond) == Candidates{candidate(1, "second"), candidate(2, "second")});
}

TEST_CASE("the ufrag extension of a candidate's text names its generation too", "[candidates]") {
    QueueBench bench;
    IceCandidate later = candidate(1);
    later.candidate += " generation 0 ufrag second network-id 1";
    bench.queue.expect();
    CHECK(bench.release(kFirst).empty());

    CHECK_FALSE(bench.accept(later));

    bench.queue.expect();
    CHECK(bench.release(kSecond) == Candidates{later});
}

TEST_CASE("a candidate that names no generation belongs to the description before it",
          "[candidates]") {
    QueueBench bench;
    bench.queue.expect();
    CHECK_FALSE(bench.accept(candidate(1)));
    bench.queue.expect();
    CHECK_FALSE(bench.accept(candidate(2)));

    CHECK(bench.release(kFirst) == Candidates{candidate(1)});
    CHECK(bench.release(kSecond) == Candidates{candidate(2)});
}

TEST_CASE("an unnamed candidate waits while a newer description is being set", "[candidates]") {
    QueueBench bench;
    bench.queue.expect();
    CHECK(bench.release(kFirst).empty());
    bench.queue.expect();

    CHECK_FALSE(bench.accept(candidate(1)));
    CHECK(bench.accept(candidate(2, "first")));

    CHECK(bench.release(kFirst) == Candidates{candidate(1)});
}

TEST_CASE("a description that was of no use passes its unnamed candidates on", "[candidates]") {
    QueueBench bench;
    bench.queue.expect();
    CHECK_FALSE(bench.accept(candidate(1)));
    bench.queue.skip();
    bench.queue.expect();
    CHECK(bench.release(kFirst) == Candidates{candidate(1)});
}

TEST_CASE("an ice restart drops what still comes of the generation before", "[candidates]") {
    QueueBench bench;
    bench.queue.expect();
    CHECK(bench.release(kFirst).empty());
    bench.queue.expect();
    CHECK(bench.release(kSecond).empty());

    CHECK_FALSE(bench.accept(candidate(1, "first"), {kStale}));
    CHECK(bench.accept(candidate(2, "second")));
    CHECK(bench.queue.size() == 0);
}

TEST_CASE("a description that keeps its ufrag keeps its candidates", "[candidates]") {
    QueueBench bench;
    bench.queue.expect();
    CHECK(bench.release(kFirst).empty());
    bench.queue.expect();
    CHECK(bench.release({"1", {"first", "second"}}).empty());

    CHECK(bench.accept(candidate(1, "first")));
    CHECK(bench.accept(candidate(2, "second")));
}

TEST_CASE("the candidates of an ignored offer are dropped, before and after it, and reported",
          "[candidates]") {
    QueueBench bench;
    CHECK_FALSE(bench.accept(candidate(1, "second")));
    CHECK_FALSE(bench.accept(candidate(2, "first")));
    bench.queue.expect();

    bench.ignore(kSecond, {stale(1)});

    CHECK_FALSE(bench.accept(candidate(3, "second"), {kStale}));
    bench.queue.expect();
    CHECK(bench.release(kFirst) == Candidates{candidate(2, "first")});
}

TEST_CASE(
    "the unnamed candidates of an ignored offer are dropped, those of the next description "
    "are not",
    "[candidates]") {
    QueueBench bench;
    bench.queue.expect();
    bench.ignore(kSecond);

    CHECK_FALSE(bench.accept(candidate(1), {kStale}));
    CHECK_FALSE(bench.accept(std::nullopt, {kStale}));

    bench.queue.expect();
    CHECK_FALSE(bench.accept(candidate(2)));
    CHECK(bench.release(kFirst) == Candidates{candidate(2)});
    CHECK(bench.accept(candidate(3)));
}

TEST_CASE("unnamed candidates that waited for an offer go with it when it is ignored",
          "[candidates]") {
    QueueBench bench;
    bench.queue.expect();
    CHECK_FALSE(bench.accept(candidate(1)));
    CHECK_FALSE(bench.accept(std::nullopt));

    bench.ignore(kFirst, {stale(2)});

    CHECK(bench.queue.size() == 0);
}

TEST_CASE("an ignored offer of the generation in use does not spoil that generation",
          "[candidates]") {
    QueueBench bench;
    bench.queue.expect();
    CHECK(bench.release(kFirst).empty());
    bench.queue.expect();
    bench.ignore(kFirst);

    CHECK(bench.accept(candidate(1, "first")));
}

TEST_CASE("a generation that was ignored counts again once it is set", "[candidates]") {
    QueueBench bench;
    bench.queue.expect();
    bench.ignore(kSecond);
    bench.queue.expect();
    CHECK(bench.release(kSecond).empty());

    CHECK(bench.accept(candidate(1, "second")));
}

TEST_CASE("the end of the candidates of a past generation is dropped like they are",
          "[candidates]") {
    QueueBench bench;
    bench.queue.expect();
    CHECK(bench.release(kFirst).empty());
    bench.queue.expect();
    CHECK(bench.release(kSecond).empty());
    IceCandidate end;
    end.username_fragment = "first";

    CHECK_FALSE(bench.accept(end, {kStale}));
}

TEST_CASE("256 candidates wait; one more drops the oldest and says so", "[candidates]") {
    QueueBench bench;
    Candidates expected;
    for (int i = 0; i < 256; ++i) {
        CHECK_FALSE(bench.accept(candidate(i, "first")));
        if (i > 0) expected.emplace_back(candidate(i, "first"));
    }

    CHECK_FALSE(bench.accept(candidate(256, "first"), {kFull}));

    expected.emplace_back(candidate(256, "first"));
    CHECK(bench.queue.size() == 256);
    bench.queue.expect();
    CHECK(bench.release(kFirst) == expected);
}

TEST_CASE("over capacity all of the oldest generation goes before any of a newer one",
          "[candidates]") {
    QueueBench bench;
    bench.config.candidate_capacity = 3;
    const Action full =
        Report{Level::warn, ErrorCode::queue_full,
               "more than 3 candidates wait for a description; the oldest is dropped", ""};
    CHECK_FALSE(bench.accept(candidate(1, "first")));
    CHECK_FALSE(bench.accept(candidate(2, "second")));
    CHECK_FALSE(bench.accept(candidate(3, "first")));

    CHECK_FALSE(bench.accept(candidate(4, "second"), {full}));  // drops 1
    CHECK_FALSE(bench.accept(candidate(5, "second"), {full}));  // drops 3

    bench.queue.expect();
    CHECK(bench.release(kSecond) ==
          Candidates{candidate(2, "second"), candidate(4, "second"), candidate(5, "second")});
}

TEST_CASE("a candidate waits 30 s and is then dropped and reported", "[candidates]") {
    QueueBench bench;
    bench.now = 5'000;
    CHECK_FALSE(bench.accept(candidate(1, "first")));
    bench.now = 6'000;
    CHECK_FALSE(bench.accept(candidate(2, "first")));
    CHECK(bench.queue.deadline() == 35'000);

    bench.now = 34'999;
    CHECK(bench.expire() == Actions{});
    bench.now = 35'000;
    CHECK(bench.expire() == Actions{kExpired});
    CHECK(bench.queue.deadline() == 36'000);
    bench.now = 40'000;
    CHECK(bench.expire() == Actions{kExpired});
    CHECK(bench.queue.deadline() == std::nullopt);
}

TEST_CASE("a connection that is gone takes the candidates of its generation along",
          "[candidates]") {
    QueueBench bench;
    bench.queue.expect();
    CHECK(bench.release(kFirst).empty());
    CHECK_FALSE(bench.accept(candidate(1, "second")));

    CHECK(bench.restart() == Actions{});

    CHECK_FALSE(bench.accept(candidate(2, "first"), {kStale}));
    bench.queue.expect();
    CHECK(bench.release(kSecond) == Candidates{candidate(1, "second")});
}

TEST_CASE("unnamed candidates of a connection that is gone are not handed to the next",
          "[candidates]") {
    QueueBench bench;
    bench.queue.expect();
    CHECK_FALSE(bench.accept(candidate(1)));

    CHECK(bench.restart() == Actions{stale(1)});

    bench.queue.expect();
    CHECK_FALSE(bench.accept(candidate(2)));
    CHECK(bench.release(kFirst) == Candidates{candidate(2)});
}

TEST_CASE("past generations are remembered in bounded number", "[candidates]") {
    QueueBench bench;
    for (int i = 0; i < 34; ++i) {
        bench.queue.expect();
        CHECK(bench.release({"1", {"u" + std::to_string(i)}}).empty());
    }

    CHECK_FALSE(bench.accept(candidate(1, "u1"), {kStale}));
    CHECK_FALSE(bench.accept(candidate(2, "u0")));  // forgotten: waits, and expires
    CHECK(bench.queue.size() == 1);
}
