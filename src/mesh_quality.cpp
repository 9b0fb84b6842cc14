// What is shown where and what the uplink carries, brought together for all pairs of a room.
#include <utility>

#include "decimal.hpp"
#include "mesh.hpp"

namespace dvmeet {

namespace {
/// With one decimal, rounded.
std::string megabits(std::int64_t bps) {
    const std::int64_t tenths = (bps + 50'000) / 100'000;
    return decimal(tenths / 10) + "." + decimal(tenths % 10);
}
}  // namespace

void Mesh::handle(const TileSized& event, Turn& turn) {
    if (!peers_.contains(event.participant)) {
        turn.report(Level::debug, ErrorCode::unknown_participant,
                    "a tile of nobody here, or of ourselves", event.participant);
        return;
    }
    tiles_.handle(event, turn);
}

/// A line keeps its parameters while its connection is away, or its track is another one.
void Mesh::adapt(Turn& turn) {
    if (!turn.config.adapt) return;
    QualityControl::Sending sending;
    for (const auto& [id, each] : peers_) {
        sending.connections.push_back(each.connection());
        if (each.sent(Slot::microphone)) ++sending.voices;
        for (const Slot slot : {Slot::camera, Slot::screen}) {
            const auto track = each.sent(slot);
            if (!track) continue;
            const bool is_screen = track->slot == Slot::screen;
            sending.pictures.push_back(
                {each.connection(), slot, is_screen, tiles_.shown_by(id, slot)});
        }
    }
    quality_.adapt(sending, turn);
    if (!stats_at_ && quality_.has_pictures() && is_anybody_connected())
        stats_at_ = turn.now + turn.config.stats_period_ms;
}

void Mesh::tell_sizes(Turn& turn) {
    if (tiles_.empty()) return;
    for (const auto& [id, each] : peers_) {
        if (!each.channel_open()) continue;
        if (auto news = tiles_.news_for(id, turn.now)) each.send(*std::move(news), turn);
    }
}

std::optional<Warning> Mesh::uplink_warning(const Config& config) const {
    const BudgetView budget = quality_.view(config);
    const std::size_t people = roster_.all().size() + 1;
    const CaptureRow* const row = capture_row(config, people);
    if (!budget.limited || !budget.uplink_bps || row == nullptr) return std::nullopt;
    const std::int64_t each_bps =
        kVoiceBps + worth_bps({{row->width, row->height}, row->frame_rate});
    const auto count = static_cast<std::int64_t>(people);
    const std::int64_t up_bps = mesh_bandwidth(count, each_bps / 1000).up_kbps * 1000;
    if (up_bps <= *budget.uplink_bps) return std::nullopt;
    return Warning{ErrorCode::uplink_exceeded,
                   decimal(count) + " people would take " + megabits(up_bps) +
                       " Mbit/s up; this connection gives about " + megabits(*budget.uplink_bps) +
                       ". Voices go first, pictures are sent smaller.",
                   ""};
}

}  // namespace dvmeet
