// The far end of one connection, from first sight to goodbye.
#include "peer.hpp"

#include "decimal.hpp"

#include <utility>

namespace dvmeet {

namespace {
/// Local candidates held back while a description is being set; a browser gathers few so fast.
constexpr std::size_t kMaxGathered = 256;
/// With a plain peer that always yields, one fresh start suffices; more would be a loop.
constexpr std::uint32_t kMaxCrossings = 3;
/// Offers that are under way at the same time are no older than this.
constexpr TimeMs kCrossingMs = 2'000;
/// ICE often heals alone right after the browser calls it disconnected.
constexpr std::uint32_t kHealMs = 300;

std::string seconds(std::uint32_t ms) { return decimal(ms / 1000) + " s"; }
}  // namespace

// ---- making and closing ---------------------------------------------------------------------

void Peer::start(const PeerContext& context, Turn& turn) {
    if (link_) return;
    create(context, turn);
    link_->lines.add_all(turn);
    link_->lines.converge(context.media, false, turn);
}

void Peer::expect_offer(Turn& turn, bool is_plain) {
    if (link_ || offer_by_) return;
    const Config& config = turn.config;
    offer_by_ = turn.now + (is_plain ? config.plain_offer_wait_ms : config.offer_wait_ms);
}

/// Without signaling no new connection can come about, and the present one may heal.
void Peer::reconnect(const PeerContext& context, Turn& turn) {
    recovery_.reset();
    given_up_ = false;
    if (context.can_signal || !link_ || !link_->was_connected) {
        rebuild(context, turn);
    } else {
        try_anew(turn);
    }
}

void Peer::rebuild(const PeerContext& context, Turn& turn) {
    drop_link(turn);
    start(context, turn);
}

void Peer::close(bool with_goodbye, Turn& turn) {
    if (with_goodbye) send(channel::Goodbye{}, turn);
    drop_link(turn);
}

void Peer::create(const PeerContext& context, Turn& turn) {
    const ConnectionId id = ++turn.counters.connection;
    const bool polite = context.self < id_;
    link_ = Link{.id = id,
                 .negotiation = Negotiation{id, polite},
                 .lines = MediaLines{id, context.extended},
                 .connect_by = turn.now + turn.config.connect_timeout_ms};
    offer_by_.reset();
    if (!given_up_) failure_.reset();
    turn.changed = true;
    turn.act(CreateConnection{id, id_, context.ice_servers, context.extended});
}

void Peer::drop_link(Turn& turn) {
    if (!link_) return;
    turn.act(CloseConnection{link_->id});
    turn.changed = true;
    candidates_.restart(turn);
    if (const auto known = link_->negotiation.remote_generation()) last_remote_ = known;
    link_.reset();
}

// ---- messages of the other side -------------------------------------------------------------

void Peer::handle(const wire::OfferFrom& message, const PeerContext& context, Turn& turn) {
    if (message.sdp.type != SdpType::offer) {
        report_mislabelled(turn);
        return;
    }
    const Negotiation::Received received{message.sdp, message.generation, message.round};
    if (goes_on_with_failed(message)) {
        rebuild(context, turn);
        return;
    }
    if (link_ && link_->negotiation.has_taken(received)) {
        resend(context, turn);
        return;
    }
    if (!link_ && message.peer_generation) {
        // It goes on with a connection that is gone here; only a new one can take its place.
        start(context, turn);
        return;
    }
    if (is_stale(message)) {
        report_stale(turn);
        return;
    }
    if (link_ && (is_replaced_by(message) || link_->negotiation.has_failed())) drop_link(turn);
    if (meets_our_first_offer()) {
        // Who has seen our offer and offers anew has given it up.
        const bool is_over = message.replaces == link_->id;
        if (!link_->negotiation.polite() && !is_over) {
            turn.report(Level::debug, ErrorCode::offer_ignored, "an offer collided with ours", id_);
            candidates_.expect();
            candidates_.ignore(read_sdp(message.sdp.sdp), turn);
            remind(context, turn);
            return;
        }
        yield(context, turn);
    }
    if (!link_) create(context, turn);
    recovery_.postpone(turn);
    link_->negotiation.receive(received, id_, turn, candidates_);
}

/// The browser refused a step here: nothing that the other side says in its connection is answered.
bool Peer::goes_on_with_failed(const wire::OfferFrom& message) const {
    return link_ && link_->negotiation.has_failed() && message.peer_generation == link_->id &&
           message.generation == link_->negotiation.remote_generation();
}

/// The other side is there, and may never have had our offer.  One that crosses ours just now will
/// be given up for it.
void Peer::remind(const PeerContext& context, Turn& turn) {
    if (turn.now - link_->sent_at < kCrossingMs) return;
    if (!given_up_) forgive(turn);
    link_->connect_by = turn.now + turn.config.connect_timeout_ms;
    resend(context, turn);
}

/// An offer meets lines of ours that no description of both sides holds yet: ours is under way, or
/// about to be.
bool Peer::meets_our_first_offer() const {
    return link_ && link_->negotiation.is_fresh() && link_->lines.has(Slot::microphone);
}

/// A fresh connection answers, in the place of a rollback.
/// Why: the lines of the offer would be left over, since addTransceiver's never match the other
///      side's (RFC 8829 §5.10): stop() of one without a media line makes both Chromium and Firefox
///      ask for negotiation without end, and keeping them doubles the lines.
void Peer::yield(const PeerContext& context, Turn& turn) {
    const bool was_sent = link_->negotiation.awaits_answer();
    drop_link(turn);
    create(context, turn);
    if (was_sent) link_->negotiation.stand_in();
}

void Peer::handle(const wire::AnswerFrom& message, const PeerContext& context, Turn& turn) {
    if (message.sdp.type != SdpType::answer && message.sdp.type != SdpType::pranswer) {
        report_mislabelled(turn);
        return;
    }
    if (is_stale(message)) {
        report_stale(turn);
        return;
    }
    if (!link_) {
        turn.report(Level::debug, ErrorCode::stale_message, "an answer without a connection", id_);
        return;
    }
    link_->negotiation.receive({message.sdp, message.generation, message.round}, id_, turn,
                               candidates_);
    resolve_crossing(context, turn);
}

/// Both sides took their offers back for the other's: each now believes it is the answerer, and
/// DTLS can't start.  Only a peer that doesn't know politeness does this.
void Peer::resolve_crossing(const PeerContext& context, Turn& turn) {
    if (!link_->negotiation.crossed() || context.extended || crossings_ >= kMaxCrossings) return;
    ++crossings_;
    rebuild(context, turn);
}

void Peer::handle(const wire::IceCandidateFrom& message, Turn& turn) {
    if (is_stale(message)) {
        report_stale(turn);
        return;
    }
    if (candidates_.accept(message.candidate, turn, message.generation))
        add_candidate(message.candidate, turn);
}

void Peer::handle(const wire::IceRestartFrom& message, const PeerContext& context, Turn& turn) {
    if (!link_) {
        start(context, turn);
        return;
    }
    if (link_->negotiation.awaits_answer()) {
        resend(context, turn);
    } else if (is_stale(message)) {
        report_stale(turn);
    } else if (!given_up_) {
        try_anew(turn);
    } else if (leads(context) && link_->negotiation.is_stable()) {
        turn.act(RestartIce{link_->id});
    }
}

/// An offer of a connection that a former link of ours talked to, or one that this link talks to
/// and that means another of ours.
bool Peer::is_stale(const wire::OfferFrom& message) const {
    if (!message.generation) return false;
    if (link_ && message.peer_generation && *message.peer_generation != link_->id) return true;
    const auto known = link_ ? link_->negotiation.remote_generation() : std::nullopt;
    if (!known) return last_remote_ && *message.generation <= *last_remote_;
    // Who made its first offer anew may never have had our answer, and then can't name our link;
    // the round tells that offer from a late copy of the former one.
    const bool is_late_copy =
        *message.generation == *known && !message.peer_generation && !message.round;
    return *message.generation < *known || is_late_copy;
}

bool Peer::is_stale(const wire::Generations& message) const {
    if (message.peer_generation && (!link_ || *message.peer_generation != link_->id)) return true;
    const auto known = link_ ? link_->negotiation.remote_generation() : std::nullopt;
    if (!message.generation) return false;
    return known ? *message.generation < *known
                 : last_remote_ && *message.generation <= *last_remote_;
}

void Peer::report_mislabelled(Turn& turn) const {
    turn.report(Level::warn, ErrorCode::malformed_message,
                "sdp.type does not fit the message it came in", id_);
}

void Peer::report_stale(Turn& turn) const {
    turn.report(Level::debug, ErrorCode::stale_message, "a message of a connection that is gone",
                id_);
}

/// The other side has made a new connection: its number is higher, or its session id differs.
bool Peer::is_replaced_by(const wire::OfferFrom& message) const {
    const auto known = link_->negotiation.remote_generation();
    if (message.generation && known) return *message.generation > *known;
    const std::string& session = link_->negotiation.remote_facts().session;
    return !session.empty() && session != read_sdp(message.sdp.sdp).session;
}

// ---- completions and callbacks of the connection --------------------------------------------

/// What works goes on: ICE servers that the browser does not take are no reason to cut it.
void Peer::handle(const ActionFailed& event, const PeerContext& /*context*/, Turn& turn) {
    if (is_connected()) {
        turn.report(Level::warn, ErrorCode::negotiation_failed,
                    "The browser refused a step for this connection, which goes on (" +
                        event.error.name + ": " + event.error.message +
                        "). Check the configured ICE servers.",
                    id_);
        return;
    }
    fail(ErrorCode::negotiation_failed,
         "The browser refused this connection (" + event.error.name + ": " + event.error.message +
             "). Check the configured ICE servers, then reconnect.",
         turn);
}

void Peer::handle(const NegotiationNeeded& /*event*/, const PeerContext& /*context*/, Turn& turn) {
    link_->negotiation.need(turn);
}

void Peer::handle(const LocalDescriptionSet& event, const PeerContext& context, Turn& turn) {
    if (link_->negotiation.handle(event) != Negotiation::Outcome::send_local) return;
    send_description(event.description, context, turn);
    flush_gathered(context, turn);
    link_->negotiation.proceed(id_, turn, candidates_);
    resolve_crossing(context, turn);
}

void Peer::handle(const RemoteDescriptionSet& event, const PeerContext& context, Turn& turn) {
    using Outcome = Negotiation::Outcome;
    const Outcome outcome = link_->negotiation.handle(event);
    if (outcome == Outcome::nothing) return;
    const SdpFacts& facts = link_->negotiation.remote_facts();
    const auto generation = link_->negotiation.remote_generation();
    for (const auto& candidate : candidates_.release(facts, turn, generation))
        add_candidate(candidate, turn);
    link_->lines.adopt(event.transceivers, turn);
    link_->lines.converge(context.media, false, turn);
    if (outcome == Outcome::answer_applied) {
        link_->resend_at.reset();
        flush_gathered(context, turn);
    }
    link_->negotiation.answer(turn);
    link_->negotiation.proceed(id_, turn, candidates_);
}

void Peer::handle(const OperationDone& event, const PeerContext& /*context*/, Turn& /*turn*/) {
    link_->lines.complete(event.op);
}

void Peer::handle(const OperationFailed& event, const PeerContext& /*context*/, Turn& turn) {
    const std::string why = event.error.name + ": " + event.error.message;
    if (link_->negotiation.handle(event) == Negotiation::Outcome::failed) {
        fail(ErrorCode::negotiation_failed,
             "The browser refused a step of the negotiation (" + why + ").", turn);
    } else if (link_->lines.complete(event.op)) {
        turn.report(Level::warn, ErrorCode::track_rejected, why, id_);
    } else if (link_->sampling == event.op) {
        link_->sampling = 0;
    } else {
        turn.report(Level::info, ErrorCode::candidate_rejected, why, id_);
    }
}

void Peer::handle(const CandidateGathered& event, const PeerContext& context, Turn& turn) {
    if (event.candidate && event.candidate->candidate.empty()) return;
    link_->paths.gathered(event.candidate);
    // A candidate says nothing to the other side before the description that names its ufrag.
    const bool described = link_->negotiation.is_stable() || link_->negotiation.awaits_answer();
    if (described) {
        send_candidate(event.candidate, context, turn);
    } else if (link_->gathered.size() < kMaxGathered) {
        link_->gathered.push_back(event.candidate);
    } else {
        turn.report(Level::warn, ErrorCode::queue_full, "too many local candidates at once", id_);
    }
}

void Peer::handle(const ConnectionStateChanged& event, const PeerContext& context, Turn& turn) {
    if (link_->state == event.state) return;
    link_->state = event.state;
    turn.changed = true;
    if (event.state == ConnectionState::connected) {
        was_connected_ = link_->was_connected = true;
        crossings_ = 0;
        forgive(turn);
        link_->alive_at = turn.now;
        prove(turn);
    } else if (failure_) {
        return;  // given up: only the network or a person begins anew
    } else if (event.state == ConnectionState::disconnected) {
        recovery_.suspect(kHealMs + turn.draw(kHealMs), false, turn);
    } else if (event.state == ConnectionState::failed && was_connected_) {
        recovery_.suspect(0, false, turn);
    } else if (event.state == ConnectionState::failed) {
        Failure why = link_->paths.failure(context.ice_servers);
        fail(why.code, std::move(why.detail), turn);
    }
}

void Peer::handle(const ChannelOpened& /*event*/, const PeerContext& /*context*/, Turn& /*turn*/) {
    link_->channel_open = true;
}

void Peer::handle(const ChannelClosed& /*event*/, const PeerContext& /*context*/, Turn& /*turn*/) {
    link_->channel_open = false;
    link_->pinging = false;
}

void Peer::handle(const CandidateError& event, const PeerContext& /*context*/, Turn& /*turn*/) {
    link_->paths.handle(event);
}

// ---- what is sent ---------------------------------------------------------------------------

void Peer::send_description(const SessionDescription& description, const PeerContext& context,
                            Turn& turn) {
    const bool same_generation =
        link_->sent && read_sdp(link_->sent->sdp).ufrags == read_sdp(description.sdp).ufrags;
    if (!same_generation) link_->sent_candidates.clear();
    link_->sent = description;
    link_->resends = 0;
    link_->resend_at.reset();
    link_->sent_at = turn.now;
    if (description.type == SdpType::offer && context.extended) resend_later(turn);
    emit_description(context, turn);
}

void Peer::emit_description(const PeerContext& context, Turn& turn) const {
    const Negotiation& negotiation = link_->negotiation;
    wire::DescriptionFrom message{generations(), context.self, *link_->sent, {}, {}};
    if (link_->sent->type == SdpType::offer) {
        if (context.extended) message.round = negotiation.round();
        if (!message.peer_generation) message.replaces = last_remote_;
        emit(wire::OfferFrom{std::move(message)}, context, turn);
    } else {
        message.round = negotiation.remote_round();
        emit(wire::AnswerFrom{std::move(message)}, context, turn);
    }
}

void Peer::resend(const PeerContext& context, Turn& turn) {
    const Negotiation& negotiation = link_->negotiation;
    const bool is_due =
        link_->sent && (link_->sent->type == SdpType::offer ? negotiation.awaits_answer()
                                                            : negotiation.is_stable());
    if (is_due) emit_description(context, turn);
    link_->sent_at = turn.now;
    if (!is_due && is_connected()) return;
    for (const auto& candidate : link_->sent_candidates) emit_candidate(candidate, context, turn);
}

void Peer::send_candidate(const std::optional<IceCandidate>& candidate, const PeerContext& context,
                          Turn& turn) {
    if (link_->sent_candidates.size() < kMaxGathered) link_->sent_candidates.push_back(candidate);
    emit_candidate(candidate, context, turn);
}

void Peer::emit_candidate(const std::optional<IceCandidate>& candidate, const PeerContext& context,
                          Turn& turn) const {
    // A plain peer makes an RTCIceCandidate of whatever it gets; the end is not one.
    if (!candidate && !context.extended) return;
    emit(wire::IceCandidateFrom{generations(), context.self, candidate}, context, turn);
}

void Peer::flush_gathered(const PeerContext& context, Turn& turn) {
    for (const auto& candidate : link_->gathered) send_candidate(candidate, context, turn);
    link_->gathered.clear();
}

void Peer::add_candidate(const std::optional<IceCandidate>& candidate, Turn& turn) {
    link_->paths.learned(candidate);
    // An empty candidate-attribute is the end as well; for all lines, since they are bundled.
    const bool is_end = !candidate || candidate->candidate.empty();
    turn.act(AddIceCandidate{link_->id, turn.next_operation(), is_end ? std::nullopt : candidate});
}

wire::Generations Peer::generations() const {
    return {link_->id, link_->negotiation.remote_generation()};
}

void Peer::send(const channel::Message& message, Turn& turn) const {
    if (channel_open()) turn.act(SendOnChannel{link_->id, message});
}

void Peer::sample(bool detailed, Turn& turn) {
    if (!is_connected() || link_->sampling != 0) return;
    link_->sampling = turn.next_operation();
    turn.act(SampleStats{link_->id, link_->sampling, detailed});
}

// ---- convergence and time -------------------------------------------------------------------

void Peer::converge(const LocalMedia& media, Turn& turn) {
    if (!link_) return;
    const bool settled = link_->negotiation.is_stable() && !link_->negotiation.is_fresh();
    link_->lines.converge(media, settled, turn);
}

void Peer::pass_time(const PeerContext& context, Turn& turn) {
    candidates_.expire(turn);
    if (offer_by_ && *offer_by_ <= turn.now) {
        offer_by_.reset();
        start(context, turn);
    }
    resend_in_time(context, turn);
    recover(context, turn);
    if (!is_first_try() || link_->connect_by > turn.now) return;
    if (context.can_signal) {
        give_up_connecting(turn);
    } else {
        link_->connect_by = turn.now + turn.config.connect_timeout_ms;
    }
}

bool Peer::is_first_try() const {
    return link_ && !failure_ && !link_->was_connected && !recovery_.is_active();
}

void Peer::give_up_connecting(Turn& turn) {
    link_->resend_at.reset();
    if (link_->negotiation.awaits_answer()) {
        fail(ErrorCode::no_answer,
             "This participant did not answer within " + seconds(turn.config.connect_timeout_ms) +
                 ". Reconnect to try again.",
             turn);
    } else {
        fail(ErrorCode::connect_timeout,
             "No connection came about within " + seconds(turn.config.connect_timeout_ms) +
                 ". Reconnect to try again.",
             turn);
    }
}

Deadline Peer::deadline() const {
    Deadline earliest = candidates_.deadline();
    earliest.note(offer_by_);
    if (is_first_try()) earliest.note(link_->connect_by);
    if (link_) earliest.note(link_->resend_at);
    earliest.note(recovery_.deadline());
    return earliest;
}

void Peer::fail(ErrorCode code, std::string detail, Turn& turn) {
    turn.report(Level::error, code, detail, id_);
    failure_ = Failure{code, clipped(std::move(detail), kSentenceText.max)};
    turn.changed = true;
}

void Peer::forgive(Turn& turn) {
    turn.changed = turn.changed || failure_;
    failure_.reset();
    given_up_ = false;
}

bool Peer::is_connected() const { return link_ && link_->state == ConnectionState::connected; }

TileState Peer::tile() const {
    if (failure_) return TileState::failed;
    if (!link_) return TileState::fresh;
    if (recovery_.is_active()) return TileState::reconnecting;
    if (is_connected()) return TileState::connected;
    return was_connected_ ? TileState::reconnecting : TileState::connecting;
}

}  // namespace dvmeet
