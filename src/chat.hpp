// The meeting's chat: each message once, in the order it came.
#pragma once

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
///         costs nothing, since the server takes each id of an author once.
/// Errors: a message that is here already is dropped.  Ids are the authors' own, and can be
///         guessed: one of another author is another message, whatever its id.  The author is whom
///         the server names; the server may name one anew whom it has forgotten, and a plain one
///         names nobody, so the same words under the same id and name are the same message, too.
class Chat {
public:
    static constexpr std::size_t kCapacity =
        200;  ///< a screenful of scrolling; snapshots stay small

    /// Appends one of our own; returns the message to send.
    wire::NewMessage submit(const ChatSubmitted& event, const ParticipantId& self,
                            const std::string& name, ChatState state, Turn& turn);
    void receive(const wire::NewMessage& message, const std::string& known_name, Turn& turn);
    /// One of our own that has failed is under way again, behind what was said meanwhile; nothing,
    /// reported, where there is no such message.
    std::optional<wire::NewMessage> retry(const ChatRetried& event, const ParticipantId& self,
                                          Turn& turn);
    /// One of our own is on its way; the server will answer `op`.
    void await(const std::string& id, OperationId op);
    void handle(const ChatAnswered& event, Turn& turn);
    /// Those of our own that the server has not taken yet, oldest first.
    [[nodiscard]] std::vector<wire::NewMessage> unsent() const;
    /// Nothing that is on its way will get there any more.
    void fail_unsent(Turn& turn);
    /// What was said before we came is not ours to miss.
    void begin_after(std::optional<std::string> id) { before_ = std::move(id); }
    /// The newest message of the room that is here or came before us.
    [[nodiscard]] std::optional<std::string> newest() const;
    void clear() {
        before_.reset();
        messages_.clear();
        awaited_.clear();
    }
    [[nodiscard]] std::vector<ChatView> view() const {
        return {messages_.begin(), messages_.end()};
    }
    [[nodiscard]] auto members() const { return std::tie(messages_, before_, awaited_); }
    bool operator==(const Chat&) const = default;

private:
    void append(ChatView message, Turn& turn);
    [[nodiscard]] std::vector<ChatView>::iterator own(const std::string& id);
    std::vector<ChatView> messages_;
    std::optional<std::string> before_;
    std::map<OperationId, std::string> awaited_;  ///< which message an answer is about
};

}  // namespace dvmeet
