// Turns a fuzzer's input into events, plausible and not.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "described.hpp"
#include "page.hpp"

namespace dvmeet::fuzz {

/// A text of steps: a letter of kSteps and the few characters it takes.
///
/// Shape:  blanks and line ends between steps are passed over, as is `# prose` up to the end of
///         its line.  A character read as a number is a hexadecimal digit, or else its byte's
///         value.  One that chooses among what there is (connections, operations, tracks) counts
///         around; where there is nothing, it makes something up.  Any other byte than a known
///         letter stands for one of them, so that every input is a story.
///         Besides events: `1` and `2` give the turn to Ana or Bob; `t DELAY` lets time go on,
///         `b DELAY` backwards, `Z` up to the time asked for.
class Story {
public:
    Story(const std::uint8_t* data, std::size_t size) : bytes_{data, size} {}

    [[nodiscard]] bool is_over() const { return bytes_.empty(); }
    /// The next step as an event for the page whose turn it is; nothing where it was none.
    std::optional<Event> next(std::array<Page, 2>& pages);
    [[nodiscard]] Page& page() const { return *page_; }
    [[nodiscard]] Page& other() const { return *other_; }
    [[nodiscard]] TimeMs now() const { return now_; }

private:
    using Step = Event (Story::*)();
    [[nodiscard]] static Step step_of(std::uint8_t letter);
    bool move_clock(std::uint8_t letter);
    void skip_line();

    // The person.
    Event join() { return JoinRequested{"standup", page_->id}; }
    Event leave() { return LeaveRequested{}; }
    Event rename() { return RenameRequested{"name" + std::to_string(number() % 4)}; }
    Event reconnect();
    Event size_tile();
    Event watch() { return StatsWatched{number() % 2 == 1}; }
    Event wish();
    Event submit_chat() { return ChatSubmitted{"hello", "12:00"}; }
    // Local media.
    Event acquire_all();
    Event acquire_some();
    Event fail_media();
    Event end_track();
    Event mute_track();
    Event change_devices();
    Event constrain();
    // Signaling.
    Event open_signaling();
    Event close_signaling() { return SignalingClosed{"transport close"}; }
    Event answer_join();
    Event welcome();
    Event refuse_join();
    Event acknowledge();
    Event list();
    Event users();
    Event announce();
    Event depart() { return SignalReceived{wire::UserLeft{{them()}}}; }
    Event depart_too() { return SignalReceived{wire::ParticipantLeft{{them()}}}; }
    Event offer();
    Event answer();
    Event candidate();
    Event ice_restart();
    Event media_state();
    Event share();
    Event retry_chat();
    Event chat();
    Event refuse();
    Event reject() { return SignalRejected{"offer", them(), "sdp", "is missing"}; }
    Event mail();
    Event old_mail();
    // Connections.
    Event need() { return NegotiationNeeded{connection().id}; }
    Event set_local();
    Event set_remote();
    Event finish();
    Event fail();
    Event gather();
    Event change_state();
    Event open_channel() { return ChannelOpened{connection().id}; }
    Event close_channel() { return ChannelClosed{connection().id}; }
    Event say_goodbye() { return ChannelReceived{connection().id, channel::Goodbye{}}; }
    Event ping();
    Event forward();
    Event tell_links();
    Event tell_sizes();
    Event sample();
    Event hear();
    Event fail_candidate();
    Event fail_action();
    // The network, time, and anything.
    Event change_network() { return NetworkChanged{}; }
    Event show_page() { return PageShown{}; }
    Event pass_time() { return TimePassed{}; }
    Event repeat() { return page_->last; }
    Event anything() { return made<Event>(bytes_); }

    std::uint8_t number();
    ParticipantId them();
    PlatformError refusal();
    Ledger::Connection connection();
    OperationId operation(const Ledger::Connection& of);
    Ledger::Request request();
    OperationId join_operation();
    [[nodiscard]] std::vector<OperationId> asked(bool joins) const;
    wire::Generations generations(const ParticipantId& from);
    SessionDescription description(SdpType type, const std::string& whose);
    std::optional<IceCandidate> ice_candidate(const std::string& whose);
    wire::DescriptionFrom described(SdpType type);
    std::vector<TransceiverInfo> transceivers(const Ledger::Connection& of);
    std::vector<wire::Entry> entries();

    Bytes bytes_;
    TimeMs now_ = 1000;
    Page* page_ = nullptr;
    Page* other_ = nullptr;
};

}  // namespace dvmeet::fuzz
