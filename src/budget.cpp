// How the uplink is divided among all that is sent: voices first, then screens, then cameras.
#include "budget.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace dvmeet {

namespace {

/// What looks good enough that more is hardly seen, as Chromium's encoders go; in between it is
/// interpolated.
struct Worth {
    std::int64_t pixels_per_second;
    std::int64_t bps;
};
constexpr std::array<Worth, 4> kWorths{{{288'000, 60'000},          // 160 × 120 at 15
                                        {1'152'000, 150'000},       // 320 × 240 at 15
                                        {7'372'800, 600'000},       // 640 × 480 at 24
                                        {27'648'000, 1'500'000}}};  // 1280 × 720 at 30
/// Rates are told apart no finer than encoders follow them.
constexpr std::int64_t kGrainBps = 10'000;
/// More than a mesh should ever take for one picture.
constexpr std::int64_t kMostBps = 4'000'000;

/// Encoders want sizes that are some half, third or quarter of what comes in.
constexpr std::array<std::uint32_t, 7> kScalesPermille{1000, 1500, 2000, 3000, 4000, 6000, 8000};
/// Units: pixels.  Below, a face is no longer one.
constexpr std::uint32_t kLeastWidth = 160;

struct Rung {
    std::uint32_t scale_permille = 1000;
    std::uint32_t frame_rate = 0;
    std::int64_t bps = 0;
    bool operator==(const Rung&) const = default;
};
using Ladder = std::vector<Rung>;

/// Browsers' encoders give no less, and four pictures a second show that somebody nods; letters
/// need none of that.
constexpr std::uint32_t kSlidesFrameRate = 4;
constexpr std::uint32_t kScreenSlidesFrameRate = 2;
constexpr std::int64_t kSlidesBps = 30'000;

/// A screen's size is not known; its letters stay sharp as long as anything else can be given up.
constexpr std::array<Rung, 6> kScreenRungs{{{1000, 30, 2'500'000},
                                            {1000, 15, 1'500'000},
                                            {1000, 10, 1'000'000},
                                            {1000, 5, 500'000},
                                            {2000, 5, 200'000},
                                            {2000, kScreenSlidesFrameRate, 60'000}}};
/// Units: pixels.  In a tile that is narrower nobody reads.
constexpr std::uint32_t kReadableWidth = 480;
constexpr std::ptrdiff_t kUnreadableRungs = 4;

std::uint32_t scaled(std::uint32_t pixels, std::uint32_t scale_permille) {
    return static_cast<std::uint32_t>(std::uint64_t{pixels} * 1000 / scale_permille);
}

PictureSize scaled(const PictureSize& size, std::uint32_t scale_permille) {
    return {scaled(size.width, scale_permille), scaled(size.height, scale_permille)};
}

bool fills(const PictureSize& picture, const PictureSize& tile) {
    return picture.width >= tile.width && picture.height >= tile.height;
}

Ladder camera_ladder(const Picture& picture, const Demand& demand) {
    const Capture& camera = demand.camera;
    Ladder ladder;
    for (const std::uint32_t scale : kScalesPermille) {
        const PictureSize size = scaled(camera.size, scale);
        if (!ladder.empty() && size.width < kLeastWidth) break;
        // What fills the tile makes whatever is larger needless.
        if (picture.shown && fills(size, *picture.shown)) ladder.clear();
        ladder.push_back({scale, camera.frame_rate, worth_bps({size, camera.frame_rate})});
    }
    const std::size_t spared = std::min<std::size_t>(demand.relief, ladder.size() - 1);
    ladder.erase(ladder.begin(), ladder.begin() + static_cast<std::ptrdiff_t>(spared));
    ladder.push_back({ladder.back().scale_permille, std::min(camera.frame_rate, kSlidesFrameRate),
                      std::min(kSlidesBps, ladder.back().bps)});
    return ladder;
}

bool is_hidden(const Picture& picture) { return picture.shown && picture.shown->is_hidden(); }

Ladder ladder_of(const Picture& picture, const Demand& demand) {
    if (is_hidden(picture)) return {};
    if (!picture.is_screen) return camera_ladder(picture, demand);
    const bool is_readable = !picture.shown || picture.shown->width >= kReadableWidth;
    const auto* const first = kScreenRungs.begin() + (is_readable ? 0 : kUnreadableRungs);
    return {first, kScreenRungs.end()};
}

/// Pictures that climb together: of one kind, and with one ladder.
struct Class {
    bool is_screen = false;
    Ladder ladder;
    std::vector<std::size_t> pictures;  ///< by their places in the demand
    std::size_t at = 0;                 ///< the rung they stand on
    [[nodiscard]] std::int64_t bps(std::size_t rung) const {
        return static_cast<std::int64_t>(pictures.size()) * ladder[rung].bps;
    }
};

bool goes_before(const Class& one, const Class& other) {
    if (one.is_screen != other.is_screen) return one.is_screen;
    return one.ladder.front().bps > other.ladder.front().bps;
}

Encoding encoding_of(const Picture& picture, const Rung& rung) {
    return {true, static_cast<std::uint32_t>(rung.bps), rung.scale_permille, rung.frame_rate,
            picture.is_screen ? Preference::detail : Preference::motion};
}

/// What is hidden costs nothing, whatever it would be sent like.
Encoding hidden(const Picture& picture, const Demand& demand) {
    const Rung rung =
        ladder_of({picture.connection, picture.slot, picture.is_screen, {}}, demand).back();
    Encoding encoding = encoding_of(picture, rung);
    encoding.active = false;
    return encoding;
}

/// Climbs as far as the uplink carries it; returns what all takes then.
std::int64_t climb(Class& each, std::int64_t taken, const std::optional<std::int64_t>& uplink_bps,
                   std::optional<std::int64_t>& next_bps) {
    while (each.at > 0) {
        const std::int64_t higher = taken - each.bps(each.at) + each.bps(each.at - 1);
        if (uplink_bps && higher > *uplink_bps) {
            next_bps = next_bps ? std::min(*next_bps, higher) : higher;
            break;
        }
        --each.at;
        taken = higher;
    }
    return taken;
}

std::vector<Class> classes_of(const Demand& demand) {
    std::vector<Class> classes;
    for (std::size_t i = 0; i < demand.pictures.size(); ++i) {
        const Picture& picture = demand.pictures[i];
        Ladder ladder = ladder_of(picture, demand);
        if (ladder.empty()) continue;
        const auto found = std::find_if(classes.begin(), classes.end(), [&](const Class& each) {
            return each.is_screen == picture.is_screen && each.ladder == ladder;
        });
        if (found != classes.end()) {
            found->pictures.push_back(i);
        } else {
            const std::size_t lowest = ladder.size() - 1;
            Class made{picture.is_screen, std::move(ladder), {i}, lowest};
            const auto place = std::upper_bound(classes.begin(), classes.end(), made, goes_before);
            classes.insert(place, std::move(made));
        }
    }
    return classes;
}

}  // namespace

MeshBandwidth mesh_bandwidth(std::int64_t participants, std::int64_t kbps) {
    const std::int64_t others = std::max<std::int64_t>(participants - 1, 0);
    const std::int64_t one_way = others * kbps;
    return {participants * others / 2, one_way, one_way, participants * one_way};
}

std::int64_t worth_bps(const Capture& picture) {
    const std::int64_t pixels =
        std::int64_t{picture.size.width} * picture.size.height * picture.frame_rate;
    if (pixels <= kWorths.front().pixels_per_second) return kWorths.front().bps;
    std::size_t above = 1;
    while (above + 1 < kWorths.size() && pixels > kWorths[above].pixels_per_second) ++above;
    const Worth& low = kWorths[above - 1];
    const Worth& high = kWorths[above];
    const std::int64_t bps = low.bps + (pixels - low.pixels_per_second) * (high.bps - low.bps) /
                                           (high.pixels_per_second - low.pixels_per_second);
    return std::min((bps + kGrainBps / 2) / kGrainBps * kGrainBps, kMostBps);
}

Division divide(const std::optional<std::int64_t>& uplink_bps, const Demand& demand) {
    std::vector<Class> classes = classes_of(demand);
    Division division;
    division.wanted_bps = division.least_bps = demand.voices * kVoiceBps;
    for (const Class& each : classes) {
        division.wanted_bps += each.bps(0);
        division.least_bps += each.bps(each.at);
    }
    std::int64_t taken = division.least_bps;
    for (Class& each : classes) taken = climb(each, taken, uplink_bps, division.next_bps);
    for (const Picture& picture : demand.pictures)
        division.encodings.push_back(is_hidden(picture) ? hidden(picture, demand) : Encoding{});
    for (const Class& each : classes)
        for (const std::size_t i : each.pictures)
            division.encodings[i] = encoding_of(demand.pictures[i], each.ladder[each.at]);
    return division;
}

}  // namespace dvmeet
