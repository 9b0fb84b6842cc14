// Plays scenarios on the model of RTCPeerConnection, for a comparison with real browsers.
#include "player.hpp"

#include <algorithm>
#include <sstream>
#include <utility>

namespace dvmeet::sim {

namespace {

constexpr std::string_view kChain = "chain ";
constexpr std::string_view kConnect = "connect ";
const std::vector<std::string> kDirections{"inactive", "sendonly", "recvonly", "sendrecv"};

std::vector<std::string> split(const std::string& text, std::string_view by) {
    std::vector<std::string> parts;
    std::size_t from = 0;
    for (std::size_t at = text.find(by); at != std::string::npos; at = text.find(by, from)) {
        parts.push_back(text.substr(from, at - from));
        from = at + by.size();
    }
    parts.push_back(text.substr(from));
    return parts;
}

std::string joined(const std::vector<std::string>& parts, const std::string& by) {
    std::string text;
    for (const auto& part : parts) text += (text.empty() ? "" : by) + part;
    return text;
}

Slot slot_named(const std::string& word) {
    if (word == "microphone") return Slot::microphone;
    return word == "camera" ? Slot::camera : Slot::screen;
}

std::string name_of(PeerConnection::State state) {
    switch (state) {
        case PeerConnection::State::stable: return "stable";
        case PeerConnection::State::have_local_offer: return "have-local-offer";
        default: return "have-remote-offer";
    }
}

std::string told(const PeerConnection::Outcome& outcome) { return outcome ? outcome->name : "ok"; }

std::string about(const PeerConnection& pc, const PeerConnection::Transceiver& each) {
    const auto current = pc.current_direction(each);
    return (each.mid ? std::to_string(*each.mid) : "-") +
           (each.kind == MediaKind::audio ? ":audio:" : ":video:") + kDirections[each.direction] +
           ":" + (current ? kDirections[*current] : "-");
}

IceCandidate candidate_of(const std::string& ufrag) {
    return {"candidate:1 1 udp 1 192.0.2.1 9 typ host ufrag " + ufrag, "0", 0, ufrag};
}

/// The slots that the other side's lines fill, in their order.
std::vector<SlotMid> adoptable(const PeerConnection& pc) {
    std::vector<SlotMid> slots;
    bool has_camera = false;
    for (const auto& each : pc.infos()) {
        if (each.slot) continue;
        const bool audio = each.kind == MediaKind::audio;
        const Slot video = has_camera ? Slot::screen : Slot::camera;
        slots.push_back({audio ? Slot::microphone : video, each.mid});
        has_camera = has_camera || !audio;
    }
    return slots;
}

}  // namespace

std::string Player::perform(const std::string& command) {
    const std::string name = command.substr(0, 1);
    std::string what = command.substr(2);
    if (what.starts_with(kConnect)) return connect(name, what.substr(kConnect.size()));
    if (what.starts_with(kChain)) what = what.substr(kChain.size());
    Words outcomes;
    std::vector<Chained> chain;
    for (const auto& each : split(what, "; ")) call(name, split(each, " "), outcomes, chain);
    work_off(name, chain, outcomes);
    return joined(outcomes, " ") + "; " + observe(name);
}

// ---- what is called -------------------------------------------------------------------------

/// What a call is given counts as it is in its turn, whenever it takes effect.
void Player::call(const std::string& name, const Words& words, Words& outcomes,
                  std::vector<Chained>& chain) {
    const std::string& method = words[0];
    Chained call{outcomes.size(), method};
    if (method == "setRemote") {
        const auto kept = kept_.find(words[1]);
        call.description = kept == kept_.end() ? sides_.at(words[1]).pc.local() : kept->second;
    } else if (method == "addCandidate") {
        call.candidate = candidate(words);
    } else if (method != "setLocal") {
        outcomes.push_back(told(call_at_once(name, words)));
        return;
    }
    const bool closed = sides_.at(name).closed;
    outcomes.emplace_back(closed ? "InvalidStateError" : "pending");
    if (!closed) chain.push_back(std::move(call));
}

PeerConnection::Outcome Player::call_at_once(const std::string& name, const Words& words) {
    const std::string& method = words[0];
    if (method == "new") {
        const auto session = static_cast<std::uint32_t>(sides_.size() + 1);
        sides_.insert_or_assign(name, Side{PeerConnection{session, words.size() > 1}});
        return {};
    }
    Side& side = sides_.at(name);
    if (method == "add") {
        for (std::size_t i = 1; i < words.size(); ++i)
            side.pc.add_transceivers({slot_named(words[i])});
    } else if (method == "adopt") {
        return side.pc.adopt(adoptable(side.pc));
    } else if (method == "direction") {
        const auto found = std::find(kDirections.begin(), kDirections.end(), words[2]);
        return side.pc.set_direction(static_cast<std::uint32_t>(std::stoul(words[1])),
                                     static_cast<Direction>(found - kDirections.begin()));
    } else if (method == "restartIce") {
        side.pc.restart_ice();
    } else if (method == "close") {
        side.closed = true;
    } else if (method == "keep") {
        kept_[words[1]] = side.pc.local();
    } else {
        return PlatformError{"unknown command", ""};
    }
    return {};
}

/// Spec: webrtc-pc §4.4.1.2: a closed connection works nothing off; §4.7.3: whether negotiation is
///       needed is looked at when the chain is empty.
void Player::work_off(const std::string& name, const std::vector<Chained>& chain, Words& outcomes) {
    Side& side = sides_.at(name);
    if (side.closed) return;
    for (const auto& each : chain) {
        PeerConnection::Outcome outcome;
        if (each.method == "setLocal") {
            outcome = side.pc.set_local();
            label(name);
        } else if (each.method == "setRemote") {
            outcome = side.pc.set_remote(each.description);
        } else {
            outcome = side.pc.add_candidate(each.candidate);
        }
        outcomes[each.place] = told(outcome);
    }
    if (side.pc.update_negotiation_needed()) ++side.needed;
}

std::optional<IceCandidate> Player::candidate(const Words& words) const {
    if (words[1] == "end") return {};
    const auto& ufrags = sides_.at(words[1]).ufrags;
    if (words.size() == 2) return candidate_of(ufrags.back());
    return candidate_of(words[2] == "old" ? ufrags.at(ufrags.size() - 2) : "none");
}

std::string Player::connect(const std::string& one, const std::string& other) {
    PeerConnection& ours = sides_.at(one).pc;
    PeerConnection& theirs = sides_.at(other).pc;
    for (auto [from, to] : {std::pair{&ours, &theirs}, std::pair{&theirs, &ours}}) {
        const auto refused = to->add_candidate(candidate_of(from->local_sdp()->ufrag()));
        if (refused) return refused->name;
    }
    const std::string state = PeerConnection::match(ours, theirs) ? " connected" : " failed";
    return one + state + "; " + other + state;
}

// ---- what is seen ---------------------------------------------------------------------------

void Player::label(const std::string& name) {
    Side& side = sides_.at(name);
    const std::string ufrag = side.pc.local_sdp()->ufrag();
    if (labels_.contains(ufrag)) return;
    side.ufrags.push_back(ufrag);
    labels_[ufrag] = name + std::to_string(side.ufrags.size());
}

std::string Player::about(const SessionDescription& description) const {
    if (description.sdp.empty()) return "-";
    const Sdp sdp = from_text(description.sdp);
    return (description.type == SdpType::offer ? "offer " : "answer ") + labels_.at(sdp.ufrag()) +
           " " + std::to_string(sdp.lines.size()) + (sdp.channel ? "+data" : "");
}

std::string Player::observe(const std::string& name) {
    Side& side = sides_.at(name);
    if (side.closed) return "closed";
    std::string text = name_of(side.pc.state());
    if (side.needed > 0) text += "; negotiationneeded " + std::to_string(side.needed);
    side.needed = 0;
    text += "; local " + about(side.pc.local()) + "; remote " + about(side.pc.remote());
    std::string lines;
    for (const auto& each : side.pc.transceivers())
        lines += (lines.empty() ? "; " : " ") + sim::about(side.pc, each);
    return text + lines;
}

std::string replay(const std::string& scenario) {
    Player player;
    std::string text;
    std::istringstream lines{scenario};
    for (std::string line; std::getline(lines, line);) {
        const bool is_command = !line.empty() && line[0] != '#' && line[0] != ' ';
        if (is_command) {
            const std::string command = split(line, " | ")[0];
            line = command + " | " + player.perform(command);
        }
        text += line + "\n";
    }
    return text;
}

}  // namespace dvmeet::sim
