// What can go wrong, as stable codes with a sentence each.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "dvmeet/types.hpp"

namespace dvmeet {

/// Shape:  `code` is for programs and stable, `detail` is for people.
enum class ErrorCode : std::uint8_t {
    malformed_message,      ///< A message broke its shape or limits; it was dropped whole.
    out_of_place,           ///< An event does not fit the present state; nothing changed.
    stale_message,          ///< A message of a connection or generation that is gone; dropped.
    unknown_participant,    ///< A message from, or a wish about, somebody not in the room.
    too_many_participants,  ///< More are here than the mesh takes; beyond 128 they are ignored.
    queue_full,             ///< Candidates or descriptions came faster than they could be used.
    offer_ignored,          ///< An offer collided with ours and we are the impolite side.
    candidate_rejected,     ///< The browser refused a remote candidate; others may still work.
    negotiation_failed,     ///< The browser refused a description; the pair needs a reconnect.
    connection_failed,      ///< ICE or DTLS ended in failure; the pair needs a reconnect.
    connect_timeout,        ///< No media path in the time allowed; the pair needs a reconnect.
    no_answer,              ///< The other side never answered our offer.
    no_relay_configured,    ///< No direct path works, and there is no relay to ask.
    relay_unreachable,      ///< No direct path works, and no relay can be reached.
    credentials_refused,    ///< No direct path works, and the relay refused our credentials.
    udp_blocked,            ///< No STUN or TURN server answers, as in a network without UDP.
    track_rejected,         ///< The browser refused to send a track in this pair.
    encoding_rejected,  ///< The browser refused how a picture is to be sent; it goes on as it was.
    constraints_rejected,   ///< The camera refused another size; it goes on as it was.
    uplink_exceeded,        ///< A room of this size takes more than the uplink carries.
    media_refused,          ///< The person or the browser denied the device.
    media_missing,          ///< No such device.
    media_unsupported,      ///< This page or browser can't use such devices at all.
    media_busy,             ///< The device exists, something else holds it.
    media_ended,            ///< The device stopped by itself (unplugged, taken away).
    media_muted,            ///< The device gives nothing, though it is on and allowed.
    media_failed,           ///< Any other failure to open a device.
    screen_declined,        ///< The person closed the screen picker.
    signaling_unreachable,  ///< The signaling server did not answer.
    signaling_lost,         ///< The socket broke; running calls go on, we try again.
    join_timeout,           ///< The server was reached, but did not let us in in time.
    join_refused,           ///< The server said no.
    room_full,              ///< The room holds as many as the server, or we, let in.
    left,                   ///< The meeting was left before the request was done.
    ice_servers_failed,     ///< The application gave no ICE servers; a meeting asks again.
    server_error,           ///< The server refused one of our messages.
    displaced,              ///< Another page goes on as this participant; this one has left.
};
template <>
inline constexpr auto kNames<ErrorCode> = std::array<std::string_view, 37>{
    "malformed_message",
    "out_of_place",
    "stale_message",
    "unknown_participant",
    "too_many_participants",
    "queue_full",
    "offer_ignored",
    "candidate_rejected",
    "negotiation_failed",
    "connection_failed",
    "connect_timeout",
    "no_answer",
    "no_relay_configured",
    "relay_unreachable",
    "credentials_refused",
    "udp_blocked",
    "track_rejected",
    "encoding_rejected",
    "constraints_rejected",
    "uplink_exceeded",
    "media_refused",
    "media_missing",
    "media_unsupported",
    "media_busy",
    "media_ended",
    "media_muted",
    "media_failed",
    "screen_declined",
    "signaling_unreachable",
    "signaling_lost",
    "join_timeout",
    "join_refused",
    "room_full",
    "left",
    "ice_servers_failed",
    "server_error",
    "displaced",
};

/// error = a person should act, warn = we healed it, info = a milestone, debug = every event.
enum class Level : std::uint8_t { error, warn, info, debug };
template <>
inline constexpr auto kNames<Level> =
    std::array<std::string_view, 4>{"error", "warn", "info", "debug"};

/// A failure that a person can see on a tile or in the lobby.
struct Failure {
    ErrorCode code = ErrorCode::out_of_place;
    std::string detail;
    static constexpr auto fields() {
        return std::tuple{field("code", &Failure::code),
                          field("detail", &Failure::detail, kSentenceText)};
    }
    bool operator==(const Failure&) const = default;
};

}  // namespace dvmeet
