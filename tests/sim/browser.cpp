// A model of RTCPeerConnection: what webrtc-pc lets the core observe, and what it forbids.
#include "browser.hpp"

#include <algorithm>
#include <sstream>

namespace dvmeet::sim {

namespace {
PlatformError invalid_state(const std::string& why) { return {"InvalidStateError", why}; }
}  // namespace

std::string to_text(const Sdp& sdp) {
    std::string text = "v=0\r\no=- " + std::to_string(sdp.session) + " 1 IN IP4 0.0.0.0\r\n";
    text += "a=ice-ufrag:u" + std::to_string(sdp.ufrag) + "\r\n";
    for (const MediaKind kind : sdp.lines)
        text += kind == MediaKind::audio ? "m=audio\r\n" : "m=video\r\n";
    if (sdp.channel) text += "m=application\r\n";
    return text;
}

Sdp from_text(const std::string& text) {
    Sdp sdp;
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("o=- "))
            sdp.session = static_cast<std::uint32_t>(std::stoul(line.substr(4)));
        if (line.starts_with("a=ice-ufrag:u"))
            sdp.ufrag = static_cast<std::uint32_t>(std::stoul(line.substr(13)));
        if (line.starts_with("m=audio")) sdp.lines.push_back(MediaKind::audio);
        if (line.starts_with("m=video")) sdp.lines.push_back(MediaKind::video);
        if (line.starts_with("m=application")) sdp.channel = true;
    }
    return sdp;
}

void PeerConnection::add_transceivers(const std::vector<Slot>& slots) {
    for (const Slot slot : slots) {
        const MediaKind kind = slot == Slot::microphone ? MediaKind::audio : MediaKind::video;
        transceivers_.push_back({slot, std::nullopt, kind});
    }
}

PeerConnection::Outcome PeerConnection::adopt(const std::vector<SlotMid>& slots) {
    for (const auto& [slot, mid] : slots) {
        const auto wanted = static_cast<std::uint32_t>(std::stoul(mid));
        const auto found =
            std::find_if(transceivers_.begin(), transceivers_.end(),
                         [&](const Transceiver& each) { return each.mid == wanted; });
        if (found == transceivers_.end()) return invalid_state("no transceiver with mid " + mid);
        found->slot = slot;
    }
    return {};
}

bool PeerConnection::negotiation_needed() const {
    const bool unassociated =
        std::any_of(transceivers_.begin(), transceivers_.end(),
                    [](const Transceiver& each) { return !each.mid.has_value(); });
    return unassociated || (channel_ && !channel_negotiated_);
}

PeerConnection::Outcome PeerConnection::set_local() {
    if (ufrag_ == 0) ufrag_ = session_ * 16 + 1;
    Sdp sdp{session_, ufrag_, lines_, channel_ || (pending_remote_ && pending_remote_->channel)};
    if (state_ == State::have_remote_offer) {
        sdp.lines = pending_remote_->lines;
        apply_lines(sdp);
        remote_ = pending_remote_;
        pending_remote_.reset();
        offered_ = false;
        state_ = State::stable;
        return {};
    }
    for (const auto& each : transceivers_)
        if (!each.mid) sdp.lines.push_back(each.kind);
    pending_local_ = sdp;
    state_ = State::have_local_offer;
    return {};
}

SessionDescription PeerConnection::local() const {
    if (pending_local_) return {SdpType::offer, to_text(*pending_local_)};
    const SdpType type = offered_ ? SdpType::offer : SdpType::answer;
    return {type, to_text({session_, ufrag_, lines_, channel_negotiated_})};
}

PeerConnection::Outcome PeerConnection::set_remote(const SessionDescription& description) {
    const Sdp sdp = from_text(description.sdp);
    if (description.type == SdpType::offer) {
        pending_local_.reset();  // the implicit rollback, where there is an offer of ours
        if (remote_ && sdp.lines.size() < lines_.size())
            return PlatformError{"InvalidAccessError", "the offer has fewer lines than before"};
        for (std::size_t mid = lines_.size(); mid < sdp.lines.size(); ++mid)
            transceivers_.push_back(
                {std::nullopt, static_cast<std::uint32_t>(mid), sdp.lines[mid]});
        if (!remote_ || remote_->ufrag != sdp.ufrag) candidates_ = 0;
        pending_remote_ = sdp;
        state_ = State::have_remote_offer;
        return {};
    }
    if (state_ != State::have_local_offer)
        return invalid_state("an answer while the signaling state is not have-local-offer");
    if (sdp.lines.size() != pending_local_->lines.size())
        return PlatformError{"InvalidAccessError", "the answer's lines don't fit the offer's"};
    std::uint32_t mid = static_cast<std::uint32_t>(lines_.size());
    for (auto& each : transceivers_)
        if (!each.mid && mid < sdp.lines.size()) each.mid = mid++;
    apply_lines(*pending_local_);
    if (!remote_ || remote_->ufrag != sdp.ufrag) candidates_ = 0;
    remote_ = sdp;
    channel_negotiated_ = pending_local_->channel && sdp.channel;
    pending_local_.reset();
    offered_ = true;
    state_ = State::stable;
    return {};
}

void PeerConnection::apply_lines(const Sdp& sdp) {
    lines_ = sdp.lines;
    channel_negotiated_ = sdp.channel;
}

PeerConnection::Outcome PeerConnection::add_candidate(
    const std::optional<IceCandidate>& candidate) {
    const auto& described = pending_remote_ ? pending_remote_ : remote_;
    if (!described) return invalid_state("a candidate before any remote description");
    if (!candidate) return {};
    const std::string expected = "u" + std::to_string(described->ufrag);
    const std::string former = remote_ ? "u" + std::to_string(remote_->ufrag) : expected;
    const std::string given = candidate->username_fragment.value_or(expected);
    if (given != expected && given != former)
        return PlatformError{"OperationError", "a candidate of another generation"};
    ++candidates_;
    return {};
}

std::vector<TransceiverInfo> PeerConnection::transceivers() const {
    std::vector<TransceiverInfo> all;
    for (const auto& each : transceivers_)
        if (each.mid) all.push_back({std::to_string(*each.mid), each.kind, each.slot});
    return all;
}

bool PeerConnection::match(const PeerConnection& one, const PeerConnection& other) {
    if (!one.remote_ || !other.remote_ || one.pending_remote_ || other.pending_remote_)
        return false;
    const bool same_round =
        one.remote_->session == other.session_ && other.remote_->session == one.session_ &&
        one.remote_->ufrag == other.ufrag_ && other.remote_->ufrag == one.ufrag_;
    return same_round && one.offered_ != other.offered_ && one.candidates_ + other.candidates_ > 0;
}

}  // namespace dvmeet::sim
