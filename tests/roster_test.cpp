// Who is in the room: joins, renames and leaves, each as often as they please.
#include "roster.hpp"

#include "support.hpp"

using namespace dvmeet;
using namespace dvmeet::test;

namespace {

struct RosterBench : Bench {
    Roster roster{};

    bool note(const wire::Entry& entry, const Actions& expected = {}) {
        bool is_new = false;
        CHECK(run([&](Turn& turn) { is_new = roster.note(entry, turn); }) == expected);
        return is_new;
    }
    bool unannounced(const ParticipantId& id, std::uint32_t protocol,
                     const Actions& expected = {}) {
        bool has_room = false;
        CHECK(run([&](Turn& turn) { has_room = roster.note_unannounced(id, protocol, turn); }) ==
              expected);
        return has_room;
    }
    bool remove(const ParticipantId& id) {
        bool removed = false;
        CHECK(run([&](Turn& turn) { removed = roster.remove(id, turn); }) == Actions{});
        return removed;
    }
    void fill(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) note(entry("p" + std::to_string(i)));
    }
};

Action full(const ParticipantId& id) {
    return Report{Level::error, ErrorCode::too_many_participants,
                  "The room holds more participants than a mesh can connect.", id};
}

}  // namespace

TEST_CASE("participants are kept in order of arrival", "[roster]") {
    RosterBench bench;
    CHECK(bench.note(entry(kCyd)));
    CHECK(bench.note(entry(kAna, 1)));
    REQUIRE(bench.roster.all().size() == 2);
    CHECK(bench.roster.all().front() ==
          Participant{kCyd, "Name of cyd", false, false, false, 2, 0});
    CHECK(bench.roster.all().back() == Participant{kAna, "Name of ana", false, false, false, 1, 0});
    CHECK(bench.roster.find(kCyd)->extended());
    CHECK_FALSE(bench.roster.find(kAna)->extended());
    CHECK(bench.roster.find(kDan) == nullptr);
}

TEST_CASE("a second announcement of the same changes nothing", "[roster]") {
    RosterBench bench;
    bench.note(entry(kAna));
    CHECK(bench.changed);
    CHECK_FALSE(bench.note(entry(kAna)));
    CHECK_FALSE(bench.changed);
    CHECK(bench.roster.all().size() == 1);
}

TEST_CASE("an announcement with another name renames, one without a name does not", "[roster]") {
    RosterBench bench;
    bench.note(entry(kAna));
    wire::Entry renamed = entry(kAna);
    renamed.user_name = "Ana Maria";
    CHECK_FALSE(bench.note(renamed));
    CHECK(bench.changed);
    CHECK(bench.roster.find(kAna)->name == "Ana Maria");
    renamed.user_name.clear();
    bench.note(renamed);
    CHECK(bench.roster.find(kAna)->name == "Ana Maria");
}

TEST_CASE("who has shown to speak our extensions does not lose them by a plain announcement",
          "[roster]") {
    RosterBench bench;
    CHECK(bench.unannounced(kAna, 2));
    bench.note(entry(kAna, 1));
    CHECK(bench.roster.find(kAna)->extended());

    CHECK(bench.unannounced(kCyd, 1));
    bench.note(entry(kCyd, 2));
    CHECK(bench.roster.find(kCyd)->extended());
}

TEST_CASE("the camera's own state counts more than the plain video state", "[roster]") {
    RosterBench bench;
    wire::Entry sharing = entry(kAna);
    sharing.is_video_off = false;
    sharing.is_camera_off = true;
    sharing.is_sharing = true;
    sharing.is_muted = true;
    bench.note(sharing);
    CHECK(*bench.roster.find(kAna) == Participant{kAna, "Name of ana", true, true, true, 2, 0});

    wire::Entry plain = entry(kCyd, 1);
    plain.is_video_off = true;
    bench.note(plain);
    CHECK(bench.roster.find(kCyd)->video_off);
}

TEST_CASE("who signals before being announced is taken in, nameless", "[roster]") {
    RosterBench bench;
    CHECK(bench.unannounced(kAna, 2));
    CHECK(bench.changed);
    CHECK(*bench.roster.find(kAna) == Participant{kAna, "", false, false, false, 2, 0});
    CHECK(bench.unannounced(kAna, 1));
    CHECK_FALSE(bench.changed);
    CHECK(bench.roster.find(kAna)->protocol == 2);
}

TEST_CASE("leaving twice is leaving once", "[roster]") {
    RosterBench bench;
    bench.note(entry(kAna));
    CHECK(bench.remove(kAna));
    CHECK(bench.changed);
    CHECK_FALSE(bench.remove(kAna));
    CHECK_FALSE(bench.changed);
    CHECK(bench.note(entry(kAna)));
}

TEST_CASE("mute and screen share are noted, and of nobody here reported", "[roster]") {
    RosterBench bench;
    bench.note(entry(kAna));
    CHECK(bench.run([&](Turn& turn) { bench.roster.set_media(kAna, true, true, turn); }) ==
          Actions{});
    CHECK(bench.changed);
    CHECK(bench.run([&](Turn& turn) { bench.roster.set_media(kAna, true, true, turn); }) ==
          Actions{});
    CHECK_FALSE(bench.changed);
    CHECK(bench.run([&](Turn& turn) { bench.roster.set_sharing(kAna, true, turn); }) == Actions{});
    CHECK(bench.changed);
    CHECK(*bench.roster.find(kAna) == Participant{kAna, "Name of ana", true, true, true, 2, 0});

    CHECK(reported(bench.run([&](Turn& turn) {
              bench.roster.set_media(kCyd, true, true, turn);
          })) == ErrorCode::unknown_participant);
    CHECK(reported(bench.run([&](Turn& turn) { bench.roster.set_sharing(kCyd, true, turn); })) ==
          ErrorCode::unknown_participant);
    CHECK_FALSE(bench.changed);
}

TEST_CASE("127 others fit into a mesh, one more is ignored and reported", "[roster]") {
    RosterBench bench;
    bench.fill(127);
    CHECK_FALSE(bench.note(entry(kAna), {full(kAna)}));
    CHECK_FALSE(bench.unannounced(kCyd, 2, {full(kCyd)}));
    CHECK(bench.roster.all().size() == 127);
    CHECK_FALSE(bench.note(entry("p0")));

    bench.remove("p0");
    CHECK(bench.note(entry(kAna)));
}

TEST_CASE("a new join puts everybody up for confirmation but those who come after it", "[roster]") {
    RosterBench bench;
    bench.note(entry(kAna));
    bench.note(entry(kCyd));
    CHECK(bench.roster.unconfirmed().empty());

    bench.roster.begin_join();
    bench.note(entry(kCyd));
    bench.note(entry(kDan));

    CHECK(bench.roster.unconfirmed() == std::vector<ParticipantId>{kAna});
    bench.roster.clear();
    CHECK(bench.roster.unconfirmed().empty());
}
