// What a person sees of a meeting, as one value.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "dvmeet/error.hpp"
#include "dvmeet/types.hpp"

namespace dvmeet {

enum class MeetingState : std::uint8_t { idle, joining, joined, reconnecting, left };
template <>
inline constexpr auto kNames<MeetingState> =
    std::array<std::string_view, 5>{"idle", "joining", "joined", "reconnecting", "left"};

/// A tile's connection, for people: fewer states than the browser's.
enum class TileState : std::uint8_t { fresh, connecting, connected, reconnecting, failed };
template <>
inline constexpr auto kNames<TileState> =
    std::array<std::string_view, 5>{"new", "connecting", "connected", "reconnecting", "failed"};

/// How well a participant is connected, best first; the rule stands in src/stats.cpp.
enum class Quality : std::uint8_t { unknown, excellent, good, poor, lost };
template <>
inline constexpr auto kNames<Quality> =
    std::array<std::string_view, 5>{"unknown", "excellent", "good", "poor", "lost"};

enum class SlotState : std::uint8_t { off, starting, on, failed };
template <>
inline constexpr auto kNames<SlotState> =
    std::array<std::string_view, 4>{"off", "starting", "on", "failed"};

enum class ChatState : std::uint8_t { sending, sent, failed };
template <>
inline constexpr auto kNames<ChatState> =
    std::array<std::string_view, 3>{"sending", "sent", "failed"};

/// One of the person's own slots: wish and reality.
struct SlotView {
    bool wanted = false;
    SlotState state = SlotState::off;
    std::optional<PlatformError> error;
    bool muted = false;  ///< on, but its device has given nothing for a while
    static constexpr auto fields() {
        return std::tuple{field("wanted", &SlotView::wanted), field("state", &SlotView::state),
                          field("error", &SlotView::error), field("muted", &SlotView::muted)};
    }
    bool operator==(const SlotView&) const = default;
};

struct SelfView {
    ParticipantId id;  ///< empty before joining
    std::string name;
    SlotView microphone;
    SlotView camera;
    SlotView screen;
    static constexpr auto fields() {
        return std::tuple{field("id", &SelfView::id, Text{0, 64}),
                          field("name", &SelfView::name, Text{0, 256}),
                          field("microphone", &SelfView::microphone),
                          field("camera", &SelfView::camera), field("screen", &SelfView::screen)};
    }
    bool operator==(const SelfView&) const = default;
};

struct ParticipantView {
    ParticipantId id;
    std::string name;
    bool is_self = false;
    bool muted = false;
    bool video_off = false;
    bool sharing = false;
    bool has_screen = false;      ///< the shared screen comes in a slot of its own
    bool signaling_lost = false;  ///< the server has given it up, its media still flows
    TileState connection = TileState::fresh;
    std::optional<Failure> error;
    Quality quality = Quality::unknown;  ///< known while somebody looks at figures
    static constexpr auto fields() {
        return std::tuple{field("id", &ParticipantView::id, Text{0, 64}),
                          field("name", &ParticipantView::name, Text{0, 256}),
                          field("isSelf", &ParticipantView::is_self),
                          field("muted", &ParticipantView::muted),
                          field("videoOff", &ParticipantView::video_off),
                          field("sharing", &ParticipantView::sharing),
                          field("hasScreen", &ParticipantView::has_screen),
                          field("signalingLost", &ParticipantView::signaling_lost),
                          field("connection", &ParticipantView::connection),
                          field("error", &ParticipantView::error),
                          field("quality", &ParticipantView::quality)};
    }
    bool operator==(const ParticipantView&) const = default;
};

/// One cell of the connectivity matrix.
struct LinkView {
    ParticipantId receiver;
    ParticipantId sender;
    bool receives = false;
    static constexpr auto fields() {
        return std::tuple{field("receiver", &LinkView::receiver, kIdText),
                          field("sender", &LinkView::sender, kIdText),
                          field("receives", &LinkView::receives)};
    }
    bool operator==(const LinkView&) const = default;
};

struct Warning {
    ErrorCode code = ErrorCode::out_of_place;
    std::string detail;
    ParticipantId participant_id;
    static constexpr auto fields() {
        return std::tuple{field("code", &Warning::code),
                          field("detail", &Warning::detail, kSentenceText),
                          field("participantId", &Warning::participant_id, Text{0, 64})};
    }
    bool operator==(const Warning&) const = default;
};

/// What is sent altogether, and what may be.
struct BudgetView {
    std::optional<std::int64_t> uplink_bps;  ///< absent: nothing speaks for a limit yet
    std::int64_t wanted_bps = 0;             ///< for all voices, and all pictures as they are shown
    bool limited = false;                    ///< pictures are sent smaller than they are shown
    static constexpr auto fields() {
        constexpr Integer kBitsPerSecond{0, 9'007'199'254'740'991};
        return std::tuple{field("uplinkBps", &BudgetView::uplink_bps, kBitsPerSecond),
                          field("wantedBps", &BudgetView::wanted_bps, kBitsPerSecond),
                          field("limited", &BudgetView::limited)};
    }
    bool operator==(const BudgetView&) const = default;
};

struct ChatView {
    std::string id;         ///< the author's choice: others may have used the same one
    ParticipantId from_id;  ///< the server's word; empty: it says nothing of the author
    std::string sender;
    std::string text;
    std::string time;
    bool own = false;
    ChatState state = ChatState::sent;
    bool earlier = false;  ///< said before we came, and told as history
    static constexpr auto fields() {
        return std::tuple{field("id", &ChatView::id, kMessageIdText),
                          field("fromId", &ChatView::from_id, Text{0, 64}),
                          field("sender", &ChatView::sender, Text{0, 256}),
                          field("text", &ChatView::text, Text{1, 16'384}),
                          field("time", &ChatView::time, Text{0, 256}),
                          field("own", &ChatView::own),
                          field("state", &ChatView::state),
                          field("earlier", &ChatView::earlier)};
    }
    bool operator==(const ChatView&) const = default;
};

struct Snapshot {
    std::string room;
    MeetingState connection = MeetingState::idle;
    SelfView self;
    std::vector<ParticipantView> participants;  ///< self first, then in order of arrival
    ParticipantId active_speaker;               ///< empty: nobody, or nobody looks
    std::vector<LinkView> links;                ///< the cells somebody has reported
    std::vector<Warning> warnings;
    BudgetView budget;
    std::vector<ChatView> chat;  ///< the latest 200, oldest first
    static constexpr auto fields() {
        return std::tuple{
            field("room", &Snapshot::room, Text{0, 256}),
            field("connection", &Snapshot::connection),
            field("self", &Snapshot::self),
            field("participants", &Snapshot::participants, List{kMaxParticipants}),
            field("activeSpeaker", &Snapshot::active_speaker, Text{0, 64}),
            field("links", &Snapshot::links, List{kMaxParticipants * kMaxParticipants}),
            field("warnings", &Snapshot::warnings, List{kMaxParticipants}),
            extension("budget", &Snapshot::budget),
            field("chat", &Snapshot::chat, List{200})};
    }
    bool operator==(const Snapshot&) const = default;
};

}  // namespace dvmeet
