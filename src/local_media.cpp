// The person's own microphone, camera and screen: what is wanted, what there is.
#include "local_media.hpp"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

namespace dvmeet {

namespace {

/// A screen isn't replaced, and what is shared may well stand still.
constexpr std::array kDeviceSlots{Slot::microphone, Slot::camera};

std::string name_of(Slot slot) { return std::string{kNames<Slot>[static_cast<std::size_t>(slot)]}; }

ErrorCode code_of(Slot slot, const PlatformError& error) {
    const std::string& name = error.name;
    if (name == "NotAllowedError" || name == "SecurityError")
        return slot == Slot::screen ? ErrorCode::screen_declined : ErrorCode::media_refused;
    if (name == "NotFoundError" || name == "OverconstrainedError") return ErrorCode::media_missing;
    if (name == "NotSupportedError") return ErrorCode::media_unsupported;
    if (name == "NotReadableError" || name == "AbortError") return ErrorCode::media_busy;
    return ErrorCode::media_failed;
}

std::string sentence(Slot slot, ErrorCode code) {
    const std::string what = name_of(slot);
    switch (code) {
        case ErrorCode::media_refused:
            return "Access to the " + what + " was refused. Allow it in the browser's settings " +
                   "for this site, then turn the " + what + " on again.";
        case ErrorCode::media_missing:
            return "No " + what + " was found. Connect one, then turn it on.";
        case ErrorCode::media_unsupported:
            return "This page can't use the " + what + ". Open it over https or from localhost, " +
                   "in a browser that can, then turn the " + what + " on again.";
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
    for (auto wish = event.wishes.begin(); wish != event.wishes.end(); ++wish) {
        const bool is_revised =
            std::any_of(std::next(wish), event.wishes.end(),
                        [&](const Wish& later) { return later.slot == wish->slot; });
        if (!is_revised && note(*wish, turn))
            requests.push_back({wish->slot, at(wish->slot).device_id, wish->supplied});
    }
    if (may_open) acquire(requests, turn);
    turn.changed = turn.changed || views() != before;
}

bool LocalMedia::note(const Wish& wish, Turn& turn) {
    Device& device = at(wish.slot);
    device.wanted = wish.wanted;
    device.error.reset();
    device.stopped = false;
    device.tries = 0;
    if (!wish.wanted) {
        device.acquiring = 0;
        const bool keeps = device.supplied || wish.slot == Slot::microphone;
        if (!keeps) release(device, turn);
        return false;
    }
    const bool is_elsewhere = device.held && !device.in_use.empty();
    const bool other_device = wish.device_id && (wish.device_id != device.device_id ||
                                                 (is_elsewhere && wish.device_id != device.in_use));
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
        at(request.slot).returning = at(request.slot).searching = false;
        at(request.slot).jointly = requests.size() > 1;
    }
    turn.act(AcquireMedia{op, requests});
}

void LocalMedia::handle(const MediaAcquired& event, Turn& turn) {
    const auto before = views();
    for (std::size_t i = 0; i < event.slots.size(); ++i) {
        const TrackId track{event.slots[i], event.op};
        const Device& device = at(track.slot);
        if (device.held == track) continue;
        if (device.acquiring != event.op || event.op == 0) {
            // The wish is gone, or another device is on its way: this one came too late.
            turn.act(ReleaseTrack{track, !event.supplied});
            continue;
        }
        hold(track, event.supplied, i < event.device_ids.size() ? event.device_ids[i] : "", turn);
    }
    // A stream may lack what was asked for.
    for (const Slot slot : kSlots) {
        if (event.op != 0 && at(slot).acquiring == event.op)
            fail(slot, {"NotFoundError", "the stream has no such track"}, turn);
    }
    turn.changed = turn.changed || views() != before;
}

void LocalMedia::hold(const TrackId& track, bool supplied, std::string device_id, Turn& turn) {
    Device& device = at(track.slot);
    release(device, turn);
    device.acquiring = 0;
    device.held = track;
    device.held_id = device.device_id;
    device.supplied = supplied;
    device.in_use = std::move(device_id);
    device.held_since = turn.now;
    device.error.reset();
    if (!std::exchange(device.stopped, false)) return;
    const bool is_same = !device.in_use.empty() && device.in_use == device.stopped_id;
    turn.report(Level::warn, ErrorCode::media_ended,
                "The " + name_of(track.slot) + " stopped by itself; " +
                    (is_same ? "it was started again." : "another one is used in its place."));
}

void LocalMedia::handle(const MediaFailed& event, Turn& turn) {
    const auto before = views();
    for (const Slot slot : kSlots) {
        Device& device = at(slot);
        if (event.op == 0 || device.acquiring != event.op) continue;
        const ErrorCode code = code_of(slot, event.error);
        if (device.returning && device.held) {
            device.acquiring = 0;  // what is in use instead goes on
        } else if (!try_otherwise(slot, code, turn)) {
            if (device.stopped) {
                lose(slot, event.error, turn);
            } else {
                fail(slot, event.error, turn);
            }
        }
    }
    turn.changed = turn.changed || views() != before;
}

bool LocalMedia::try_otherwise(Slot slot, ErrorCode code, Turn& turn) {
    Device& device = at(slot);
    if (device.searching) return code != ErrorCode::media_refused && search(slot, turn);
    const bool in_the_way = code == ErrorCode::media_busy && device.held && !device.supplied;
    const bool chosen_missing = code == ErrorCode::media_missing && device.device_id;
    if (!device.jointly && !in_the_way && !chosen_missing) return false;
    if (!device.jointly && chosen_missing) {
        begin_search(slot, turn);
        return true;
    }
    if (!device.jointly && in_the_way) release(device, turn);
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

// ---- devices that stop, and come back -------------------------------------------------------

void LocalMedia::handle(const TrackEnded& event, Turn& turn) {
    const Slot slot = event.track.slot;
    Device& device = at(slot);
    if (device.held != event.track) return;
    const std::string stopped_id = device.in_use;
    const bool is_ours = slot != Slot::screen && !device.supplied;
    release(device, turn);
    turn.changed = true;
    if (device.acquiring != 0) {
        // Its successor is on the way.  One that nobody chose may be followed by another.
        if (!device.returning) return;
        device.stopped = device.searching = true;
        device.stopped_id = stopped_id;
        device.tries = 0;
        return;
    }
    if (!is_ours) {
        device.device_id.reset();
        device.wanted = false;
        if (slot == Slot::screen) return;  // the browser's own "stop sharing"
        device.error = PlatformError{"NotReadableError", "the track stopped"};
        turn.report(Level::error, ErrorCode::media_ended,
                    "The " + name_of(slot) + "'s track ended. Bring another one, or turn it on.");
    } else if (device.wanted) {
        if (turn.now - device.held_since >= kSteadyMs) device.tries = 0;
        if (!device.device_id && !stopped_id.empty()) device.device_id = stopped_id;
        device.stopped = true;
        device.stopped_id = stopped_id;
        if (!search(slot, turn))
            lose(slot, {"NotReadableError", "each device stopped by itself"}, turn);
    }
}

void LocalMedia::begin_search(Slot slot, Turn& turn) {
    at(slot).tries = 0;
    (void)search(slot, turn);
}

bool LocalMedia::search(Slot slot, Turn& turn) {
    Device& device = at(slot);
    std::vector<std::optional<std::string>> choices{std::nullopt};
    for (const MediaDevice& each : listed_)
        if (each.slot == slot && each.device_id != device.stopped_id)
            choices.emplace_back(each.device_id);
    if (device.tries >= std::min<std::size_t>(choices.size(), kMostTries)) return false;
    open({{slot, choices[device.tries++], false}}, turn);
    device.searching = true;
    return true;
}

void LocalMedia::lose(Slot slot, const PlatformError& error, Turn& turn) {
    Device& device = at(slot);
    device.acquiring = 0;
    turn.changed = true;
    if (std::exchange(device.error, error)) return;  // said before
    const std::string what = name_of(slot);
    turn.report(Level::error, ErrorCode::media_ended,
                "The " + what + " stopped: it was unplugged or taken by another application, and " +
                    "no other works. It is used again when it comes back; or choose another.");
}

bool LocalMedia::is_listed(Slot slot, const std::string& device_id) const {
    return std::find(listed_.begin(), listed_.end(), MediaDevice{slot, device_id}) != listed_.end();
}

void LocalMedia::handle(const DevicesChanged& event, bool may_open, Turn& turn) {
    const std::vector<MediaDevice> before = std::exchange(listed_, event.devices);
    std::erase_if(listed_, [](const MediaDevice& each) { return each.device_id.empty(); });
    if (!may_open) return;
    for (const Slot slot : kDeviceSlots) {
        Device& device = at(slot);
        if (!device.wanted || device.supplied || device.acquiring != 0) continue;
        const bool is_back = device.device_id && is_listed(slot, *device.device_id);
        const bool was_there =
            std::find(before.begin(), before.end(),
                      MediaDevice{slot, device.device_id.value_or("")}) != before.end();
        const bool is_elsewhere =
            device.held && !device.in_use.empty() && device.in_use != device.device_id;
        if (is_back && !was_there && (is_elsewhere || device.is_lost())) {
            open({{slot, device.device_id, false}}, turn);
            device.returning = true;
            turn.changed = true;
        } else if (device.is_lost() && listed_ != before) {
            device.stopped_id.clear();
            begin_search(slot, turn);
            turn.changed = true;
        }
    }
}

void LocalMedia::revive(Turn& turn) {
    for (const Slot slot : kDeviceSlots) {
        if (!at(slot).is_lost()) continue;
        begin_search(slot, turn);
        turn.changed = true;
    }
}

// ---- devices that give nothing --------------------------------------------------------------

void LocalMedia::handle(const TrackMuted& event, Turn& turn) {
    Device& device = at(event.track.slot);
    if (event.track.slot == Slot::screen || device.held != event.track) return;
    if (!device.muted_at) device.muted_at = turn.now;
}

void LocalMedia::handle(const TrackUnmuted& event, Turn& turn) {
    Device& device = at(event.track.slot);
    if (device.held != event.track) return;
    turn.changed = turn.changed || device.muted;
    device.muted_at.reset();
    device.muted = false;
}

void LocalMedia::pass_time(Turn& turn) {
    for (const Slot slot : kDeviceSlots) {
        Device& device = at(slot);
        const bool is_due = device.muted_at && turn.now - *device.muted_at >= kMutedMs;
        if (!is_due || device.muted || !device.wanted) continue;
        device.muted = true;
        turn.changed = true;
        turn.report(Level::warn, ErrorCode::media_muted, muted_sentence(slot));
    }
}

Deadline LocalMedia::deadline() const {
    Deadline earliest;
    for (const Slot slot : kDeviceSlots) {
        const Device& device = at(slot);
        if (!device.muted_at || device.muted || !device.wanted) continue;
        earliest.note(*device.muted_at + kMutedMs);
    }
    return earliest;
}

std::string LocalMedia::muted_sentence(Slot slot) {
    return "The " + name_of(slot) +
           " is on, but gives nothing: look for a switch on it, a closed lid, or the system's own "
           "mute.";
}

// ---- leaving and coming back ----------------------------------------------------------------

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
        device.stopped = false;
        if (slot == Slot::screen) device.wanted = false;
    }
    turn.changed = true;
}

void LocalMedia::release(Device& device, Turn& turn) {
    if (!device.held) return;
    turn.act(ReleaseTrack{*device.held, !device.supplied});
    device.held.reset();
    device.in_use.clear();
    device.muted_at.reset();
    device.muted = false;
}

// ---- what is seen ---------------------------------------------------------------------------

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
    return {device.wanted, state, device.error, state == SlotState::on && device.muted};
}

}  // namespace dvmeet
