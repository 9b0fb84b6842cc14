// A meeting: events in, actions out.
#pragma once

#include <memory>
#include <optional>

#include "dvmeet/action.hpp"
#include "dvmeet/config.hpp"
#include "dvmeet/event.hpp"
#include "dvmeet/snapshot.hpp"
#include "dvmeet/stats_view.hpp"

namespace dvmeet {

/// One person's side of one meeting: the room, a connection to each other participant, the
/// person's own media.  It decides; whoever owns it carries out.
///
/// Shape:  a value: copying it copies the whole state, == compares it.
/// Order:  actions are to be carried out in the order given, before the next event is handed in.
/// Errors: every event is legal in every state; one that fits nowhere yields a Report and
///         changes nothing.
/// Why:    same events with same times give same actions, natively and in WebAssembly.
class Meeting {
public:
    explicit Meeting(Config config = {});
    Meeting(const Meeting& other);
    Meeting(Meeting&& other) noexcept;
    Meeting& operator=(const Meeting& other);
    Meeting& operator=(Meeting&& other) noexcept;
    ~Meeting();

    /// `now` that runs backwards counts as the latest time seen.
    [[nodiscard]] Actions handle(TimeMs now, const Event& event);

    [[nodiscard]] Snapshot snapshot() const;

    /// The figures of one participant, nothing for whom there is no connection to.
    [[nodiscard]] std::optional<StatsView> stats(const ParticipantId& id) const;

    bool operator==(const Meeting& other) const;

    /// Of the whole state: equal meetings have equal ones, different meetings practically never.
    [[nodiscard]] Fingerprint fingerprint() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace dvmeet
