// Who is in the room, and what they say of themselves.
#include "roster.hpp"

#include <algorithm>

namespace dvmeet {

bool Roster::note(const wire::Entry& entry, Turn& turn) {
    Participant* known = modifiable(entry.socket_id);
    const bool is_new = known == nullptr;
    if (is_new) {
        if (!has_room(entry.socket_id, turn)) return false;
        known = &participants_.emplace_back();
        known->id = entry.socket_id;
    }
    Participant updated = *known;
    if (!entry.user_name.empty()) updated.name = entry.user_name;
    updated.muted = entry.is_muted.value_or(updated.muted);
    updated.video_off =
        entry.is_camera_off.value_or(entry.is_video_off.value_or(updated.video_off));
    updated.sharing = entry.is_sharing.value_or(updated.sharing);
    updated.protocol = std::max(updated.protocol, entry.protocol);
    updated.epoch = epoch_;
    if (is_new || !(updated == *known)) turn.changed = true;
    *known = updated;
    return is_new;
}

bool Roster::note_unannounced(const ParticipantId& id, std::uint32_t protocol, Turn& turn) {
    if (find(id) != nullptr) return true;
    if (!has_room(id, turn)) return false;
    Participant& added = participants_.emplace_back();
    added.id = id;
    added.protocol = protocol;
    added.epoch = epoch_;
    turn.changed = true;
    return true;
}

bool Roster::has_room(const ParticipantId& id, Turn& turn) const {
    if (participants_.size() + 1 < kMaxParticipants) return true;
    turn.report(Level::error, ErrorCode::too_many_participants,
                "The room holds more participants than a mesh can connect.", id);
    return false;
}

bool Roster::remove(const ParticipantId& id, Turn& turn) {
    const std::size_t removed =
        std::erase_if(participants_, [&](const Participant& each) { return each.id == id; });
    if (removed > 0) turn.changed = true;
    return removed > 0;
}

void Roster::set_media(const ParticipantId& id, bool muted, bool video_off, Turn& turn) {
    Participant* known = modifiable(id);
    if (known == nullptr) {
        turn.report(Level::debug, ErrorCode::unknown_participant, "a media state of nobody here",
                    id);
        return;
    }
    turn.changed = turn.changed || known->muted != muted || known->video_off != video_off;
    known->muted = muted;
    known->video_off = video_off;
}

void Roster::set_sharing(const ParticipantId& id, bool sharing, Turn& turn) {
    Participant* known = modifiable(id);
    if (known == nullptr) {
        turn.report(Level::debug, ErrorCode::unknown_participant, "a screen share of nobody here",
                    id);
        return;
    }
    turn.changed = turn.changed || known->sharing != sharing;
    known->sharing = sharing;
}

bool Roster::is_unconfirmed(const ParticipantId& id) const {
    const Participant* const found = find(id);
    return found != nullptr && found->epoch < epoch_;
}

std::vector<ParticipantId> Roster::unconfirmed() const {
    std::vector<ParticipantId> gone;
    for (const Participant& each : participants_)
        if (each.epoch != epoch_) gone.push_back(each.id);
    return gone;
}

const Participant* Roster::find(const ParticipantId& id) const {
    const auto found = std::find_if(participants_.begin(), participants_.end(),
                                    [&](const Participant& each) { return each.id == id; });
    return found == participants_.end() ? nullptr : &*found;
}

Participant* Roster::modifiable(const ParticipantId& id) {
    const auto found = std::find_if(participants_.begin(), participants_.end(),
                                    [&](const Participant& each) { return each.id == id; });
    return found == participants_.end() ? nullptr : &*found;
}

}  // namespace dvmeet
