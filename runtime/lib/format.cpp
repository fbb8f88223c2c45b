// Formatting with fmt's specifications and reading of numbers. The only file that sees fmt.
#include "runtime/lib/text.h"

#include <charconv>
#include <cmath>
#include <fmt/format.h>

namespace parlane::rt {

namespace {

using Buffer = fmt::basic_memory_buffer<char, 256>;

/// `value` under a specification such as ".3"; the compiler has checked that it fits the type.
template <class T> int32_t formatAs(par_ctx *ctx, void *result, const void *spec, const T &value) {
    Text wanted = textOf(spec);
    Buffer out;
    if (wanted.length == 0) {
        fmt::format_to(fmt::appender(out), "{}", value);
    } else {
        Buffer format;
        format.append(std::string_view("{:"));
        format.append(std::string_view(wanted.chars(), wanted.size()));
        format.push_back('}');
        fmt::string_view text(format.data(), format.size());
        fmt::vformat_to(fmt::appender(out), text, fmt::make_format_args(value));
    }
    return newText(workerOf(ctx), result, out.data(), out.size());
}

template <class T> T read(const void *operand) {
    T value;
    memcpy(&value, operand, sizeof value);
    return value;
}

/// A NaN is printed without the sign that its bits may have.
template <class T> T plainNan(T value) { return std::isnan(value) ? std::abs(value) : value; }

int32_t throwUnreadable(par_ctx *ctx, Text text, std::string_view kind, bool range) {
    Buffer message;
    message.append(std::string_view("`"));
    message.append(text.chars(), text.chars() + (text.size() > 60 ? 60 : text.size()));
    message.append(std::string_view(range ? "` is out of range for " : "` is not "));
    message.append(kind);
    return throwWith(workerOf(ctx), message.data(), message.size());
}

/// Reads all of the text as a number: an optional sign, then what from_chars reads; no blanks around it.
template <class T> int32_t parseAs(par_ctx *ctx, void *result, const void *s, std::string_view kind) {
    Text text = textOf(s);
    const char *first = text.chars(), *last = first + text.size();
    if (first != last && *first == '+') {
        ++first;
        if (first != last && *first == '-') return throwUnreadable(ctx, text, kind, false);
    }
    T value{};
    auto [end, error] = std::from_chars(first, last, value);
    if (error == std::errc::result_out_of_range) return throwUnreadable(ctx, text, kind, true);
    if (error != std::errc{} || end != last) return throwUnreadable(ctx, text, kind, false);
    memcpy(result, &value, sizeof value);
    return PAR_OK;
}

} // namespace

} // namespace parlane::rt

using namespace parlane::rt;

extern "C" int32_t par_rt_format_i64(par_ctx *ctx, void *result, const void *spec, const void *value) {
    return formatAs(ctx, result, spec, read<int64_t>(value));
}

extern "C" int32_t par_rt_format_u64(par_ctx *ctx, void *result, const void *spec, const void *value) {
    return formatAs(ctx, result, spec, read<uint64_t>(value));
}

extern "C" int32_t par_rt_format_f32(par_ctx *ctx, void *result, const void *spec, const void *value) {
    return formatAs(ctx, result, spec, plainNan(read<float>(value)));
}

extern "C" int32_t par_rt_format_f64(par_ctx *ctx, void *result, const void *spec, const void *value) {
    return formatAs(ctx, result, spec, plainNan(read<double>(value)));
}

extern "C" int32_t par_rt_format_bool(par_ctx *ctx, void *result, const void *spec, const void *value) {
    return formatAs(ctx, result, spec, read<uint8_t>(value) != 0);
}

extern "C" int32_t par_rt_format_str(par_ctx *ctx, void *result, const void *spec, const void *value) {
    Text text = textOf(value);
    return formatAs(ctx, result, spec, fmt::string_view(text.chars(), text.size()));
}

extern "C" int32_t par_rt_parse_i64(par_ctx *ctx, void *result, const void *s) {
    return parseAs<int64_t>(ctx, result, s, "an integer");
}

extern "C" int32_t par_rt_parse_u64(par_ctx *ctx, void *result, const void *s) {
    return parseAs<uint64_t>(ctx, result, s, "an unsigned integer");
}

extern "C" int32_t par_rt_parse_f32(par_ctx *ctx, void *result, const void *s) {
    return parseAs<float>(ctx, result, s, "a number");
}

extern "C" int32_t par_rt_parse_f64(par_ctx *ctx, void *result, const void *s) {
    return parseAs<double>(ctx, result, s, "a number");
}

extern "C" int32_t par_rt_parse_bool(par_ctx *ctx, void *result, const void *s) {
    Text text = textOf(s);
    std::string_view word(text.chars(), text.size());
    if (word != "true" && word != "false") return throwUnreadable(ctx, text, "a bool", false);
    *static_cast<uint8_t *>(result) = word == "true";
    return PAR_OK;
}
