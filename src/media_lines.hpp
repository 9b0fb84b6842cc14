// The media lines of one connection: which transceiver serves which slot, and what it sends.
#pragma once

#include <array>
#include <optional>
#include <tuple>
#include <vector>

#include "dvmeet/event.hpp"
#include "local_media.hpp"
#include "turn.hpp"

namespace dvmeet {

/// Three slots in fixed order, made by the offering side only and adopted by the answering side;
/// after that everything is replaceTrack.
///
/// Shape:  with a plain dvMeet peer two lines, since it shows one picture per participant: the
///         shared screen takes the camera's place there.
/// Why:    transceivers made by addTransceiver never match a remote offer's lines (RFC 8829
///         §5.10), so two sides that both make them end up with twice the lines.
class MediaLines {
public:
    MediaLines(ConnectionId connection, bool extended)
        : connection_{connection}, extended_{extended} {}

    /// Makes the lines that are not there; the browser then asks for negotiation.
    void add_all(Turn& turn);
    /// A remote description is set: takes over the lines it made.
    void adopt(const std::vector<TransceiverInfo>& transceivers, Turn& turn);
    /// Sends in each line what local media has for it; with `may_add`, makes a line that the
    /// other side's offer lacked and there is something to send in.
    void converge(const LocalMedia& media, bool may_add, Turn& turn);
    /// A ReplaceTrack of ours is done; returns false for operations of others.
    bool complete(OperationId op);

    [[nodiscard]] bool has(Slot slot) const { return at(slot).state != LineState::none; }
    /// The track that goes out in this line, once the line is negotiated and the track is in it.
    [[nodiscard]] std::optional<TrackId> sent(Slot slot) const {
        const Line& line = at(slot);
        const bool is_settled = line.state == LineState::negotiated && line.replacing == 0;
        return is_settled ? line.sent : std::nullopt;
    }
    [[nodiscard]] auto members() const { return std::tie(connection_, extended_, lines_); }
    bool operator==(const MediaLines&) const = default;

private:
    enum class LineState : std::uint8_t {
        none,
        added,      ///< by us, not yet in a description that counts
        negotiated  ///< has a media line
    };
    struct Line {
        LineState state = LineState::none;
        std::optional<TrackId> sent;
        OperationId replacing = 0;  ///< 0: nothing under way
        [[nodiscard]] auto members() const { return std::tie(state, sent, replacing); }
        bool operator==(const Line&) const = default;
    };
    [[nodiscard]] Line& at(Slot slot) { return lines_[static_cast<std::size_t>(slot)]; }
    [[nodiscard]] const Line& at(Slot slot) const { return lines_[static_cast<std::size_t>(slot)]; }
    [[nodiscard]] std::optional<TrackId> wished(Slot slot, const LocalMedia& media) const;
    [[nodiscard]] std::optional<Slot> free_slot(MediaKind kind) const;

    ConnectionId connection_;
    bool extended_;
    std::array<Line, kSlots.size()> lines_;
};

}  // namespace dvmeet
