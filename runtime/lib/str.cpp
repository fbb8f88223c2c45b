// Strings: immutable UTF-8 text, up to 15 bytes in place.
#include "runtime/lib/text.h"

#include <algorithm>

namespace parlane::rt {

uint8_t *makeText(Worker &w, par_str &into, int64_t length) {
    memset(&into, 0, sizeof into);
    if (length <= 15) {
        into.u.bytes[15] = static_cast<uint8_t>(length);
        return into.u.bytes;
    }
    auto *data = static_cast<uint8_t *>(par_rt_alloc(&w, length, 0));
    if (!data) return nullptr;
    into.u.far.data = data;
    into.u.far.length = static_cast<uint64_t>(length);
    into.u.bytes[15] = kHeapString;
    return data;
}

int32_t newText(Worker &w, void *into, const void *bytes, size_t length) {
    par_str made;
    uint8_t *data = makeText(w, made, static_cast<int64_t>(length));
    if (!data) return PAR_TRAPPED;
    if (length > 0) memcpy(data, bytes, length);
    memcpy(into, &made, sizeof made);
    return PAR_OK;
}

void dropText(par_str &s) {
    if (s.u.bytes[15] == kHeapString) {
        Text text = textOf(&s);
        par_rt_free(const_cast<uint8_t *>(text.data), text.length);
    }
    memset(&s, 0, sizeof s);
}

namespace {

bool isBorder(Text s, int64_t at) { return at == s.length || (s.data[at] & 0xC0) != 0x80; }

struct Decoded {
    uint32_t code;
    int64_t bytes; ///< 0: not well formed
};

/// The code point at `p`, which is before `end`; strict (no surrogates, no overlong forms).
Decoded decode(const uint8_t *p, const uint8_t *end) {
    uint8_t first = *p;
    if (first < 0x80) return {first, 1};
    int64_t count = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || end - p < count) return {0xFFFD, 0};
    uint32_t code = first & (0xFFu >> (count + 1));
    for (int64_t i = 1; i < count; ++i) {
        if ((p[i] & 0xC0) != 0x80) return {0xFFFD, 0};
        code = (code << 6) | (p[i] & 0x3Fu);
    }
    bool overlong = (count == 3 && code < 0x800) || (count == 4 && code < 0x10000);
    if (overlong || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return {0xFFFD, 0};
    return {code, count};
}

int compareTexts(Text a, Text b) {
    int order = memcmp(a.data, b.data, std::min(a.size(), b.size()));
    if (order != 0) return order < 0 ? -1 : 1;
    return a.length == b.length ? 0 : a.length < b.length ? -1 : 1;
}

template <class T> T read(const void *operand) {
    T value;
    memcpy(&value, operand, sizeof value);
    return value;
}

template <class T> int32_t give(void *result, T value) {
    memcpy(result, &value, sizeof value);
    return PAR_OK;
}

} // namespace

} // namespace parlane::rt

using namespace parlane::rt;

extern "C" int32_t par_rt_str_copy(par_ctx *ctx, void *result, const void *s) {
    if (static_cast<const par_str *>(s)->u.bytes[15] == kHeapString) {
        Text text = textOf(s);
        return newText(workerOf(ctx), result, text.data, text.size());
    }
    memcpy(result, s, sizeof(par_str));
    return PAR_OK;
}

extern "C" int32_t par_rt_str_drop(par_ctx *, void *, void *s) {
    dropText(*static_cast<par_str *>(s));
    return PAR_OK;
}

extern "C" int32_t par_rt_str_concat(par_ctx *ctx, void *result, const void *parts) {
    auto view = read<par_view1>(parts);
    auto *strings = static_cast<const par_str *>(view.data);
    int64_t length = 0;
    for (int64_t i = 0; i < view.n; ++i) length += textOf(strings + i).length;
    par_str made;
    uint8_t *data = makeText(workerOf(ctx), made, length);
    if (!data) return PAR_TRAPPED;
    for (int64_t i = 0; i < view.n; ++i) {
        Text part = textOf(strings + i);
        if (part.length > 0) memcpy(data, part.data, part.size());
        data += part.length;
    }
    return give(result, made);
}

extern "C" int32_t par_rt_str_compare(par_ctx *, void *result, const void *a, const void *b) {
    return give<int64_t>(result, compareTexts(textOf(a), textOf(b)));
}

extern "C" int32_t par_rt_str_less(par_ctx *, void *result, const void *a, const void *b) {
    return give<bool>(result, compareTexts(textOf(a), textOf(b)) < 0);
}

