// The ways to a participant: what was gathered for them, which one is used, why there is none.
#include "paths.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <tuple>

#include "decimal.hpp"
#include "sdp.hpp"

namespace dvmeet {

namespace {

/// Unauthorised, forbidden, stale nonce, wrong credentials.  Spec: RFC 8489 §14.8, RFC 8656 §18.
bool is_refusal(std::uint32_t code) {
    return code == 401 || code == 403 || code == 438 || code == 441;
}
constexpr std::uint32_t kUnreachable = 701;

std::uint32_t& count_of(CandidateCounts& counts, CandidateType type) {
    switch (type) {
        case CandidateType::host: return counts.host;
        case CandidateType::srflx: return counts.srflx;
        case CandidateType::prflx: return counts.prflx;
        default: return counts.relay;
    }
}

bool is_stun(std::string_view url) { return url.starts_with("stun:"); }
bool is_relay(std::string_view url) {
    return url.starts_with("turn:") || url.starts_with("turns:");
}
bool is_over_udp(std::string_view url) {
    return (is_stun(url) || url.starts_with("turn:")) &&
           url.find("transport=tcp") == std::string_view::npos;
}

/// The host of a STUN or TURN URL.  Spec: RFC 7064 §3.1, RFC 7065 §3.1.
std::string_view host_of(std::string_view url) {
    url.remove_prefix(std::min(url.find(':') + 1, url.size()));
    url = url.substr(0, url.find('?'));
    if (url.starts_with('[')) return url.substr(0, url.find(']'));
    return url.substr(0, url.find(':'));
}

template <class Holds>
bool any_url(const std::vector<IceServer>& servers, const Holds& holds) {
    return std::any_of(servers.begin(), servers.end(), [&](const IceServer& server) {
        return std::any_of(server.urls.begin(), server.urls.end(), holds);
    });
}

std::size_t count_hosts_over_udp(const std::vector<IceServer>& servers) {
    std::set<std::string_view> hosts;
    for (const auto& server : servers)
        for (const std::string_view url : server.urls)
            if (is_over_udp(url)) hosts.insert(host_of(url));
    return hosts.size();
}

std::string text_of(const TransportAddress& address) {
    return address.address + " " + decimal(address.port);
}

bool is_relayed(const ChosenPair& pair) {
    return pair.local == CandidateType::relay || pair.remote == CandidateType::relay;
}

}  // namespace

// ---- what comes in --------------------------------------------------------------------------

void Paths::gathered(const std::optional<IceCandidate>& candidate) {
    complete_ = !candidate;
    if (!candidate) return;
    const std::string ufrag = ufrag_of(*candidate);
    if (ufrag != local_ufrag_) {
        local_ = {};
        mappings_.clear();
        bases_ = 0;
        local_ufrag_ = ufrag;
    }
    const auto type = type_of_candidate(candidate->candidate);
    if (type) ++count_of(local_, *type);
    if (const auto read = read_candidate(candidate->candidate)) note_mapping(*read);
}

void Paths::note_mapping(const CandidateAttribute& candidate) {
    if (candidate.transport != "udp") return;
    if (candidate.type == CandidateType::host) ++bases_;
    if (candidate.type != CandidateType::srflx || mappings_.size() >= kMostMappings) return;
    const bool is_told = candidate.related && candidate.related->port > 0;
    mappings_.push_back(
        {is_told ? text_of(*candidate.related) : "", text_of(candidate.connection)});
}

void Paths::learned(const std::optional<IceCandidate>& candidate) {
    if (!candidate) return;
    const std::string ufrag = ufrag_of(*candidate);
    if (ufrag != remote_ufrag_) {
        remote_ = {};
        remote_ufrag_ = ufrag;
    }
    if (const auto type = type_of_candidate(candidate->candidate)) ++count_of(remote_, *type);
}

void Paths::handle(const CandidateError& event) {
    is_refused_ = is_refused_ || (is_relay(event.url) && is_refusal(event.code));
    no_stun_ = no_stun_ || (is_over_udp(event.url) && event.code == kUnreachable);
}

void Paths::use(const PairStats& pair, TimeMs now) {
    if (!pair.local && !pair.remote) return;
    const ChosenPair next{now, pair.local, pair.remote, pair.protocol, pair.relay_protocol};
    if (!chosen_.empty()) {
        ChosenPair same = next;
        same.at = chosen_.back().at;
        if (same == chosen_.back()) return;
    }
    chosen_.push_back(next);
    if (chosen_.size() > kMostChosenPairs) chosen_.erase(chosen_.begin());
}

// ---- what it says ---------------------------------------------------------------------------

/// Servers that answer over UDP tell us our address, or give us one.
bool Paths::is_udp_blocked(const std::vector<IceServer>& servers) const {
    return no_stun_ && local_.srflx == 0 && local_.relay == 0 && any_url(servers, is_stun);
}

Failure Paths::failure(const std::vector<IceServer>& servers) const {
    const std::string none = "No direct path to this participant works, ";
    // Browsers wait for STUN far longer than for a path: where nothing else is asked, gathering
    // that goes on says that nobody has answered.
    const bool is_stun_silent = !complete_ && local_.host > 0 && local_.srflx == 0 &&
                                any_url(servers, is_stun) && !any_url(servers, is_relay);
    if ((is_udp_blocked(servers) && !is_refused_) || is_stun_silent)
        return {ErrorCode::udp_blocked,
                "No STUN or TURN server answers: this network seems to let no UDP through, or they "
                "don't run. Use another network, or a TURN server over TLS on port 443."};
    if (local_.relay > 0 || remote_.relay > 0)
        return {ErrorCode::connection_failed,
                "No network path to this participant works, not even by relay. Reconnect to try "
                "again."};
    if (is_refused_)
        return {ErrorCode::credentials_refused,
                none +
                    "and the relay refused our credentials. Check those of the TURN server; "
                    "they may have expired."};
    if (any_url(servers, is_relay))
        return {ErrorCode::relay_unreachable,
                none +
                    "and no relay can be reached. Check that the TURN server runs and that "
                    "this network lets it through, then reconnect."};
    return {ErrorCode::no_relay_configured,
            none +
                "and no relay is configured. Use another network, or give the meeting a TURN "
                "server."};
}

NatMapping Paths::mapping(const std::vector<IceServer>& servers) const {
    for (const auto& one : mappings_)
        for (const auto& other : mappings_) {
            // Where bases are hidden, only a single one leaves no doubt which it is.
            const bool same_base = one.base == other.base && (!one.base.empty() || bases_ == 1);
            if (same_base && one.mapped != other.mapped) return NatMapping::address_dependent;
        }
    // What a second server sees alike makes no second candidate (RFC 8445 §5.1.3).
    const bool all_asked = complete_ && !no_stun_ && count_hosts_over_udp(servers) >= 2;
    const bool is_clear = !mappings_.empty() && mappings_.size() <= bases_;
    return all_asked && is_clear ? NatMapping::endpoint_independent : NatMapping::unknown;
}

PathView Paths::view(const std::vector<IceServer>& servers) const {
    PathView view{local_, remote_, {}, mapping(servers), {}, chosen_};
    if (!chosen_.empty()) {
        view.relayed = is_relayed(chosen_.back());
        view.direct_likely = !*view.relayed;
    } else if (is_udp_blocked(servers)) {
        view.direct_likely = false;
    } else if (view.mapping == NatMapping::endpoint_independent && remote_.srflx > 0) {
        view.direct_likely = true;
    }
    return view;
}

}  // namespace dvmeet
