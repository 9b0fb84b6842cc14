// The chat: each message once, in the order it came.
#include "chat.hpp"

#include "support.hpp"

using namespace dvmeet;
using namespace dvmeet::test;

namespace {

struct ChatBench : Bench {
    Chat chat{};

    wire::NewMessage submit(const std::string& text, ChatState state = ChatState::sent) {
        CHECK(run([&](Turn& turn) {
                  chat.submit({text, "12:00"}, kBob, "Bob", state, turn);
              }) == Actions{});
        const ChatView shown = chat.view().back();
        return {shown.id, shown.sender, shown.time, shown.text};
    }
    Actions receive(const wire::NewMessage& message, const std::string& known_name = "") {
        return run([&](Turn& turn) { chat.receive(message, known_name, turn); });
    }
    Actions answered(OperationId op, wire::ChatAnswer answer = {true, "", ""}) {
        return run([&](Turn& turn) { chat.handle({op, std::move(answer)}, turn); });
    }
    Actions retry(const std::string& id) {
        return run([&](Turn& turn) { chat.retry({id}, kBob, turn); });
    }
    /// The texts of those whose turn it is.
    std::vector<std::string> due(TimeMs at) {
        now = at;
        std::vector<std::string> texts;
        for (const auto& each : chat.take_due(now)) texts.push_back(each.text);
        return texts;
    }
    Actions fail_unsent() {
        return run([&](Turn& turn) { chat.fail_unsent(turn); });
    }
    [[nodiscard]] std::vector<ChatState> states() const {
        std::vector<ChatState> all;
        for (const ChatView& each : chat.view()) all.push_back(each.state);
        return all;
    }
};

wire::NewMessage message(const std::string& id, std::optional<ParticipantId> from = {}) {
    return {id, "Anna", "11:59", "hello", std::move(from)};
}

}  // namespace

TEST_CASE("a message of our own is sent as the protocol has it, and is in the chat at once",
          "[chat]") {
    ChatBench bench;
    CHECK(bench.submit("hi") == wire::NewMessage{"bob-1", "Bob", "12:00", "hi", std::nullopt});
    CHECK(bench.changed);
    CHECK(bench.chat.view() ==
          std::vector<ChatView>{{"bob-1", kBob, "Bob", "hi", "12:00", true, ChatState::sent}});
    CHECK(bench.submit("hi").id == "bob-2");
}

TEST_CASE("a message that can't be sent shows as failed", "[chat]") {
    ChatBench bench;
    bench.submit("hi", ChatState::failed);
    CHECK(bench.chat.view().front().state == ChatState::failed);
}

TEST_CASE("a message of somebody else is announced, under the name known for its author",
          "[chat]") {
    ChatBench bench;
    CHECK(bench.receive(message("1", kAna), "Ana") == Actions{AnnounceChat{"1"}});
    CHECK(bench.receive(message("2")) == Actions{AnnounceChat{"2"}});
    CHECK(bench.chat.view() ==
          std::vector<ChatView>{{"1", kAna, "Ana", "hello", "11:59", false, ChatState::sent},
                                {"2", "", "Anna", "hello", "11:59", false, ChatState::sent}});
}

TEST_CASE("a message that is here already is dropped, our own echo too", "[chat]") {
    ChatBench bench;
    const wire::NewMessage own = bench.submit("hi");
    CHECK(bench.receive(own) == Actions{});
    CHECK_FALSE(bench.changed);
    bench.receive(message("1"));
    CHECK(bench.receive(message("1")) == Actions{});
    CHECK(bench.chat.view().size() == 2);
}

TEST_CASE("who guesses the id of another's message does not suppress it", "[chat]") {
    ChatBench bench;
    bench.receive({"ana-7", "Cyd", "11:58", "I was first", kCyd}, "Cyd");
    CHECK(bench.receive({"ana-7", "Ana", "11:59", "hello", kAna}, "Ana") ==
          Actions{AnnounceChat{"ana-7"}});
    CHECK(bench.receive({"ana-7", "Ana", "11:59", "hello", kAna}, "Ana") == Actions{});
    CHECK(bench.chat.view() ==
          std::vector<ChatView>{
              {"ana-7", kCyd, "Cyd", "I was first", "11:58", false, ChatState::sent},
              {"ana-7", kAna, "Ana", "hello", "11:59", false, ChatState::sent}});
}

TEST_CASE("who guesses the id of a message of ours does not touch it", "[chat]") {
    ChatBench bench;
    bench.receive(message("bob-1", kCyd), "Cyd");
    CHECK(bench.submit("mine", ChatState::sending).id == "bob-1");
    CHECK(bench.receive(message("bob-1", kAna), "Ana") == Actions{AnnounceChat{"bob-1"}});
    bench.chat.await("bob-1", 11);
    bench.answered(11, {false, "not_in_room", "Join first."});
    CHECK(bench.states() == std::vector{ChatState::sent, ChatState::failed, ChatState::sent});
    bench.retry("bob-1");
    CHECK(bench.chat.view().back().text == "mine");
}

