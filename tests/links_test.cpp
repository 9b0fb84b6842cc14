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
    CHECK(links.all({kBob}) == Rows{{kBob, 1, {kAna}}});
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
    CHECK(links.all({kAna, kBob}) == Rows{});
    CHECK(links.learn(kBob, {{{kAna, 1, {}}}}) == Rows{{kAna, 1, {}}});
    links.clear();
    CHECK(links.all({kAna, kBob}) == Rows{});
}

TEST_CASE("a row whose senders come unsorted counts the same", "[links]") {
    Links links;
    (void)links.learn(kBob, {{{kAna, 1, {kDan, kCyd, kBob}}}});
    CHECK(links.view({kAna, kBob, kCyd, kDan}) ==
          Cells{{kAna, kBob, true}, {kAna, kCyd, true}, {kAna, kDan, true}});
}

TEST_CASE("no more than 64 rows are kept", "[links]") {
    Links links;
    std::set<ParticipantId> present;
    for (int i = 0; i < 100; ++i) {
        const auto id = "p" + std::to_string(i);
        present.insert(id);
        (void)links.learn(kBob, {{{id, 1, {}}}});
    }
    CHECK(links.all(present).size() == kMaxParticipants);
}

TEST_CASE("rows of those who are not here are not passed on", "[links]") {
    Links links;
    (void)links.learn(kBob, {{{kAna, 1, {kBob}}, {kDan, 1, {}}}});
    CHECK(links.all({kAna, kBob}) == Rows{{kAna, 1, {kBob}}});
}
