// What a meeting can be told before it starts, and every bound it keeps, with its reason.
#pragma once

#include <cstddef>
#include <vector>

#include "dvmeet/types.hpp"

namespace dvmeet {

/// Units: all times in milliseconds.
struct Config {
    std::vector<IceServer> ice_servers;  ///< used beside those of the server's join answer

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
    /// First pause before a lost socket is opened again; doubles up to the longest.
    std::uint32_t signaling_retry_ms = 500;
    std::uint32_t signaling_retry_longest_ms = 5'000;
    /// How often inbound media is sampled, to know who really receives whom.
    std::uint32_t sample_period_ms = 2'000;

    static constexpr auto fields() {
        constexpr Integer kTime{1, 3'600'000};
        return std::tuple{
            extension("iceServers", &Config::ice_servers, kIceServerList),
            extension("candidateCapacity", &Config::candidate_capacity, Integer{1, 4096}),
            extension("candidateWaitMs", &Config::candidate_wait_ms, kTime),
            extension("offerWaitMs", &Config::offer_wait_ms, kTime),
            extension("plainOfferWaitMs", &Config::plain_offer_wait_ms, kTime),
            extension("connectTimeoutMs", &Config::connect_timeout_ms, kTime),
            extension("joinTimeoutMs", &Config::join_timeout_ms, kTime),
            extension("signalingRetryMs", &Config::signaling_retry_ms, kTime),
            extension("signalingRetryLongestMs", &Config::signaling_retry_longest_ms, kTime),
            extension("samplePeriodMs", &Config::sample_period_ms, kTime)};
    }
    bool operator==(const Config&) const = default;
};

}  // namespace dvmeet
