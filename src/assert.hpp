// What can only break by a mistake of ours ends the program, in release builds too.
#pragma once

/// Why: a core that goes on with a broken invariant does damage that nobody can explain later; the
///      glue catches the trap, frees the media and offers the trace.
#define DVMEET_ASSERT(condition) ((condition) ? static_cast<void>(0) : __builtin_trap())
