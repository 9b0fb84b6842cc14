// Plays scenarios on the model of RTCPeerConnection, for a comparison with real browsers.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "browser.hpp"

namespace dvmeet::sim {

/// A scenario is a file tests/sim/scenarios/NAME.txt of lines:
///
///     # prose, passed over, as are empty lines
///     SIDE COMMAND | RESULT
///       | chromium: RESULT    where that browser deviates from the specification
///
/// SIDE is a connection, a or b.  The commands:
///
///     new [channel]            makes it, with the channel that was negotiated beforehand
///     add SLOT…                addTransceiver, sendrecv: microphone, camera, screen
///     adopt                    makes what the other side's offers brought sendrecv
///     direction MID DIRECTION  sets the direction of one transceiver
///     setLocal                 setLocalDescription()
///     keep NAME                keeps localDescription under this name
///     setRemote SIDE|NAME      setRemoteDescription of that side's localDescription, or a kept one
///     addCandidate SIDE [old|unknown]
///                              its first candidate; of its former ICE generation, or of none
///     addCandidate end         the end of candidates
///     restartIce, close        the methods
///     chain COMMAND; COMMAND…  all of these in one turn, awaiting none
///     connect SIDE             gives both all candidates, waits, says how both are connected
///
/// The result, once nothing moves any more: how each command ended (ok, the name of the
/// DOMException, or pending), the signaling state, how often negotiationneeded was fired since this
/// side's last command, the descriptions (type, ICE generation as side and ordinal, media lines,
/// +data with a channel, +refused with a refused one), the transceivers
/// (MID:KIND:DIRECTION:CURRENT).  A dash is null.
class Player {
public:
    [[nodiscard]] std::string perform(const std::string& command);

private:
    using Words = std::vector<std::string>;
    struct Side {
        PeerConnection pc;
        bool closed = false;
        std::uint32_t needed = 0;              ///< events since the last command
        std::vector<std::string> ufrags = {};  ///< of its own descriptions, in order
    };
    /// What a turn has put into the operations chain.
    struct Chained {
        std::size_t place;  ///< among the outcomes of the turn
        std::string method;
        SessionDescription description{};
        std::optional<IceCandidate> candidate{};
    };

    void call(const std::string& name, const Words& words, Words& outcomes,
              std::vector<Chained>& chain);
    PeerConnection::Outcome call_at_once(const std::string& name, const Words& words);
    void work_off(const std::string& name, const std::vector<Chained>& chain, Words& outcomes);
    [[nodiscard]] std::string connect(const std::string& one, const std::string& other);
    [[nodiscard]] std::string observe(const std::string& name);
    [[nodiscard]] std::string about(const SessionDescription& description) const;
    [[nodiscard]] std::optional<IceCandidate> candidate(const Words& words) const;
    void label(const std::string& name);

    std::map<std::string, Side> sides_;
    std::map<std::string, SessionDescription> kept_;
    std::map<std::string, std::string> labels_;  ///< of the ICE generations, by ufrag
};

/// The scenario as the model plays it; what is said of browsers stays.
[[nodiscard]] std::string replay(const std::string& scenario);

}  // namespace dvmeet::sim
