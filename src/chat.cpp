// The meeting's chat: each message once, in the order it came.
#include "chat.hpp"

#include "decimal.hpp"

#include <algorithm>
#include <utility>

namespace dvmeet {

namespace {

bool is_same(const ChatView& one, const ChatView& other) {
    if (one.id != other.id) return false;
    const bool same_author = !one.from_id.empty() && one.from_id == other.from_id;
    return same_author || (one.sender == other.sender && one.text == other.text);
}

wire::NewMessage message_of(const ChatView& own) {
    return {own.id, own.sender, own.time, own.text, std::nullopt, std::nullopt};
}

}  // namespace

void Chat::submit(const ChatSubmitted& event, const ParticipantId& self, const std::string& name,
                  ChatState state, Turn& turn) {
    const std::string id = clipped(self, 40) + "-" + decimal(turn.next_operation());
    append({id, self, name, event.text, event.time, true, state, false}, turn);
    if (state == ChatState::sending) waiting_.push_back(id);
}

void Chat::receive(const wire::NewMessage& message, const std::string& known_name, Turn& turn) {
    ChatView view{message.id,
                  message.from_id.value_or(""),
                  known_name.empty() ? message.sender : known_name,
                  message.text,
                  message.time,
                  false,
                  ChatState::sent,
                  message.earlier.value_or(false)};
    const bool known = std::any_of(messages_.begin(), messages_.end(),
                                   [&](const ChatView& each) { return is_same(each, view); });
    if (known) return;
    append(std::move(view), turn);
    turn.act(AnnounceChat{message.id});
}

void Chat::retry(const ChatRetried& event, const ParticipantId& self, Turn& turn) {
    const auto found = own(event.id);
    if (found == messages_.end() || found->state != ChatState::failed) {
        turn.report(Level::info, ErrorCode::out_of_place, "no message of ours has failed as this");
        return;
    }
    found->state = ChatState::sending;
    found->from_id = self;
    std::rotate(found, found + 1, messages_.end());
    waiting_.push_back(event.id);
    turn.changed = true;
}

std::vector<wire::NewMessage> Chat::take_due(TimeMs now) {
    std::vector<wire::NewMessage> due;
    if (waiting_.empty()) return due;
    if (now - window_from_ >= kWindowMs) {
        window_from_ = now;
        in_window_ = 0;
    }
    auto next = waiting_.begin();
    for (; next != waiting_.end() && in_window_ < kMostAWindow; ++next) {
        const auto found = own(*next);
        if (found == messages_.end()) continue;  // pushed out by later ones
        due.push_back(message_of(*found));
        ++in_window_;
    }
    waiting_.erase(waiting_.begin(), next);
    return due;
}

Deadline Chat::deadline() const {
    return waiting_.empty() ? std::nullopt : std::optional{window_from_ + kWindowMs};
}

void Chat::await(const std::string& id, OperationId op) { awaited_[op] = id; }

void Chat::handle(const ChatAnswered& event, Turn& turn) {
    const auto awaited = awaited_.find(event.op);
    if (awaited == awaited_.end()) return;
    const auto found = own(awaited->second);
    awaited_.erase(awaited);
    if (found == messages_.end()) return;
    const bool is_too_much = event.answer.code == "rate_limited";
    delays_ = is_too_much ? delays_ + 1 : 0;
    if (is_too_much && delays_ <= kMostDelays) {
        wait_again(found);
        in_window_ = kMostAWindow;
        window_from_ = turn.now;
        return;
    }
    found->state = event.answer.ok ? ChatState::sent : ChatState::failed;
    turn.changed = true;
    if (!event.answer.ok)
        turn.report(Level::warn, ErrorCode::server_error,
                    "The server refused a chat message (" + event.answer.code +
                        "): " + event.answer.message);
}

/// Ahead of what was written after it.
void Chat::wait_again(std::vector<ChatView>::iterator message) {
    const auto later = std::find_if(waiting_.begin(), waiting_.end(),
                                    [&](const std::string& id) { return own(id) > message; });
    waiting_.insert(later, message->id);
}

void Chat::send_again() {
    awaited_.clear();
    waiting_.clear();
    for (const ChatView& each : messages_)
        if (each.own && each.state == ChatState::sending) waiting_.push_back(each.id);
}

void Chat::fail_unsent(Turn& turn) {
    waiting_.clear();
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

std::vector<ChatView>::iterator Chat::own(const std::string& id) {
    return std::find_if(messages_.begin(), messages_.end(),
                        [&](const ChatView& each) { return each.own && each.id == id; });
}

void Chat::append(ChatView message, Turn& turn) {
    messages_.push_back(std::move(message));
    if (messages_.size() > kCapacity) messages_.erase(messages_.begin());
    turn.changed = true;
}

}  // namespace dvmeet
