// The meeting's chat: each message once, in the order it came.
#include "chat.hpp"

#include "decimal.hpp"

#include <algorithm>
#include <utility>

namespace dvmeet {

wire::NewMessage Chat::submit(const ChatSubmitted& event, const ParticipantId& self,
                              const std::string& name, ChatState state, Turn& turn) {
    wire::NewMessage message;
    message.id = clipped(self, 40) + "-" + decimal(turn.next_operation());
    message.sender = name;
    message.time = event.time;
    message.text = event.text;
    append({message.id, self, name, event.text, event.time, true, state}, turn);
    return message;
}

void Chat::receive(const wire::NewMessage& message, const std::string& known_name, Turn& turn) {
    const bool known = std::any_of(messages_.begin(), messages_.end(),
                                   [&](const ChatView& each) { return each.id == message.id; });
    if (known) return;
    append(
        {message.id, message.from_id.value_or(""), known_name.empty() ? message.sender : known_name,
         message.text, message.time, false, ChatState::sent},
        turn);
    turn.act(AnnounceChat{message.id});
}

void Chat::await(const std::string& id, OperationId op) { awaited_[op] = id; }

void Chat::handle(const ChatAnswered& event, Turn& turn) {
    const auto awaited = awaited_.find(event.op);
    if (awaited == awaited_.end()) return;
    const auto found = std::find_if(messages_.begin(), messages_.end(), [&](const ChatView& each) {
        return each.id == awaited->second;
    });
    awaited_.erase(awaited);
    if (found == messages_.end()) return;
    found->state = event.answer.ok ? ChatState::sent : ChatState::failed;
    turn.changed = true;
    if (!event.answer.ok)
        turn.report(Level::warn, ErrorCode::server_error,
                    "The server refused a chat message (" + event.answer.code +
                        "): " + event.answer.message);
}

std::vector<wire::NewMessage> Chat::unsent() const {
    std::vector<wire::NewMessage> all;
    for (const ChatView& each : messages_)
        if (each.own && each.state == ChatState::sending)
            all.push_back({each.id, each.sender, each.time, each.text, std::nullopt});
    return all;
}

void Chat::fail_unsent(Turn& turn) {
    awaited_.clear();
    for (ChatView& each : messages_) {
        if (each.state != ChatState::sending) continue;
        each.state = ChatState::failed;
        turn.changed = true;
    }
}

std::optional<std::string> Chat::newest() const {
    const auto last = std::find_if(messages_.rbegin(), messages_.rend(), [](const ChatView& each) {
        return each.state == ChatState::sent;
    });
    return last == messages_.rend() ? before_ : std::optional{last->id};
}

void Chat::append(ChatView message, Turn& turn) {
    messages_.push_back(std::move(message));
    if (messages_.size() > kCapacity) messages_.erase(messages_.begin());
    turn.changed = true;
}

}  // namespace dvmeet
