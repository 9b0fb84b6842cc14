// The chat: each message once, in the order it came.
#include "chat.hpp"

#include "support.hpp"

using namespace dvmeet;
using namespace dvmeet::test;

namespace {

struct ChatBench : Bench {
    Chat chat{};

    wire::NewMessage submit(const std::string& text, ChatState state = ChatState::sent) {
        wire::NewMessage sent;
        CHECK(run([&](Turn& turn) {
                  sent = chat.submit({text, "12:00"}, kBob, "Bob", state, turn);
              }) == Actions{});
        return sent;
    }
    Actions receive(const wire::NewMessage& message, const std::string& known_name = "") {
        return run([&](Turn& turn) { chat.receive(message, known_name, turn); });
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

TEST_CASE("a message that the server refuses shows as failed", "[chat]") {
    ChatBench bench;
    CHECK(bench.run([&](Turn& turn) { bench.chat.refuse_last(turn); }) == Actions{});
    CHECK_FALSE(bench.changed);
    bench.submit("one");
    bench.submit("two");
    bench.receive(message("1"));
    bench.run([&](Turn& turn) { bench.chat.refuse_last(turn); });
    CHECK(bench.changed);
    const auto view = bench.chat.view();
    CHECK(view[0].state == ChatState::sent);
    CHECK(view[1].state == ChatState::failed);
    CHECK(view[2].state == ChatState::sent);
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
