// What a meeting can be told before it starts, and every bound it keeps, with its reason.
#pragma once

#include <cstddef>
#include <vector>

#include "dvmeet/types.hpp"

namespace dvmeet {

/// What a camera is asked for while at most so many people are in the room, oneself included.
/// Units: pixels, pictures a second.
struct CaptureRow {
    std::uint32_t participants = 0;
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    std::uint32_t frame_rate = 0;
    static constexpr auto fields() {
        return std::tuple{
            field("participants", &CaptureRow::participants, Integer{1, kMaxParticipants}),
            field("width", &CaptureRow::width, kPixels),
            field("height", &CaptureRow::height, kPixels),
            field("frameRate", &CaptureRow::frame_rate, kFrameRate)};
    }
    bool operator==(const CaptureRow&) const = default;
};

/// Units: all times in milliseconds.
struct Config {
    static constexpr std::size_t kMostCaptureRows = 16;  ///< more steps than cameras have sizes

    std::vector<IceServer> ice_servers;  ///< used beside those of the server's join answer
    /// Their credentials expire so long after the first event, and are asked for anew before that;
    /// 0: they don't.
    std::uint32_t ice_servers_ttl_ms = 0;

    /// A room of more people, ourselves too, is not joined: in a mesh everybody uploads once per
    /// other participant.  Whoever is inside stays when more come, warned: two who see different
    /// people are in no common meeting.
    std::uint32_t max_participants = 12;
    /// Remote candidates kept per peer until their description is set.  Chromium gathers some 10
    /// for each network interface and ICE server.
    std::uint32_t candidate_capacity = 256;
    /// How long a candidate may wait for its description before it counts as lost.
    std::uint32_t candidate_wait_ms = 30'000;
    /// How long a resident waits for a newcomer's offer before it offers itself: several round
    /// trips of a slow network plus the start of a busy browser.
    std::uint32_t offer_wait_ms = 4'000;
    /// The same for a plain client, which offers to everybody it hears of.  Offers that cross in it
    /// can leave it deaf for good: Chromium neither gathers nor connects after a rollback that
    /// overtakes the gathering of the offer.
    std::uint32_t plain_offer_wait_ms = 1'000;
    /// A pair that is not connected by then shows as failed: twice what ICE takes to give up.
    std::uint32_t connect_timeout_ms = 30'000;
    /// A join that the server has not answered by then fails.
    std::uint32_t join_timeout_ms = 10'000;
    /// First pause before a lost socket is opened again; doubles up to the longest where the server
    /// refuses.
    std::uint32_t signaling_retry_ms = 500;
    std::uint32_t signaling_retry_longest_ms = 5'000;
    /// How often inbound media is sampled, to know who really receives whom, and soon that
    /// nothing comes any more.
    std::uint32_t sample_period_ms = 750;
    /// How often all figures are sampled while somebody looks: often enough to see a picture go
    /// bad, seldom enough to cost nothing.
    std::uint32_t stats_period_ms = 2'000;
    /// How often levels of voices are, while somebody looks: several times a syllable.
    std::uint32_t audio_period_ms = 300;
    /// Inbound media that stands still for so long is a dead path; longer than a stall of a busy
    /// sender, shorter than the 5 to 8 s that browsers take.
    std::uint32_t silence_ms = 2'500;
    /// A server that has not answered a heartbeat by then is gone; half of it does where nobody
    /// else is heard either.
    std::uint32_t heartbeat_patience_ms = 2'500;
    /// A socket that is not open by then is given up for another one: packets to a network that
    /// is gone are never answered.
    std::uint32_t open_timeout_ms = 4'000;
    /// The first try to bring a pair back counts as failed after so long; later ones get more.
    std::uint32_t recovery_wait_ms = 3'000;
    /// The first row that holds so many people counts, beyond all of them the last; without rows
    /// a camera is left as it was opened.
    std::vector<CaptureRow> capture{
        {2, 1280, 720, 30}, {4, 640, 480, 24}, {kMaxParticipants, 320, 240, 15}};
    /// What may be sent altogether, in bits per second; 0: as much as is measured.
    std::uint32_t uplink_bps = 0;
    /// Whether pictures are sent as large as they are shown and as the uplink carries them.
    bool adapt = true;
    /// Draws the jitter that keeps the pairs of a room from trying in step.
    std::uint32_t seed = 0;

    static constexpr auto fields() {
        constexpr Integer kTime{1, 3'600'000};
        return std::tuple{
            extension("iceServers", &Config::ice_servers, kIceServerList),
            extension("iceServersTtlMs", &Config::ice_servers_ttl_ms, kDuration),
            extension("maxParticipants", &Config::max_participants, Integer{2, kMaxParticipants}),
            extension("candidateCapacity", &Config::candidate_capacity, Integer{1, 4096}),
            extension("candidateWaitMs", &Config::candidate_wait_ms, kTime),
            extension("offerWaitMs", &Config::offer_wait_ms, kTime),
            extension("plainOfferWaitMs", &Config::plain_offer_wait_ms, kTime),
            extension("connectTimeoutMs", &Config::connect_timeout_ms, kTime),
            extension("joinTimeoutMs", &Config::join_timeout_ms, kTime),
            extension("signalingRetryMs", &Config::signaling_retry_ms, kTime),
            extension("signalingRetryLongestMs", &Config::signaling_retry_longest_ms, kTime),
            extension("samplePeriodMs", &Config::sample_period_ms, kTime),
            extension("statsPeriodMs", &Config::stats_period_ms, kTime),
            extension("audioPeriodMs", &Config::audio_period_ms, kTime),
            extension("silenceMs", &Config::silence_ms, kTime),
            extension("heartbeatPatienceMs", &Config::heartbeat_patience_ms, kTime),
            extension("openTimeoutMs", &Config::open_timeout_ms, kTime),
            extension("recoveryWaitMs", &Config::recovery_wait_ms, kTime),
            extension("capture", &Config::capture, List{kMostCaptureRows}),
            extension("uplinkBps", &Config::uplink_bps, kCounter),
            extension("adapt", &Config::adapt),
            extension("seed", &Config::seed, kCounter)};
    }
    bool operator==(const Config&) const = default;
};

}  // namespace dvmeet
