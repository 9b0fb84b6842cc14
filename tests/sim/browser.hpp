// A model of RTCPeerConnection: what webrtc-pc lets the core observe, and what it forbids.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dvmeet/action.hpp"
#include "dvmeet/event.hpp"

namespace dvmeet::sim {

/// What a description says, of all that a real one holds.
struct Sdp {
    std::uint32_t session = 0;  ///< of the PeerConnection that made it, unique in the world
    std::uint32_t ufrag = 0;
    std::vector<MediaKind> lines;
    bool channel = false;
    bool operator==(const Sdp&) const = default;
};
[[nodiscard]] std::string to_text(const Sdp& sdp);
[[nodiscard]] Sdp from_text(const std::string& text);

/// Spec:   webrtc-pc §4.3.1 signaling states; §4.4.1.5 setting a description, with implicit
///         rollback; §4.4.2 addIceCandidate; §4.7.3 checking whether negotiation is needed; RFC
///         8829 §5.10 which transceivers a remote description may take.
/// Not modelled: m-line removal, pranswer, bundle policies, ICE-lite, more than one ufrag a
///         description.
class PeerConnection {
public:
    struct Transceiver {
        std::optional<Slot> slot;
        std::optional<std::uint32_t> mid;
        MediaKind kind = MediaKind::audio;
        bool operator==(const Transceiver&) const = default;
    };
    /// How an operation ended: nothing, or the DOMException it was rejected with.
    using Outcome = std::optional<PlatformError>;

    explicit PeerConnection(std::uint32_t session, bool channel)
        : session_{session}, channel_{channel} {}

    void add_transceivers(const std::vector<Slot>& slots);
    Outcome adopt(const std::vector<SlotMid>& slots);
    Outcome set_local();
    Outcome set_remote(const SessionDescription& description);
    Outcome add_candidate(const std::optional<IceCandidate>& candidate);

    [[nodiscard]] bool negotiation_needed() const;
    [[nodiscard]] bool stable() const { return state_ == State::stable; }
    [[nodiscard]] SessionDescription local() const;
    [[nodiscard]] std::vector<TransceiverInfo> transceivers() const;
    [[nodiscard]] std::uint32_t session() const { return session_; }
    [[nodiscard]] std::uint32_t ufrag() const { return ufrag_; }
    [[nodiscard]] std::size_t lines() const { return lines_.size(); }
    [[nodiscard]] bool has_channel() const { return channel_; }
    [[nodiscard]] std::uint32_t candidates() const { return candidates_; }

    /// Both ends hold each other's present descriptions, one offered and one answered, and one
    /// knows an address of the other: ICE and DTLS can do their work, if the network lets them.
    [[nodiscard]] static bool match(const PeerConnection& one, const PeerConnection& other);
    bool operator==(const PeerConnection&) const = default;

private:
    enum class State : std::uint8_t { stable, have_local_offer, have_remote_offer };

    void apply_lines(const Sdp& sdp);

    std::uint32_t session_;
    bool channel_;
    State state_ = State::stable;
    std::vector<Transceiver> transceivers_;
    std::vector<MediaKind> lines_;  ///< negotiated media lines; a mid is an index
    std::uint32_t ufrag_ = 0;       ///< 0: nothing gathered yet
    bool channel_negotiated_ = false;
    std::optional<Sdp> pending_local_;
    std::optional<Sdp> remote_;  ///< of the last complete round, or the offer to be answered
    std::optional<Sdp> pending_remote_;
    bool offered_ = false;          ///< our role in the last complete round
    std::uint32_t candidates_ = 0;  ///< taken for the present remote description
};

}  // namespace dvmeet::sim
