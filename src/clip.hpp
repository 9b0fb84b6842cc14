// A text cut to its limit, between two characters.
#pragma once

#include <cstddef>
#include <string>

namespace dvmeet {

/// Units: bytes of UTF-8; what was well-formed stays so.
inline std::string clipped(std::string text, std::size_t max) {
    if (text.size() <= max) return text;
    while (max > 0 && (static_cast<unsigned char>(text[max]) & 0xC0U) == 0x80U) --max;
    text.resize(max);
    return text;
}

}  // namespace dvmeet
