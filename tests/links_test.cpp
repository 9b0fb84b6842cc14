// The connectivity matrix that all participants agree on.
#include "links.hpp"

#include <set>

#include "support.hpp"

using namespace dvmeet;
using namespace dvmeet::test;

namespace {
using Rows = std::vector<channel::LinkRow>;
using Cells = std::vector<LinkView>;
}  // namespace

TEST_CASE("our own row is news when it is first observed and whenever it differs", "[links]") {
    Links links;
    CHECK(links.observe(kBob, {}) == channel::LinkRow{kBob, 1, {}});
    CHECK(links.observe(kBob, {}) == std::nullopt);
    CHECK(links.observe(kBob, {kCyd, kAna}) == channel::LinkRow{kBob, 2, {kAna, kCyd}});
    CHECK(links.observe(kBob, {kAna, kCyd}) == std::nullopt);
    CHECK(links.observe(kBob, {kCyd}) == channel::LinkRow{kBob, 3, {kCyd}});
}

TEST_CASE("of two rows of one receiver the higher version counts, in whichever order they come",
          "[links]") {
    const channel::LinkRow older{kAna, 1, {kBob}};
    const channel::LinkRow newer{kAna, 2, {}};
    Links forward;
    CHECK(forward.learn(kBob, {{older}}) == Rows{older});
    CHECK(forward.learn(kBob, {{newer}}) == Rows{newer});
    Links backward;
    CHECK(backward.learn(kBob, {{newer}}) == Rows{newer});
    CHECK(backward.learn(kBob, {{older}}) == Rows{});
    CHECK(backward.learn(kBob, {{newer}}) == Rows{});
    CHECK(forward == backward);
}

TEST_CASE("everybody speaks for itself: a row about us is not taken from others", "[links]") {
    Links links;
    (void)links.observe(kBob, {kAna});
    CHECK(links.learn(kBob, {{{kBob, 9, {}}}}) == Rows{});
    REQUIRE(links.find(kBob) != nullptr);
    CHECK(*links.find(kBob) == channel::LinkRow{kBob, 1, {kAna}});
}

TEST_CASE("the matrix holds the reported cells of those who are present", "[links]") {
    Links links;
    (void)links.observe(kBob, {kAna});
    (void)links.learn(kBob, {{{kAna, 1, {kBob}}, {kDan, 1, {kAna, kBob}}}});

    CHECK(links.view({kAna, kBob, kCyd}) ==
          Cells{{kAna, kBob, true}, {kAna, kCyd, false}, {kBob, kAna, true}, {kBob, kCyd, false}});
    CHECK(links.view({}) == Cells{});
}

TEST_CASE("who leaves is forgotten, and may start anew with a first version", "[links]") {
    Links links;
    (void)links.learn(kBob, {{{kAna, 7, {kBob}}}});
    links.forget(kAna);
    links.forget(kAna);
    CHECK(links.find(kAna) == nullptr);
    CHECK(links.learn(kBob, {{{kAna, 1, {}}}}) == Rows{{kAna, 1, {}}});
    links.clear();
    CHECK(links == Links{});
}

TEST_CASE("a row whose senders come unsorted counts the same", "[links]") {
    Links links;
    (void)links.learn(kBob, {{{kAna, 1, {kDan, kCyd, kBob}}}});
    CHECK(links.view({kAna, kBob, kCyd, kDan}) ==
          Cells{{kAna, kBob, true}, {kAna, kCyd, true}, {kAna, kDan, true}});
}

TEST_CASE("who hears whom is known as far as the receiver has said", "[links]") {
    Links links;
    (void)links.learn(kBob, {{{kAna, 1, {kCyd, kBob}}}});
    CHECK(links.hears(kAna, kBob));
    CHECK(links.hears(kAna, kCyd));
    CHECK_FALSE(links.hears(kAna, kDan));
    CHECK_FALSE(links.hears(kDan, kAna));
}

TEST_CASE("no more rows are kept than a room has participants", "[links]") {
    Links links;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < kMaxParticipants + 40; ++i)
        kept += links.learn(kBob, {{{"p" + std::to_string(i), 1, {}}}}).size();
    CHECK(kept == kMaxParticipants);
    CHECK(links.is_full());
}
