// The ICE servers of a meeting: the application's and the signaling server's, kept fresh.
#include "ice_servers.hpp"

#include <algorithm>
#include <utility>

namespace dvmeet {

namespace {

/// Credentials are asked for anew when this part of their life is over: late enough to be worth it,
/// with time left for a server that is away for a while.
constexpr std::uint32_t kRefreshPercent = 75;
/// What has expired is asked for no more often than that.
constexpr TimeMs kLeastRefreshMs = 10'000;
/// Pauses double so many times, to 5 minutes: whoever is asked may need somebody to mend it.
constexpr std::uint32_t kMostDoublings = 5;

TimeMs refresh_time(std::uint32_t ttl_ms, const Turn& turn) {
    return turn.now + std::max(TimeMs{ttl_ms} * kRefreshPercent / 100, kLeastRefreshMs);
}

}  // namespace

IceServers::IceServers(const Config& config) : uncounted_ttl_ms_{config.ice_servers_ttl_ms} {
    own_.servers = config.ice_servers;
    join_lists();
}

void IceServers::begin() {
    server_ = {};
    join_lists();
}

void IceServers::leave() {
    server_.ask_at.reset();
    server_.asked = own_.asked = 0;
}

bool IceServers::give(const std::vector<IceServer>& servers, std::uint32_t ttl_ms,
                      const Turn& turn) {
    return take(server_, servers, ttl_ms, turn);
}

bool IceServers::handle(const IceServersAnswered& event, const Turn& turn) {
    if (event.op != server_.asked || server_.asked == 0) return false;
    server_.asked = 0;
    return event.answer.ok &&
           take(server_, event.answer.ice_servers, event.answer.ice_servers_ttl_ms, turn);
}

bool IceServers::handle(const IceServersGiven& event, const Turn& turn) {
    if (event.op != own_.asked || own_.asked == 0) return false;
    return take(own_, event.ice_servers, event.ice_servers_ttl_ms, turn);
}

void IceServers::handle(const IceServersFailed& event, Turn& turn) {
    if (event.op != own_.asked || own_.asked == 0) return;
    own_.asked = 0;
    turn.report(Level::warn, ErrorCode::ice_servers_failed,
                "The application's function for ICE servers failed (" + event.error.name + ": " +
                    event.error.message + "); it is asked again, and the former ones are used.");
}

bool IceServers::take(Source& source, const std::vector<IceServer>& servers, std::uint32_t ttl_ms,
                      const Turn& turn) {
    source = {servers, std::nullopt, 0, 0};
    if (ttl_ms > 0) source.ask_at = refresh_time(ttl_ms, turn);
    return join_lists();
}

bool IceServers::join_lists() {
    std::vector<IceServer> all = own_.servers;
    all.insert(all.end(), server_.servers.begin(), server_.servers.end());
    if (all.size() > kIceServerList.max) all.resize(kIceServerList.max);
    const bool changed = all != all_;
    all_ = std::move(all);
    return changed;
}

OperationId IceServers::ask(Source& source, Turn& turn) {
    source.ask_at = turn.now + (kLeastRefreshMs << std::min(source.tries, kMostDoublings));
    ++source.tries;
    source.asked = turn.next_operation();
    return source.asked;
}

void IceServers::pass_time(const std::string& room, bool wanted, bool served, Turn& turn) {
    if (uncounted_ttl_ms_ > 0) own_.ask_at = refresh_time(uncounted_ttl_ms_, turn);
    uncounted_ttl_ms_ = 0;
    if (wanted && own_.ask_at && *own_.ask_at <= turn.now) turn.act(AskIceServers{ask(own_, turn)});
    if (served && server_.ask_at && *server_.ask_at <= turn.now)
        turn.act(Emit{ask(server_, turn), wire::GetIceServers{room}});
}

Deadline IceServers::deadline(bool wanted, bool served) const {
    Deadline earliest;
    if (wanted) earliest.note(own_.ask_at);
    if (served) earliest.note(server_.ask_at);
    return earliest;
}

}  // namespace dvmeet
