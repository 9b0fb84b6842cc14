// A model of the signaling server: who is in the room, and what it passes on to whom.
#include "server.hpp"

#include <algorithm>

namespace dvmeet::sim {

namespace {

constexpr std::uint32_t kHeartbeatMs = 1'000;
constexpr char kTokenMark = 't';
constexpr std::size_t kReplayed = 6;

/// A description's or candidate's own fields, from what one sends to what the other gets.
template <class To, class From>
void copy_generations(To& to, const From& from, bool plain) {
    if (plain) return;
    static_cast<wire::Generations&>(to) = from;
    if constexpr (requires { to.round; }) {
        to.round = from.round;
        to.replaces = from.replaces;
    }
}

template <class To, class From>
To description_from(const From& message, const ParticipantId& id, bool plain) {
    To relayed;
    relayed.from_id = id;
    relayed.sdp = message.sdp;
    copy_generations(relayed, message, plain);
    return relayed;
}

}  // namespace

std::string to_text(SocketId socket) {
    return "s" + std::to_string(page_of(socket)) + "." + std::to_string(socket & 0xFFFFU);
}

Server::Member* Server::on(SocketId socket) {
    const auto found = std::find_if(members_.begin(), members_.end(),
                                    [&](const Member& each) { return each.socket == socket; });
    return found == members_.end() ? nullptr : &*found;
}

Server::Member* Server::find(const ParticipantId& id) {
    const auto found = std::find_if(members_.begin(), members_.end(),
                                    [&](const Member& each) { return each.id == id; });
    return found == members_.end() ? nullptr : &*found;
}

std::vector<wire::Entry> Server::entries() const {
    std::vector<wire::Entry> all;
    for (const Member& each : members_) all.push_back(each.entry);
    return all;
}

void Server::deliver(Member& to, const ParticipantId& from, wire::ServerMessage message,
                     bool is_kept, Deliveries& out) const {
    SignalReceived event{std::move(message)};
    if (to.socket != 0) {
        if (settings_.replays && is_kept) {
            to.recent.emplace_back(from, event);
            if (to.recent.size() > kReplayed) to.recent.erase(to.recent.begin());
        }
        out.push_back({to.socket, std::move(event)});
    } else if (is_kept) {
        const auto* const offer = std::get_if<wire::OfferFrom>(&event.message);
        if (offer != nullptr && offer->generation) forget_replaced(to, from);
        to.kept.emplace_back(from, std::move(event));
    }
}

/// The offers of a sender since its last answer, and what follows them, are void once it offers
/// anew.
void Server::forget_replaced(Member& to, const ParticipantId& from) {
    const auto message_of = [](const auto& kept) -> const wire::ServerMessage& {
        return std::get<SignalReceived>(kept.second).message;
    };
    const auto is_from = [&](const auto& each) { return each.first == from; };
    const auto answer = std::find_if(to.kept.rbegin(), to.kept.rend(), [&](const auto& each) {
        return is_from(each) && std::holds_alternative<wire::AnswerFrom>(message_of(each));
    });
    const auto first = std::find_if(answer.base(), to.kept.end(), [&](const auto& each) {
        return is_from(each) && std::holds_alternative<wire::OfferFrom>(message_of(each));
    });
    to.kept.erase(std::remove_if(first, to.kept.end(), is_from), to.kept.end());
}

void Server::to_others(const ParticipantId& from, const wire::ServerMessage& message,
                       Deliveries& out) {
    for (Member& each : members_)
        if (each.id != from) deliver(each, from, message, false, out);
}

void Server::relay(const ParticipantId& from, const ParticipantId& target,
                   wire::ServerMessage message, Deliveries& out) {
    if (Member* const to = find(target)) deliver(*to, from, std::move(message), true, out);
}

Server::Deliveries Server::receive(SocketId from, std::optional<OperationId> op,
                                   const wire::ClientMessage& message, TimeMs now) {
    Deliveries out;
    if (const auto* joining = std::get_if<wire::JoinRoom>(&message)) {
        join(from, op, *joining, now, out);
    } else if (std::holds_alternative<wire::Heartbeat>(message)) {
        out.push_back({from, HeartbeatAnswered{op.value_or(0)}});
    } else if (Member* const member = on(from)) {
        serve(*member, op, message, out);
    }
    return out;
}

Server::Deliveries Server::closed(SocketId socket, TimeMs now) {
    Deliveries out;
    Member* const member = on(socket);
    if (member == nullptr) return out;
    if (resumes()) {
        member->socket = 0;
        member->away_until = now + kGraceMs;
    } else {
        remove(ParticipantId{member->id}, out);
    }
    return out;
}

Server::Deliveries Server::expire(TimeMs now) {
    Deliveries out;
    std::vector<ParticipantId> gone;
    for (const Member& each : members_)
        if (each.away_until && *each.away_until <= now) gone.push_back(each.id);
    for (const auto& id : gone) remove(id, out);
    return out;
}

void Server::restart(TimeMs now) {
    members_.clear();
    log_.clear();
    settled_at_ = now + kGraceMs;
}

void Server::remove(const ParticipantId& id, Deliveries& out) {
    std::erase_if(members_, [&](const Member& each) { return each.id == id; });
    to_others(id, wire::UserLeft{{id}}, out);
    to_others(id, wire::ParticipantLeft{{id}}, out);
}

// ---- joining --------------------------------------------------------------------------------

void Server::join(SocketId from, std::optional<OperationId> op, const wire::JoinRoom& message,
                  TimeMs now, Deliveries& out) {
    ParticipantId id = (resumes() ? "P" : "") + to_text(from);
    const bool resumed = resumes() && message.resume && message.resume->front() == kTokenMark;
    if (resumed) id = message.resume->substr(1);
    if (const Member* const already = on(from)) id = already->id;
    const bool is_new = find(id) == nullptr;
    if (is_new) members_.push_back({id, from, {}});
    Member& member = *find(id);
    const wire::Entry former = member.entry;
    member.socket = from;
    member.away_until.reset();
    member.entry = settings_.plain ? wire::Entry{id, message.user_name, false, false, {}, {}, 1}
                                   : wire::Entry{id,
                                                 message.user_name,
                                                 message.is_muted,
                                                 message.is_video_off,
                                                 message.is_camera_off,
                                                 message.is_sharing,
                                                 message.protocol};
    wire::ParticipantsList list;
    list.participants = entries();
    const Delivery listing{from, SignalReceived{list}};
    const bool is_list_first = settings_.plain || (settings_.list_first && !resumes());
    if (is_list_first) out.push_back(listing);
    if (op && !settings_.plain)
        out.push_back({from, JoinAnswered{*op, answer_to(member, resumed, now)}});
    if (!is_list_first) out.push_back(listing);
    replay(member, message, resumed, out);
    announce(member, former, is_new, out);
}

wire::JoinAnswer Server::answer_to(const Member& member, bool resumed, TimeMs now) const {
    wire::JoinAnswer answer;
    answer.ok = true;
    answer.participant_id = member.id;
    answer.participants = entries();
    if (!resumes()) return answer;
    answer.resume_token = kTokenMark + member.id;
    answer.resumed = resumed;
    answer.heartbeat_ms = kHeartbeatMs;
    if (!log_.empty()) answer.last_chat_id = log_.back().id;
    answer.settles_in_ms = static_cast<std::uint32_t>(std::max<TimeMs>(settled_at_ - now, 0));
    return answer;
}

/// What was kept while the member was away; chat by its log, so that nothing comes twice.  A server
/// that can't know what arrived may say the latest again.
void Server::replay(Member& to, const wire::JoinRoom& message, bool resumed, Deliveries& out) {
    if (resumed && settings_.replays) {
        for (const auto& [from, event] : to.recent)
            if (find(from) != nullptr) out.push_back({to.socket, event});
        const std::size_t latest = log_.size() - std::min(log_.size(), kReplayed);
        for (std::size_t i = latest; i < log_.size(); ++i)
            if (log_[i].from_id != to.id) out.push_back({to.socket, SignalReceived{log_[i]}});
    }
    for (auto& [from, event] : std::exchange(to.kept, {}))
        if (find(from) != nullptr) out.push_back({to.socket, std::move(event)});
    if (!resumed) return;
    const auto last = std::find_if(log_.begin(), log_.end(), [&](const wire::NewMessage& each) {
        return each.id == message.last_chat_id;
    });
    for (auto each = last == log_.end() ? log_.begin() : last + 1; each != log_.end(); ++each)
        if (each->from_id != to.id) out.push_back({to.socket, SignalReceived{*each}});
}

void Server::announce(const Member& member, const wire::Entry& former, bool is_new,
                      Deliveries& out) {
    const wire::Entry& entry = member.entry;
    if (is_new || former.user_name != entry.user_name) {
        wire::UserJoined joined;
        static_cast<wire::Entry&>(joined) = entry;
        to_others(member.id, joined, out);
        return;
    }
    to_others(member.id,
              wire::MediaStateUpdated{member.id, entry.is_muted.value_or(false),
                                      entry.is_video_off.value_or(false), entry.is_camera_off},
              out);
    if (former.is_sharing == entry.is_sharing) return;
    if (entry.is_sharing.value_or(false)) {
        to_others(member.id, wire::ScreenShareStartedBy{{member.id}}, out);
    } else {
        to_others(member.id, wire::ScreenShareEndedBy{{member.id}}, out);
    }
}

// ---- the rest -------------------------------------------------------------------------------

void Server::serve(Member& from, std::optional<OperationId> op, const wire::ClientMessage& message,
                   Deliveries& out) {
    const ParticipantId id = from.id;
    const bool plain = settings_.plain;
    if (const auto* offer = std::get_if<wire::Offer>(&message)) {
        relay(id, offer->target_id, description_from<wire::OfferFrom>(*offer, id, plain), out);
    } else if (const auto* answer = std::get_if<wire::Answer>(&message)) {
        relay(id, answer->target_id, description_from<wire::AnswerFrom>(*answer, id, plain), out);
    } else if (const auto* candidate = std::get_if<wire::IceCandidateTo>(&message)) {
        wire::IceCandidateFrom relayed{{}, id, candidate->candidate};
        copy_generations(relayed, *candidate, plain);
        relay(id, candidate->target_id, relayed, out);
    } else if (const auto* restart = std::get_if<wire::IceRestartTo>(&message)) {
        Member* const to = plain ? nullptr : find(restart->target_id);
        if (to != nullptr) deliver(*to, id, wire::IceRestartFrom{*restart, id}, false, out);
    } else if (const auto* chat = std::get_if<wire::SendMessage>(&message)) {
        serve_chat(from, op, *chat, out);
    } else if (const auto* state = std::get_if<wire::MediaStateChange>(&message)) {
        from.entry.is_muted = state->is_muted;
        from.entry.is_video_off = state->is_video_off;
        from.entry.is_camera_off = state->is_camera_off;
        to_others(
            id,
            wire::MediaStateUpdated{id, state->is_muted, state->is_video_off, state->is_camera_off},
            out);
    } else if (std::holds_alternative<wire::ScreenShareStarted>(message)) {
        from.entry.is_sharing = true;
        to_others(id, wire::ScreenShareStartedBy{{id}}, out);
    } else if (std::holds_alternative<wire::ScreenShareEnded>(message)) {
        from.entry.is_sharing = false;
        to_others(id, wire::ScreenShareEndedBy{{id}}, out);
    } else if (std::holds_alternative<wire::LeaveRoom>(message) && !plain) {
        remove(id, out);
    }
}

void Server::serve_chat(const Member& from, std::optional<OperationId> op,
                        const wire::SendMessage& message, Deliveries& out) {
    const bool is_known = std::any_of(log_.begin(), log_.end(), [&](const wire::NewMessage& each) {
        return each.id == message.message.id && each.from_id == from.id;
    });
    const bool is_refused =
        settings_.refuses && !is_known && refused_.insert(message.message.id).second;
    // Too much is for the core to send again, anything else for people.
    const char* const why = refused_.size() % 2 == 0 ? "rate_limited" : "invalid_payload";
    if (op && is_refused) out.push_back({from.socket, ChatAnswered{*op, {false, why, "No."}}});
    if (is_refused) return;
    if (op) out.push_back({from.socket, ChatAnswered{*op, {true, "", ""}}});
    if (is_known) return;
    wire::NewMessage said = message.message;
    said.from_id = from.id;
    log_.push_back(said);
    for (Member& each : members_)
        if (each.id != from.id) deliver(each, from.id, said, !resumes(), out);
}

}  // namespace dvmeet::sim
