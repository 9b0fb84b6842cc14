// What JavaScript sees of the core: one class, plain objects in and out.
#include <emscripten/bind.h>

#include <string>
#include <utility>

#include "dvmeet/meeting.hpp"
#include "val_edge.hpp"

namespace dvmeet {
namespace {

using emscripten::val;

std::string sentence(const walk::Malformed& problem) {
    return (problem.field.empty() ? "it" : problem.field) + " " + problem.detail;
}

template <class... T>
val names_of(const std::variant<T...>* /*only its type counts*/) {
    auto names = ValOut::list();
    (names.push(ValOut::of(T::kEvent)), ...);
    return std::move(names).take();
}

/// Why:    actions are returned, not called: no JavaScript runs below a C++ frame, so nothing
///         can re-enter the core or throw through it.
class MeetingCore {
public:
    explicit MeetingCore(const val& config) {
        Config read;
        if (auto problem = walk::read(ValIn{config}, read)) {
            problem_ = sentence(*problem);
            return;
        }
        meeting_ = Meeting{std::move(read)};
    }

    /// What is wrong with the configuration, or nothing.
    [[nodiscard]] std::string problem() const { return problem_; }

    /// The actions of one event as a list, or a text that says what is wrong with the event.
    val dispatch(double now, const val& event) {
        Event read;
        if (auto problem = walk::read_event(ValIn{event}, read)) return val{sentence(*problem)};
        auto actions = ValOut::list();
        for (const Action& action : meeting_.handle(static_cast<TimeMs>(now), read))
            actions.push(walk::write_tagged<ValOut>(action));
        return std::move(actions).take();
    }

    [[nodiscard]] val snapshot() const { return walk::write<ValOut>(meeting_.snapshot()).take(); }

    /// The figures of one participant, or null.
    [[nodiscard]] val stats(const std::string& participant) const {
        const auto found = meeting_.stats(participant);
        return found ? walk::write<ValOut>(*found).take() : val::null();
    }

    /// The server's messages, to listen for.
    static val signal_names() { return names_of(static_cast<const wire::ServerMessage*>(nullptr)); }

private:
    Meeting meeting_;
    std::string problem_;
};

}  // namespace
}  // namespace dvmeet

EMSCRIPTEN_BINDINGS(dvmeet) {
    emscripten::class_<dvmeet::MeetingCore>("MeetingCore")
        .constructor<const emscripten::val&>()
        .function("problem", &dvmeet::MeetingCore::problem)
        .function("dispatch", &dvmeet::MeetingCore::dispatch)
        .function("snapshot", &dvmeet::MeetingCore::snapshot)
        .function("stats", &dvmeet::MeetingCore::stats)
        .class_function("signalNames", &dvmeet::MeetingCore::signal_names);
}

/// Why:    Embind names a type that it doesn't know by its address, through printf: 4 KB for a
///         sentence nobody sees, since all types are bound.  This stands in for the library's.
extern "C" int siprintf(char* out, const char* /*format*/, ...) {
    *out = '\0';
    return 0;
}
