// Who speaks: one active speaker, by how loud everybody is.
#include "speakers.hpp"

#include <algorithm>

namespace dvmeet {

namespace {
std::int64_t smoothed(std::int64_t before, std::int64_t now) {
    return now > before ? (before + now) / 2 : std::max(now, before * 4 / 5);
}
}  // namespace

void Speakers::take(const std::vector<Voice>& voices, Turn& turn) {
    std::map<ParticipantId, Heard> now;
    for (const Voice& voice : voices) {
        const auto known = heard_.find(voice.id);
        Heard heard = known == heard_.end() ? Heard{} : known->second;
        heard.level = smoothed(heard.level, voice.level);
        heard.speaks = heard.level >= (heard.speaks ? kEndsAt : kBeginsAt);
        if (heard.speaks) heard.spoke_at = turn.now;
        now.emplace(voice.id, heard);
    }
    heard_ = std::move(now);
    ParticipantId chosen = choose(turn.now);
    turn.changed = turn.changed || chosen != active_;
    active_ = std::move(chosen);
}

ParticipantId Speakers::choose(TimeMs now) const {
    const auto known = heard_.find(active_);
    const TimeMs silent_ms = known == heard_.end() ? kHoldMs : now - known->second.spoke_at;
    if (silent_ms < kPauseMs) return active_;
    const auto loudest =
        std::max_element(heard_.begin(), heard_.end(), [](const auto& one, const auto& other) {
            const auto rank = [](const Heard& each) { return each.speaks ? each.level : -1; };
            return rank(one.second) < rank(other.second);
        });
    if (loudest != heard_.end() && loudest->second.speaks) return loudest->first;
    return silent_ms < kHoldMs ? active_ : ParticipantId{};
}

void Speakers::clear(Turn& turn) {
    turn.changed = turn.changed || !active_.empty();
    heard_.clear();
    active_.clear();
}

}  // namespace dvmeet
