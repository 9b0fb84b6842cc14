// Perfect negotiation, rule by rule.
#include "negotiation.hpp"

#include "candidate_queue.hpp"
#include "support.hpp"

using namespace dvmeet;
using namespace dvmeet::test;

namespace {

using Outcome = Negotiation::Outcome;
constexpr ConnectionId kConnection = 1;

/// One side of one negotiation; operations are numbered from 1.
struct Side : Bench {
    explicit Side(bool polite) : negotiation{kConnection, polite} {}
    Negotiation negotiation;
    CandidateQueue candidates{};

    Actions need() {
        return run([&](Turn& turn) { negotiation.need(turn); });
    }
    Actions receive(const SessionDescription& description,
                    std::optional<ConnectionId> generation = {},
                    std::optional<std::uint32_t> round = {}) {
        return run([&](Turn& turn) {
            negotiation.receive({description, generation, round}, kAna, turn, candidates);
        });
    }
    Actions answer() {
        return run([&](Turn& turn) { negotiation.answer(turn); });
    }
    Actions proceed() {
        return run([&](Turn& turn) { negotiation.proceed(kAna, turn, candidates); });
    }
    Outcome local_set(OperationId op) {
        return negotiation.handle(LocalDescriptionSet{kConnection, op, {}});
    }
    Outcome remote_set(OperationId op) {
        const Outcome outcome = negotiation.handle(RemoteDescriptionSet{kConnection, op, {}});
        if (outcome != Outcome::nothing)
            run([&](Turn& turn) { (void)candidates.release(negotiation.remote_facts(), turn); });
        return outcome;
    }
    Outcome failed(OperationId op) {
        return negotiation.handle(OperationFailed{kConnection, op, {"InvalidStateError", ""}});
    }
    /// Up to an offer of ours that is out.
    void offer_out() {
        REQUIRE(need() == Actions{SetLocalDescription{kConnection, 1}});
        REQUIRE(local_set(1) == Outcome::send_local);
        REQUIRE(negotiation.awaits_answer());
    }
};

Action set_local(OperationId op) { return SetLocalDescription{kConnection, op}; }
Action set_remote(OperationId op, const SessionDescription& description) {
    return SetRemoteDescription{kConnection, op, description};
}
const Action kIgnored =
    Report{Level::debug, ErrorCode::offer_ignored, "an offer collided with ours", kAna};
const Action kNoOffer =
    Report{Level::debug, ErrorCode::stale_message, "an answer without an offer", kAna};
const SessionDescription kOffer = offer("s1", "u1");
const SessionDescription kAnswer = answer("s1", "u1");

}  // namespace

TEST_CASE("negotiationneeded makes an offer, the answer completes the round", "[negotiation]") {
    Side side{false};
    CHECK(side.need() == Actions{set_local(1)});
    CHECK(side.local_set(1) == Outcome::send_local);
    CHECK(side.negotiation.awaits_answer());

    CHECK(side.receive(kAnswer) == Actions{set_remote(2, kAnswer)});
    CHECK(side.negotiation.remote_facts() == SdpFacts{"s1", {"u1"}});
    CHECK(side.remote_set(2) == Outcome::answer_applied);

    CHECK(side.negotiation.is_stable());
    CHECK(side.proceed() == Actions{});
}

TEST_CASE("an offer is set, then answered", "[negotiation]") {
    Side side{false};
    CHECK(side.receive(kOffer) == Actions{set_remote(1, kOffer)});
    CHECK(side.remote_set(1) == Outcome::offer_applied);
    CHECK(side.answer() == Actions{set_local(2)});
    CHECK(side.local_set(2) == Outcome::send_local);
    CHECK(side.negotiation.is_stable());
    CHECK(side.proceed() == Actions{});
}

TEST_CASE("the impolite side ignores an offer that collides with its own", "[negotiation]") {
    Side side{false};
    side.offer_out();

    CHECK(side.receive(kOffer) == Actions{kIgnored});

    CHECK(side.negotiation.awaits_answer());
    CHECK(side.receive(kAnswer) == Actions{set_remote(2, kAnswer)});
}

