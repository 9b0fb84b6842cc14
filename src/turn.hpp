// What every machine needs while one event is handled.
#pragma once

#include <string>
#include <utility>

#include "dvmeet/action.hpp"
#include "dvmeet/config.hpp"

namespace dvmeet {

/// Numbers never used twice in a meeting.
struct Counters {
    OperationId operation = 0;
    ConnectionId connection = 0;
    bool operator==(const Counters&) const = default;
};

/// Lives as long as one call of Meeting::handle.
struct Turn {
    TimeMs now;
    const Config& config;
    Counters& counters;
    Actions actions{};
    bool changed = false;  ///< something a snapshot shows may have changed

    OperationId next_operation() { return ++counters.operation; }
    void act(Action action) { actions.push_back(std::move(action)); }
    void report(Level level, ErrorCode code, std::string detail, ParticipantId about = {}) {
        act(Report{level, code, std::move(detail), std::move(about)});
    }
};

}  // namespace dvmeet
