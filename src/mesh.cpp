// Exactly one connection per pair: who starts, who waits, and whose message goes where.
#include "mesh.hpp"

#include <algorithm>

namespace dvmeet {

namespace {
/// Until the first media of everybody is seen, links are sampled this often.
constexpr TimeMs kFirstSampleMs = 500;
/// Of the longest ones some 40 KB, below the 64 KiB that every data channel takes.
constexpr std::size_t kRowsAMessage = 8;

bool is_due(const std::optional<TimeMs>& time, TimeMs now) { return time && *time <= now; }
}  // namespace

// ---- who is here ----------------------------------------------------------------------------

Peer* Mesh::note(const wire::Entry& entry, const Context& context, Turn& turn) {
    if (entry.socket_id == context.self) return nullptr;
    forget_departed(entry.socket_id);
    roster_.note(entry, turn);
    if (adrift_.erase(entry.socket_id) > 0) turn.changed = true;
    return roster_.find(entry.socket_id) == nullptr ? nullptr : &peer(entry.socket_id);
}

void Mesh::handle_join_list(const JoinList& list, const Context& context, Turn& turn) {
    for (const auto& entry : list.entries) {
        if (has_said_goodbye(entry.socket_id, turn.now)) continue;
        Peer* each = note(entry, context, turn);
        if (each == nullptr || each->awaits_offer()) continue;
        if (list.anew && each->connection() != 0) {
            each->return_to_signaling(context_of(entry.socket_id, context), turn);
        } else if (context.protocols_known && !roster_.find(entry.socket_id)->extended()) {
            each->expect_offer(turn, true);
        } else {
            each->start(context_of(entry.socket_id, context), turn);
        }
    }
    reconcile_at_ = turn.now + list.settles_in_ms;
}

void Mesh::remove_unconfirmed(Turn& turn) {
    if (!reconcile_at_ || *reconcile_at_ > turn.now) return;
    reconcile_at_.reset();
    for (const auto& gone : roster_.unconfirmed()) handle_left(gone, turn);
}

void Mesh::handle_list(const std::vector<wire::Entry>& entries, const Context& context,
                       Turn& turn) {
    for (const auto& entry : entries)
        if (!has_said_goodbye(entry.socket_id, turn.now)) (void)meet(entry, context, turn);
}

void Mesh::handle(const wire::UserJoined& message, const Context& context, Turn& turn) {
    Peer* newcomer = meet(message, context, turn);
    if (newcomer != nullptr) newcomer->resume_recovery(turn);
}

/// Who was only out of the server's sight goes on; another is returned, and makes the offer.
Peer* Mesh::meet(const wire::Entry& entry, const Context& context, Turn& turn) {
    const bool is_back =
        adrift_.contains(entry.socket_id) || roster_.is_unconfirmed(entry.socket_id);
    Peer* them = note(entry, context, turn);
    if (them == nullptr) return nullptr;
    them->expect_offer(turn, !roster_.find(entry.socket_id)->extended());
    if (!is_back) return them;
    them->resume_signaling(context_of(entry.socket_id, context), turn);
    return nullptr;
}

void Mesh::handle_left(const ParticipantId& id, Turn& turn) {
    if (adrift_.contains(id)) return;  // it goes when the path does
    const auto found = peers_.find(id);
    if (found == peers_.end() || !found->second.may_flow()) {
        remove(id, turn);
    } else {
        adrift_.insert(id);
        turn.changed = true;
        turn.report(Level::warn, ErrorCode::signaling_lost,
                    "The server has lost this participant; the connection still works.", id);
    }
}

void Mesh::remove(const ParticipantId& id, Turn& turn, bool by_goodbye) {
    adrift_.erase(id);
    strangers_.erase(id);
    links_.forget(id);
    stats_.erase(id);
    tiles_.forget(id);
    if (speakers_.active() == id) speakers_.clear(turn);
    forget_departed(id);
    departed_.push_back({id, turn.now + kDepartedMs, by_goodbye});
    if (departed_.size() > kMaxDeparted) departed_.erase(departed_.begin());
    const auto found = peers_.find(id);
    if (found == peers_.end()) return;
    found->second.close(false, turn);
    peers_.erase(found);
    roster_.remove(id, turn);
    turn.removed = true;
}

void Mesh::set_media(const wire::MediaStateUpdated& message, Turn& turn) {
    roster_.set_media(message.socket_id, message.is_muted,
                      message.is_camera_off.value_or(message.is_video_off), turn);
}

void Mesh::set_sharing(const ParticipantId& id, bool sharing, Turn& turn) {
    roster_.set_sharing(id, sharing, turn);
}

// ---- signaling of others --------------------------------------------------------------------

void Mesh::handle(const wire::OfferFrom& message, const Context& context, Turn& turn) {
    const ParticipantId& from = message.from_id;
    if (from == context.self || has_departed(from, turn.now)) {
        turn.report(Level::debug, ErrorCode::stale_message, "an offer of somebody who left", from);
        return;
    }
    // What is no offer introduces nobody.
    if (message.sdp.type != SdpType::offer && sender(from, turn) == nullptr) return;
    const std::uint32_t protocol = message.generation ? wire::kProtocol : 1;
    if (!roster_.note_unannounced(from, protocol, turn)) return;
    peer(from).follow_detour(false);
    peer(from).handle(message, context_of(from, context), turn);
}

void Mesh::handle(const wire::AnswerFrom& message, const Context& context, Turn& turn) {
    Peer* found = sender(message.from_id, turn);
    if (found == nullptr) return;
    found->follow_detour(false);
    found->handle(message, context_of(message.from_id, context), turn);
}

void Mesh::handle(const wire::IceCandidateFrom& message, const Context& context, Turn& turn) {
    const ParticipantId& from = message.from_id;
    const auto found = peers_.find(from);
    if (found != peers_.end()) {
        found->second.handle(message, turn);
        return;
    }
    const bool known = strangers_.contains(from);
    if (from == context.self || has_departed(from, turn.now) ||
        (!known && strangers_.size() >= kMaxStrangers)) {
        turn.report(Level::debug, ErrorCode::unknown_participant, "a candidate of nobody here",
                    from);
        return;
    }
    (void)strangers_[from].accept(message.candidate, turn, message.generation);
}

void Mesh::handle(const wire::IceRestartFrom& message, const Context& context, Turn& turn) {
    Peer* found = sender(message.from_id, turn);
    if (found == nullptr) return;
    found->follow_detour(false);
    found->handle(message, context_of(message.from_id, context), turn);
}

Peer& Mesh::peer(const ParticipantId& id) {
    const auto found = peers_.find(id);
    if (found != peers_.end()) return found->second;
    CandidateQueue early;
    const auto stranger = strangers_.find(id);
    if (stranger != strangers_.end()) {
        early = std::move(stranger->second);
        strangers_.erase(stranger);
    }
    return peers_.emplace(id, Peer{id, std::move(early)}).first->second;
}

Peer* Mesh::sender(const ParticipantId& id, Turn& turn) {
    const auto found = peers_.find(id);
    if (found != peers_.end()) return &found->second;
    turn.report(Level::debug, ErrorCode::unknown_participant, "a message of nobody here", id);
    return nullptr;
}

const Mesh::Departed* Mesh::departed(const ParticipantId& id, TimeMs now) const {
    const auto found = std::find_if(departed_.begin(), departed_.end(), [&](const Departed& each) {
        return each.id == id && each.until > now;
    });
    return found == departed_.end() ? nullptr : &*found;
}

bool Mesh::has_said_goodbye(const ParticipantId& id, TimeMs now) const {
    const Departed* const found = departed(id, now);
    return found != nullptr && found->by_goodbye;
}

void Mesh::forget_departed(const ParticipantId& id) {
    std::erase_if(departed_, [&](const Departed& each) { return each.id == id; });
}

PeerContext Mesh::context_of(const ParticipantId& id, const Context& context) const {
    const Participant* them = roster_.find(id);
    // What we have said that nobody looks at isn't sent.
    const bool silent = them != nullptr && them->muted &&
                        (them->video_off || tiles_.is_hidden(id, Slot::camera)) &&
                        (!them->sharing || tiles_.is_hidden(id, Slot::screen));
    const bool can_signal = context.can_signal && !adrift_.contains(id);
    return {context.self,
            context.room,
            context.media,
            context.ice_servers,
            them != nullptr && them->extended(),
            silent,
            can_signal,
            detour_to(id, can_signal)};
}

// ---- events of connections ------------------------------------------------------------------

std::pair<const ParticipantId, Peer>* Mesh::owner(ConnectionId connection) {
    for (auto& each : peers_)
        if (connection != 0 && each.second.connection() == connection) return &each;
    return nullptr;
}

void Mesh::follow(const ConnectionStateChanged& event, const ParticipantId& /*id*/, Peer& /*peer*/,
                  const Context& context, Turn& turn) {
    if (event.state == ConnectionState::connected) {
        sample_soon(0, turn);
        watch_soon(turn);
    }
    observe_links(context.self, turn);
}

void Mesh::follow(const ChannelOpened& /*event*/, const ParticipantId& id, Peer& peer,
                  const Context& context, Turn& turn) {
    tiles_.begin(id);
    // The others tell it their own rows; what it doesn't hear from them is passed on in time.
    const auto* const own = links_.find(context.self);
    if (own != nullptr) peer.send(channel::LinkStates{{*own}}, turn);
    for (const Participant& each : roster_.all())
        if (links_.find(each.id) != nullptr) heard_.try_emplace(each.id, each.id);
}

void Mesh::follow(const StatsSampled& event, const ParticipantId& id, Peer& peer,
                  const Context& context, Turn& turn) {
    if (!peer.is_received()) sample_soon(kFirstSampleMs, turn);
    if (peer.is_heard() != links_.hears(context.self, id)) observe_links(context.self, turn);
    // What a path loses that is dead or on its way back says nothing of the uplink.
    if (peer.tile() != TileState::connected || !peer.is_received())
        quality_.forget(event.connection);
    else if (turn.config.adapt)
        quality_.take(event, turn.now);
    if (watched_ && event.at > 0) note_stats(id, event, peer, turn);
}

void Mesh::receive(const ParticipantId& from, const channel::Message& message,
                   const Context& context, Turn& turn) {
    if (std::holds_alternative<channel::Goodbye>(message)) {
        remove(from, turn, true);
        return;
    }
    Peer& peer = peers_.at(from);
    peer.hear(turn);
    if (std::holds_alternative<channel::Ping>(message)) peer.send(channel::Pong{}, turn);
    if (const auto* passed = std::get_if<channel::Forward>(&message))
        forward(from, *passed, context, turn);
    if (const auto* sizes = std::get_if<channel::TileSizes>(&message)) {
        tiles_.learn(from, *sizes);
        adapt(turn);
    }
    if (!std::holds_alternative<channel::LinkStates>(message)) return;
    if (links_.is_full()) links_.keep(present(context.self));
    auto news = links_.learn(context.self, std::get<channel::LinkStates>(message));
    if (news.empty()) return;
    turn.changed = true;
    for (auto& row : news) heard_.insert_or_assign(row.receiver, from);
}

/// Our own row says already whom we hear; both are in the order of ids.
bool Mesh::has_told_links(const ParticipantId& self) const {
    const auto* const own = links_.find(self);
    if (own == nullptr) return false;
    auto told = own->senders.begin();
    for (const auto& [id, each] : peers_) {
        if (!each.is_heard()) continue;
        if (told == own->senders.end() || *told != id) return false;
        ++told;
    }
    return told == own->senders.end();
}

void Mesh::observe_links(const ParticipantId& self, Turn& turn) {
    std::vector<ParticipantId> senders;
    for (const auto& [id, each] : peers_)
        if (each.is_heard()) senders.push_back(id);
    if (const auto row = links_.observe(self, std::move(senders))) {
        turn.changed = true;
        for (const auto& [id, each] : peers_) each.send(channel::LinkStates{{*row}}, turn);
    }
}

/// Rows are passed on to those who don't hear their receivers themselves, some at a time.
/// Why: in a room where everybody hears everybody nothing needs to be; passing each on at once, as
///      it comes, would cost the fourth power of the participants while they arrive.
void Mesh::pass_on(Turn& turn) {
    std::vector<std::pair<const channel::LinkRow*, ParticipantId>> rows;
    while (!heard_.empty() && rows.size() < kRowsAMessage) {
        const auto next = heard_.begin();
        const auto* const row = links_.find(next->first);
        const bool is_here = roster_.find(next->first) != nullptr;
        if (row != nullptr && is_here) rows.emplace_back(row, next->second);
        heard_.erase(next);
    }
    for (const auto& [id, each] : peers_) {
        channel::LinkStates news;
        for (const auto& [row, from] : rows)
            if (row->receiver != id && from != id && !links_.hears(id, row->receiver))
                news.rows.push_back(*row);
        if (!news.rows.empty()) each.send(news, turn);
    }
}

void Mesh::sample_soon(TimeMs delay, Turn& turn) {
    const TimeMs at = turn.now + delay;
    sample_at_ = sample_at_ ? std::min(*sample_at_, at) : at;
}

// ---- wishes and time ------------------------------------------------------------------------

void Mesh::reconnect(const std::optional<ParticipantId>& whom, const Context& context, Turn& turn) {
    if (whom && !peers_.contains(*whom)) {
        turn.report(Level::info, ErrorCode::unknown_participant, "nobody here to reconnect to",
                    *whom);
        return;
    }
    for (auto& [id, each] : peers_) {
        const bool chosen = whom ? id == *whom : each.tile() != TileState::connected;
        if (chosen) each.reconnect(context_of(id, context), turn);
    }
}

void Mesh::doubt_all(Turn& turn) {
    quality_.reset_uplink();
    for (auto& [id, each] : peers_) each.doubt(turn);
}

void Mesh::encourage_all(Turn& turn) {
    for (auto& [id, each] : peers_) each.encourage(turn);
}

void Mesh::set_ice_servers(const std::vector<IceServer>& servers, Turn& turn) const {
    for (const auto& [id, each] : peers_) each.set_ice_servers(servers, turn);
}

void Mesh::converge(const LocalMedia& media, Turn& turn) {
    for (auto& [id, each] : peers_) each.converge(media, turn);
    quality_.constrain(media, roster_.all().size() + 1, turn);
    adapt(turn);
    tell_sizes(turn);
}

/// By way of somebody else, while its ladder isn't over.
bool Mesh::may_come_back(const ParticipantId& id) const {
    return !peers_.at(id).failure() && detour_to(id, false);
}

/// Where nothing can be said to them by way of somebody else either, what doesn't heal alone stays
/// broken.
void Mesh::remove_lost(const ParticipantId& self, Turn& turn) {
    std::vector<ParticipantId> lost;
    for (const auto& id : adrift_)
        if (!peers_.at(id).may_heal() && !may_come_back(id)) lost.push_back(id);
    for (const auto& id : lost) remove(id, turn);
    if (!lost.empty()) observe_links(self, turn);
}

void Mesh::pass_time(const Context& context, Turn& turn) {
    remove_unconfirmed(turn);
    remove_lost(context.self, turn);
    for (auto& [id, each] : peers_)
        if (each.is_due(turn.now)) each.pass_time(context_of(id, context), turn);
    for (auto& [id, candidates] : strangers_) candidates.expire(turn);
    std::erase_if(strangers_, [](const auto& each) { return each.second.size() == 0; });
    tell_sizes(turn);
    sample_in_time(context, turn);
}

void Mesh::sample_in_time(const Context& context, Turn& turn) {
    if (is_due(audio_at_, turn.now)) {
        audio_at_.reset();
        if (is_anybody_connected()) {
            turn.act(SampleAudio{});
            audio_at_ = turn.now + turn.config.audio_period_ms;
        } else {
            speakers_.clear(turn);
        }
    }
    const bool detailed = is_due(stats_at_, turn.now);
    if (!detailed && !is_due(sample_at_, turn.now)) return;
    sample_at_.reset();
    if (detailed) stats_at_.reset();
    if (detailed && turn.config.adapt) {
        quality_.conclude(turn.now);
        adapt(turn);
    }
    if (!has_told_links(context.self)) observe_links(context.self, turn);
    pass_on(turn);
    for (auto& [id, each] : peers_) each.sample(detailed, turn);
    if (!is_anybody_connected()) return;
    sample_soon(turn.config.sample_period_ms, turn);
    if (detailed && wants_details(turn.config)) stats_at_ = turn.now + turn.config.stats_period_ms;
}

bool Mesh::is_anybody_connected() const {
    return std::any_of(peers_.begin(), peers_.end(),
                       [](const auto& each) { return each.second.is_connected(); });
}

bool Mesh::is_cut_off() const {
    bool is_anybody_unheard = false;
    for (const auto& [id, each] : peers_) {
        if (each.failure()) continue;
        if (each.is_unheard()) {
            is_anybody_unheard = true;
        } else if (each.is_connected()) {
            return false;
        }
    }
    return is_anybody_unheard;
}

Deadline Mesh::deadline() const {
    Deadline earliest = sample_at_;
    for (const auto& [id, each] : peers_) {
        earliest.note(each.deadline());
        if (!tiles_.empty() && each.channel_open()) earliest.note(tiles_.deadline(id));
    }
    for (const auto& [id, candidates] : strangers_) earliest.note(candidates.deadline());
    earliest.note(reconcile_at_);
    earliest.note(stats_at_);
    earliest.note(audio_at_);
    return earliest;
}

void Mesh::clear(bool with_goodbye, Turn& turn) {
    for (auto& [id, each] : peers_) each.close(with_goodbye, turn);
    peers_.clear();
    strangers_.clear();
    departed_.clear();
    roster_.clear();
    links_.clear();
    stats_.clear();
    speakers_.clear(turn);
    tiles_.clear();
    quality_.clear();
    sample_at_.reset();
    stats_at_.reset();
    audio_at_.reset();
    reconcile_at_.reset();
    adrift_.clear();
    heard_.clear();
    turn.changed = true;
}

// ---- what is seen ---------------------------------------------------------------------------

std::vector<ParticipantView> Mesh::view() const {
    std::vector<ParticipantView> tiles;
    for (const Participant& each : roster_.all()) {
        const auto found = peers_.find(each.id);
        ParticipantView tile{each.id, each.name, false, each.muted, each.video_off, each.sharing};
        if (found != peers_.end()) {
            tile.has_screen = each.sharing && found->second.has_screen_line();
            tile.signaling_lost = adrift_.contains(each.id);
            tile.connection = found->second.tile();
            tile.error = found->second.failure();
            tile.quality = quality_of(each.id, tile.connection);
        }
        tiles.push_back(std::move(tile));
    }
    return tiles;
}

std::vector<LinkView> Mesh::links(const ParticipantId& self) const {
    return links_.view(present(self));
}

Links::Present Mesh::present(const ParticipantId& self) const {
    Links::Present ids{self};
    ids.reserve(roster_.all().size() + 1);
    for (const Participant& each : roster_.all()) ids.emplace_back(each.id);
    std::sort(ids.begin(), ids.end());
    return ids;
}

std::string Mesh::name_of(const ParticipantId& id) const {
    const Participant* found = roster_.find(id);
    return found == nullptr ? std::string{} : found->name;
}

}  // namespace dvmeet
