// The pair's messages on their way: over the server, or by way of a participant whom both reach.
#include <type_traits>
#include <utility>

#include "peer.hpp"

namespace dvmeet {

namespace {
/// Units: bytes.  In JSON, where line ends take twice the place, below the 64 KiB that every data
/// channel takes.
constexpr std::size_t kMaxForwardedSdp = 30'000;
/// Some restarts with all their candidates; a sender that needs more than that floods.
constexpr std::uint32_t kMaxForwards = 256;
constexpr TimeMs kForwardsMs = 10'000;

template <class Message>
constexpr bool kIsDescription = std::is_base_of_v<wire::DescriptionFrom, Message>;

/// The same message as the server takes it.
wire::ClientMessage addressed(channel::PairMessage message, const std::string& room,
                              const ParticipantId& to) {
    return std::visit(
        [&](auto&& each) -> wire::ClientMessage {
            using Each = std::decay_t<decltype(each)>;
            const wire::Generations& generations = each;
            if constexpr (kIsDescription<Each>) {
                wire::DescriptionTo description{generations,         room,       to,
                                                std::move(each.sdp), each.round, each.replaces};
                if constexpr (std::is_same_v<Each, wire::OfferFrom>) {
                    return wire::Offer{std::move(description)};
                } else {
                    return wire::Answer{std::move(description)};
                }
            } else if constexpr (std::is_same_v<Each, wire::IceCandidateFrom>) {
                return wire::IceCandidateTo{generations, room, to, std::move(each.candidate)};
            } else {
                return wire::IceRestartTo{generations, room, to};
            }
        },
        std::move(message));
}

bool fits(const channel::PairMessage& message) {
    return std::visit(
        [](const auto& each) {
            if constexpr (kIsDescription<std::decay_t<decltype(each)>>) {
                return each.sdp.sdp.size() <= kMaxForwardedSdp;
            } else {
                return true;
            }
        },
        message);
}
}  // namespace

void Peer::emit(channel::PairMessage message, const PeerContext& context, Turn& turn) const {
    if (!context.detour) {
        turn.act(Emit{std::nullopt, addressed(std::move(message), context.room, id_)});
    } else if (fits(message)) {
        turn.act(SendOnChannel{*context.detour, channel::Forward{id_, std::move(message)}});
    }
}

/// A connection that never worked has nothing to be brought back, and could be anybody's.
bool Peer::needs_detour(bool can_signal) const {
    if (!link_ || !link_->was_connected) return false;
    return by_detour_ || (!can_signal && !flows());
}

/// The certificate is what keeps whoever passes messages on from taking a place in the call.
bool Peer::accepts_forwarded(const channel::PairMessage& message) const {
    if (!link_ || !link_->was_connected || !fits(message)) return false;
    return std::visit(
        [&](const auto& each) {
            if (!each.generation || each.generation != link_->negotiation.remote_generation() ||
                each.peer_generation != link_->id)
                return false;
            if constexpr (kIsDescription<std::decay_t<decltype(each)>>) {
                return read_sdp(each.sdp.sdp).fingerprint ==
                       link_->negotiation.remote_facts().fingerprint;
            } else {
                return true;
            }
        },
        message);
}

bool Peer::may_forward(Turn& turn) {
    if (turn.now - forwards_from_ >= kForwardsMs) {
        forwards_from_ = turn.now;
        forwards_ = 0;
    }
    return ++forwards_ <= kMaxForwards;
}

}  // namespace dvmeet
