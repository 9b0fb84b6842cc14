// The meeting's chat: each message once, in the order it came.
#include "chat.hpp"

#include "decimal.hpp"

#include <algorithm>
#include <utility>

namespace dvmeet {

wire::NewMessage Chat::submit(const ChatSubmitted& event, const ParticipantId& self,
                              const std::string& name, ChatState state, Turn& turn) {
    wire::NewMessage message;
    message.id = self.substr(0, 40) + "-" + decimal(turn.next_operation());
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

void Chat::refuse_last(Turn& turn) {
    const auto last = std::find_if(messages_.rbegin(), messages_.rend(),
                                   [](const ChatView& each) { return each.own; });
    if (last == messages_.rend()) return;
    last->state = ChatState::failed;
    turn.changed = true;
}

void Chat::append(ChatView message, Turn& turn) {
    messages_.push_back(std::move(message));
    if (messages_.size() > kCapacity) messages_.erase(messages_.begin());
    turn.changed = true;
}

}  // namespace dvmeet
