// How large participants show each other: what the application says, and what the others do.
#include "tiles.hpp"

#include <cstddef>

namespace dvmeet {

namespace {
std::size_t place_of(Slot slot) { return static_cast<std::size_t>(slot); }
}  // namespace

void Tiles::handle(const TileSized& event, Turn& turn) {
    if (event.slot == Slot::microphone) {
        turn.report(Level::info, ErrorCode::out_of_place, "a voice has no size", event.participant);
        return;
    }
    known_[event.participant].ours[place_of(event.slot)] = {event.width, event.height};
}

void Tiles::learn(const ParticipantId& id, const channel::TileSizes& message) {
    TileSizesBySlot& theirs = known_[id].theirs;
    theirs = {};
    for (const channel::TileSize& each : message.sizes)
        if (each.slot != Slot::microphone) theirs[place_of(each.slot)] = {each.width, each.height};
}

void Tiles::begin(const ParticipantId& id) {
    const auto found = known_.find(id);
    if (found == known_.end()) return;
    found->second.told = {};
    found->second.theirs = {};
    found->second.tell_from = 0;
}

std::optional<channel::TileSizes> Tiles::news_for(const ParticipantId& id, TimeMs now) {
    if (!deadline(id).is_due(now)) return std::nullopt;
    Known& known = known_.at(id);
    known.told = known.ours;
    known.tell_from = now + kPauseMs;
    channel::TileSizes message;
    for (const Slot slot : kSlots)
        if (const auto& size = known.ours[place_of(slot)])
            message.sizes.push_back({slot, size->width, size->height});
    return message;
}

Deadline Tiles::deadline(const ParticipantId& id) const {
    const Known* const known = find(id);
    if (known == nullptr || known->ours == known->told) return std::nullopt;
    return known->tell_from;
}

std::optional<PictureSize> Tiles::shown_by(const ParticipantId& id, Slot slot) const {
    const Known* const known = find(id);
    return known == nullptr ? std::nullopt : known->theirs[place_of(slot)];
}

bool Tiles::is_hidden(const ParticipantId& id, Slot slot) const {
    const Known* const known = find(id);
    if (known == nullptr) return false;
    const auto& told = known->told[place_of(slot)];
    return told && told->is_hidden();
}

const Tiles::Known* Tiles::find(const ParticipantId& id) const {
    const auto found = known_.find(id);
    return found == known_.end() ? nullptr : &found->second;
}

}  // namespace dvmeet
