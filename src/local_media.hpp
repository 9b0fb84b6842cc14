// The person's own microphone, camera and screen: what is wanted, what there is.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

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
///         A device that stops by itself is replaced: by the default one, then by each of the
///         others, kMostTries in all; where none works, its wish waits for another list of
///         devices.  The one that was chosen, or in use, is taken again when it comes back.
/// Errors: a refused or missing device ends its wish and is reported with its slot; where a
///         chosen one is missing, any other is taken; one that fails while being exchanged leaves
///         the old one in use, but is tried again without it where it may be the obstacle: phones
///         open one camera at a time.
/// Spec:   mediacapture-main getUserMedia(), screen-capture getDisplayMedia(): error names.
class LocalMedia {
public:
    /// Openings in the place of a device that stopped, until one lasts for kSteadyMs.
    static constexpr std::uint32_t kMostTries = 4;
    static constexpr TimeMs kSteadyMs = 10'000;
    /// Browsers mute a track for a moment while its device changes hands.
    static constexpr TimeMs kMutedMs = 3'000;

    /// `may_open`: false after leaving, when wishes are only kept for the next join.
    void handle(const MediaWished& event, bool may_open, Turn& turn);
    void handle(const MediaAcquired& event, Turn& turn);
    void handle(const MediaFailed& event, Turn& turn);
    void handle(const TrackEnded& event, Turn& turn);
    void handle(const TrackMuted& event, Turn& turn);
    void handle(const TrackUnmuted& event, Turn& turn);
    void handle(const DevicesChanged& event, bool may_open, Turn& turn);
    /// The page is seen again: what stopped while the machine slept may work now.
    void revive(Turn& turn);
    void pass_time(Turn& turn);
    [[nodiscard]] Deadline deadline() const;
    /// Opens what is wanted and not there: on joining again after a leave.
    void resume(Turn& turn);
    /// Gives everything back; wishes for microphone and camera stay, the screen's does not.
    void release_all(Turn& turn);

    /// The track to send in this slot now, if any.
    [[nodiscard]] std::optional<TrackId> sent(Slot slot) const {
        const Device& device = at(slot);
        return device.wanted ? device.held : std::nullopt;
    }
    /// Whether the application brought the track there is, and may have its own mind about it.
    [[nodiscard]] bool is_supplied(Slot slot) const { return at(slot).supplied; }
    [[nodiscard]] bool is_on(Slot slot) const { return sent(slot).has_value(); }
    [[nodiscard]] SlotView view(Slot slot) const;
    [[nodiscard]] static std::string muted_sentence(Slot slot);
    [[nodiscard]] std::array<SlotView, kSlots.size()> views() const;
    [[nodiscard]] auto members() const { return std::tie(devices_, listed_); }
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
        std::string in_use;  ///< what the held track comes from; empty: the browser hides it
        TimeMs held_since = 0;
        bool returning = false;  ///< the opening under way is of a device that came back
        bool searching = false;  ///< the opening under way is of any that works
        bool stopped = false;    ///< the wish outlived its device
        std::string stopped_id;
        std::uint32_t tries = 0;
        std::optional<TimeMs> muted_at;
        bool muted = false;
        [[nodiscard]] bool is_lost() const { return wanted && stopped && !held && acquiring == 0; }
        [[nodiscard]] auto members() const {
            return std::tie(wanted, brought, device_id, held, supplied, held_id, acquiring, jointly,
                            error, in_use, held_since, returning, searching, stopped, stopped_id,
                            tries, muted_at, muted);
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
    /// Opens the next device that may do; returns false where none is left to try.
    bool search(Slot slot, Turn& turn);
    void begin_search(Slot slot, Turn& turn);
    [[nodiscard]] bool is_listed(Slot slot, const std::string& device_id) const;
    void fail(Slot slot, const PlatformError& error, Turn& turn);
    /// No device works in the place of one that stopped; the wish stays.
    void lose(Slot slot, const PlatformError& error, Turn& turn);
    void hold(const TrackId& track, bool supplied, std::string device_id, Turn& turn);
    static void release(Device& device, Turn& turn);

    std::array<Device, kSlots.size()> devices_;
    std::vector<MediaDevice> listed_;  ///< those the browser names
};

}  // namespace dvmeet
