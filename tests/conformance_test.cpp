// The model of RTCPeerConnection plays the scenarios that real browsers play, with the same
// results.
//
// With DVMEET_REGENERATE=1 in the environment the files are written instead of compared; a
// difference is committed only if it is understood, and the browsers agree.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "player.hpp"

using namespace dvmeet;

namespace {

std::string first_difference(const std::string& told, const std::string& now) {
    std::istringstream old_lines{told};
    std::istringstream new_lines{now};
    for (std::string old_line, new_line; std::getline(old_lines, old_line);) {
        std::getline(new_lines, new_line);
        if (old_line != new_line) return "told: " + old_line + "\nnow:  " + new_line;
    }
    return {};
}

void check_scenario(const std::string& name) {
    const std::string path = std::string{DVMEET_SCENARIOS} + "/" + name + ".txt";
    std::ifstream file{path, std::ios::binary};
    REQUIRE(file.good());
    std::stringstream text;
    text << file.rdbuf();
    const std::string now = sim::replay(text.str());
    const char* const regenerate = std::getenv("DVMEET_REGENERATE");
    if (regenerate != nullptr && std::string{regenerate} == "1") {
        std::ofstream{path, std::ios::binary} << now;
        return;
    }
    INFO(first_difference(text.str(), now));
    CHECK((now == text.str()));
}

}  // namespace

TEST_CASE("offer and answer do what they do in browsers", "[conformance]") {
    for (const char* const name :
         {"plain-round", "adopted-late", "never-adopted", "without-channel", "no-channel-at-all",
          "offer-replaced", "answer-out-of-place", "roles-change", "direction"})
        check_scenario(name);
}
TEST_CASE("offers collide as they do in browsers", "[conformance]") {
    for (const char* const name : {"collision", "collision-later", "yielded-and-offered-anew"})
        check_scenario(name);
}
TEST_CASE("candidates are taken and refused as in browsers", "[conformance]") {
    for (const char* const name : {"candidate-too-early", "candidate-of-no-generation",
                                   "candidates-of-the-old-generation", "end-of-candidates"})
        check_scenario(name);
}
TEST_CASE("operations of one turn run in order as in browsers", "[conformance]") {
    for (const char* const name : {"chained", "chained-after-a-refusal",
                                   "channel-in-the-turn-of-an-offer", "closed-in-the-middle"})
        check_scenario(name);
}
TEST_CASE("ICE restarts as it does in browsers", "[conformance]") {
    for (const char* const name :
         {"restart", "restart-by-the-answerer", "restart-twice", "restart-while-offering",
          "restart-while-offering-first", "restart-before-anything", "restart-while-answering",
          "restart-survives-yielding", "restarts-collide"})
        check_scenario(name);
}
