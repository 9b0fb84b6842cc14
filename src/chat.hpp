// The meeting's chat: each message once, in the order it came.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "dvmeet/event.hpp"
#include "dvmeet/snapshot.hpp"
#include "turn.hpp"

namespace dvmeet {

/// Shape:  keeps the latest kCapacity messages.
/// Order:  one of our own is `sending` until the server answers; a socket that is lost in between
///         costs nothing, since the server takes each id of an author once.  They go out in their
///         order, kMostAWindow in kWindowMs: what was written while the server was away would
///         come faster than servers let anybody write.
/// Errors: a message that is here already is dropped.  Ids are the authors' own, and can be
///         guessed: one of another author is another message, whatever its id.  The author is whom
///         the server names; the server may name one anew whom it has forgotten, and a plain one
///         names nobody, so the same words under the same id and name are the same message, too.
class Chat {
public:
    static constexpr std::size_t kCapacity =
        200;  ///< a screenful of scrolling; snapshots stay small
    static constexpr std::uint32_t kMostAWindow = 5;
    static constexpr TimeMs kWindowMs = 1'000;
    /// A message that was too much for the server so often in a row has failed.
    static constexpr std::uint32_t kMostDelays = 10;

    /// Appends one of our own, which waits to go out unless it has failed already.
    void submit(const ChatSubmitted& event, const ParticipantId& self, const std::string& name,
                ChatState state, Turn& turn);
    void receive(const wire::NewMessage& message, const std::string& known_name, Turn& turn);
    /// One of our own that has failed waits to go out again, behind what was said meanwhile; where
    /// there is no such message, that is reported.
    void retry(const ChatRetried& event, const ParticipantId& self, Turn& turn);
    /// Those of our own whose turn it is, oldest first.
    [[nodiscard]] std::vector<wire::NewMessage> take_due(TimeMs now);
    [[nodiscard]] Deadline deadline() const;
    /// One of our own is on its way; the server will answer `op`.
    void await(const std::string& id, OperationId op);
    void handle(const ChatAnswered& event, Turn& turn);
    /// What the server has not taken yet goes out anew.
    void send_again();
    /// Nothing that is on its way will get there any more.
    void fail_unsent(Turn& turn);
    /// What was said before we came is not ours to miss.
    void begin_after(std::optional<std::string> id) { before_ = std::move(id); }
    /// The newest message of the room that is here or came before us.
    [[nodiscard]] std::optional<std::string> newest() const;
    void clear() {
        before_.reset();
        messages_.clear();
        waiting_.clear();
        awaited_.clear();
    }
    [[nodiscard]] std::vector<ChatView> view() const {
        return {messages_.begin(), messages_.end()};
    }
    [[nodiscard]] auto members() const {
        return std::tie(messages_, before_, waiting_, awaited_, window_from_, in_window_, delays_);
    }
    bool operator==(const Chat&) const = default;

private:
    void append(ChatView message, Turn& turn);
    void wait_again(std::vector<ChatView>::iterator message);
    [[nodiscard]] std::vector<ChatView>::iterator own(const std::string& id);
    std::vector<ChatView> messages_;
    std::optional<std::string> before_;
    std::vector<std::string> waiting_;            ///< to go out, oldest first
    std::map<OperationId, std::string> awaited_;  ///< which message an answer is about
    TimeMs window_from_ = 0;
    std::uint32_t in_window_ = 0;  ///< sent since then
    std::uint32_t delays_ = 0;     ///< too much for the server, in a row
};

}  // namespace dvmeet