TEST_CASE("the polite side takes its offer back for one that collides, by implicit rollback",
          "[negotiation]") {
    Side side{true};
    side.offer_out();

    CHECK(side.receive(kOffer) == Actions{set_remote(2, kOffer)});
    CHECK(side.remote_set(2) == Outcome::offer_applied);
    CHECK(side.answer() == Actions{set_local(3)});
    CHECK(side.local_set(3) == Outcome::send_local);
    CHECK(side.negotiation.is_stable());
    CHECK_FALSE(side.negotiation.crossed());
}

TEST_CASE("an offer that comes while ours is being made waits and then collides", "[negotiation]") {
    const bool polite = GENERATE(true, false);
    Side side{polite};
    CHECK(side.need() == Actions{set_local(1)});
    CHECK(side.receive(kOffer) == Actions{});
    CHECK(side.local_set(1) == Outcome::send_local);

    CHECK(side.proceed() == (polite ? Actions{set_remote(2, kOffer)} : Actions{kIgnored}));
}

TEST_CASE("one operation is in flight at a time", "[negotiation]") {
    Side side{true};
    CHECK(side.need() == Actions{set_local(1)});
    CHECK(side.need() == Actions{});
    CHECK(side.proceed() == Actions{});
    CHECK(side.receive(kOffer) == Actions{});
    CHECK(side.receive(offer("s1", "u2")) == Actions{});
    CHECK(side.answer() == Actions{});

    CHECK(side.local_set(1) == Outcome::send_local);
    CHECK(side.proceed() == Actions{set_remote(2, kOffer)});
    CHECK(side.need() == Actions{});
    CHECK(side.proceed() == Actions{});
    CHECK(side.remote_set(2) == Outcome::offer_applied);
    CHECK(side.need() == Actions{});
    CHECK(side.proceed() == Actions{});
}

TEST_CASE("a wish to negotiate that comes during a round is one offer after it", "[negotiation]") {
    Side side{false};
    side.offer_out();
    CHECK(side.need() == Actions{});
    CHECK(side.need() == Actions{});
    CHECK(side.receive(kAnswer) == Actions{set_remote(2, kAnswer)});
    CHECK(side.need() == Actions{});
    CHECK(side.remote_set(2) == Outcome::answer_applied);

    CHECK(side.proceed() == Actions{set_local(3)});
    CHECK(side.local_set(3) == Outcome::send_local);
    CHECK(side.proceed() == Actions{});
}

TEST_CASE("offers of the other side come before our own", "[negotiation]") {
    Side side{false};
    CHECK(side.receive(kOffer) == Actions{set_remote(1, kOffer)});
    CHECK(side.need() == Actions{});
    CHECK(side.receive(offer("s1", "u2")) == Actions{});
    CHECK(side.remote_set(1) == Outcome::offer_applied);
    CHECK(side.answer() == Actions{set_local(2)});
    CHECK(side.local_set(2) == Outcome::send_local);
    CHECK(side.proceed() == Actions{set_remote(3, offer("s1", "u2"))});
    CHECK(side.remote_set(3) == Outcome::offer_applied);
    CHECK(side.answer() == Actions{set_local(4)});
    CHECK(side.local_set(4) == Outcome::send_local);
    CHECK(side.proceed() == Actions{set_local(5)});
}

TEST_CASE("an answer to no offer of ours is dropped and reported", "[negotiation]") {
    Side side{true};
    CHECK(side.receive(kAnswer) == Actions{kNoOffer});
    CHECK(side.negotiation.is_stable());
    CHECK_FALSE(side.negotiation.crossed());
}

TEST_CASE("a second answer to the same offer is dropped and reported", "[negotiation]") {
    Side side{false};
    side.offer_out();
    CHECK(side.receive(kAnswer) == Actions{set_remote(2, kAnswer)});
    CHECK(side.receive(kAnswer) == Actions{});
    CHECK(side.remote_set(2) == Outcome::answer_applied);
    CHECK(side.proceed() == Actions{kNoOffer});
    CHECK(side.negotiation.is_stable());
}

TEST_CASE("an answer to an offer that was taken back shows that both sides gave way",
          "[negotiation]") {
    Side side{true};
    side.offer_out();
    CHECK(side.receive(kOffer) == Actions{set_remote(2, kOffer)});
    CHECK(side.receive(kAnswer) == Actions{});
    CHECK(side.remote_set(2) == Outcome::offer_applied);
    CHECK(side.answer() == Actions{set_local(3)});
    CHECK_FALSE(side.negotiation.crossed());
    CHECK(side.local_set(3) == Outcome::send_local);

    CHECK(side.proceed() == Actions{kNoOffer});

    CHECK(side.negotiation.crossed());
}

