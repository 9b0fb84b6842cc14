// How the uplink is divided among all that is sent: voices first, then screens, then cameras.
#pragma once

#include <cstdint>
#include <optional>
#include <tuple>
#include <vector>

#include "dvmeet/action.hpp"
#include "dvmeet/types.hpp"

namespace dvmeet {

/// What a mesh takes where everybody sends so much to each of the others.
/// Units: kilobits per second; up and down of one participant, total of all uplinks.
struct MeshBandwidth {
    std::int64_t connections = 0;
    std::int64_t up_kbps = 0;
    std::int64_t down_kbps = 0;
    std::int64_t total_kbps = 0;
    bool operator==(const MeshBandwidth&) const = default;
};
[[nodiscard]] MeshBandwidth mesh_bandwidth(std::int64_t participants, std::int64_t kbps);

/// What a camera gives.
struct Capture {
    PictureSize size;
    std::uint32_t frame_rate = 0;
    [[nodiscard]] auto members() const { return std::tie(size, frame_rate); }
    bool operator==(const Capture&) const = default;
};

/// Bits per second that a picture of this size and rate is worth.
[[nodiscard]] std::int64_t worth_bps(const Capture& picture);

/// 32 kbit/s of Opus, and what wraps fifty packets a second.
inline constexpr std::int64_t kVoiceBps = 50'000;

/// One picture that is to be sent over one connection.
struct Picture {
    ConnectionId connection = 0;
    Slot slot = Slot::camera;          ///< the line it goes in
    bool is_screen = false;            ///< whatever line it goes in
    std::optional<PictureSize> shown;  ///< at the far end; absent: nobody has said
    [[nodiscard]] auto members() const { return std::tie(connection, slot, is_screen, shown); }
    bool operator==(const Picture&) const = default;
};

/// All that is to be sent.
struct Demand {
    std::uint32_t voices = 0;
    std::vector<Picture> pictures;
    Capture camera;
    std::uint32_t relief = 0;  ///< rungs that cameras stay below their best, for the processor
    [[nodiscard]] auto members() const { return std::tie(voices, pictures, camera, relief); }
    bool operator==(const Demand&) const = default;
};

/// How a demand is met.
struct Division {
    std::vector<Encoding> encodings;       ///< of each picture, in the order of the demand
    std::int64_t wanted_bps = 0;           ///< what everything at its best would take
    std::int64_t least_bps = 0;            ///< what everything at its least does
    std::optional<std::int64_t> next_bps;  ///< the least uplink that would carry more than this
    [[nodiscard]] auto members() const {
        return std::tie(encodings, wanted_bps, least_bps, next_bps);
    }
    bool operator==(const Division&) const = default;
};

/// Divides an uplink, or none that is known of.
///
/// Shape:  each picture stands on a rung of its ladder: as large as it is shown, or smaller by
///         fixed steps; the last one is a slide show.  An uplink that is a little different
///         changes nothing.
/// Order:  voices have their place whatever happens.  Then all pictures of one kind that are shown
///         about as large climb together: screens before cameras, large ones before small ones.
/// Why:    a screen gives up motion and stays sharp, a face gives up size and keeps moving.  What
///         nobody sees is not sent, but what is seen is always sent: a slide show of 30 kbit/s
///         says that somebody is there, and that the path works.
[[nodiscard]] Division divide(const std::optional<std::int64_t>& uplink_bps, const Demand& demand);

}  // namespace dvmeet
