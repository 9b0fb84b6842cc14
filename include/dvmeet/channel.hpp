// What two connected peers tell each other over their control channel.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "dvmeet/types.hpp"
#include "dvmeet/wire.hpp"

namespace dvmeet::channel {

/// The sender is leaving on purpose: its tile goes now, not when a timeout says so.
struct Goodbye {
    static constexpr std::string_view kEvent = "goodbye";
    static constexpr auto fields() { return std::tuple{}; }
    bool operator==(const Goodbye&) const = default;
};

/// Whom one participant really receives.
/// Order:  of two rows of one receiver the one with the higher version counts.
struct LinkRow {
    ParticipantId receiver;
    std::uint32_t version = 0;
    std::vector<ParticipantId> senders;  ///< sorted
    static constexpr auto fields() {
        return std::tuple{field("receiver", &LinkRow::receiver, kIdText),
                          field("version", &LinkRow::version, kCounter),
                          field("senders", &LinkRow::senders, List{kMaxParticipants, kIdText})};
    }
    bool operator==(const LinkRow&) const = default;
};

/// Rows that the sender knows and the receiver may not.
struct LinkStates {
    static constexpr std::string_view kEvent = "link-states";
    std::vector<LinkRow> rows;
    static constexpr auto fields() {
        return std::tuple{field("rows", &LinkStates::rows, List{kMaxParticipants})};
    }
    bool operator==(const LinkStates&) const = default;
};

/// How large the sender shows the receiver; 0 × 0: not at all.
/// Units: pixels of the device.
struct TileSize {
    Slot slot = Slot::camera;
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    static constexpr auto fields() {
        return std::tuple{field("slot", &TileSize::slot),
                          field("width", &TileSize::width, kTilePixels),
                          field("height", &TileSize::height, kTilePixels)};
    }
    bool operator==(const TileSize&) const = default;
};

/// All tiles of the receiver that the sender knows the size of; others may be any size.
struct TileSizes {
    static constexpr std::string_view kEvent = "tile-sizes";
    std::vector<TileSize> sizes;
    static constexpr auto fields() {
        return std::tuple{field("sizes", &TileSizes::sizes, List{kSlots.size()})};
    }
    bool operator==(const TileSizes&) const = default;
};

/// Are you there?  Answered by Pong.
struct Ping {
    static constexpr std::string_view kEvent = "ping";
    static constexpr auto fields() { return std::tuple{}; }
    bool operator==(const Ping&) const = default;
};
struct Pong {
    static constexpr std::string_view kEvent = "pong";
    static constexpr auto fields() { return std::tuple{}; }
    bool operator==(const Pong&) const = default;
};

/// What two connected participants say to each other about their connection.
using PairMessage =
    std::variant<wire::OfferFrom, wire::AnswerFrom, wire::IceCandidateFrom, wire::IceRestartFrom>;

/// A message of one pair by way of a participant whom both reach, where the server can't carry it.
/// Shape:  one hop: who is not meant passes on only what its own sender says in its own name.
/// Errors: whoever passes it on vouches for `fromId`, so it never introduces a connection.
struct Forward {
    static constexpr std::string_view kEvent = "forward";
    ParticipantId to;
    PairMessage message;
    static constexpr auto fields() {
        return std::tuple{field("to", &Forward::to, kIdText), field("", &Forward::message)};
    }
    bool operator==(const Forward&) const = default;
};

using Message = std::variant<Goodbye, LinkStates, Ping, Pong, Forward, TileSizes>;

}  // namespace dvmeet::channel