TEST_CASE("where no author is known, other words under the same id are another message", "[chat]") {
    ChatBench bench;
    bench.receive({"1", "Anna", "11:59", "one", {}});
    CHECK(bench.receive({"1", "Anna", "11:59", "one", {}}) == Actions{});
    CHECK(bench.receive({"1", "Anna", "11:59", "two", {}}) == Actions{AnnounceChat{"1"}});
    CHECK(bench.receive({"1", "Cyd", "11:59", "one", {}}) == Actions{AnnounceChat{"1"}});
    CHECK(bench.chat.view().size() == 3);
}

TEST_CASE("a message that its author repeats under another address is here already", "[chat]") {
    ChatBench bench;
    bench.receive({"ana-7", "Ana", "11:59", "hello", kAna}, "Ana");
    CHECK(bench.receive({"ana-7", "Ana", "11:59", "hello", "ana-anew"}, "Ana") == Actions{});
}

TEST_CASE("what was said before we came is known as such", "[chat]") {
    ChatBench bench;
    wire::NewMessage history = message("1", kAna);
    history.earlier = true;
    CHECK(bench.receive(history, "Ana") == Actions{AnnounceChat{"1"}});
    bench.receive(message("2", kAna), "Ana");
    CHECK(
        bench.chat.view() ==
        std::vector<ChatView>{{"1", kAna, "Ana", "hello", "11:59", false, ChatState::sent, true},
                              {"2", kAna, "Ana", "hello", "11:59", false, ChatState::sent, false}});
}

