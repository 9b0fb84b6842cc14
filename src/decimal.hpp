// Whole numbers as text, without the weight of printf that std::to_string brings into the module.
#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <string>

namespace dvmeet {

inline std::string decimal(std::int64_t number) {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    return {digits.data(), end};
}

}  // namespace dvmeet
