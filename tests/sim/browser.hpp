// A model of RTCPeerConnection: what webrtc-pc lets the core observe, and what it forbids.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "dvmeet/action.hpp"
#include "dvmeet/event.hpp"

namespace dvmeet::sim {

/// A media line's or transceiver's direction as two bits: 1 sends, 2 receives.
using Direction = std::uint8_t;
inline constexpr Direction kInactive = 0;
inline constexpr Direction kSendOnly = 1;
inline constexpr Direction kRecvOnly = 2;
inline constexpr Direction kSendRecv = 3;
/// The same line as the other side describes it.
[[nodiscard]] constexpr Direction reversed(Direction direction) {
    return static_cast<Direction>(((direction & 1U) << 1U) | ((direction & 2U) >> 1U));
}
[[nodiscard]] constexpr Direction common(Direction one, Direction other) {
    return static_cast<Direction>(one & other);
}

/// What a description says, of all that a real one holds.
struct Sdp {
    struct Line {
        MediaKind kind = MediaKind::audio;
        Direction direction = kSendRecv;
        std::uint32_t mid = 0;  ///< its place among all lines, the channel's included
        [[nodiscard]] auto members() const { return std::tie(kind, direction, mid); }
        bool operator==(const Line&) const = default;
    };
    std::uint32_t session = 0;     ///< of the connection that made it, unique in the world
    std::uint32_t generation = 0;  ///< the connection's count of its own ICE credentials, from 1
    std::vector<Line> lines;
    bool channel = false;
    std::uint32_t channel_mid = 0;
    [[nodiscard]] std::string ufrag() const;
    [[nodiscard]] std::uint32_t next_mid() const;
    [[nodiscard]] const Line& line(std::uint32_t mid) const;
    [[nodiscard]] auto members() const {
        return std::tie(session, generation, lines, channel, channel_mid);
    }
    bool operator==(const Sdp&) const = default;
};
[[nodiscard]] std::string to_text(const Sdp& sdp);
[[nodiscard]] Sdp from_text(const std::string& text);

/// Spec:   webrtc-pc §4.3.1 signaling states; §4.4.1.5 setting a description, with implicit
///         rollback; §4.4.2 addIceCandidate and restartIce; §4.7.3 when negotiation is needed;
///         RFC 8829 §5.10 which transceivers a remote description may take.
/// Not modelled: removal of lines, pranswer, explicit rollback, bundle policies, ICE-lite, more
///         than one ufrag a description, tracks and their messages.
class PeerConnection {
public:
    struct Transceiver {
        MediaKind kind = MediaKind::audio;
        std::optional<Slot> slot{};
        std::optional<std::uint32_t> mid{};
        bool negotiated = false;  ///< has a line in the descriptions that count
        Direction direction = kSendRecv;
        Direction local = kInactive;   ///< in the current local description
        Direction remote = kInactive;  ///< in the current remote description
        [[nodiscard]] auto members() const {
            return std::tie(kind, slot, mid, negotiated, direction, local, remote);
        }
        bool operator==(const Transceiver&) const = default;
    };
    enum class State : std::uint8_t { stable, have_local_offer, have_remote_offer };
    /// How an operation ended: nothing, or the DOMException it was rejected with.
    using Outcome = std::optional<PlatformError>;

    PeerConnection(std::uint32_t session, bool channel) : session_{session}, channel_{channel} {}

    void add_transceivers(const std::vector<Slot>& slots);
    Outcome adopt(const std::vector<SlotMid>& slots);
    Outcome set_local();
    Outcome set_remote(const SessionDescription& description);
    Outcome add_candidate(const std::optional<IceCandidate>& candidate);
    Outcome set_direction(std::uint32_t mid, Direction direction);
    void restart_ice();

    /// The task that looks whether negotiation is needed, run with an empty operations chain;
    /// true where `negotiationneeded` is fired.
    [[nodiscard]] bool update_negotiation_needed();
    [[nodiscard]] State state() const { return state_; }
    /// The pending local description or the current one, as `localDescription` has it.
    [[nodiscard]] SessionDescription local() const;
    [[nodiscard]] SessionDescription remote() const;
    /// Pending or current; nullptr where there is none.
    [[nodiscard]] const Sdp* local_sdp() const {
        return pending_local_ ? &*pending_local_ : local_ ? &*local_ : nullptr;
    }
    [[nodiscard]] const Sdp* remote_sdp() const {
        return pending_remote_ ? &*pending_remote_ : remote_ ? &*remote_ : nullptr;
    }
    [[nodiscard]] const std::vector<Transceiver>& transceivers() const { return transceivers_; }
    [[nodiscard]] std::optional<Direction> current_direction(const Transceiver& of) const;
    [[nodiscard]] std::vector<TransceiverInfo> infos() const;
    [[nodiscard]] std::uint32_t session() const { return session_; }
    [[nodiscard]] std::size_t lines() const { return local_ ? local_->lines.size() : 0; }
    [[nodiscard]] bool has_channel() const { return channel_; }
    /// Remote candidates taken for the present remote generation.
    [[nodiscard]] std::uint32_t candidates() const { return candidates_; }

    /// Both ends hold each other's present descriptions, one offered and one answered, and one
    /// knows an address of the other: ICE and DTLS can do their work, if the network lets them.
    [[nodiscard]] static bool match(const PeerConnection& one, const PeerConnection& other);
    /// Told apart by whatever changes with an ICE restart of either side.
    [[nodiscard]] std::pair<std::uint32_t, std::uint32_t> generations() const;

    [[nodiscard]] auto members() const {
        return std::tie(session_, channel_, state_, transceivers_, local_, remote_, pending_local_,
                        pending_remote_, generation_, outdated_, needed_, offered_, candidates_);
    }
    bool operator==(const PeerConnection&) const = default;

private:
    [[nodiscard]] bool needs_negotiation() const;
    [[nodiscard]] Sdp make_offer();
    [[nodiscard]] Sdp make_answer();
    void roll_back();
    void take_remote_lines(const Sdp& offer);
    void complete(bool offered, const Sdp& local, const Sdp& remote);
    Outcome set_remote_offer(const Sdp& sdp);
    Outcome set_remote_answer(const Sdp& sdp);
    [[nodiscard]] Transceiver* with_mid(std::uint32_t mid);

    std::uint32_t session_;
    bool channel_;
    State state_ = State::stable;
    std::vector<Transceiver> transceivers_;
    std::optional<Sdp> local_, remote_;  ///< of the last complete round
    std::optional<Sdp> pending_local_, pending_remote_;
    std::uint32_t generation_ = 0;
    std::uint32_t outdated_ = 0;  ///< credentials up to this generation are to be replaced
    bool needed_ = false;
    bool offered_ = false;  ///< our role in the last complete round
    std::uint32_t candidates_ = 0;
};

}  // namespace dvmeet::sim