TEST_CASE("a message that has failed goes out again as it was, behind what was said meanwhile",
          "[chat]") {
    ChatBench bench;
    const auto lost = bench.submit("lost", ChatState::failed);
    bench.receive(message("1", kAna));
    CHECK(bench.retry(lost.id) == Actions{});
    CHECK(bench.changed);
    CHECK(bench.states() == std::vector{ChatState::sent, ChatState::sending});
    CHECK(bench.chat.take_due(2'000) == std::vector{lost});
    bench.chat.await(lost.id, 11);
    bench.answered(11);
    CHECK(bench.states() == std::vector{ChatState::sent, ChatState::sent});
}

TEST_CASE("only a message of our own that has failed can be sent again", "[chat]") {
    ChatBench bench;
    bench.submit("under way", ChatState::sending);
    bench.receive(message("1", kAna));
    const Chat before = bench.chat;
    for (const std::string id : {"bob-1", "1", "unknown"}) {
        CHECK(reported(bench.retry(id)) == ErrorCode::out_of_place);
        CHECK_FALSE(bench.changed);
        CHECK(bench.chat == before);
    }
}

TEST_CASE("a message that the server refuses shows as failed, in the server's words", "[chat]") {
    ChatBench bench;
    bench.submit("one", ChatState::sending);
    bench.submit("two", ChatState::sending);
    bench.receive(message("1"));
    bench.chat.await("bob-1", 11);
    bench.chat.await("bob-2", 12);
    CHECK(bench.answered(12, {false, "not_in_room", "Join first."}) ==
          Actions{Report{Level::warn, ErrorCode::server_error,
                         "The server refused a chat message (not_in_room): Join first.", ""}});
    CHECK(bench.changed);
    CHECK(bench.states() == std::vector{ChatState::sending, ChatState::failed, ChatState::sent});
}

TEST_CASE("the latest 200 messages are kept, oldest first", "[chat]") {
    ChatBench bench;
    for (int i = 0; i < 205; ++i) bench.receive(message(std::to_string(i)));
    const auto view = bench.chat.view();
    REQUIRE(view.size() == Chat::kCapacity);
    CHECK(view.front().id == "5");
    CHECK(view.back().id == "204");
    bench.chat.clear();
    CHECK(bench.chat.view().empty());
}

TEST_CASE("a message of our own counts as sent once the server has taken it", "[chat]") {
    ChatBench bench;
    bench.submit("one", ChatState::sending);
    bench.submit("two", ChatState::sending);
    bench.chat.await("bob-1", 11);
    bench.chat.await("bob-2", 12);
    CHECK(bench.answered(12) == Actions{});
    CHECK(bench.changed);
    CHECK(bench.states() == std::vector{ChatState::sending, ChatState::sent});
    CHECK(bench.answered(11) == Actions{});
    CHECK(bench.states() == std::vector{ChatState::sent, ChatState::sent});
}

TEST_CASE("an answer to no message, or a second one, changes nothing", "[chat]") {
    ChatBench bench;
    bench.submit("one", ChatState::sending);
    bench.chat.await("bob-1", 11);
    bench.answered(11);
    const Chat before = bench.chat;
    CHECK(bench.answered(11, {false, "rate_limited", "Too many."}) == Actions{});
    CHECK(bench.answered(0) == Actions{});
    CHECK_FALSE(bench.changed);
    CHECK(bench.chat == before);
}

TEST_CASE("an answer about a message that has been forgotten meanwhile changes nothing", "[chat]") {
    ChatBench bench;
    bench.submit("one", ChatState::sending);
    bench.chat.await("bob-1", 11);
    for (int i = 0; i < 200; ++i) bench.receive(message(std::to_string(i)));
    CHECK(bench.answered(11, {false, "rate_limited", "Too many."}) == Actions{});
    CHECK_FALSE(bench.changed);
}

TEST_CASE("messages go out in their order, five in a second", "[chat]") {
    ChatBench bench;
    CHECK(bench.chat.deadline() == Deadline{});
    for (const std::string text : {"1", "2", "3", "4", "5", "6", "7"})
        bench.submit(text, ChatState::sending);
    CHECK(bench.due(5'000) == std::vector<std::string>{"1", "2", "3", "4", "5"});
    CHECK(bench.chat.deadline() == 6'000);
    CHECK(bench.due(5'999) == std::vector<std::string>{});
    bench.submit("8", ChatState::sending);
    CHECK(bench.due(6'000) == std::vector<std::string>{"6", "7", "8"});
    CHECK(bench.chat.deadline() == Deadline{});
}

TEST_CASE("what the server has not taken yet goes out anew, oldest first, as it was", "[chat]") {
    ChatBench bench;
    const auto one = bench.submit("one", ChatState::sending);
    bench.submit("two", ChatState::failed);
    bench.receive(message("1", kAna));
    const auto three = bench.submit("three", ChatState::sending);
    CHECK(bench.chat.take_due(1'000) == std::vector{one, three});
    bench.chat.await(one.id, 11);
    bench.chat.await(three.id, 12);
    bench.answered(11);
    bench.chat.send_again();
    CHECK(bench.chat.take_due(2'000) == std::vector{three});
    CHECK(bench.answered(12) == Actions{});
    CHECK_FALSE(bench.changed);
}

TEST_CASE("what comes too fast for the server goes out again in its place, a second later",
          "[chat]") {
    ChatBench bench;
    for (const std::string text : {"1", "2", "3"}) bench.submit(text, ChatState::sending);
    bench.due(1'000);
    for (const OperationId op : {1U, 2U, 3U})
        bench.chat.await("bob-" + std::to_string(op), op + 10);
    bench.submit("4", ChatState::sending);
    bench.now = 1'100;
    bench.answered(11);
    for (const OperationId op : {12U, 13U}) {
        CHECK(bench.answered(op, {false, "rate_limited", "Too many."}) == Actions{});
        CHECK_FALSE(bench.changed);
    }
    CHECK(bench.chat.deadline() == 2'100);
    CHECK(bench.due(2'099) == std::vector<std::string>{});
    CHECK(bench.due(2'100) == std::vector<std::string>{"2", "3", "4"});
}

TEST_CASE("what has been too much for the server eleven times in a row has failed", "[chat]") {
    ChatBench bench;
    bench.submit("one", ChatState::sending);
    for (OperationId op = 11; op <= 21; ++op) {
        REQUIRE(bench.due(op * 2'000).size() == 1);
        bench.chat.await("bob-1", op);
        const Actions told = bench.answered(op, {false, "rate_limited", "Too many."});
        CHECK(told.size() == (op == 21 ? 1 : 0));
    }
    CHECK(bench.states() == std::vector{ChatState::failed});
    CHECK(bench.chat.deadline() == Deadline{});
}

TEST_CASE("a message that later ones have pushed out is not waited for", "[chat]") {
    ChatBench bench;
    bench.submit("one", ChatState::sending);
    for (int i = 0; i < 200; ++i) bench.receive(message(std::to_string(i)));
    CHECK(bench.due(1'000) == std::vector<std::string>{});
    CHECK(bench.chat.deadline() == Deadline{});
}

TEST_CASE("what will not get there any more has failed, whatever is answered later", "[chat]") {
    ChatBench bench;
    bench.submit("one", ChatState::sending);
    bench.chat.await("bob-1", 11);
    bench.receive(message("1", kAna));
    CHECK(bench.fail_unsent() == Actions{});
    CHECK(bench.changed);
    CHECK(bench.states() == std::vector{ChatState::failed, ChatState::sent});
    CHECK(bench.answered(11) == Actions{});
    CHECK(bench.states() == std::vector{ChatState::failed, ChatState::sent});
    CHECK(bench.fail_unsent() == Actions{});
    CHECK_FALSE(bench.changed);
}

TEST_CASE("the newest message is the last one that the server has, or what was there before us",
          "[chat]") {
    ChatBench bench;
    CHECK(bench.chat.newest() == std::nullopt);
    bench.chat.begin_after("before");
    CHECK(bench.chat.newest() == "before");
    bench.receive(message("1", kAna));
    CHECK(bench.chat.newest() == "1");
    bench.submit("mine", ChatState::sending);
    bench.submit("lost", ChatState::failed);
    CHECK(bench.chat.newest() == "1");
    bench.chat.await("bob-1", 11);
    bench.answered(11);
    CHECK(bench.chat.newest() == "bob-1");
    bench.chat.clear();
    CHECK(bench.chat.newest() == std::nullopt);
}
