// Writes a replayed trace as one self-contained page that draws it as a sequence diagram.
#pragma once

#include <ostream>

#include "dvmeet/snapshot.hpp"
#include "json_edge.hpp"

namespace dvmeet {

/// One line of a trace; `computed` where it differs from what was recorded.
struct TraceStep {
    TimeMs time = 0;
    const Json& event;
    const Json& actions;
    const Json* computed = nullptr;
};

/// Shape:  tools/sequence/page.html with the trace as JSON in it, streamed step by step.
///         Of the snapshots only what changed is written, and of the chat only its length: a long
///         meeting's page stays about as large as its trace.
/// Order:  add() for each step, then finish().
/// Why:    names and texts in a trace are other people's: `<` never stands in the JSON, so nothing
///         in it can end the element that holds it.
class SequencePage {
public:
    /// `recomputed`: each step comes with the snapshot after it.
    SequencePage(std::ostream& out, const Json& head, bool recomputed);
    void add(const TraceStep& step);
    void add(const TraceStep& step, const Snapshot& after);
    void finish();

private:
    void write(const TraceStep& step, Json change);
    void write(const Json& json);

    std::ostream& out_;
    Snapshot last_;
    bool first_ = true;
};

}  // namespace dvmeet
