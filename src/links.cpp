// The connectivity matrix: who really receives whom, as all participants tell each other.
#include "links.hpp"

#include <algorithm>
#include <utility>

namespace dvmeet {

std::optional<channel::LinkRow> Links::observe(const ParticipantId& self,
                                               std::vector<ParticipantId> senders) {
    std::sort(senders.begin(), senders.end());
    auto& row = rows_[self];
    if (row.version > 0 && row.senders == senders) return std::nullopt;
    row = {self, row.version + 1, std::move(senders)};
    return row;
}

std::vector<channel::LinkRow> Links::learn(const ParticipantId& self,
                                           const channel::LinkStates& heard) {
    std::vector<channel::LinkRow> news;
    for (const auto& row : heard.rows) {
        if (row.receiver == self) continue;
        const auto known = rows_.find(row.receiver);
        if (known == rows_.end() && rows_.size() >= kMaxParticipants) continue;
        if (known != rows_.end() && known->second.version >= row.version) continue;
        auto& kept = rows_[row.receiver] = row;
        std::sort(kept.senders.begin(), kept.senders.end());
        news.push_back(kept);
    }
    return news;
}

void Links::keep(const Present& present) {
    std::erase_if(rows_, [&](const auto& each) {
        return !std::binary_search(present.begin(), present.end(), each.first);
    });
}

const channel::LinkRow* Links::find(const ParticipantId& receiver) const {
    const auto found = rows_.find(receiver);
    return found == rows_.end() ? nullptr : &found->second;
}

bool Links::hears(const ParticipantId& receiver, const ParticipantId& sender) const {
    const auto* const row = find(receiver);
    return row != nullptr && std::binary_search(row->senders.begin(), row->senders.end(), sender);
}

void Links::forget(const ParticipantId& id) { rows_.erase(id); }

std::vector<LinkView> Links::view(const Present& present) const {
    std::vector<LinkView> cells;
    cells.reserve(rows_.size() * present.size());
    for (const auto& [receiver, row] : rows_) {
        if (!std::binary_search(present.begin(), present.end(), receiver)) continue;
        auto next = row.senders.begin();  // both are sorted
        for (const std::string_view sender : present) {
            while (next != row.senders.end() && *next < sender) ++next;
            const bool receives = next != row.senders.end() && *next == sender;
            if (sender != receiver) cells.push_back({receiver, ParticipantId{sender}, receives});
        }
    }
    return cells;
}

}  // namespace dvmeet
