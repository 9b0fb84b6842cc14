// How large participants show each other: what the application says, and what the others do.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <tuple>

#include "dvmeet/event.hpp"
#include "turn.hpp"

namespace dvmeet {

/// The tiles of one participant, or of ours at its page; absent: nobody has said.
using TileSizesBySlot = std::array<std::optional<PictureSize>, kSlots.size()>;

/// Keeps the sizes of all tiles, and tells each participant those of its own.
///
/// Shape:  two sets of sizes for each participant; voices have no size.
/// Order:  a change is told at once, but no sooner than kPauseMs after the one before; the last
///         state always gets out, and is told anew on each channel that opens.
/// Why:    nobody sends large pictures to a thumbnail, or any to a tile that nobody sees; but a
///         window that is dragged changes its tiles with each frame.
class Tiles {
public:
    static constexpr TimeMs kPauseMs = 500;

    /// The application shows them so; `event` is about somebody who is here.
    void handle(const TileSized& event, Turn& turn);
    /// They show us so.
    void learn(const ParticipantId& id, const channel::TileSizes& message);
    /// A channel of theirs has opened, which nothing was said over.
    void begin(const ParticipantId& id);
    void forget(const ParticipantId& id) { known_.erase(id); }
    void clear() { known_.clear(); }
    /// Nobody has said anything.
    [[nodiscard]] bool empty() const { return known_.empty(); }

    /// What is to be said to them now, if anything.
    [[nodiscard]] std::optional<channel::TileSizes> news_for(const ParticipantId& id, TimeMs now);
    /// When there will be news for them, which wait until a pause is over.
    [[nodiscard]] Deadline deadline(const ParticipantId& id) const;

    /// How large they show what we send in this slot.
    [[nodiscard]] std::optional<PictureSize> shown_by(const ParticipantId& id, Slot slot) const;
    /// They have been told that nobody looks at this slot of theirs.
    [[nodiscard]] bool is_hidden(const ParticipantId& id, Slot slot) const;
    [[nodiscard]] auto members() const { return std::tie(known_); }
    bool operator==(const Tiles&) const = default;

private:
    struct Known {
        TileSizesBySlot ours;    ///< how we show them
        TileSizesBySlot told;    ///< how we have said that we do
        TileSizesBySlot theirs;  ///< how they show us
        TimeMs tell_from = 0;
        [[nodiscard]] auto members() const { return std::tie(ours, told, theirs, tell_from); }
        bool operator==(const Known&) const = default;
    };
    [[nodiscard]] const Known* find(const ParticipantId& id) const;

    std::map<ParticipantId, Known> known_;
};

}  // namespace dvmeet
