// Keeps remote candidates until the description of their ICE generation is set.
#include "candidate_queue.hpp"

#include "decimal.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace dvmeet {

namespace {
/// Past generations remembered to tell late candidates from early ones: far more ICE restarts
/// than happen while a candidate is under way.
constexpr std::size_t kMaxGone = 32;

std::string ufrag_of(const std::optional<IceCandidate>& candidate) {
    return candidate ? dvmeet::ufrag_of(*candidate) : std::string{};
}
}  // namespace

bool CandidateQueue::accept(const std::optional<IceCandidate>& candidate, Turn& turn,
                            std::optional<ConnectionId> generation) {
    Waiting item{ufrag_of(candidate), candidate, generation, expected_,
                 turn.now + turn.config.candidate_wait_ms};
    const bool unnamed = item.ufrag.empty();
    const bool settled = expected_ == settled_;
    if (unnamed ? (ignoring_ && settled) || is_older(item) : is_gone(item.ufrag)) {
        turn.report(Level::debug, ErrorCode::stale_message,
                    "a candidate of a generation that is gone");
        return false;
    }
    const bool fits =
        unnamed ? settled && !is_newer(item) : current_ && current_->has_ufrag(item.ufrag);
    if (current_ && fits) return true;
    if (waiting_.size() >= turn.config.candidate_capacity) drop_oldest(turn);
    waiting_.push_back(std::move(item));
    return false;
}

bool CandidateQueue::is_older(const Waiting& item) const {
    return item.ufrag.empty() && item.generation && generation_ && *item.generation < *generation_;
}

bool CandidateQueue::is_newer(const Waiting& item) const {
    return item.ufrag.empty() && item.generation && generation_ && *item.generation > *generation_;
}

std::vector<std::optional<IceCandidate>> CandidateQueue::release(
    const SdpFacts& facts, Turn& turn, std::optional<ConnectionId> generation) {
    if (current_) {
        for (const auto& ufrag : current_->ufrags)
            if (!facts.has_ufrag(ufrag)) retire(ufrag);
    }
    for (const auto& ufrag : facts.ufrags) std::erase(gone_, ufrag);
    current_ = facts;
    if (generation) generation_ = generation;
    ++settled_;
    ignoring_ = false;
    std::vector<std::optional<IceCandidate>> released;
    std::vector<Waiting> later;
    for (auto& item : waiting_) {
        const bool mine = item.ufrag.empty()
                              ? item.round <= settled_ && !is_newer(item) && !is_older(item)
                              : facts.has_ufrag(item.ufrag);
        if (mine) {
            released.push_back(std::move(item.candidate));
        } else {
            later.push_back(std::move(item));
        }
    }
    waiting_ = std::move(later);
    drop_gone(turn);
    return released;
}

void CandidateQueue::ignore(const SdpFacts& facts, Turn& turn) {
    for (const auto& ufrag : facts.ufrags) {
        const bool in_use = current_ && current_->has_ufrag(ufrag);
        if (!in_use) retire(ufrag);
    }
    ++settled_;
    ignoring_ = true;
    drop_gone(turn);
}

void CandidateQueue::restart(Turn& turn) {
    if (current_) {
        for (const auto& ufrag : current_->ufrags) retire(ufrag);
        current_.reset();
    }
    settled_ = expected_;
    ignoring_ = true;
    drop_gone(turn);
    ignoring_ = false;
}

void CandidateQueue::expire(Turn& turn) {
    while (!waiting_.empty() && waiting_.front().until <= turn.now) {
        turn.report(Level::info, ErrorCode::stale_message,
                    "a candidate waited too long for its description");
        waiting_.erase(waiting_.begin());
    }
}

bool CandidateQueue::is_gone(const std::string& ufrag) const {
    return std::find(gone_.begin(), gone_.end(), ufrag) != gone_.end();
}

void CandidateQueue::retire(const std::string& ufrag) {
    if (is_gone(ufrag)) return;
    gone_.push_back(ufrag);
    if (gone_.size() > kMaxGone) gone_.erase(gone_.begin());
}

void CandidateQueue::drop_gone(Turn& turn) {
    const std::size_t dropped = std::erase_if(waiting_, [&](const Waiting& item) {
        const bool was_ignored = ignoring_ && item.round <= settled_;
        return item.ufrag.empty() ? was_ignored || is_older(item) : is_gone(item.ufrag);
    });
    if (dropped > 0)
        turn.report(Level::debug, ErrorCode::stale_message,
                    decimal(static_cast<std::int64_t>(dropped)) +
                        " candidates of a generation that is gone");
}

/// The oldest generation is the one of the candidate that came first; its candidates go in the
/// order they came, so that the head of the queue is always the next.
void CandidateQueue::drop_oldest(Turn& turn) {
    turn.report(Level::warn, ErrorCode::queue_full,
                "more than " + decimal(turn.config.candidate_capacity) +
                    " candidates wait for a description; the oldest is dropped");
    if (!dropping_.empty()) {
        const auto next = std::find_if(waiting_.begin(), waiting_.end(), [&](const Waiting& item) {
            return item.ufrag == dropping_;
        });
        if (next != waiting_.end()) {
            waiting_.erase(next);
            return;
        }
    }
    dropping_ = waiting_.front().ufrag;
    waiting_.erase(waiting_.begin());
}

}  // namespace dvmeet
