// Fingerprints: one for what is equal, another for what differs anywhere.
#include "digest.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "support.hpp"

using namespace dvmeet;
using namespace dvmeet::test;

namespace {

/// Each of these differs from each other one.
template <class T>
void check_apart(const std::vector<T>& values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
        for (std::size_t j = 0; j < values.size(); ++j) {
            INFO("values " << i << " and " << j);
            CHECK((fingerprint_of(values[i]) == fingerprint_of(values[j])) == (i == j));
        }
    }
}

}  // namespace

TEST_CASE("a fingerprint tells apart what differs in content, length, order or presence",
          "[digest]") {
    check_apart<std::string>({"", "a", "b", "ab", "ba", std::string(7, 'x'), std::string(8, 'x'),
                              std::string(9, 'x'), std::string(1, '\0'), std::string(8, '\0')});
    check_apart<std::vector<std::string>>({{}, {""}, {"", ""}, {"ab"}, {"a", "b"}, {"b", "a"}});
    check_apart<std::optional<std::uint32_t>>({{}, 0U, 1U});
    check_apart<std::set<int>>({{}, {0}, {1}, {0, 1}});
    check_apart<std::map<int, int>>({{}, {{0, 0}}, {{0, 1}}, {{1, 0}}, {{0, 0}, {1, 0}}});
    check_apart<std::variant<int, std::uint32_t>>({0, 1, 0U, 1U});
    check_apart<std::pair<int, std::tuple<int, int>>>({{0, {0, 0}}, {0, {0, 1}}, {1, {0, 0}}});
    check_apart<Slot>({Slot::microphone, Slot::camera, Slot::screen});
}

TEST_CASE("a described struct is told apart by any of its members", "[digest]") {
    check_apart<IceCandidate>({{"", {}, {}, {}},
                               {"c", {}, {}, {}},
                               {"", "", {}, {}},
                               {"", {}, 0U, {}},
                               {"", {}, {}, ""}});
    check_apart<SessionDescription>(
        {offer("s", "u"), answer("s", "u"), offer("t", "u"), offer("s", "v")});
}

TEST_CASE("what comes after counts, not only what came before", "[digest]") {
    Digest one;
    one.add(std::string{"a"});
    one.add(std::string{"b"});
    Digest other;
    other.add(std::string{"b"});
    other.add(std::string{"a"});
    CHECK_FALSE(one.value() == other.value());
    CHECK(one.value() == fingerprint_of(std::pair{std::string{"a"}, std::string{"b"}}));
}
