// One person's side of a fuzzed meeting: the core, the books about it, what the server has for it.
#include "page.hpp"

#include <optional>
#include <type_traits>
#include <variant>

namespace dvmeet::fuzz {

namespace {

constexpr std::size_t kMostMail = 64;

using Relayed = std::optional<wire::ServerMessage>;

template <class To>
Relayed description(const ParticipantId& from, const wire::DescriptionTo& message) {
    return To{{{message.generation, message.peer_generation},
               from,
               message.sdp,
               message.round,
               message.replaces}};
}

/// What concerns nobody but the server.
template <class Any>
Relayed relayed(const ParticipantId& /*from*/, const Any& /*message*/) {
    return std::nullopt;
}
Relayed relayed(const ParticipantId& from, const wire::JoinRoom& message) {
    wire::UserJoined joined;
    joined.socket_id = from;
    joined.user_name = message.user_name;
    joined.protocol = message.protocol;
    return joined;
}
Relayed relayed(const ParticipantId& from, const wire::Offer& message) {
    return description<wire::OfferFrom>(from, message);
}
Relayed relayed(const ParticipantId& from, const wire::Answer& message) {
    return description<wire::AnswerFrom>(from, message);
}
Relayed relayed(const ParticipantId& from, const wire::IceCandidateTo& message) {
    return wire::IceCandidateFrom{
        {message.generation, message.peer_generation}, from, message.candidate};
}
Relayed relayed(const ParticipantId& from, const wire::IceRestartTo& message) {
    return wire::IceRestartFrom{{message.generation, message.peer_generation}, from};
}
Relayed relayed(const ParticipantId& from, const wire::MediaStateChange& message) {
    return wire::MediaStateUpdated{from, message.is_muted, message.is_video_off,
                                   message.is_camera_off};
}
Relayed relayed(const ParticipantId& from, const wire::ScreenShareStarted& /*message*/) {
    return wire::ScreenShareStartedBy{{from}};
}
Relayed relayed(const ParticipantId& from, const wire::ScreenShareEnded& /*message*/) {
    return wire::ScreenShareEndedBy{{from}};
}
Relayed relayed(const ParticipantId& from, const wire::SendMessage& message) {
    wire::NewMessage said = message.message;
    said.from_id = from;
    return said;
}
Relayed relayed(const ParticipantId& from, const wire::LeaveRoom& /*message*/) {
    return wire::UserLeft{{from}};
}

}  // namespace

void Page::post(const ParticipantId& from, const wire::ClientMessage& message) {
    auto letter = std::visit([&](const auto& each) { return relayed(from, each); }, message);
    if (letter && mail.size() < kMostMail) mail.push_back(std::move(*letter));
}

}  // namespace dvmeet::fuzz
