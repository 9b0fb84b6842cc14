// Turns a fuzzer's input into events, plausible and not.
#include "story.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace dvmeet::fuzz {

namespace {

constexpr std::array<TimeMs, 10> kDelays{0,     1,      50,     200,       500,
                                         4'000, 10'000, 30'000, 3'600'000, 86'400'000};
constexpr std::array<std::string_view, 6> kPeople{"ana", "bob", "cyd", "dan", "eve", "zoe"};
constexpr std::array<std::string_view, 6> kRefusals{"NotAllowedError",   "NotFoundError",
                                                    "NotReadableError",  "OverconstrainedError",
                                                    "InvalidStateError", "OperationError"};
constexpr std::array<SdpType, 4> kSdpTypes{SdpType::offer, SdpType::pranswer, SdpType::answer,
                                           SdpType::rollback};

/// A bit of a number.
constexpr bool bit(std::uint8_t number, unsigned index) { return ((number >> index) & 1U) != 0; }

ParticipantId person(std::uint8_t number) {
    if (number < 16) return ParticipantId{kPeople[number % kPeople.size()]};
    return "p" + std::to_string(number);
}

wire::Entry entry(const ParticipantId& id, std::uint32_t protocol) {
    wire::Entry made;
    made.socket_id = id;
    made.user_name = id;
    made.is_muted = true;
    made.is_video_off = protocol < wire::kProtocol;
    made.protocol = protocol;
    return made;
}

}  // namespace

// ---- steps ----------------------------------------------------------------------------------

Story::Step Story::step_of(std::uint8_t letter) {
    struct Letter {
        char letter;
        Step step;
    };
    static constexpr auto kSteps =
        std::to_array<Letter>({{'j', &Story::join},           {'l', &Story::leave},
                               {'r', &Story::rename},         {'c', &Story::reconnect},
                               {'w', &Story::wish},           {'h', &Story::submit_chat},
                               {'m', &Story::acquire_all},    {'M', &Story::acquire_some},
                               {'f', &Story::fail_media},     {'k', &Story::end_track},
                               {'o', &Story::open_signaling}, {'x', &Story::close_signaling},
                               {'a', &Story::answer_join},    {'A', &Story::refuse_join},
                               {'p', &Story::list},           {'u', &Story::users},
                               {'+', &Story::announce},       {'-', &Story::depart},
                               {'_', &Story::depart_too},     {'i', &Story::offer},
                               {'I', &Story::answer},         {'y', &Story::candidate},
                               {'s', &Story::media_state},    {'S', &Story::share},
                               {'N', &Story::chat},           {'E', &Story::refuse},
                               {'z', &Story::reject},         {'d', &Story::mail},
                               {'D', &Story::old_mail},       {'n', &Story::need},
                               {'L', &Story::set_local},      {'R', &Story::set_remote},
                               {'K', &Story::finish},         {'F', &Story::fail},
                               {'g', &Story::gather},         {'v', &Story::change_state},
                               {'V', &Story::open_channel},   {'W', &Story::close_channel},
                               {'G', &Story::say_goodbye},    {'H', &Story::tell_links},
                               {'B', &Story::sample},         {'Q', &Story::fail_action},
                               {'e', &Story::pass_time},      {'!', &Story::repeat},
                               {'J', &Story::welcome},        {'q', &Story::acknowledge},
                               {'Y', &Story::ice_restart},    {'O', &Story::ping},
                               {'X', &Story::change_network}, {'P', &Story::show_page},
                               {'$', &Story::watch},          {'%', &Story::hear},
                               {'@', &Story::fail_candidate}, {'U', &Story::mute_track},
                               {'C', &Story::change_devices}, {'T', &Story::forward},
                               {'&', &Story::retry_chat},     {'^', &Story::size_tile},
                               {'*', &Story::tell_sizes},     {'=', &Story::constrain},
                               {'?', &Story::anything}});
    const auto* const found = std::find_if(kSteps.begin(), kSteps.end(), [&](const Letter& each) {
        return static_cast<std::uint8_t>(each.letter) == letter;
    });
    return found == kSteps.end() ? kSteps[letter % kSteps.size()].step : found->step;
}

std::optional<Event> Story::next(std::array<Page, 2>& pages) {
    if (page_ == nullptr) {
        page_ = &pages[0];
        other_ = &pages[1];
    }
    const std::uint8_t letter = bytes_.next();
    if (letter == ' ' || letter == '\n' || letter == '\r') return std::nullopt;
    if (letter == '#') {
        skip_line();
        return std::nullopt;
    }
    if (letter == '1' || letter == '2') {
        page_ = &pages[letter == '1' ? 0 : 1];
        other_ = &pages[letter == '1' ? 1 : 0];
        return std::nullopt;
    }
    if (letter == 'Z') {
        now_ = std::max(now_, page_->ledger.wake().value_or(now_));
        return TimePassed{};
    }
    if (move_clock(letter)) return std::nullopt;
    return (this->*step_of(letter))();
}

bool Story::move_clock(std::uint8_t letter) {
    if (letter != 't' && letter != 'b') return false;
    const TimeMs delay = kDelays[number() % kDelays.size()];
    now_ += letter == 't' ? delay : -delay;
    return true;
}

void Story::skip_line() {
    while (!bytes_.empty() && bytes_.next() != '\n') {
    }
}

// ---- the person and local media -------------------------------------------------------------

Event Story::reconnect() {
    const std::uint8_t whom = number();
    if (whom == 15) return ReconnectRequested{};
    return ReconnectRequested{person(whom)};
}

/// `^ WHOM SLOT SIZE`: in steps of 160 × 90; 0: hidden.
Event Story::size_tile() {
    const ParticipantId whom = them();
    const Slot slot = kSlots[number() % kSlots.size()];
    const std::uint32_t step = number();
    return TileSized{whom, slot, step * 160, step * 90};
}

/// `w SLOTS WANTED`: a bit for each slot; the fourth of the first: supplied, of the second: another
/// device.
Event Story::wish() {
    const std::uint8_t slots = number();
    const std::uint8_t wanted = number();
    MediaWished event;
    for (std::size_t i = 0; i < kSlots.size(); ++i) {
        if (!bit(slots, static_cast<unsigned>(i))) continue;
        Wish each{kSlots[i], bit(wanted, static_cast<unsigned>(i)), std::nullopt, bit(slots, 3)};
        if (bit(wanted, 3)) each.device_id = "device" + std::to_string(wanted >> 4U);
        event.wishes.push_back(std::move(each));
    }
    return event;
}

Event Story::acquire_all() {
    const auto asked = request();
    return MediaAcquired{asked.op, asked.slots, asked.supplied};
}

/// `M WHICH SLOTS`: a bit for each slot, whether asked for or not; the fourth: supplied.
Event Story::acquire_some() {
    const auto asked = request();
    const std::uint8_t slots = number();
    MediaAcquired event{asked.op, {}, bit(slots, 3)};
    for (std::size_t i = 0; i < kSlots.size(); ++i)
        if (bit(slots, static_cast<unsigned>(i))) event.slots.push_back(kSlots[i]);
    return event;
}

Event Story::fail_media() {
    const auto asked = request();
    return MediaFailed{asked.op, refusal()};
}

Event Story::end_track() {
    const auto& tracks = page_->ledger.tracks();
    const std::uint8_t which = number();
    if (tracks.empty()) return TrackEnded{{kSlots[which % kSlots.size()], which}};
    return TrackEnded{tracks[which % tracks.size()]};
}

Event Story::mute_track() {
    const TrackId track = std::get<TrackEnded>(end_track()).track;
    if (number() % 2 == 1) return TrackUnmuted{track};
    return TrackMuted{track};
}

/// `C DEVICES`: a bit for each of three cameras and three microphones.
Event Story::change_devices() {
    const std::uint8_t bits = number();
    DevicesChanged event;
    for (std::uint8_t i = 0; i < 6; ++i)
        if (bit(bits, i))
            event.devices.push_back({i % 2 == 0 ? Slot::camera : Slot::microphone, person(i)});
    return event;
}

/// `= TRACK HOW`: as a camera answers constraints; 0: it refuses, 1: it doesn't say.
Event Story::constrain() {
    const TrackId track = std::get<TrackEnded>(end_track()).track;
    const std::uint32_t step = number();
    if (step == 0) return ConstraintsFailed{track, refusal()};
    return ConstraintsApplied{track, (step - 1) * 16, (step - 1) * 9, step % 60};
}

// ---- signaling ------------------------------------------------------------------------------

/// `o 0`: under our own id, otherwise under another.
Event Story::open_signaling() {
    const std::uint8_t under = number();
    return SignalingOpened{under == 0 ? page_->id : person(under)};
}

Event Story::answer_join() {
    const OperationId op = join_operation();
    return JoinAnswered{op, {true, "", "", page_->id, entries(), {}}};
}

/// `J WHICH WHOM HOW SERVER`: as a server of ours answers, with a token to resume by.  Bits:
/// resumed as before, heartbeats, credentials that expire, others may still come back.
Event Story::welcome() {
    const OperationId op = join_operation();
    wire::JoinAnswer answer{true, "", "", page_->id, entries(), {}};
    const std::uint8_t server = number();
    answer.resume_token = "token";
    answer.resumed = bit(server, 0);
    if (bit(server, 1)) answer.heartbeat_ms = 5'000;
    if (bit(server, 2)) answer.ice_servers_ttl_ms = 600'000;
    if (bit(server, 3)) answer.settles_in_ms = 4'000;
    return JoinAnswered{op, std::move(answer)};
}

/// `q WHICH HOW`: the latest question is the first.
Event Story::acknowledge() {
    const auto ops = asked(false);
    const std::uint8_t which = number();
    const std::uint8_t how = number();
    const OperationId op = ops.empty() || which >= 128 ? which % 64U : ops[which % ops.size()];
    switch (how % 8U) {
        case 0: return HeartbeatAnswered{op};
        case 1: return ChatAnswered{op, {true, "", ""}};
        case 2: return ChatAnswered{op, {false, "rate_limited", "Too many."}};
        case 4: return IceServersGiven{op, made<wire::IceServersAnswer>(bytes_).ice_servers, 1};
        case 5: return IceServersFailed{op, {"TypeError", "Failed to fetch"}};
        default: return IceServersAnswered{op, made<wire::IceServersAnswer>(bytes_)};
    }
}

/// `A WHICH HOW`: bits: let in all the same, room_full, another id, servers of its own.
Event Story::refuse_join() {
    const OperationId op = join_operation();
    const std::uint8_t how = number();
    wire::JoinAnswer answer;
    answer.ok = bit(how, 0);
    answer.code = bit(how, 1) ? "room_full" : "bad_token";
    answer.message = "no";
    if (bit(how, 2)) answer.participant_id = them();
    if (bit(how, 3)) answer.ice_servers = made<wire::JoinAnswer>(bytes_).ice_servers;
    return JoinAnswered{op, std::move(answer)};
}

Event Story::list() {
    wire::ParticipantsList message;
    message.participants = entries();
    return SignalReceived{std::move(message)};
}

Event Story::users() {
    wire::RoomUsers message;
    message.participants = entries();
    return SignalReceived{std::move(message)};
}

Event Story::announce() {
    const ParticipantId whom = them();
    return SignalReceived{wire::UserJoined{entry(whom, 1U + number() % 2U)}};
}

Event Story::offer() { return SignalReceived{wire::OfferFrom{described(SdpType::offer)}}; }

Event Story::answer() { return SignalReceived{wire::AnswerFrom{described(SdpType::answer)}}; }

Event Story::candidate() {
    const ParticipantId from = them();
    auto candidate = ice_candidate(from);
    return SignalReceived{wire::IceCandidateFrom{generations(from), from, std::move(candidate)}};
}

Event Story::ice_restart() {
    const ParticipantId from = them();
    return SignalReceived{wire::IceRestartFrom{generations(from), from}};
}

Event Story::media_state() {
    const ParticipantId from = them();
    const std::uint8_t state = number();
    wire::MediaStateUpdated message{from, bit(state, 0), bit(state, 1), std::nullopt};
    if (bit(state, 3)) message.is_camera_off = bit(state, 2);
    return SignalReceived{std::move(message)};
}

Event Story::share() {
    const ParticipantId from = them();
    if (number() % 2 == 1) return SignalReceived{wire::ScreenShareStartedBy{{from}}};
    return SignalReceived{wire::ScreenShareEndedBy{{from}}};
}

Event Story::retry_chat() {
    const auto chat = page_->meeting.snapshot().chat;
    const std::uint8_t which = number();
    if (chat.empty()) return ChatRetried{"nothing"};
    return ChatRetried{chat[which % chat.size()].id};
}

Event Story::chat() {
    const ParticipantId from = them();
    const std::string id = "m" + std::to_string(number() % 4);
    return SignalReceived{wire::NewMessage{id, from, "12:00", "hello", from, std::nullopt}};
}

Event Story::refuse() {
    static constexpr std::array<std::string_view, 6> kRefused{
        "send-message",       "media-state-change", "screen-share-started",
        "screen-share-ended", "join-room",          "offer"};
    const std::uint8_t which = number();
    if (which == 15) return SignalReceived{wire::ServerError{"displaced", "Elsewhere.", ""}};
    return SignalReceived{wire::ServerError{"rate_limited", "Too many.",
                                            std::string{kRefused[which % kRefused.size()]}}};
}

Event Story::mail() {
    auto& mail = page_->mail;
    const std::uint8_t which = number();
    if (mail.empty()) return TimePassed{};
    const auto taken = mail.begin() + static_cast<std::ptrdiff_t>(which % mail.size());
    SignalReceived event{std::move(*taken)};
    mail.erase(taken);
    return event;
}

Event Story::old_mail() {
    const auto& mail = page_->mail;
    const std::uint8_t which = number();
    if (mail.empty()) return TimePassed{};
    return SignalReceived{mail[which % mail.size()]};
}

// ---- connections ----------------------------------------------------------------------------

/// `L WHICH UFRAG`: what the browser would make now; a second hexadecimal digit of 8 or more makes
/// it the other type.
Event Story::set_local() {
    const auto of = connection();
    const std::uint8_t how = number();
    const bool answers = of.answers != bit(how, 3);
    const std::string whose = page_->id + std::to_string(of.id) + "x";
    return LocalDescriptionSet{of.id,
                               of.setting_local,
                               {answers ? SdpType::answer : SdpType::offer,
                                "v=0\r\no=- " + whose + " 2 IN IP4 127.0.0.1\r\na=ice-ufrag:" +
                                    whose + std::to_string(how & 3U) + "\r\n"}};
}

Event Story::set_remote() {
    const auto of = connection();
    return RemoteDescriptionSet{of.id, of.setting_remote, transceivers(of)};
}

Event Story::finish() {
    const auto of = connection();
    return OperationDone{of.id, operation(of)};
}

Event Story::fail() {
    const auto of = connection();
    const OperationId op = operation(of);
    return OperationFailed{of.id, op, refusal()};
}

Event Story::gather() {
    const auto of = connection();
    return CandidateGathered{of.id, ice_candidate(page_->id + std::to_string(of.id) + "x")};
}

Event Story::change_state() {
    const auto of = connection();
    const auto state = number() % kNames<ConnectionState>.size();
    return ConnectionStateChanged{of.id, static_cast<ConnectionState>(state)};
}

/// `H WHICH RECEIVER VERSION SENDERS`: one row.
Event Story::tell_links() {
    const auto of = connection();
    channel::LinkRow row{them(), number(), {}};
    const std::uint8_t senders = number();
    for (std::uint8_t i = 0; i < kPeople.size(); ++i)
        if (bit(senders, i)) row.senders.push_back(person(i));
    return ChannelReceived{of.id, channel::LinkStates{{std::move(row)}}};
}

/// `* WHICH CAMERA SCREEN`: in steps of 160 × 90; 0: hidden.
Event Story::tell_sizes() {
    const auto of = connection();
    channel::TileSizes message;
    for (const Slot slot : {Slot::camera, Slot::screen}) {
        const std::uint32_t step = number();
        message.sizes.push_back({slot, step * 160, step * 90});
    }
    return ChannelReceived{of.id, std::move(message)};
}

Event Story::ping() {
    const auto of = connection();
    if (number() % 2 == 1) return ChannelReceived{of.id, channel::Pong{}};
    return ChannelReceived{of.id, channel::Ping{}};
}

/// `T WHICH FOR_US FROM KIND …`: by way of the other end of a connection.
Event Story::forward() {
    const auto of = connection();
    const ParticipantId to = number() % 2 == 1 ? page_->id : them();
    if (number() % 2 == 1)
        return ChannelReceived{of.id,
                               channel::Forward{to, wire::OfferFrom{described(SdpType::offer)}}};
    const ParticipantId from = them();
    return ChannelReceived{of.id,
                           channel::Forward{to, wire::IceRestartFrom{generations(from), from}}};
}

Event Story::sample() {
    const auto of = connection();
    const std::int64_t bytes = number();
    if (!of.detailed) return StatsSampled{of.id, of.sampling, bytes};
    auto event = made<StatsSampled>(bytes_);
    event.connection = of.id;
    event.op = of.sampling;
    return event;
}

/// `% LEVEL…`: one for each connection, after our own.
Event Story::hear() {
    AudioSampled event{number() * 60, {}};
    for (const auto& each : page_->ledger.connections())
        event.levels.push_back({each.id, number() * 60});
    return event;
}

Event Story::fail_candidate() {
    const auto of = connection();
    return CandidateError{of.id, "turn:relay.example", number() % 2 == 1 ? 401U : 701U, "no"};
}

Event Story::fail_action() {
    const auto of = connection();
    return ActionFailed{of.id, refusal()};
}

// ---- what steps are made of -----------------------------------------------------------------

std::uint8_t Story::number() {
    const std::uint8_t byte = bytes_.next();
    if (byte >= '0' && byte <= '9') return static_cast<std::uint8_t>(byte - '0');
    if (byte >= 'a' && byte <= 'f') return static_cast<std::uint8_t>(byte - 'a' + 10);
    return byte;
}

ParticipantId Story::them() { return person(number()); }

PlatformError Story::refusal() {
    return {std::string{kRefusals[number() % kRefusals.size()]}, "refused"};
}

/// A live one by its place; from 128 on, one that may be gone or never was.
Ledger::Connection Story::connection() {
    const auto& live = page_->ledger.connections();
    const std::uint8_t which = number();
    if (live.empty() || which >= 128) return {.id = which % 16U};
    return live[which % live.size()];
}

/// One that is under way on this connection by its place; from 128 on, one that may be over or
/// never was.
OperationId Story::operation(const Ledger::Connection& of) {
    std::vector<OperationId> running = of.candidates;
    for (const auto& [slot, op] : of.replacing) running.push_back(op);
    for (const auto& [slot, op] : of.encoding) running.push_back(op);
    for (const OperationId op : {of.setting_local, of.setting_remote, of.sampling})
        if (op != 0) running.push_back(op);
    const std::uint8_t which = number();
    if (running.empty() || which >= 128) return which % 64U;
    return running[which % running.size()];
}

Ledger::Request Story::request() {
    const auto& asked = page_->ledger.requests();
    const std::uint8_t which = number();
    if (asked.empty() || which >= 128)
        return {which % 16U, {kSlots.begin(), kSlots.end()}, bit(which, 4)};
    return asked[which % asked.size()];
}

/// What waits for an answer of the server or the application, the latest first.
std::vector<OperationId> Story::asked(bool joins) const {
    std::vector<OperationId> ops;
    for (const auto& each : page_->ledger.questions())
        if ((each.kind == kKind<wire::JoinRoom>) == joins) ops.insert(ops.begin(), each.op);
    const auto& given = page_->ledger.asked();
    if (!joins) ops.insert(ops.end(), given.rbegin(), given.rend());
    return ops;
}

OperationId Story::join_operation() {
    const auto ops = asked(true);
    const std::uint8_t which = number();
    if (ops.empty() || which >= 128) return which % 16U;
    return ops[which % ops.size()];
}

/// Two bits for the sender's generation (0: none), two for ours (0: none, 1: the present one, 2: an
/// older, 3: the latest made).
wire::Generations Story::generations(const ParticipantId& from) {
    const std::uint8_t which = number();
    wire::Generations made;
    if ((which & 3U) != 0) made.generation = which & 3U;
    const auto* const ours = page_->ledger.connection_to(from);
    const ConnectionId present = ours == nullptr ? 0 : ours->id;
    switch ((which >> 2U) & 3U) {
        case 0: break;
        case 1: made.peer_generation = present; break;
        case 2: made.peer_generation = present == 0 ? 1 : present - 1; break;
        default: made.peer_generation = page_->ledger.last_connection(); break;
    }
    return made;
}

/// Two bits for the ufrag, one for the session; the fourth makes it another type.
SessionDescription Story::description(SdpType type, const std::string& whose) {
    const std::uint8_t which = number();
    if (bit(which, 3)) type = kSdpTypes[which & 3U];
    return {type, "v=0\r\no=- " + whose + std::to_string(bit(which, 2) ? 1 : 0) +
                      " 2 IN IP4 127.0.0.1\r\na=ice-ufrag:" + whose + std::to_string(which & 3U) +
                      "\r\n"};
}

/// 0 to 3: of this ufrag; 4: of none; 5: an empty one; 6: the end; 7: its ufrag in the text.
std::optional<IceCandidate> Story::ice_candidate(const std::string& whose) {
    const std::uint8_t which = number() % 8U;
    if (which == 6) return std::nullopt;
    IceCandidate made{"candidate:1 1 udp 1 192.0.2.1 9 typ host", "0", 0, std::nullopt};
    if (which < 4) made.username_fragment = whose + std::to_string(which);
    if (which == 5) made.candidate.clear();
    if (which == 7) made.candidate += " ufrag " + whose + "0";
    return made;
}

/// After the numbers of the connections, two bits for the round of the offer (0: none), and one
/// each for replacing our latest connection or our first.
wire::DescriptionFrom Story::described(SdpType type) {
    const ParticipantId from = them();
    auto made = description(type, from);
    const wire::Generations numbers = generations(from);
    const std::uint8_t round = number();
    wire::DescriptionFrom message{numbers, from, std::move(made), std::nullopt, std::nullopt};
    if ((round & 3U) != 0) message.round = round & 3U;
    if (bit(round, 2)) message.replaces = page_->ledger.last_connection();
    if (bit(round, 3)) message.replaces = 1;
    return message;
}

/// 0: three lines, or fewer with 1 (audio and video) and 2 (video only), ours as far as we have
/// made them; 3: none; 4: three that nobody of us made; above that, anything.
std::vector<TransceiverInfo> Story::transceivers(const Ledger::Connection& of) {
    const std::uint8_t how = number();
    if (how == 3) return {};
    if (how > 4) return made<RemoteDescriptionSet>(bytes_).transceivers;
    std::vector<TransceiverInfo> lines;
    for (std::size_t i = 0; i < kSlots.size(); ++i) {
        const auto kind = i == 0 ? MediaKind::audio : MediaKind::video;
        if ((how == 1 && i == 2) || (how == 2 && i != 1)) continue;
        lines.push_back({std::to_string(i), kind, std::nullopt});
        if (how != 4 && of.slots.contains(kSlots[i])) lines.back().slot = kSlots[i];
    }
    return lines;
}

/// `WHOM PROTOCOL`: a bit for each of the people; ourselves too, but with the protocol's third bit.
/// From 16 on, so many strangers besides.
std::vector<wire::Entry> Story::entries() {
    const std::uint8_t whom = number();
    const std::uint8_t how = number();
    const std::uint32_t protocol = bit(how, 0) ? 1 : wire::kProtocol;
    std::vector<wire::Entry> list;
    for (std::uint8_t i = 0; i < kPeople.size(); ++i)
        if (bit(whom, i) && person(i) != page_->id) list.push_back(entry(person(i), protocol));
    if (!bit(how, 1)) list.push_back(entry(page_->id, wire::kProtocol));
    for (std::uint8_t i = 16; i < how && list.size() < kMaxParticipants; ++i)
        list.push_back(entry(person(i), protocol));
    return list;
}

}  // namespace dvmeet::fuzz