extern "C" int32_t par_rt_str_equal(par_ctx *, void *result, const void *a, const void *b) {
    Text x = textOf(a), y = textOf(b);
    return give<bool>(result, x.length == y.length && memcmp(x.data, y.data, x.size()) == 0);
}

/// A multiply-and-fold hash over 8-byte steps, little endian, so that it is the same everywhere.
extern "C" int32_t par_rt_str_hash(par_ctx *, void *result, const void *s) {
    constexpr uint64_t a = 0x9E3779B97F4A7C15, b = 0xD6E8FEB86659FD93;
    Text text = textOf(s);
    uint64_t hash = static_cast<uint64_t>(text.length) * a;
    for (int64_t i = 0; i < text.length; i += 8) {
        uint64_t word = 0;
        memcpy(&word, text.data + i, static_cast<size_t>(std::min<int64_t>(8, text.length - i)));
        auto product = static_cast<unsigned __int128>(hash ^ word) * b;
        hash = static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64) ^ a;
    }
    hash ^= hash >> 32;
    return give(result, hash * a);
}

extern "C" int32_t par_rt_str_slice(par_ctx *ctx, void *result, const void *s, const void *lo, const void *hi) {
    Text text = textOf(s);
    auto from = read<int64_t>(lo), to = read<int64_t>(hi);
    if (from < 0 || to < from || to > text.length)
        return trapWith(workerOf(ctx), PAR_TRAP_slice, from, to, text.length);
    if (!isBorder(text, from)) return trapWith(workerOf(ctx), PAR_TRAP_border, from);
    if (!isBorder(text, to)) return trapWith(workerOf(ctx), PAR_TRAP_border, to);
    return newText(workerOf(ctx), result, text.data + from, static_cast<size_t>(to - from));
}

extern "C" int32_t par_rt_str_bytes(par_ctx *, void *result, const void *s) {
    Text text = textOf(s);
    return give(result, par_view1{const_cast<uint8_t *>(text.data), text.length});
}

extern "C" int32_t par_rt_str_from_bytes(par_ctx *ctx, void *result, const void *bytes) {
    auto view = read<par_view1>(bytes);
    auto *data = static_cast<const uint8_t *>(view.data), *end = data + view.n;
    for (auto *p = data; p < end;) {
        int64_t count = decode(p, end).bytes;
        if (count == 0) {
            static constexpr char kMessage[] = "the bytes are not UTF-8";
            return throwWith(workerOf(ctx), kMessage, sizeof kMessage - 1);
        }
        p += count;
    }
    return newText(workerOf(ctx), result, data, static_cast<size_t>(view.n));
}

extern "C" int32_t par_rt_str_from_code(par_ctx *ctx, void *result, const void *code) {
    auto c = read<uint32_t>(code);
    if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) c = 0xFFFD;
    uint8_t bytes[4];
    size_t count = 0;
    if (c < 0x80) {
        bytes[count++] = static_cast<uint8_t>(c);
    } else {
        if (c < 0x800) {
            bytes[count++] = static_cast<uint8_t>(0xC0 | c >> 6);
        } else {
            if (c < 0x10000) {
                bytes[count++] = static_cast<uint8_t>(0xE0 | c >> 12);
            } else {
                bytes[count++] = static_cast<uint8_t>(0xF0 | c >> 18);
                bytes[count++] = static_cast<uint8_t>(0x80 | (c >> 12 & 0x3F));
            }
            bytes[count++] = static_cast<uint8_t>(0x80 | (c >> 6 & 0x3F));
        }
        bytes[count++] = static_cast<uint8_t>(0x80 | (c & 0x3F));
    }
    return newText(workerOf(ctx), result, bytes, count);
}

extern "C" int32_t par_rt_str_next(par_ctx *, void *result, const void *s, void *at) {
    Text text = textOf(s);
    auto from = read<int64_t>(at);
    Decoded found = decode(text.data + from, text.data + text.length);
    give<int64_t>(at, from + std::max<int64_t>(found.bytes, 1));
    return give(result, found.code);
}

extern "C" int32_t par_rt_str_find(par_ctx *, void *result, const void *s, const void *what, const void *from) {
    Text text = textOf(s), part = textOf(what);
    auto start = std::max<int64_t>(read<int64_t>(from), 0);
    if (start > text.length) return give<int64_t>(result, -1);
    auto *found = static_cast<const uint8_t *>(
        memmem(text.data + start, text.size() - static_cast<size_t>(start), part.data, part.size()));
    return give<int64_t>(result, found ? found - text.data : -1);
}
