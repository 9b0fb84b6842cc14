// Who is in the room, and what they say of themselves.
#pragma once

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "turn.hpp"

namespace dvmeet {

/// One of the others.
struct Participant {
    ParticipantId id;
    std::string name;
    bool muted = false;
    bool video_off = false;
    bool sharing = false;
    std::uint32_t protocol = 0;  ///< 0: not said yet; 1: plain dvMeet; 2: ours
    std::uint32_t epoch = 0;     ///< the join of ours under which it was last heard of
    [[nodiscard]] bool extended() const { return protocol >= wire::kProtocol; }
    [[nodiscard]] auto members() const {
        return std::tie(id, name, muted, video_off, sharing, protocol, epoch);
    }
    bool operator==(const Participant&) const = default;
};

/// The participants but ourselves, in order of arrival.
///
/// Shape:  at most kMaxParticipants - 1.
/// Order:  joins, renames and leaves are idempotent; a list that answers our join removes those
///         who were here before and aren't any more, and nobody who came since.
class Roster {
public:
    /// Adds or updates one; returns whether it is new.
    bool note(const wire::Entry& entry, Turn& turn);
    /// Somebody signals to us whom nobody has announced yet; returns whether there is room.
    bool note_unannounced(const ParticipantId& id, std::uint32_t protocol, Turn& turn);
    bool remove(const ParticipantId& id, Turn& turn);
    void set_media(const ParticipantId& id, bool muted, bool video_off, Turn& turn);
    void set_sharing(const ParticipantId& id, bool sharing, Turn& turn);
    /// A new join of ours is on its way; what is known so far is up for confirmation.
    void begin_join() { ++epoch_; }
    /// Those whom the answer to our join did not confirm.
    [[nodiscard]] std::vector<ParticipantId> unconfirmed() const;
    [[nodiscard]] bool is_unconfirmed(const ParticipantId& id) const;
    void clear() { participants_.clear(); }

    [[nodiscard]] const Participant* find(const ParticipantId& id) const;
    [[nodiscard]] const std::vector<Participant>& all() const { return participants_; }
    [[nodiscard]] auto members() const { return std::tie(participants_, epoch_); }
    bool operator==(const Roster&) const = default;

private:
    [[nodiscard]] Participant* modifiable(const ParticipantId& id);
    [[nodiscard]] bool has_room(const ParticipantId& id, Turn& turn) const;
    std::vector<Participant> participants_;
    std::uint32_t epoch_ = 0;
};

}  // namespace dvmeet
