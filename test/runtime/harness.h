// Hand-written generated code: what codegen makes from a construct, as lambdas.
#pragma once
#include "runtime/fast/fast.h"

#include <atomic>
#include <cstring>
#include <gtest/gtest.h>
#include <string>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

namespace parlane::rt::test {

/// Inside the pool for the life of the object.
class Entered {
public:
    Entered() : ctx(par_rt_enter(&entry)) {}
    ~Entered() { par_rt_leave(ctx, &entry); }
    Entered(const Entered &) = delete;
    Entered &operator=(const Entered &) = delete;
    operator par_ctx *() const { return ctx; }
    par_ctx *operator->() const { return ctx; }

private:
    par_entry entry;
    par_ctx *ctx;
};

inline constexpr par_site siteAt(uint32_t line, const char *construct, const char *names = nullptr) {
    return {"test.par", line, 1, construct, names};
}

/// A strip that calls `env` (a functor: int32_t(ctx, i)) for each iteration and adds the index on failure.
template <class F> int32_t eachStrip(par_ctx *ctx, void *env, int64_t lo, int64_t hi, void *) {
    auto &f = *static_cast<F *>(env);
    for (int64_t i = lo; i < hi; ++i)
        if (int32_t o = f(ctx, i)) {
            if (o != PAR_STOPPED) par_rt_fault_index(ctx, f.site, 1, &i);
            return o;
        }
    return PAR_OK;
}

template <class F> struct Body {
    F f;
    const par_site *site;
    int32_t operator()(par_ctx *ctx, int64_t i) const { return f(ctx, i); }
};

/// par for i in 0..n { f(ctx, i) }
template <class F> int32_t parFor(par_ctx *ctx, const par_site *site, int64_t n, F f, float ns = 0) {
    Body<F> body{f, site};
    par_loop loop{};
    loop.site = site;
    loop.ns_per_unit = ns;
    loop.strip = eachStrip<Body<F>>;
    return par_rt_for(ctx, &loop, &body, n);
}

/// invoke { a(); b() } through the inlined path; the functors return outcomes.
template <class A, class B> int32_t invoke2(par_ctx *ctx, const par_site *site, A a, B b) {
    struct Frame {
        par_record record;
        B *second;
    };
    par_invoke description{site, 2, [](par_ctx *c, void *env, int32_t) { return (**static_cast<B **>(env))(c); }};
    Frame frame{{}, &b};
    if (int32_t o = par_fast_link(ctx, &frame.record, &description)) return o;
    int32_t o = a(ctx);
    if (par_fast_next(ctx, &frame.record, 1, 2, o)) o = b(ctx);
    return par_fast_finish(ctx, &frame.record, o);
}

/// invoke with any number of branches, all by number.
template <class F> int32_t invokeN(par_ctx *ctx, const par_site *site, int32_t n, F f) {
    struct Frame {
        par_record record;
        F *f;
    };
    par_invoke description{site, n, [](par_ctx *c, void *env, int32_t k) { return (**static_cast<F **>(env))(c, k); }};
    Frame frame{{}, &f};
    if (int32_t o = par_fast_link(ctx, &frame.record, &description)) return o;
    int32_t o = f(ctx, 0);
    for (int32_t k = 1; k < n && par_fast_next(ctx, &frame.record, k, n, o); ++k) o = f(ctx, k);
    return par_fast_finish(ctx, &frame.record, o);
}

inline par_str literal(const char *text) {
    par_str s{};
    size_t length = strlen(text);
    if (length <= 15) {
        memcpy(s.u.bytes, text, length);
        s.u.bytes[15] = static_cast<uint8_t>(length);
    } else {
        s.u.far.data = reinterpret_cast<const uint8_t *>(text);
        s.u.far.length = length;
        s.u.bytes[15] = 0xC0;
    }
    return s;
}

inline std::string toString(const par_str &s) {
    if (s.u.bytes[15] <= 15) return {reinterpret_cast<const char *>(s.u.bytes), s.u.bytes[15]};
    return {reinterpret_cast<const char *>(s.u.far.data), s.u.far.length & ((uint64_t{1} << 56) - 1)};
}

inline int32_t throwNumber(par_ctx *ctx, int64_t number) {
    par_str text = literal(("e" + std::to_string(number)).c_str());
    std::string keep = "e" + std::to_string(number);
    text = literal(keep.c_str());
    return par_rt_throw_text(ctx, nullptr, &text);
}

/// The text of the error in the fault, which is cleared.
inline std::string caught(par_ctx *ctx) {
    par_error error{};
    par_rt_catch(ctx, &error, sizeof error);
    std::string text = toString(error.message);
    par_rt_str_drop(ctx, nullptr, &error.message);
    return text;
}

/// Collects what is printed on descriptor 1 while it lives.
class Captured {
public:
    Captured() : saved(dup(1)), file(memfd_create("out", 0)) { dup2(file, 1); }
    ~Captured() {
        restore();
        close(file);
    }
    Captured(const Captured &) = delete;
    Captured &operator=(const Captured &) = delete;
    std::string text() {
        restore();
        std::string all;
        char block[4096];
        lseek(file, 0, SEEK_SET);
        for (ssize_t n; (n = read(file, block, sizeof block)) > 0;) all.append(block, static_cast<size_t>(n));
        return all;
    }

private:
    void restore() {
        if (saved >= 0) {
            dup2(saved, 1);
            close(saved);
        }
        saved = -1;
    }
    int saved, file;
};

/// Spends about this much time without the kernel.
void burn(int64_t ns);

} // namespace parlane::rt::test
