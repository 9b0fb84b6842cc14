// The person's own microphone, camera and screen: what is wanted, what there is.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <tuple>

#include "dvmeet/event.hpp"
#include "dvmeet/snapshot.hpp"
#include "turn.hpp"

namespace dvmeet {

/// Converges the three slots to the person's wishes by acquiring and releasing tracks.
///
/// Shape:  a muted microphone keeps its track, so that unmuting is instant; camera and screen
///         give theirs back, so that the light goes out.  A track of the application is never
///         stopped and never given back before the end.
/// Order:  slots wished together are opened together; if that fails, each alone, so that a
///         missing camera doesn't cost the microphone.
/// Errors: a refused or missing device ends its wish and is reported with its slot; where a
///         chosen one is missing, any other is taken; one that fails while being exchanged leaves
///         the old one in use, but is tried again without it where it may be the obstacle: phones
///         open one camera at a time.
/// Spec:   mediacapture-main getUserMedia(), screen-capture getDisplayMedia(): error names.
class LocalMedia {
public:
    /// `may_open`: false after leaving, when wishes are only kept for the next join.
    void handle(const MediaWished& event, bool may_open, Turn& turn);
    void handle(const MediaAcquired& event, Turn& turn);
    void handle(const MediaFailed& event, Turn& turn);
    void handle(const TrackEnded& event, Turn& turn);
    /// Opens what is wanted and not there: on joining again after a leave.
    void resume(Turn& turn);
    /// Gives everything back; wishes for microphone and camera stay, the screen's does not.
    void release_all(Turn& turn);

    /// The track to send in this slot now, if any.
    [[nodiscard]] std::optional<TrackId> sent(Slot slot) const {
        const Device& device = at(slot);
        return device.wanted ? device.held : std::nullopt;
    }
    [[nodiscard]] bool is_on(Slot slot) const { return sent(slot).has_value(); }
    [[nodiscard]] SlotView view(Slot slot) const;
    [[nodiscard]] std::array<SlotView, kSlots.size()> views() const;
    [[nodiscard]] auto members() const { return std::tie(devices_); }
    bool operator==(const LocalMedia&) const = default;

private:
    struct Device {
        bool wanted = false;
        bool brought = false;  ///< the application brings the tracks that are wanted
        std::optional<std::string> device_id;  ///< the one that is wanted, if any in particular
        std::optional<TrackId> held;
        bool supplied = false;  ///< the held track belongs to the application
        std::optional<std::string> held_id;
        OperationId acquiring = 0;  ///< 0: nothing under way
        bool jointly = false;       ///< together with another slot
        std::optional<PlatformError> error;
        [[nodiscard]] auto members() const {
            return std::tie(wanted, brought, device_id, held, supplied, held_id, acquiring, jointly,
                            error);
        }
        bool operator==(const Device&) const = default;
    };
    [[nodiscard]] Device& at(Slot slot) { return devices_[static_cast<std::size_t>(slot)]; }
    [[nodiscard]] const Device& at(Slot slot) const {
        return devices_[static_cast<std::size_t>(slot)];
    }
    /// Takes one wish in; returns whether the device has to be opened for it.
    bool note(const Wish& wish, Turn& turn);
    void acquire(const std::vector<MediaRequest>& requests, Turn& turn);
    void open(const std::vector<MediaRequest>& requests, Turn& turn);
    /// Another way to what is wanted, after a failure; returns false where there is none.
    bool try_otherwise(Slot slot, ErrorCode code, Turn& turn);
    void fail(Slot slot, const PlatformError& error, Turn& turn);
    static void release(Device& device, Turn& turn);

    std::array<Device, kSlots.size()> devices_;
};

}  // namespace dvmeet
