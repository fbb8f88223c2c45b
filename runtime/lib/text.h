// Strings in their native layout.
#pragma once
#include "runtime/fault.h"

#include <cstring>

namespace parlane::rt {

inline constexpr uint8_t kHeapString = 0x80, kStaticString = 0xC0;
inline constexpr uint64_t kLengthMask = (uint64_t{1} << 56) - 1;

struct Text {
    const uint8_t *data;
    int64_t length;
    const char *chars() const { return reinterpret_cast<const char *>(data); }
    size_t size() const { return static_cast<size_t>(length); }
};

/// The bytes of a string; they live as long as the string stays where it is.
inline Text textOf(const void *string) {
    auto *s = static_cast<const par_str *>(string);
    uint8_t mark = s->u.bytes[15];
    if (mark <= 15) return {s->u.bytes, mark};
    return {s->u.far.data, static_cast<int64_t>(s->u.far.length & kLengthMask)};
}

/// Prepares a string of `length` bytes (at least 0) in `into` and gives the place for its bytes; null after a trap.
uint8_t *makeText(Worker &w, par_str &into, int64_t length);
/// A new string with these bytes. Returns an outcome.
int32_t newText(Worker &w, void *into, const void *bytes, size_t length);
void dropText(par_str &s);

} // namespace parlane::rt