TEST_CASE("a provisional answer leaves the offer open for the final one", "[negotiation]") {
    Side side{false};
    side.offer_out();
    const SessionDescription provisional{SdpType::pranswer, kAnswer.sdp};
    CHECK(side.receive(provisional) == Actions{set_remote(2, provisional)});
    CHECK(side.remote_set(2) == Outcome::answer_applied);
    CHECK(side.negotiation.awaits_answer());
    CHECK(side.proceed() == Actions{});

    CHECK(side.receive(kAnswer) == Actions{set_remote(3, kAnswer)});
    CHECK(side.remote_set(3) == Outcome::answer_applied);
    CHECK(side.negotiation.is_stable());
}

TEST_CASE("a rollback from the other side is never handed to the browser", "[negotiation]") {
    const bool polite = GENERATE(true, false);
    Side side{polite};
    side.offer_out();

    const Actions actions = side.receive({SdpType::rollback, ""});

    CHECK(without<Report>(actions) == Actions{});
    CHECK(side.negotiation.awaits_answer());
    CHECK(side.receive(kAnswer) == Actions{set_remote(2, kAnswer)});
}

TEST_CASE("an eighth description waits, a ninth is dropped and reported", "[negotiation]") {
    Side side{false};
    CHECK(side.need() == Actions{set_local(1)});
    for (int i = 0; i < 8; ++i) CHECK(side.receive(kOffer) == Actions{});

    CHECK(side.receive(kOffer) == Actions{Report{Level::warn, ErrorCode::queue_full,
                                                 "too many descriptions at once", kAna}});
}

TEST_CASE("a local description that is refused ends the negotiation", "[negotiation]") {
    Side side{false};
    CHECK(side.need() == Actions{set_local(1)});
    CHECK(side.receive(kOffer) == Actions{});
    CHECK(side.failed(1) == Outcome::failed);

    CHECK(side.proceed() == Actions{});
    CHECK(side.need() == Actions{});
    CHECK(side.receive(kOffer) == Actions{});
    CHECK_FALSE(side.negotiation.is_stable());
    CHECK_FALSE(side.negotiation.awaits_answer());
}

TEST_CASE("a remote description that is refused ends the negotiation", "[negotiation]") {
    Side side{false};
    CHECK(side.receive(kOffer) == Actions{set_remote(1, kOffer)});
    CHECK(side.failed(1) == Outcome::failed);
    CHECK(side.answer() == Actions{});
    CHECK(side.proceed() == Actions{});
}

TEST_CASE("completions of other operations mean nothing to the negotiation", "[negotiation]") {
    Side side{false};
    CHECK(side.local_set(0) == Outcome::nothing);
    CHECK(side.remote_set(0) == Outcome::nothing);
    CHECK(side.failed(0) == Outcome::nothing);
    CHECK(side.need() == Actions{set_local(1)});
    const Negotiation before = side.negotiation;

    CHECK(side.local_set(2) == Outcome::nothing);
    CHECK(side.remote_set(1) == Outcome::nothing);
    CHECK(side.failed(2) == Outcome::nothing);
    CHECK(side.negotiation == before);

    CHECK(side.local_set(1) == Outcome::send_local);
    CHECK(side.local_set(1) == Outcome::nothing);
    CHECK(side.failed(1) == Outcome::nothing);
}

TEST_CASE("the generation of a description counts once it is applied, an ignored offer's does not",
          "[negotiation]") {
    Side side{false};
    CHECK(side.negotiation.is_fresh());
    side.offer_out();
    CHECK(side.receive(kOffer, 4) == Actions{kIgnored});
    CHECK(side.negotiation.remote_generation() == std::nullopt);
    CHECK(side.negotiation.is_fresh());

    CHECK(side.receive(kAnswer, 5) == Actions{set_remote(2, kAnswer)});
    CHECK(side.negotiation.remote_generation() == 5U);
    CHECK_FALSE(side.negotiation.is_fresh());
    CHECK(side.remote_set(2) == Outcome::answer_applied);

    CHECK(side.receive(kOffer) == Actions{set_remote(3, kOffer)});
    CHECK(side.negotiation.remote_generation() == 5U);
}

