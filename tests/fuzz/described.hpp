// Makes values of the described types out of a fuzzer's bytes, and holds values to their limits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "description.hpp"

namespace dvmeet::fuzz {

/// A fuzzer's input, read from the front; zeros without end come after its last byte.
class Bytes {
public:
    Bytes(const std::uint8_t* data, std::size_t size) : rest_{data, size} {}

    [[nodiscard]] bool empty() const { return rest_.empty(); }
    std::uint8_t next() {
        if (rest_.empty()) return 0;
        const std::uint8_t byte = rest_.front();
        rest_ = rest_.subspan(1);
        return byte;
    }

private:
    std::span<const std::uint8_t> rest_;
};

/// Fills a value with what the bytes say, within its declared limits and often right at them.
void make(Bytes& bytes, void* out, const walk::Type& type);

/// The first member that is beyond its declared limits, as a path; nothing where all is well.
[[nodiscard]] std::optional<std::string> excess(void* value, const walk::Type& type);

template <class T>
T made(Bytes& bytes) {
    T value;
    make(bytes, &value, walk::kType<T>);
    return value;
}

/// Reading changes nothing; the tables just serve writers as well.
template <class T>
[[nodiscard]] std::optional<std::string> excess_of(const T& value) {
    auto* const place = const_cast<T*>(&value);  // NOLINT(cppcoreguidelines-pro-type-const-cast)
    return excess(place, walk::kType<T>);
}

}  // namespace dvmeet::fuzz
