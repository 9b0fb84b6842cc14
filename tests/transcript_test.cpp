// Golden stories: events in, actions out, as text, byte for byte.
//
// A story is a file tests/transcripts/NAME.txt of lines:
//     # prose, passed over, as are empty lines
//     > TIME EVENT    an event as one JSON object, handed in at TIME (ms)
//     < ACTION        an action that this event led to, as one JSON object; in order
// Whoever runs a story makes a meeting with the default configuration, hands in the events, and
// writes each line as it is, but the `<` lines anew after their event: the text must come out the
// same.  It is one line of compact JSON per action, members in the order of the description.
//
// With DVMEET_REGENERATE=1 in the environment the files are written instead of compared; a
// difference is committed only if it is understood.
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "json_edge.hpp"
#include "support.hpp"

using namespace dvmeet;
using namespace dvmeet::test;

namespace {

/// The story as it goes now; its events as they are told.
std::string retell(const std::string& told) {
    Meeting meeting;
    std::string text;
    std::istringstream lines{told};
    for (std::string line; std::getline(lines, line);) {
        if (line.rfind("< ", 0) == 0) continue;
        text += line + "\n";
        if (line.rfind("> ", 0) != 0) continue;
        const std::size_t space = line.find(' ', 2);
        const TimeMs time = std::stoll(line.substr(2, space - 2));
        Event event;
        INFO(line);
        const auto problem = event_from_text(line.substr(space + 1), event);
        CHECK(problem == std::nullopt);
        for (const Action& action : meeting.handle(time, event))
            text += "< " + text_of(action) + "\n";
    }
    return text;
}

std::string first_difference(const std::string& told, const std::string& now) {
    std::istringstream old_lines{told};
    std::istringstream new_lines{now};
    for (int number = 1;; ++number) {
        std::string old_line;
        std::string new_line;
        const bool has_old = static_cast<bool>(std::getline(old_lines, old_line));
        const bool has_new = static_cast<bool>(std::getline(new_lines, new_line));
        if (!has_old && !has_new) return {};
        if (old_line != new_line)
            return "line " + std::to_string(number) + "\n  told: " + old_line +
                   "\n  now:  " + new_line;
    }
}

void check_story(const std::string& name) {
    const std::string path = std::string{DVMEET_TRANSCRIPTS} + "/" + name + ".txt";
    std::ifstream file{path, std::ios::binary};
    REQUIRE(file.good());
    std::stringstream text;
    text << file.rdbuf();
    const std::string now = retell(text.str());
    const char* const regenerate = std::getenv("DVMEET_REGENERATE");
    if (regenerate != nullptr && std::string{regenerate} == "1") {
        std::ofstream{path, std::ios::binary} << now;
        return;
    }
    INFO(first_difference(text.str(), now));
    CHECK((now == text.str()));
}

}  // namespace

TEST_CASE("a newcomer joins a room of two, offers to both and connects", "[transcript]") {
    check_story("newcomer-joins-two");
}
TEST_CASE("a resident is offered to by a newcomer and answers", "[transcript]") {
    check_story("resident-is-offered-to");
}
TEST_CASE("offers collide and we are impolite", "[transcript]") {
    check_story("collision-impolite");
}
TEST_CASE("offers collide and we are polite", "[transcript]") { check_story("collision-polite"); }
TEST_CASE("an offer comes before its sender is announced", "[transcript]") {
    check_story("offer-before-announcement");
}
TEST_CASE("candidates come before their offer", "[transcript]") {
    check_story("candidates-before-offer");
}
TEST_CASE("a plain client is here when we come", "[transcript]") { check_story("plain-resident"); }
TEST_CASE("a plain client comes when we are here", "[transcript]") {
    check_story("plain-newcomer");
}
TEST_CASE("a server without acknowledgements lets us in", "[transcript]") {
    check_story("plain-server");
}
TEST_CASE("a screen is shared with one of ours and a plain client", "[transcript]") {
    check_story("screen-share");
}
TEST_CASE("the camera is refused and the meeting goes on", "[transcript]") {
    check_story("camera-refused");
}
TEST_CASE("the other side builds its connection anew", "[transcript]") {
    check_story("newer-generation");
}
TEST_CASE("everybody says goodbye", "[transcript]") { check_story("goodbye"); }
TEST_CASE("signaling is lost and comes back", "[transcript]") { check_story("signaling-lost"); }
TEST_CASE("a cut path is restarted by the greater id and heals", "[transcript][recovery]") {
    check_story("cut-and-heal");
}
TEST_CASE("a cut path is restarted on the request of the lesser id", "[transcript][recovery]") {
    check_story("asked-restart");
}
TEST_CASE("signaling is lost, and resumed as the same participant", "[transcript][recovery]") {
    check_story("signaling-resumed");
}
TEST_CASE("the server is restarted and knows nothing", "[transcript][recovery]") {
    check_story("server-restarted-empty");
}
TEST_CASE("the network becomes another one", "[transcript][recovery]") {
    check_story("network-changed");
}
TEST_CASE("nothing helps, and the pair is given up until the network changes",
          "[transcript][recovery]") {
    check_story("ladder-to-the-end");
}
TEST_CASE("the server gives somebody up whose media flows", "[transcript][recovery]") {
    check_story("adrift");
}
TEST_CASE("credentials are refreshed before they expire", "[transcript][recovery]") {
    check_story("credentials-refreshed");
}
