// The person's own microphone, camera and screen: what is wanted, what there is.
#include "local_media.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace dvmeet {

namespace {

ErrorCode code_of(Slot slot, const PlatformError& error) {
    const std::string& name = error.name;
    if (name == "NotAllowedError" || name == "SecurityError")
        return slot == Slot::screen ? ErrorCode::screen_declined : ErrorCode::media_refused;
    if (name == "NotFoundError" || name == "OverconstrainedError") return ErrorCode::media_missing;
    if (name == "NotReadableError" || name == "AbortError") return ErrorCode::media_busy;
    return ErrorCode::media_failed;
}

std::string sentence(Slot slot, ErrorCode code) {
    const std::string what{kNames<Slot>[static_cast<std::size_t>(slot)]};
    switch (code) {
        case ErrorCode::media_refused:
            return "Access to the " + what + " was refused. Allow it in the browser's settings " +
                   "for this site, then turn the " + what + " on again.";
        case ErrorCode::media_missing:
            return "No " + what + " was found. Connect one, then turn it on.";
        case ErrorCode::media_busy:
            return "The " + what + " is in use by another application. Close that, then turn the " +
                   what + " on again.";
        case ErrorCode::screen_declined: return "No screen was chosen, so nothing is shared.";
        default: return "The " + what + " could not be started. Try to turn it on again.";
    }
}

}  // namespace

void LocalMedia::handle(const MediaWished& event, bool may_open, Turn& turn) {
    const auto before = views();
    std::vector<MediaRequest> requests;
    for (const Wish& wish : event.wishes) {
        if (note(wish, turn))
            requests.push_back({wish.slot, at(wish.slot).device_id, wish.supplied});
    }
    if (may_open) acquire(requests, turn);
    turn.changed = turn.changed || views() != before;
}

bool LocalMedia::note(const Wish& wish, Turn& turn) {
    Device& device = at(wish.slot);
    device.wanted = wish.wanted;
    device.error.reset();
    if (!wish.wanted) {
        device.acquiring = 0;
        const bool keeps = device.supplied || wish.slot == Slot::microphone;
        if (!keeps) release(device, turn);
        return false;
    }
    const bool other_device = wish.device_id && wish.device_id != device.device_id;
    if (wish.device_id) device.device_id = wish.device_id;
    if (wish.supplied || other_device || !device.held) device.brought = wish.supplied;
    if (device.acquiring != 0 && !other_device && !wish.supplied) return false;
    return wish.supplied || other_device || !device.held;
}

/// Devices together; the application's tracks apart from them.
void LocalMedia::acquire(const std::vector<MediaRequest>& requests, Turn& turn) {
    std::vector<MediaRequest> devices;
    std::vector<MediaRequest> tracks;
    for (const MediaRequest& each : requests) (each.supplied ? tracks : devices).push_back(each);
    open(devices, turn);
    open(tracks, turn);
}

void LocalMedia::open(const std::vector<MediaRequest>& requests, Turn& turn) {
    if (requests.empty()) return;
    const OperationId op = turn.next_operation();
    for (const MediaRequest& request : requests) {
        at(request.slot).acquiring = op;
        at(request.slot).jointly = requests.size() > 1;
    }
    turn.act(AcquireMedia{op, requests});
}

void LocalMedia::handle(const MediaAcquired& event, Turn& turn) {
    const auto before = views();
    for (const Slot slot : event.slots) {
        Device& device = at(slot);
        const TrackId track{slot, event.op};
        if (device.held == track) continue;
        if (device.acquiring != event.op || event.op == 0) {
            // The wish is gone, or another device is on its way: this one came too late.
            turn.act(ReleaseTrack{track, !event.supplied});
            continue;
        }
        release(device, turn);
        device.acquiring = 0;
        device.held = track;
        device.held_id = device.device_id;
        device.supplied = event.supplied;
    }
    // A stream may lack what was asked for.
    for (const Slot slot : kSlots) {
        if (event.op != 0 && at(slot).acquiring == event.op)
            fail(slot, {"NotFoundError", "the stream has no such track"}, turn);
    }
    turn.changed = turn.changed || views() != before;
}

void LocalMedia::handle(const MediaFailed& event, Turn& turn) {
    const auto before = views();
    for (const Slot slot : kSlots) {
        Device& device = at(slot);
        if (event.op == 0 || device.acquiring != event.op) continue;
        const ErrorCode code = code_of(slot, event.error);
        if (!try_otherwise(slot, code, turn)) fail(slot, event.error, turn);
    }
    turn.changed = turn.changed || views() != before;
}

bool LocalMedia::try_otherwise(Slot slot, ErrorCode code, Turn& turn) {
    Device& device = at(slot);
    const bool in_the_way = code == ErrorCode::media_busy && device.held && !device.supplied;
    const bool chosen_missing = code == ErrorCode::media_missing && device.device_id;
    if (!device.jointly && !in_the_way && !chosen_missing) return false;
    if (!device.jointly && in_the_way) release(device, turn);
    if (!device.jointly && chosen_missing) device.device_id.reset();
    open({{slot, device.device_id, device.brought}}, turn);
    return true;
}

void LocalMedia::fail(Slot slot, const PlatformError& error, Turn& turn) {
    Device& device = at(slot);
    const ErrorCode code = code_of(slot, error);
    device.acquiring = 0;
    device.wanted = device.held.has_value();
    if (device.held) device.device_id = device.held_id;
    device.error = error;
    turn.changed = true;
    const Level level = code == ErrorCode::screen_declined ? Level::info : Level::error;
    turn.report(level, code, sentence(slot, code));
}

void LocalMedia::handle(const TrackEnded& event, Turn& turn) {
    const Slot slot = event.track.slot;
    Device& device = at(slot);
    if (device.held != event.track) return;
    release(device, turn);
    turn.changed = true;
    if (device.acquiring != 0) return;  // its successor is on the way
    device.device_id.reset();
    device.wanted = false;
    if (slot == Slot::screen) return;  // the browser's own "stop sharing"
    device.error = PlatformError{"NotReadableError", "the device stopped"};
    const std::string what{kNames<Slot>[static_cast<std::size_t>(slot)]};
    turn.report(Level::error, ErrorCode::media_ended,
                "The " + what + " stopped: it was unplugged or taken by another application. " +
                    "Turn it on again, or choose another.");
}

void LocalMedia::resume(Turn& turn) {
    std::vector<MediaRequest> requests;
    for (const Slot slot : kSlots) {
        const Device& device = at(slot);
        if (device.wanted && !device.held && device.acquiring == 0)
            requests.push_back({slot, device.device_id, device.brought});
    }
    acquire(requests, turn);
}

void LocalMedia::release_all(Turn& turn) {
    for (const Slot slot : kSlots) {
        Device& device = at(slot);
        release(device, turn);
        device.acquiring = 0;
        if (slot == Slot::screen) device.wanted = false;
    }
    turn.changed = true;
}

void LocalMedia::release(Device& device, Turn& turn) {
    if (!device.held) return;
    turn.act(ReleaseTrack{*device.held, !device.supplied});
    device.held.reset();
}

std::array<SlotView, kSlots.size()> LocalMedia::views() const {
    return {view(Slot::microphone), view(Slot::camera), view(Slot::screen)};
}

SlotView LocalMedia::view(Slot slot) const {
    const Device& device = at(slot);
    SlotState state = SlotState::off;
    if (sent(slot)) {
        state = SlotState::on;
    } else if (device.acquiring != 0) {
        state = SlotState::starting;
    } else if (device.error) {
        state = SlotState::failed;
    }
    return {device.wanted, state, device.error};
}

}  // namespace dvmeet
