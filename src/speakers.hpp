// Who speaks: one active speaker, by how loud everybody is.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include "turn.hpp"

namespace dvmeet {

/// How loud one participant is at a moment.
struct Voice {
    ParticipantId id;
    std::int64_t level = 0;  ///< permille of full scale
};

/// The active speaker is whose voice began first and goes on; pauses for breath don't end it.
///
/// Shape:  a smoothed level for each voice, which rises by half the way and falls by a fifth with
///         each sample.  A voice begins at kBeginsAt and ends below kEndsAt.
/// Order:  who speaks keeps the floor while others speak as well; silent for kPauseMs, it goes to
///         the loudest of those; after kHoldMs of silence of all it is nobody's.
/// Why:    a keystroke is shorter than a word, a word shorter than a turn; an outline that jumps
///         at each is worse than none.
class Speakers {
public:
    static constexpr std::int64_t kBeginsAt = 30;  ///< some -30 dBov: speech, not breath
    static constexpr std::int64_t kEndsAt = 15;
    static constexpr TimeMs kPauseMs = 600;
    static constexpr TimeMs kHoldMs = 2'000;

    /// All who can be heard now; whoever is not among them is silent.
    void take(const std::vector<Voice>& voices, Turn& turn);
    void clear(Turn& turn);
    /// Empty: nobody.
    [[nodiscard]] const ParticipantId& active() const { return active_; }
    [[nodiscard]] auto members() const { return std::tie(heard_, active_); }
    bool operator==(const Speakers&) const = default;

private:
    struct Heard {
        std::int64_t level = 0;
        bool speaks = false;
        TimeMs spoke_at = 0;
        [[nodiscard]] auto members() const { return std::tie(level, speaks, spoke_at); }
        bool operator==(const Heard&) const = default;
    };
    [[nodiscard]] ParticipantId choose(TimeMs now) const;

    std::map<ParticipantId, Heard> heard_;
    ParticipantId active_;
};

}  // namespace dvmeet
