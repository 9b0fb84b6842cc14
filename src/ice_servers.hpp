// The ICE servers of a meeting: the application's and the signaling server's, kept fresh.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "dvmeet/event.hpp"
#include "turn.hpp"

namespace dvmeet {

/// Shape:  the application's first, then the server's; at most kIceServerList.max together.
/// Order:  credentials are asked for anew when most of their life is over, as long as somebody is
///         in the room or on the way in: the application's from a function of its own, the server's
///         while it is there.  Who joins late with old ones asks at once, and does not wait: new
///         ones reach the connections that are there, and count from their next ICE restart on.
/// Errors: what does not come, or is no good, changes nothing; it is asked for again, after pauses
///         that double.
class IceServers {
public:
    explicit IceServers(const Config& config);

    /// On the way into a room, whose server has given none yet.
    void begin();
    void leave();
    /// The server's, with the answer to a join; returns whether there are others now, as the
    /// answers below do.
    [[nodiscard]] bool give(const std::vector<IceServer>& servers, std::uint32_t ttl_ms,
                            const Turn& turn);
    [[nodiscard]] bool handle(const IceServersAnswered& event, const Turn& turn);
    [[nodiscard]] bool handle(const IceServersGiven& event, const Turn& turn);
    void handle(const IceServersFailed& event, Turn& turn);

    /// `wanted`: in the room or on the way in; `served`: the server is there to be asked.
    void pass_time(const std::string& room, bool wanted, bool served, Turn& turn);
    [[nodiscard]] Deadline deadline(bool wanted, bool served) const;

    [[nodiscard]] const std::vector<IceServer>& all() const { return all_; }
    [[nodiscard]] auto members() const { return std::tie(own_, server_, uncounted_ttl_ms_, all_); }
    bool operator==(const IceServers&) const = default;

private:
    struct Source {
        std::vector<IceServer> servers;
        std::optional<TimeMs> ask_at;  ///< absent: they last
        OperationId asked = 0;         ///< the question that is not answered yet
        std::uint32_t tries = 0;       ///< since they came last
        [[nodiscard]] auto members() const { return std::tie(servers, ask_at, asked, tries); }
        bool operator==(const Source&) const = default;
    };

    bool take(Source& source, const std::vector<IceServer>& servers, std::uint32_t ttl_ms,
              const Turn& turn);
    [[nodiscard]] static OperationId ask(Source& source, Turn& turn);
    bool join_lists();

    Source own_;
    Source server_;
    std::uint32_t uncounted_ttl_ms_ = 0;  ///< of what we were made with: no time has passed yet
    std::vector<IceServer> all_;
};

}  // namespace dvmeet
