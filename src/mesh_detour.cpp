// Signaling between two who have lost the server, by way of a participant whom both reach.
#include "mesh.hpp"

namespace dvmeet {

namespace {
const ParticipantId& sender_of(const channel::PairMessage& message) {
    return std::visit([](const auto& each) -> const ParticipantId& { return each.from_id; },
                      message);
}
}  // namespace

std::optional<ConnectionId> Mesh::detour_to(const ParticipantId& id, bool can_signal) const {
    const auto found = peers_.find(id);
    if (found == peers_.end() || !found->second.needs_detour(can_signal)) return std::nullopt;
    const Participant* them = roster_.find(id);
    if (them == nullptr || !them->extended()) return std::nullopt;
    for (const auto& [other, each] : peers_)
        if (other != id && each.flows() && links_.hears(other, id)) return each.connection();
    return std::nullopt;
}

/// One hop: only its own sender's messages are passed on, under the sender's own name.
void Mesh::forward(const ParticipantId& from, const channel::Forward& message,
                   const Context& context, Turn& turn) {
    if (message.to == context.self) {
        take_forwarded(message.message, context, turn);
        return;
    }
    if (sender_of(message.message) != from) {
        turn.report(Level::warn, ErrorCode::malformed_message,
                    "a message to pass on that is not its sender's own", from);
        return;
    }
    const auto target = peers_.find(message.to);
    if (target == peers_.end() || !target->second.channel_open()) {
        turn.report(Level::debug, ErrorCode::unknown_participant, "a message to nobody here", from);
    } else if (!peers_.at(from).may_forward(turn)) {
        turn.report(Level::warn, ErrorCode::queue_full, "too many messages to pass on", from);
    } else {
        target->second.send(message, turn);
    }
}

void Mesh::take_forwarded(const channel::PairMessage& message, const Context& context, Turn& turn) {
    const ParticipantId& from = sender_of(message);
    Peer* const found = sender(from, turn);
    if (found == nullptr) return;
    if (!found->accepts_forwarded(message)) {
        turn.report(Level::debug, ErrorCode::stale_message,
                    "a forwarded message that goes on with no connection here", from);
        return;
    }
    found->follow_detour(true);
    const PeerContext pair = context_of(from, context);
    std::visit(
        [&](const auto& each) {
            if constexpr (std::is_same_v<std::decay_t<decltype(each)>, wire::IceCandidateFrom>) {
                found->handle(each, turn);
            } else {
                found->handle(each, pair, turn);
            }
        },
        message);
}

}  // namespace dvmeet
