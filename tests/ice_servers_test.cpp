// ICE servers: whose are used, when they are asked for anew, and what if they don't come.
#include "ice_servers.hpp"

#include "support.hpp"

using namespace dvmeet;
using namespace dvmeet::test;

namespace {

const IceServer kOld{{"turn:own.example"}, "user", "old"};
const IceServer kNew{{"turn:own.example"}, "user", "new"};
const IceServer kServers{{"turn:server.example"}, "user", "theirs"};

Config lasting(std::uint32_t ttl_ms) {
    Config config;
    config.ice_servers = {kOld};
    config.ice_servers_ttl_ms = ttl_ms;
    return config;
}

struct IceServersBench : Bench {
    explicit IceServersBench(std::uint32_t ttl_ms) : Bench{lasting(ttl_ms)}, servers{config} {
        pass(0, false);
    }
    IceServers servers;

    Actions pass(TimeMs later, bool wanted = true, bool served = false) {
        now += later;
        return run([&](Turn& turn) { servers.pass_time(kRoom, wanted, served, turn); });
    }
    bool given(OperationId op, const std::vector<IceServer>& list, std::uint32_t ttl_ms = 0) {
        bool others = false;
        CHECK(run([&](Turn& turn) {
                  others = servers.handle({op, list, ttl_ms}, turn);
              }) == Actions{});
        return others;
    }
    Actions failed(OperationId op) {
        return run([&](Turn& turn) {
            servers.handle(IceServersFailed{op, {"TypeError", "Failed to fetch"}}, turn);
        });
    }
};

}  // namespace

TEST_CASE("the application's servers are asked for when three quarters of their life are over",
          "[ice-servers]") {
    IceServersBench bench{60'000};
    CHECK(bench.servers.deadline(true, false) == TimeMs{45'000});
    CHECK(bench.pass(44'999) == Actions{});
    CHECK(bench.pass(1) == Actions{AskIceServers{1}});
    CHECK(bench.servers.all() == std::vector{kOld});
    CHECK(bench.given(1, {kNew}, 60'000));
    CHECK(bench.servers.all() == std::vector{kNew});
    CHECK(bench.pass(44'999) == Actions{});
    CHECK(bench.pass(1) == Actions{AskIceServers{2}});
    // The same ones again are no news.
    CHECK_FALSE(bench.given(2, {kNew}));
    CHECK(bench.pass(10'000'000) == Actions{});
    CHECK(bench.servers.deadline(true, false) == std::nullopt);
}

TEST_CASE("servers without an expiry are never asked for", "[ice-servers]") {
    IceServersBench bench{0};
    CHECK(bench.servers.deadline(true, true) == std::nullopt);
    CHECK(bench.pass(10'000'000, true, true) == Actions{});
}

TEST_CASE("nobody is asked outside a room; who joins late asks at once", "[ice-servers]") {
    IceServersBench bench{60'000};
    CHECK(bench.servers.deadline(false, false) == std::nullopt);
    CHECK(bench.pass(3'600'000, false) == Actions{});
    CHECK(bench.pass(0) == Actions{AskIceServers{1}});
    bench.servers.leave();
    CHECK_FALSE(bench.given(1, {kNew}, 60'000));
    CHECK(bench.servers.all() == std::vector{kOld});
}

TEST_CASE("a function that fails is a warning, and is asked again after pauses that double",
          "[ice-servers]") {
    IceServersBench bench{60'000};
    bench.pass(45'000);
    CHECK(bench.failed(1) ==
          Actions{Report{Level::warn, ErrorCode::ice_servers_failed,
                         "The application's function for ICE servers failed (TypeError: Failed to "
                         "fetch); it is asked again, and the former ones are used.",
                         ""}});
    CHECK(bench.failed(1) == Actions{});
    CHECK(bench.servers.all() == std::vector{kOld});
    OperationId op = 1;
    // A function that never settles is no better than one that fails.
    for (const TimeMs pause : {10'000, 20'000, 40'000, 80'000, 160'000, 320'000, 320'000}) {
        CHECK(bench.pass(pause - 1) == Actions{});
        CHECK(bench.pass(1) == Actions{AskIceServers{++op}});
    }
    CHECK_FALSE(bench.given(op - 1, {kNew}));
    CHECK(bench.given(op, {kNew}, 60'000));
    CHECK(bench.pass(45'000) == Actions{AskIceServers{++op}});
    CHECK(bench.pass(10'000) == Actions{AskIceServers{++op}});
}

TEST_CASE("a very short life is no reason to ask all the time", "[ice-servers]") {
    IceServersBench bench{1};
    CHECK(bench.servers.deadline(true, false) == TimeMs{10'000});
}

TEST_CASE("answers that nobody waits for change nothing", "[ice-servers]") {
    IceServersBench bench{60'000};
    const IceServers before = bench.servers;
    CHECK_FALSE(bench.given(0, {kNew}));
    CHECK_FALSE(bench.given(7, {kNew}));
    CHECK(bench.failed(0) == Actions{});
    CHECK(bench.failed(7) == Actions{});
    CHECK(bench.servers == before);
}

TEST_CASE("both sources are used, the application's first, and each is asked by its own time",
          "[ice-servers]") {
    IceServersBench bench{60'000};
    bench.run([&](Turn& turn) { CHECK(bench.servers.give({kServers}, 120'000, turn)); });
    CHECK(bench.servers.all() == std::vector{kOld, kServers});
    CHECK(bench.servers.deadline(true, true) == TimeMs{45'000});
    CHECK(bench.servers.deadline(false, true) == TimeMs{90'000});
    CHECK(bench.pass(45'000, true, true) == Actions{AskIceServers{1}});
    CHECK(bench.given(1, {kNew}));
    CHECK(bench.servers.all() == std::vector{kNew, kServers});
    CHECK(bench.pass(45'000, true, true) == Actions{Emit{2, wire::GetIceServers{kRoom}}});
    bench.run([&](Turn& turn) {
        CHECK(bench.servers.handle(IceServersAnswered{2, {true, {}, 0}}, turn));
    });
    CHECK(bench.servers.all() == std::vector{kNew});
    bench.servers.begin();
    CHECK(bench.servers.all() == std::vector{kNew});
}
