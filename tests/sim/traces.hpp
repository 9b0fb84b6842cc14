// Traces of a simulated meeting, for tools/replay.
#pragma once

#include <string>
#include <vector>

#include "script.hpp"

namespace dvmeet::sim {

/// One trace a page, as `meeting.trace()` writes it, FOLDER/seed-SEED-NAME.ndjson; returns the
/// files, or none where they can't be written.
[[nodiscard]] std::vector<std::string> write_traces(const Script& script,
                                                    const std::string& folder);

}  // namespace dvmeet::sim
