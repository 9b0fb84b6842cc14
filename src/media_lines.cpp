// The media lines of one connection: which transceiver serves which slot, and what it sends.
#include "media_lines.hpp"

namespace dvmeet {

void MediaLines::add_all(Turn& turn) {
    AddTransceivers action{connection_, {}};
    for (const Slot slot : kSlots) {
        if (has(slot) || (slot == Slot::screen && !extended_)) continue;
        at(slot).state = LineState::added;
        action.slots.push_back(slot);
    }
    if (!action.slots.empty()) turn.act(action);
}

void MediaLines::adopt(const std::vector<TransceiverInfo>& transceivers, Turn& turn) {
    AdoptTransceivers action{connection_, {}};
    for (const TransceiverInfo& each : transceivers) {
        if (each.slot) {
            at(*each.slot).state = LineState::negotiated;
            continue;
        }
        const auto slot = free_slot(each.kind);
        if (!slot) continue;
        at(*slot) = {LineState::negotiated, std::nullopt, 0};
        action.slots.push_back({*slot, each.mid});
    }
    if (!action.slots.empty()) {
        turn.changed = true;
        turn.act(action);
    }
}

std::optional<Slot> MediaLines::free_slot(MediaKind kind) const {
    if (kind == MediaKind::audio)
        return has(Slot::microphone) ? std::nullopt : std::optional{Slot::microphone};
    if (!has(Slot::camera)) return Slot::camera;
    return has(Slot::screen) ? std::nullopt : std::optional{Slot::screen};
}

std::optional<TrackId> MediaLines::wished(Slot slot, const LocalMedia& media) const {
    if (slot == Slot::screen && !extended_) return std::nullopt;
    if (slot == Slot::camera && !extended_ && media.is_on(Slot::screen))
        return media.sent(Slot::screen);
    return media.sent(slot);
}

void MediaLines::converge(const LocalMedia& media, bool may_add, Turn& turn) {
    for (const Slot slot : kSlots) {
        Line& line = at(slot);
        const auto track = wished(slot, media);
        if (line.state == LineState::none) {
            if (!track || !may_add) continue;
            line.state = LineState::added;
            turn.act(AddTransceivers{connection_, {slot}});
        }
        if (line.replacing != 0 || line.sent == track) continue;
        line.sent = track;
        line.replacing = turn.next_operation();
        turn.act(ReplaceTrack{connection_, line.replacing, slot, track});
    }
}

bool MediaLines::complete(OperationId op) {
    if (op == 0) return false;
    for (Line& line : lines_) {
        if (line.replacing != op) continue;
        line.replacing = 0;
        return true;
    }
    return false;
}

}  // namespace dvmeet
