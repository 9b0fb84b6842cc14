// The meeting's chat: each message once, in the order it came.
#pragma once

#include <string>
#include <vector>

#include "dvmeet/event.hpp"
#include "dvmeet/snapshot.hpp"
#include "turn.hpp"

namespace dvmeet {

/// Shape:  keeps the latest kCapacity messages.
/// Errors: a message that is here already is dropped; its author is whom the server names, where
///         it names one.
class Chat {
public:
    static constexpr std::size_t kCapacity =
        200;  ///< a screenful of scrolling; snapshots stay small

    /// Appends one of our own; returns the message to send.
    wire::NewMessage submit(const ChatSubmitted& event, const ParticipantId& self,
                            const std::string& name, ChatState state, Turn& turn);
    void receive(const wire::NewMessage& message, const std::string& known_name, Turn& turn);
    /// The server refused what we sent last.
    void refuse_last(Turn& turn);
    void clear() { messages_.clear(); }
    [[nodiscard]] std::vector<ChatView> view() const {
        return {messages_.begin(), messages_.end()};
    }
    bool operator==(const Chat&) const = default;

private:
    void append(ChatView message, Turn& turn);
    std::vector<ChatView> messages_;
};

}  // namespace dvmeet
