// How large and how often each picture is taken and sent.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "budget.hpp"
#include "dvmeet/event.hpp"
#include "dvmeet/snapshot.hpp"
#include "dvmeet/stats_view.hpp"
#include "local_media.hpp"
#include "turn.hpp"
#include "uplink.hpp"

namespace dvmeet {

/// Converges the camera to the room's size, and what is sent to what is shown and what the uplink
/// carries.
///
/// Shape:  one Encoding for each picture of each connection; the last sample of each connection;
///         one estimate of the uplink, which they share.
/// Order:  one SetEncoding at a time for each picture, and none that is the same as the last.
///         Readings of a round count when the next one begins.
/// Errors: a size that the browser refuses, or an encoding that it refuses kMostRefusals times, is
///         reported and not asked for again until another one is wanted.
/// Why:    what congestion looks like differs from browser to browser: loss and delay in all, what
///         the encoder is held back by in some.  How large somebody's picture may be is for the
///         sender to say, who alone knows what else goes over its uplink.
class QualityControl {
public:
    static constexpr std::uint32_t kMostRefusals = 3;

    /// What is sent where, before it is divided.
    struct Sending {
        std::uint32_t voices = 0;
        std::vector<Picture> pictures;
        std::vector<ConnectionId> connections;  ///< all there are
    };

    /// Lets our own camera give what fits a room of so many people.
    void constrain(const LocalMedia& media, std::size_t people, Turn& turn);
    /// Announces the budget where it is another one than before.
    void adapt(const Sending& sending, Turn& turn);
    /// The round of samples is over.
    void conclude(TimeMs now);

    void take(const StatsSampled& event, TimeMs now);
    /// The next sample of this connection begins anew.
    void forget(ConnectionId connection) { sources_.erase(connection); }
    void handle(const ConstraintsApplied& event);
    void handle(const ConstraintsFailed& event, Turn& turn);
    /// A SetEncoding of ours is done; returns false for operations of others.
    bool complete(ConnectionId connection, OperationId op);
    enum class Refusal : std::uint8_t { of_others, tried_again, final };
    /// It was refused.
    /// Why: a sender that its connection is just about to change refuses whatever it is told.
    [[nodiscard]] Refusal refuse(ConnectionId connection, OperationId op);
    /// Another network: what was learnt of the former one is void.
    void reset_uplink() { uplink_.reset(); }
    void clear();

    [[nodiscard]] bool has_pictures() const { return !demand_.pictures.empty(); }
    [[nodiscard]] BudgetView view(const Config& config) const;
    [[nodiscard]] auto members() const {
        return std::tie(constrained_, camera_, demand_, divided_bps_, division_, shown_, sent_,
                        sources_, uplink_, relief_);
    }
    bool operator==(const QualityControl&) const = default;

private:
    struct Constrained {
        TrackId track;
        CaptureRow row;
        [[nodiscard]] auto members() const { return std::tie(track, row); }
        bool operator==(const Constrained&) const = default;
    };
    struct Sent {
        Encoding encoding;
        OperationId setting = 0;     ///< 0: nothing under way
        std::uint32_t refusals = 0;  ///< in a row, of this encoding
        bool is_missing = false;     ///< refused, and not given up
        [[nodiscard]] auto members() const {
            return std::tie(encoding, setting, refusals, is_missing);
        }
        bool operator==(const Sent&) const = default;
    };
    /// One connection, as its samples tell.
    struct Source {
        TimeMs at = 0;  ///< of the last sample, on the browser's clock
        std::vector<OutboundStats> sent;
        std::int64_t allowed_bps = 0;  ///< for its pictures, when it was sampled last
        TimeMs allowed_at = 0;         ///< since when that much is
        Count least_round_trip_us;
        std::optional<Reading> reading;  ///< of the present round
        [[nodiscard]] auto members() const {
            return std::tie(at, sent, allowed_bps, allowed_at, least_round_trip_us, reading);
        }
        bool operator==(const Source&) const = default;
    };

    [[nodiscard]] std::optional<std::int64_t> uplink_bps(const Config& config) const;
    [[nodiscard]] Capture camera() const;
    void divide_again(const Sending& sending, const Config& config);
    void set_encodings(Turn& turn);
    [[nodiscard]] Sent* under_way(ConnectionId connection, OperationId op);
    [[nodiscard]] std::int64_t allowed_bps(ConnectionId connection) const;
    [[nodiscard]] bool is_held_back(ConnectionId connection, const StatsSampled& event,
                                    const std::vector<FlowView>& flows) const;
    [[nodiscard]] Reading read(const StatsSampled& event, const std::vector<FlowView>& flows,
                               Source& source, TimeMs now) const;

    std::optional<Constrained> constrained_;
    std::optional<Capture> camera_;  ///< what the browser says that it gives
    Demand demand_;
    std::optional<std::int64_t> divided_bps_;  ///< the uplink that the division is of
    Division division_;
    BudgetView shown_;  ///< as it was announced last
    std::map<std::pair<ConnectionId, Slot>, Sent> sent_;
    std::map<ConnectionId, Source> sources_;
    Uplink uplink_;
    Relief relief_;
};

/// What a camera is asked for in a room of so many people; nullptr: nothing.
[[nodiscard]] const CaptureRow* capture_row(const Config& config, std::size_t people);

}  // namespace dvmeet
