// What is under way in a simulated world, the next first.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <tuple>
#include <utility>
#include <vector>

#include "dvmeet/types.hpp"
#include "random.hpp"

namespace dvmeet::sim {

/// What keeps its order: a kind, who, and what, in one number.
struct Lane {
    constexpr Lane(char kind, std::uint32_t who, std::uint32_t what)
        : key{std::uint64_t{static_cast<unsigned char>(kind)} << 56U | std::uint64_t{who} << kBits |
              what} {}
    static constexpr std::uint32_t kBits = 28;
    std::uint64_t key;
    /// With room below for a count.
    [[nodiscard]] constexpr std::uint64_t spread() const {
        const std::uint64_t what = key & ((1U << kBits) - 1);
        return (key ^ what) ^ (what << 8U);
    }
    [[nodiscard]] auto members() const { return std::tie(key); }
    auto operator<=>(const Lane&) const = default;
};

/// What each lane has come to.
/// Shape:  open addressing, at most half full.
class Lanes {
public:
    struct State {
        std::uint64_t key = 0;  ///< no lane has this one
        TimeMs last = 0;        ///< when what was pushed last is due
        std::uint32_t count = 0;
    };
    State& operator[](Lane lane) {
        if (2 * (used_ + 1) > table_.size()) grow();
        State& found = place_of(lane.key);
        if (found.key == 0) ++used_;
        found.key = lane.key;
        return found;
    }

private:
    static constexpr std::size_t kLeast = 64;
    State& place_of(std::uint64_t key) {
        const std::size_t mask = table_.size() - 1;
        std::size_t at = static_cast<std::size_t>(mixed(key)) & mask;
        while (table_[at].key != 0 && table_[at].key != key) at = (at + 1) & mask;
        return table_[at];
    }
    void grow() {
        const std::vector<State> former =
            std::exchange(table_, std::vector<State>(std::max(kLeast, 2 * table_.size())));
        for (const State& each : former)
            if (each.key != 0) place_of(each.key) = each;
    }

    std::vector<State> table_;
    std::size_t used_ = 0;
};

/// A heap of small entries; what they stand for stays where it was put.
template <class Payload>
class Agenda {
public:
    struct Item {
        TimeMs due;
        std::uint64_t number;  ///< counts what was pushed
        Lane lane;
        std::uint32_t place;
    };

    template <class Thing>
    void push(TimeMs due, Lane lane, Thing&& thing) {
        auto place = static_cast<std::uint32_t>(payloads_.size());
        if (free_.empty()) {
            payloads_.emplace_back(std::forward<Thing>(thing));
        } else {
            place = free_.back();
            free_.pop_back();
            payloads_[place] = std::forward<Thing>(thing);
        }
        items_.push_back({due, numbers_++, lane, place});
        std::push_heap(items_.begin(), items_.end(), is_later);
    }
    [[nodiscard]] bool empty() const { return items_.empty(); }
    [[nodiscard]] TimeMs due() const { return items_.front().due; }
    /// Takes the next one out; `use` may push others meanwhile.
    template <class Use>
    void pop(const Use& use) {
        std::pop_heap(items_.begin(), items_.end(), is_later);
        release(use);
    }

    /// In no order.
    [[nodiscard]] const std::vector<Item>& items() const { return items_; }
    [[nodiscard]] const Payload& at(const Item& item) const { return payloads_[item.place]; }
    /// One that need not be the next.
    template <class Use>
    void take(std::size_t index, const Use& use) {
        std::swap(items_[index], items_.back());
        std::make_heap(items_.begin(), items_.end() - 1, is_later);
        release(use);
    }

private:
    static bool is_later(const Item& one, const Item& other) {
        return one.due != other.due ? one.due > other.due : one.number > other.number;
    }
    template <class Use>
    void release(const Use& use) {
        const std::uint32_t place = items_.back().place;
        items_.pop_back();
        use(payloads_[place]);
        payloads_[place].template emplace<0>();
        free_.push_back(place);
    }

    std::vector<Item> items_;
    std::deque<Payload> payloads_;  ///< which stay where they are when more come
    std::vector<std::uint32_t> free_;
    std::uint64_t numbers_ = 0;
};

}  // namespace dvmeet::sim
