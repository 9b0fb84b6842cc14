// One person's side of a fuzzed meeting: the core, the books about it, what the server has for it.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "dvmeet/meeting.hpp"
#include "ledger.hpp"

namespace dvmeet::fuzz {

struct Page {
    Page(std::string_view given, Config config) : id{given}, meeting{std::move(config)} {}

    /// The server hands on to us what another one emits.
    void post(const ParticipantId& from, const wire::ClientMessage& message);

    ParticipantId id;
    Meeting meeting;
    Ledger ledger{};
    std::vector<wire::ServerMessage> mail{};
    Event last = TimePassed{};
    TimeMs latest = 0;  ///< as far as the clock ever got
};

}  // namespace dvmeet::fuzz
