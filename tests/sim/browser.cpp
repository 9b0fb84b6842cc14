// A model of RTCPeerConnection: what webrtc-pc lets the core observe, and what it forbids.
#include "browser.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

namespace dvmeet::sim {

namespace {

constexpr std::array<std::string_view, 4> kDirections{"inactive", "sendonly", "recvonly",
                                                      "sendrecv"};

PlatformError invalid_state(const std::string& why) { return {"InvalidStateError", why}; }

std::uint32_t number(std::string_view text) {
    std::uint32_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

void read_line(std::string_view line, Sdp& sdp) {
    constexpr std::string_view kOrigin = "o=- ";
    constexpr std::string_view kUfrag = "a=ice-ufrag:u";
    if (line.starts_with(kOrigin)) {
        sdp.session = number(line.substr(kOrigin.size()));
    } else if (line.starts_with(kUfrag)) {
        sdp.generation = number(line.substr(line.rfind('.') + 1));
    } else if (line.starts_with("m=audio")) {
        sdp.lines.push_back({MediaKind::audio, kSendRecv, sdp.next_mid()});
    } else if (line.starts_with("m=video")) {
        sdp.lines.push_back({MediaKind::video, kSendRecv, sdp.next_mid()});
    } else if (line.starts_with("m=application")) {
        sdp.channel_mid = sdp.next_mid();
        sdp.channel = true;
    } else if (!sdp.lines.empty() && line.starts_with("a=")) {
        const auto found = std::find(kDirections.begin(), kDirections.end(), line.substr(2));
        if (found != kDirections.end())
            sdp.lines.back().direction = static_cast<Direction>(found - kDirections.begin());
    }
}

}  // namespace

// ---- descriptions ---------------------------------------------------------------------------

std::string Sdp::ufrag() const {
    return "u" + std::to_string(session) + "." + std::to_string(generation);
}

std::uint32_t Sdp::next_mid() const {
    return static_cast<std::uint32_t>(lines.size() + (channel ? 1 : 0));
}

const Sdp::Line& Sdp::line(std::uint32_t mid) const {
    return lines[channel && mid > channel_mid ? mid - 1 : mid];
}

std::string to_text(const Sdp& sdp) {
    std::string text = "v=0\r\no=- " + std::to_string(sdp.session) + " 1 IN IP4 0.0.0.0\r\n";
    text += "a=fingerprint:sha-256 " + std::to_string(sdp.session) + "\r\n";
    text += "a=ice-ufrag:" + sdp.ufrag() + "\r\n";
    for (std::uint32_t mid = 0; mid < sdp.next_mid(); ++mid) {
        if (sdp.channel && mid == sdp.channel_mid) {
            text += "m=application\r\n";
            continue;
        }
        const Sdp::Line& line = sdp.line(mid);
        text += line.kind == MediaKind::audio ? "m=audio\r\na=" : "m=video\r\na=";
        text += kDirections[line.direction];
        text += "\r\n";
    }
    return text;
}

Sdp from_text(const std::string& text) {
    Sdp sdp;
    std::string_view rest = text;
    while (!rest.empty()) {
        const std::size_t end = rest.find("\r\n");
        read_line(rest.substr(0, end), sdp);
        rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 2);
    }
    return sdp;
}

// ---- transceivers ---------------------------------------------------------------------------

void PeerConnection::add_transceivers(const std::vector<Slot>& slots) {
    for (const Slot slot : slots) {
        const MediaKind kind = slot == Slot::microphone ? MediaKind::audio : MediaKind::video;
        transceivers_.push_back({.kind = kind, .slot = slot});
    }
}

PeerConnection::Transceiver* PeerConnection::with_mid(std::uint32_t mid) {
    const auto found = std::find_if(transceivers_.begin(), transceivers_.end(),
                                    [&](const Transceiver& each) { return each.mid == mid; });
    return found == transceivers_.end() ? nullptr : &*found;
}

PeerConnection::Outcome PeerConnection::adopt(const std::vector<SlotMid>& slots) {
    for (const auto& [slot, mid] : slots) {
        Transceiver* const found = with_mid(number(mid));
        if (found == nullptr) return invalid_state("no transceiver with mid " + mid);
        found->slot = slot;
        found->direction = kSendRecv;
    }
    return {};
}

PeerConnection::Outcome PeerConnection::set_direction(std::uint32_t mid, Direction direction) {
    Transceiver* const found = with_mid(mid);
    if (found == nullptr) return invalid_state("no transceiver with this mid");
    found->direction = direction;
    return {};
}

std::optional<Direction> PeerConnection::current_direction(const Transceiver& of) const {
    if (!of.negotiated) return {};
    return offered_ ? reversed(of.remote) : of.local;
}

std::vector<TransceiverInfo> PeerConnection::infos() const {
    std::vector<TransceiverInfo> all;
    for (const auto& each : transceivers_)
        if (each.mid) all.push_back({std::to_string(*each.mid), each.kind, each.slot});
    return all;
}

// ---- negotiation ----------------------------------------------------------------------------

bool PeerConnection::needs_negotiation() const {
    if (local_ && local_->generation <= outdated_) return true;
    if (channel_ && !(local_ && local_->channel)) return true;
    return std::any_of(transceivers_.begin(), transceivers_.end(), [&](const Transceiver& each) {
        if (!each.negotiated) return true;
        return offered_ ? each.direction != each.local && each.direction != reversed(each.remote)
                        : each.local != common(each.direction, reversed(each.remote));
    });
}

bool PeerConnection::update_negotiation_needed() {
    if (state_ != State::stable) return false;  // looked at again on the way back to stable
    const bool before = needed_;
    needed_ = needs_negotiation();
    return needed_ && !before;
}

/// Lines keep their places; new ones come behind them, the channel's last.
Sdp PeerConnection::make_offer() {
    Sdp sdp = local_sdp() != nullptr ? *local_sdp() : Sdp{};
    const bool keeps_credentials = sdp.generation > outdated_;
    sdp.session = session_;
    if (!keeps_credentials) sdp.generation = ++generation_;
    for (auto& each : transceivers_) {
        if (!each.mid) {
            each.mid = sdp.next_mid();
            sdp.lines.push_back({each.kind, kSendRecv, *each.mid});
        }
    }
    for (auto& line : sdp.lines) line.direction = with_mid(line.mid)->direction;
    if (channel_ && !sdp.channel) {
        sdp.channel_mid = sdp.next_mid();
        sdp.channel = true;
    }
    return sdp;
}

/// Spec: RFC 8829 §5.3.1: an answer has new credentials only where the offer has.
Sdp PeerConnection::make_answer() {
    Sdp sdp = *pending_remote_;
    const bool restarts = !local_ || !remote_ || remote_->ufrag() != sdp.ufrag();
    sdp.session = session_;
    sdp.generation = restarts ? ++generation_ : local_->generation;
    for (auto& line : sdp.lines)
        line.direction = common(with_mid(line.mid)->direction, reversed(line.direction));
    return sdp;
}

PeerConnection::Outcome PeerConnection::set_local() {
    if (state_ == State::have_remote_offer) {
        const Sdp answer = make_answer();
        complete(false, answer, Sdp{*pending_remote_});
        return {};
    }
    pending_local_ = make_offer();
    state_ = State::have_local_offer;
    return {};
}

SessionDescription PeerConnection::local() const {
    if (pending_local_) return {SdpType::offer, to_text(*pending_local_)};
    if (!local_) return {};
    return {offered_ ? SdpType::offer : SdpType::answer, to_text(*local_)};
}

SessionDescription PeerConnection::remote() const {
    if (pending_remote_) return {SdpType::offer, to_text(*pending_remote_)};
    if (!remote_) return {};
    return {offered_ ? SdpType::answer : SdpType::offer, to_text(*remote_)};
}

PeerConnection::Outcome PeerConnection::set_remote(const SessionDescription& description) {
    const Sdp sdp = from_text(description.sdp);
    return description.type == SdpType::offer ? set_remote_offer(sdp) : set_remote_answer(sdp);
}

PeerConnection::Outcome PeerConnection::set_remote_offer(const Sdp& sdp) {
    if (remote_ && sdp.lines.size() < remote_->lines.size())
        return PlatformError{"InvalidAccessError", "the offer has fewer lines than before"};
    roll_back();
    take_remote_lines(sdp);
    const auto& former = pending_remote_ ? pending_remote_ : remote_;
    if (!former || former->ufrag() != sdp.ufrag()) candidates_ = 0;
    pending_remote_ = sdp;
    state_ = State::have_remote_offer;
    return {};
}

/// Spec: webrtc-pc §4.4.1.5 with a rollback; mids given by the offer are taken back.
void PeerConnection::roll_back() {
    if (!pending_local_) return;
    pending_local_.reset();
    for (auto& each : transceivers_)
        if (!each.negotiated) each.mid.reset();
}

void PeerConnection::take_remote_lines(const Sdp& offer) {
    for (const auto& line : offer.lines) {
        if (with_mid(line.mid) == nullptr)
            transceivers_.push_back({.kind = line.kind, .mid = line.mid, .direction = kRecvOnly});
    }
}

PeerConnection::Outcome PeerConnection::set_remote_answer(const Sdp& sdp) {
    if (state_ != State::have_local_offer)
        return invalid_state("an answer while the signaling state is not have-local-offer");
    if (sdp.lines.size() != pending_local_->lines.size())
        return PlatformError{"InvalidAccessError", "the answer's lines don't fit the offer's"};
    if (!remote_ || remote_->ufrag() != sdp.ufrag()) candidates_ = 0;
    complete(true, Sdp{*pending_local_}, sdp);
    return {};
}

void PeerConnection::complete(bool offered, const Sdp& local, const Sdp& remote) {
    local_ = local;
    remote_ = remote;
    pending_local_.reset();
    pending_remote_.reset();
    offered_ = offered;
    state_ = State::stable;
    needed_ = false;
    for (auto& each : transceivers_) {
        if (!each.mid) continue;
        each.negotiated = true;
        each.local = local.line(*each.mid).direction;
        each.remote = remote.line(*each.mid).direction;
    }
}

// ---- ICE ------------------------------------------------------------------------------------

/// Spec: webrtc-pc §4.4.2 restartIce(): the credentials of the current and of the pending local
///       description are to be replaced; they are when a description without them counts.
void PeerConnection::restart_ice() {
    if (const Sdp* const local = local_sdp()) outdated_ = std::max(outdated_, local->generation);
}

PeerConnection::Outcome PeerConnection::add_candidate(
    const std::optional<IceCandidate>& candidate) {
    const Sdp* const described = remote_sdp();
    if (described == nullptr) return invalid_state("a candidate before any remote description");
    if (!candidate) return {};
    const std::string given = candidate->username_fragment.value_or(described->ufrag());
    const bool fits = given == described->ufrag() || (remote_ && given == remote_->ufrag());
    if (!fits) return PlatformError{"OperationError", "a candidate of another generation"};
    if (given == described->ufrag()) ++candidates_;
    return {};
}

bool PeerConnection::match(const PeerConnection& one, const PeerConnection& other) {
    const bool settled = one.state_ == State::stable && other.state_ == State::stable &&
                         one.local_ && one.remote_ && other.local_ && other.remote_;
    if (!settled) return false;
    const auto holds = [](const Sdp& remote, const Sdp& local) {
        return remote.session == local.session && remote.generation == local.generation;
    };
    return holds(*one.remote_, *other.local_) && holds(*other.remote_, *one.local_) &&
           one.offered_ != other.offered_ && one.candidates_ + other.candidates_ > 0;
}

std::pair<std::uint32_t, std::uint32_t> PeerConnection::generations() const {
    return {local_ ? local_->generation : 0, remote_ ? remote_->generation : 0};
}

}  // namespace dvmeet::sim
