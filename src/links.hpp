// The connectivity matrix: who really receives whom, as all participants tell each other.
#pragma once

#include <map>
#include <string_view>
#include <tuple>
#include <vector>

#include "dvmeet/channel.hpp"
#include "dvmeet/snapshot.hpp"
#include "turn.hpp"

namespace dvmeet {

/// Each participant speaks for its own row and passes on the newest rows of the others, so that
/// two who can't reach each other still learn of each other through a third.
///
/// Shape:  at most one row per participant, at most kMaxParticipants rows.
/// Order:  a row replaces only lower versions of itself, so that everybody ends with the same.
class Links {
public:
    /// The ids of participants, sorted.
    using Present = std::vector<std::string_view>;

    /// Our own row, where it differs from what was said before; returns the row to spread.
    [[nodiscard]] std::optional<channel::LinkRow> observe(const ParticipantId& self,
                                                          std::vector<ParticipantId> senders);
    /// Rows from a peer; returns those that are news, to be passed on.
    [[nodiscard]] std::vector<channel::LinkRow> learn(const ParticipantId& self,
                                                      const channel::LinkStates& heard);
    [[nodiscard]] const channel::LinkRow* find(const ParticipantId& receiver) const;
    /// As far as `receiver` has said.
    [[nodiscard]] bool hears(const ParticipantId& receiver, const ParticipantId& sender) const;
    void forget(const ParticipantId& id);
    /// Makes room by forgetting all but these.
    void keep(const Present& present);
    [[nodiscard]] bool is_full() const { return rows_.size() >= kMaxParticipants; }
    void clear() { rows_.clear(); }
    /// The reported cells among these participants.
    [[nodiscard]] std::vector<LinkView> view(const Present& present) const;
    [[nodiscard]] auto members() const { return std::tie(rows_); }
    bool operator==(const Links&) const = default;

private:
    std::map<ParticipantId, channel::LinkRow> rows_;
};

}  // namespace dvmeet
