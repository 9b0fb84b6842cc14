// What is known of all pairs while somebody looks: figures, levels, and who speaks.
#include "mesh.hpp"

namespace dvmeet {

void Mesh::handle(const StatsWatched& event, Turn& turn) {
    watched_ = event.on;
    stats_at_.reset();
    audio_at_.reset();
    if (!watched_) {
        turn.changed = turn.changed || !stats_.empty();
        stats_.clear();
        speakers_.clear(turn);
    }
    watch_soon(turn);
}

void Mesh::watch_soon(Turn& turn) {
    if (!is_anybody_connected()) return;
    if (wants_details(turn.config)) stats_at_ = turn.now;
    if (watched_ && !audio_at_) audio_at_ = turn.now;
}

void Mesh::note_stats(const ParticipantId& id, const StatsSampled& event, const Peer& peer,
                      Turn& turn) {
    if (stats_[id].take(event, peer.is_received(), turn)) turn.act(AnnounceStats{id});
}

/// The last level of a path that is dead stays as it was; who is off says nothing.
void Mesh::handle(const AudioSampled& event, const Context& context, Turn& turn) {
    if (!watched_) return;
    std::vector<Voice> voices;
    if (event.own && context.media.is_on(Slot::microphone))
        voices.push_back({context.self, *event.own});
    for (const AudioLevel& each : event.levels) {
        const auto* const found = owner(each.connection);
        if (found == nullptr || found->second.tile() != TileState::connected) continue;
        const Participant* them = roster_.find(found->first);
        if (them != nullptr && !them->muted) voices.push_back({found->first, each.level});
    }
    speakers_.take(voices, turn);
}

Quality Mesh::quality_of(const ParticipantId& id, TileState tile) const {
    if (tile == TileState::failed || tile == TileState::reconnecting) return Quality::lost;
    const auto found = stats_.find(id);
    const bool is_known = tile == TileState::connected && found != stats_.end();
    return is_known ? found->second.quality() : Quality::unknown;
}

std::optional<StatsView> Mesh::stats(const ParticipantId& id,
                                     const std::vector<IceServer>& ice_servers) const {
    const auto peer = peers_.find(id);
    if (peer == peers_.end()) return std::nullopt;
    const auto found = stats_.find(id);
    StatsView view = found == stats_.end() ? StatsView{} : found->second.view();
    view.quality = quality_of(id, peer->second.tile());
    view.path = peer->second.path(ice_servers);
    return view;
}

}  // namespace dvmeet