TEST_CASE("a connection that stands in for one whose offer was taken back knows a crossed answer",
          "[negotiation]") {
    Side side{true};
    side.negotiation.stand_in();
    CHECK(side.receive(kAnswer) == Actions{kNoOffer});
    CHECK(side.negotiation.crossed());
}

TEST_CASE("the candidates of an offer that is ignored are not kept for the answer",
          "[negotiation][candidates]") {
    Side side{false};
    side.offer_out();
    side.run([&](Turn& turn) { CHECK_FALSE(side.candidates.accept(candidate(1, "u1"), turn)); });
    const Actions actions = side.receive(kOffer);
    CHECK(actions == Actions{kIgnored, Report{Level::debug, ErrorCode::stale_message,
                                              "1 candidates of a generation that is gone", ""}});
    CHECK(side.candidates.size() == 0);
}

TEST_CASE("offers of ours are counted, and the round of the other side's is kept",
          "[negotiation]") {
    Side side{true};
    CHECK(side.negotiation.round() == 0);
    CHECK(side.negotiation.remote_round() == std::nullopt);
    side.offer_out();
    CHECK(side.negotiation.round() == 1);
    CHECK(side.receive(kAnswer, 5, 1) == Actions{set_remote(2, kAnswer)});
    CHECK(side.remote_set(2) == Outcome::answer_applied);
    CHECK(side.negotiation.remote_round() == std::nullopt);
    CHECK(side.receive(kOffer, 5, 4) == Actions{set_remote(3, kOffer)});
    CHECK(side.negotiation.remote_round() == 4U);
    CHECK(side.negotiation.round() == 1);
}

TEST_CASE("an offer that was taken before is known by its generation and round", "[negotiation]") {
    Side side{true};
    const Negotiation::Received first{kOffer, 5, 2};
    CHECK_FALSE(side.negotiation.has_taken(first));
    CHECK(side.receive(kOffer, 5, 2) == Actions{set_remote(1, kOffer)});
    CHECK(side.negotiation.has_taken(first));
    CHECK(side.negotiation.has_taken({kOffer, 5, 1}));
    CHECK_FALSE(side.negotiation.has_taken({kOffer, 5, 3}));
    CHECK_FALSE(side.negotiation.has_taken({kOffer, 6, 2}));
    CHECK_FALSE(side.negotiation.has_taken({kOffer, 5, std::nullopt}));
    CHECK_FALSE(side.negotiation.has_taken({kOffer, std::nullopt, 2}));
}

TEST_CASE("an offer that comes twice while the first is being set is taken once", "[negotiation]") {
    Side side{true};
    CHECK(side.receive(kOffer, 5, 1) == Actions{set_remote(1, kOffer)});
    CHECK(side.receive(kOffer, 5, 1) == Actions{});
    CHECK(side.remote_set(1) == Outcome::offer_applied);
    CHECK(side.answer() == Actions{set_local(2)});
    CHECK(side.local_set(2) == Outcome::send_local);
    CHECK(side.proceed() == Actions{});
    CHECK(side.negotiation.is_stable());
}

TEST_CASE("an answer to an earlier offer is dropped and reported, the right one is taken",
          "[negotiation]") {
    Side side{false};
    side.offer_out();
    CHECK(side.receive(kAnswer, 5, 1) == Actions{set_remote(2, kAnswer)});
    CHECK(side.remote_set(2) == Outcome::answer_applied);
    CHECK(side.need() == Actions{set_local(3)});
    CHECK(side.local_set(3) == Outcome::send_local);
    CHECK(side.receive(kAnswer, 5, 1) == Actions{Report{Level::debug, ErrorCode::stale_message,
                                                        "an answer to an earlier offer", kAna}});
    CHECK(side.negotiation.awaits_answer());
    CHECK(side.receive(kAnswer, 5, 2) == Actions{set_remote(4, kAnswer)});
}

TEST_CASE("an answer that names no round answers whatever offer is out", "[negotiation]") {
    Side side{false};
    side.offer_out();
    CHECK(side.receive(kAnswer, 5) == Actions{set_remote(2, kAnswer)});
}
