// What JavaScript sees of the core: one meeting, plain objects in and out.
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

/// Why:    each meeting has an instance of the module to itself, which is dropped with it: a trap
///         leaves nothing in there to be trusted.  A class would cost 2.5 KB of glue.
Meeting& meeting() {
    static auto& one = *new Meeting;
    return one;
}

/// Begins anew; returns what is wrong with the configuration, or nothing.
std::string configure(const val& config) {
    Config read;
    if (auto problem = walk::read(ValIn{config}, read)) return sentence(*problem);
    meeting() = Meeting{std::move(read)};
    return {};
}

/// The actions of one event as a list, or a text that says what is wrong with the event.
/// Why:    actions are returned, not called: no JavaScript runs below a C++ frame, so nothing
///         can re-enter the core or throw through it.
val dispatch(double now, const val& event) {
    Event read;
    if (auto problem = walk::read_event(ValIn{event}, read)) return val{sentence(*problem)};
    auto actions = ValOut::list();
    for (const Action& action : meeting().handle(static_cast<TimeMs>(now), read))
        actions.push(walk::write_tagged<ValOut>(action));
    return std::move(actions).take();
}

val snapshot() { return walk::write<ValOut>(meeting().snapshot()).take(); }

/// The figures of one participant, or null.
val stats(const std::string& participant) {
    const auto found = meeting().stats(participant);
    return found ? walk::write<ValOut>(*found).take() : val::null();
}

/// The server's messages, to listen for.
val signal_names() { return names_of(static_cast<const wire::ServerMessage*>(nullptr)); }

}  // namespace
}  // namespace dvmeet

EMSCRIPTEN_BINDINGS(dvmeet) {
    emscripten::function("configure", &dvmeet::configure);
    emscripten::function("dispatch", &dvmeet::dispatch);
    emscripten::function("snapshot", &dvmeet::snapshot);
    emscripten::function("stats", &dvmeet::stats);
    emscripten::function("signalNames", &dvmeet::signal_names);
}

/// Why:    Embind names a type that it doesn't know by its address, through printf: 4 KB for a
///         sentence nobody sees, since all types are bound.  This stands in for the library's.
extern "C" int siprintf(char* out, const char* /*format*/, ...) {
    *out = '\0';
    return 0;
}
