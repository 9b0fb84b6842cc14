// Ends the run where a promise is broken, so that the fuzzer keeps the input.
#pragma once

#include <cstdlib>
#include <iostream>
#include <string_view>

namespace dvmeet::fuzz {

inline void promise(bool kept, std::string_view what) {
    if (kept) return;
    std::cerr << "BROKEN PROMISE: " << what << std::endl;
    std::abort();
}

}  // namespace dvmeet::fuzz
