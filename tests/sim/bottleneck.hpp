// What becomes of the pictures that are sent: what each line was told, and what an uplink carries.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <tuple>

#include "dvmeet/action.hpp"
#include "dvmeet/event.hpp"

namespace dvmeet::sim {

/// How an uplink that is too narrow shows.  Browsers differ in what they tell, links in what they
/// do with what they don't carry.
enum class Symptom : std::uint8_t { limitation, estimate, loss, delay };

/// What a page sends through, and what it encodes with.
struct Bottleneck {
    std::int64_t uplink_bps = 0;  ///< 0, here and below: as much as anybody wants
    std::int64_t pixels_per_second = 0;
    Symptom symptom = Symptom::limitation;
    [[nodiscard]] auto members() const { return std::tie(uplink_bps, pixels_per_second, symptom); }
};

/// One line of a connection: a sender's parameters, and what has gone out.
struct Line {
    std::optional<Encoding> encoding{};  ///< the one that was asked for last
    bool setting = false;                ///< setParameters() is under way
    std::uint32_t changes = 0;           ///< how often another one was asked for
    std::int64_t bps = 0;                ///< what goes out at present
    std::int64_t bytes = 0;
    std::int64_t packets = 0;
    std::int64_t crowded = 0;  ///< packets, while the link was too narrow
    [[nodiscard]] auto members() const {
        return std::tie(encoding, setting, changes, bps, bytes, packets, crowded);
    }
};

/// Opus, as the core counts it.
inline constexpr std::int64_t kVoiceLineBps = 40'000;
/// What a sender that was told nothing comes to by itself.
inline constexpr std::int64_t kUntoldBps = 1'500'000;

[[nodiscard]] inline std::int64_t demand_of(Slot slot, const Line& line) {
    if (slot == Slot::microphone) return kVoiceLineBps;
    if (!line.encoding) return kUntoldBps;
    return line.encoding->active ? line.encoding->max_bitrate_bps : 0;
}

/// What all lines of a page ask of its uplink and its processor.
struct Load {
    std::int64_t bps = 0;
    std::int64_t pixels_per_second = 0;
};

inline void add(Load& load, Slot slot, const Line& line, const PictureSize& taken) {
    load.bps += demand_of(slot, line);
    if (slot == Slot::microphone || !line.encoding || !line.encoding->active) return;
    const std::int64_t scale = line.encoding->scale_down_permille;
    const std::int64_t pixels = std::int64_t{taken.width} * taken.height * 1'000'000;
    load.pixels_per_second += pixels / (scale * scale) * line.encoding->max_frame_rate;
}

/// Time passes on a line that is sent; what a sample says of it.
/// Why: browsers begin with little and grow, and call what still grows limited, too; a link that
///      is too narrow gives everything the same share.
inline OutboundStats sample_line(Slot slot, Line& line, const Bottleneck& through, const Load& load,
                                 TimeMs elapsed_ms) {
    constexpr std::int64_t kFirstBps = 300'000;
    constexpr std::int64_t kGrowthPercentPerSecond = 25;
    constexpr std::int64_t kPacketBytes = 1'000;
    constexpr std::int64_t kLostOneIn = 8;
    const std::int64_t demand = demand_of(slot, line);
    const bool is_narrow = through.uplink_bps > 0 && load.bps > through.uplink_bps;
    const std::int64_t share = is_narrow ? demand * through.uplink_bps / load.bps : demand;
    std::int64_t grown = std::max(line.bps, kFirstBps);
    for (TimeMs ms = 0; ms < elapsed_ms && grown < share; ms += 1'000)
        grown += grown * kGrowthPercentPerSecond / 100;
    line.bps = std::min(share, grown);
    line.bytes += line.bps * elapsed_ms / 8'000;
    const std::int64_t packets = line.bytes / kPacketBytes - line.packets;
    line.packets += packets;
    if (is_narrow && through.symptom == Symptom::loss) line.crowded += packets;
    OutboundStats stats{.slot = slot,
                        .bytes = line.bytes,
                        .packets = line.packets,
                        .packets_lost = line.crowded / kLostOneIn};
    if (slot == Slot::microphone || through.symptom != Symptom::limitation) return stats;
    const bool is_busy =
        through.pixels_per_second > 0 && load.pixels_per_second > through.pixels_per_second;
    stats.target_bps = line.bps;
    stats.limitation = line.bps < demand ? Limitation::bandwidth
                       : is_busy         ? Limitation::cpu
                                         : Limitation::none;
    return stats;
}

}  // namespace dvmeet::sim
