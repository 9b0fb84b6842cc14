// Fuzzes meetings: sequences of events, plausible and not, at times that jump and run backwards.
//
// An input is a story for two pages, Ana's and Bob's; story.hpp says how it is written.  With
// DVMEET_TELL=1 in the environment it is told as the transcripts are, each line after its page.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <iostream>
#include <string_view>

#include "json_edge.hpp"
#include "page.hpp"
#include "promise.hpp"
#include "story.hpp"

using namespace dvmeet;
using namespace dvmeet::fuzz;

namespace {

/// Longer stories find nothing that short ones don't, and take the time of many.
constexpr std::size_t kMostEvents = 300;

bool is_told() {
    const char* const tell = std::getenv("DVMEET_TELL");
    return tell != nullptr && std::string_view{tell} == "1";
}

void tell(const Page& page, TimeMs now, const Event& event, const Actions& actions) {
    static const bool told = is_told();
    if (!told) return;
    std::cerr << page.id << " > " << now << " " << event_to_json(event).dump() << "\n";
    for (const Action& each : actions)
        std::cerr << page.id << " < " << action_to_json(each).dump() << "\n";
}

/// Says of itself that it changed nothing.  A wish to reconnect concerns the server as well,
/// whoever else it names; and whatever comes through a channel, or of a server that is asked for
/// a sign of life, shows that its sender lives.
bool is_refused(const Ledger& before, const Event& event, const Actions& actions) {
    if (std::holds_alternative<ReconnectRequested>(event) ||
        std::holds_alternative<ChannelReceived>(event) ||
        (std::holds_alternative<SignalReceived>(event) && before.awaits_heartbeat()))
        return false;
    return std::any_of(actions.begin(), actions.end(), [](const Action& each) {
        const auto* report = std::get_if<Report>(&each);
        return report != nullptr && (report->code == ErrorCode::out_of_place ||
                                     report->code == ErrorCode::malformed_message ||
                                     report->code == ErrorCode::unknown_participant);
    });
}

/// What is left to do is left to the timer: a needless wake-up asks for the same one again.
void check_repose(const Page& page, TimeMs now, Meeting& woken) {
    const Actions actions = woken.handle(now, TimePassed{});
    Actions expected;
    if (page.ledger.wake()) expected.emplace_back(WakeAt{page.ledger.wake()});
    promise(actions == expected, "all that can be done at once is done at once");
    promise(woken == page.meeting, "a needless wake-up changes nothing");
}

void hand_in(Page& page, Page& other, TimeMs now, const Event& event) {
    const Meeting before = page.meeting;
    const Snapshot shot = before.snapshot();
    const bool of_nothing = page.ledger.is_of_nothing(event);
    const Actions actions = page.meeting.handle(now, event);
    tell(page, now, event, actions);

    Meeting twin = before;
    promise(twin.handle(now, event) == actions, "the same event has the same actions");
    promise(twin == page.meeting, "the same event leads to the same state");

    promise((before == page.meeting) == (before.fingerprint() == page.meeting.fingerprint()),
            "a fingerprint tells states apart");

    if (of_nothing || is_refused(page.ledger, event, actions)) {
        Meeting idle = before;
        (void)idle.handle(now, TimePassed{});
        promise(idle == page.meeting, "what fits nowhere changes nothing");
    }

    page.latest = std::max(page.latest, now);
    const Snapshot after = page.meeting.snapshot();
    page.ledger.hand_in(event);
    page.ledger.settle(page.latest, actions, shot, after);
    check_repose(page, now, twin);
    if (!(shot == after)) promise(!to_json(after).dump().empty(), "a snapshot can be written");
    for (const Action& each : actions)
        if (const auto* emit = std::get_if<Emit>(&each)) other.post(page.id, emit->message);
    page.last = event;
}

void leave(Page& page, Page& other, TimeMs now) {
    hand_in(page, other, now, LeaveRequested{});
    page.ledger.check_left(page.meeting.snapshot());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::array<Page, 2> pages{Page{"ana", {.max_participants = kMaxParticipants}},
                              Page{"bob", {.ice_servers_ttl_ms = 60'000, .candidate_capacity = 6}}};
    Story story{data, size};
    for (std::size_t events = 0; events < kMostEvents && !story.is_over();) {
        const auto event = story.next(pages);
        if (!event) continue;
        hand_in(story.page(), story.other(), story.now(), *event);
        ++events;
    }
    leave(pages[0], pages[1], story.now());
    leave(pages[1], pages[0], story.now());
    return 0;
}
