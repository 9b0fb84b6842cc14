// Every order in which a small meeting can go, within a stated bound.
#include "explore.hpp"

#include <algorithm>
#include <limits>
#include <unordered_map>
#include <utility>

namespace dvmeet::sim {

namespace {

/// Long enough for every timer of the core to have its say once things are quiet.
constexpr TimeMs kRestMs = 60'000;
/// What timers bring about within this time is taken in every order as well: a lost socket is
/// opened again, an offer is repeated.
constexpr TimeMs kTimersMs = 5'000;

struct Hash {
    std::size_t operator()(const Fingerprint& print) const {
        return static_cast<std::size_t>(print.one);
    }
};

class Explorer {
public:
    Explorer(const World& start, const Bounds& bounds)
        : bounds_{bounds}, explored_until_{start.now() + kTimersMs} {
        const std::uint32_t detours =
            bounds.detours.value_or(std::numeric_limits<std::uint32_t>::max());
        visit(start, {bounds.hastes, detours}, "");
    }

    Exploration run() {
        while (!stack_.empty() && !found_.violation) {
            Frame& top = stack_.back();
            if (top.next >= top.choices.size() + (top.budget.hastes > 0 ? 1U : 0U)) {
                stack_.pop_back();
                continue;
            }
            step(top);
        }
        return std::move(found_);
    }

private:
    struct Budget {
        std::uint32_t hastes;
        std::uint32_t detours;
    };
    struct Frame {
        World world;
        Budget budget;
        std::vector<std::size_t> choices;
        std::size_t next = 0;
        std::string step;  ///< that led here
    };

    void step(Frame& top) {
        const std::size_t number = top.next++;
        const bool is_detour = number > 0;
        if (is_detour && top.budget.detours == 0) {
            top.next = std::numeric_limits<std::size_t>::max();
            found_.every_order = false;
            return;
        }
        Budget budget = top.budget;
        if (is_detour) --budget.detours;
        World world = top.world;
        ++found_.transitions;
        if (number < top.choices.size()) {
            std::string name = world.describe(top.choices[number]);
            world.take(top.choices[number]);
            visit(std::move(world), budget, std::move(name));
        } else {
            --budget.hastes;
            if (world.pass_time()) visit(std::move(world), budget, "time passes");
        }
    }

    void visit(World world, Budget budget, std::string step) {
        if (check(world, step)) return;
        world.drop_void();  // or its last step would lead to a state that counts as seen
        if (stack_.size() >= bounds_.depth || seen_.size() >= bounds_.states) {
            found_.complete = found_.every_order = false;
            return;
        }
        if (!is_news(world.fingerprint(), budget)) return;
        found_.states = seen_.size();
        auto choices = world.choices();
        while (choices.empty() && world.now() < explored_until_ && world.pass_time()) {
            if (check(world, step)) return;
            choices = world.choices();
        }
        if (choices.empty()) {
            end(std::move(world), step);
            return;
        }
        stack_.push_back({std::move(world), budget, std::move(choices), 0, std::move(step)});
        found_.depth = std::max(found_.depth, static_cast<std::uint32_t>(stack_.size()));
    }

    bool is_news(const Fingerprint& print, const Budget& budget) {
        const auto [found, is_new] = seen_.try_emplace(print, std::vector{budget});
        if (is_new) return true;
        auto& budgets = found->second;
        const bool covered = std::any_of(budgets.begin(), budgets.end(), [&](const Budget& each) {
            return each.hastes >= budget.hastes && each.detours >= budget.detours;
        });
        if (!covered) budgets.push_back(budget);
        return !covered;
    }

    /// Nothing is left but late timers: from here on one way is gone.
    void end(World world, const std::string& step) {
        ++found_.endings;
        world.run_until(world.now() + kRestMs);
        if (!world.violation()) world.check_quiescence();
        (void)check(world, step);
    }

    bool check(const World& world, const std::string& step) {
        if (!world.violation()) return false;
        found_.violation = world.violation();
        for (const Frame& each : stack_) found_.path.push_back(each.step);
        found_.path.push_back(step);
        return true;
    }

    Bounds bounds_;
    TimeMs explored_until_;
    Exploration found_;
    std::vector<Frame> stack_;
    std::unordered_map<Fingerprint, std::vector<Budget>, Hash> seen_;
};

}  // namespace

Exploration explore(const World& start, const Bounds& bounds) {
    return Explorer{start, bounds}.run();
}

}  // namespace dvmeet::sim
