// Shared by the peer programs: data, clock, and the three ways to run a loop. A program is called `PROGRAM CONTESTANT THREADS ARGS...`
// with contestant serial, openmp or onetbb and prints `result ...` and `seconds ...` (best of three timed sections, at most 4 s).
#pragma once
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <omp.h>
#include <string>
#include <tbb/tbb.h>
#include <vector>

inline uint64_t hash(uint64_t x) {
    uint64_t h = x + 0x9E3779B97F4A7C15u;
    h = (h ^ (h >> 30)) * 0xBF58476D1CE4E5B9u;
    h = (h ^ (h >> 27)) * 0x94D049BB133111EBu;
    return h ^ (h >> 31);
}

inline float unit(int64_t i) { return float(hash(uint64_t(i)) >> 40) / 16777216; }

template <class T> T opaque(T x) {
    asm volatile("" : "+r"(x));
    return x;
}

enum class Contestant { serial, openmp, onetbb };

struct Bench {
    Contestant who = Contestant::serial;
    int threads = 1;
    std::vector<int64_t> args;
    double best = 1e30, spent = 0;
    int rounds = 0;
    std::chrono::steady_clock::time_point from;
    tbb::global_control *limit = nullptr;

    Bench(int argc, char **argv) {
        std::string name = argc > 1 ? argv[1] : "serial";
        who = name == "openmp" ? Contestant::openmp : name == "onetbb" ? Contestant::onetbb : Contestant::serial;
        threads = argc > 2 ? std::atoi(argv[2]) : 1;
        for (int k = 3; k < argc; ++k) args.push_back(std::atoll(argv[k]));
        omp_set_num_threads(threads);
        limit = new tbb::global_control(tbb::global_control::max_allowed_parallelism, size_t(threads));
    }
    int64_t arg(size_t k, int64_t fallback) const { return k < args.size() ? args[k] : fallback; }
    bool again() const { return rounds < 3 && spent < 4; }
    void begin() { from = std::chrono::steady_clock::now(); }
    void end() {
        double s = std::chrono::duration<double>(std::chrono::steady_clock::now() - from).count();
        best = std::min(best, s), spent += s, ++rounds;
    }
    void report(double result) const { std::printf("result %.12g\nseconds %.9f\n", result, best); }
    void report(int64_t result) const { std::printf("result %lld\nseconds %.9f\n", (long long)result, best); }
    void report(uint64_t result) const { std::printf("result %llu\nseconds %.9f\n", (unsigned long long)result, best); }

    /// for i in 0..n { body(i) }: the same body for each contestant.
    template <class F> void loop(int64_t n, const F &body) const {
        if (who == Contestant::serial) {
            for (int64_t i = 0; i < n; ++i) body(i);
        } else if (who == Contestant::openmp) {
#pragma omp parallel for
            for (int64_t i = 0; i < n; ++i) body(i);
        } else {
            tbb::parallel_for(tbb::blocked_range<int64_t>(0, n), [&](const tbb::blocked_range<int64_t> &r) {
                for (int64_t i = r.begin(); i < r.end(); ++i) body(i);
            });
        }
    }
    /// The same with iterations of unequal cost.
    template <class F> void uneven(int64_t n, const F &body) const {
        if (who == Contestant::openmp) {
#pragma omp parallel for schedule(dynamic, 1)
            for (int64_t i = 0; i < n; ++i) body(i);
        } else {
            loop(n, body);
        }
    }
    /// Sum of value(i).
    template <class T, class F> T sum(int64_t n, const F &value) const {
        T s = 0;
        if (who == Contestant::serial) {
            for (int64_t i = 0; i < n; ++i) s += value(i);
        } else if (who == Contestant::openmp) {
#pragma omp parallel for simd reduction(+ : s)
            for (int64_t i = 0; i < n; ++i) s += value(i);
        } else {
            s = tbb::parallel_reduce(
                tbb::blocked_range<int64_t>(0, n), T(0),
                [&](const tbb::blocked_range<int64_t> &r, T t) {
                    for (int64_t i = r.begin(); i < r.end(); ++i) t += value(i);
                    return t;
                },
                [](T a, T b) { return a + b; });
        }
        return s;
    }
};

inline std::vector<uint8_t> syntheticText(int64_t n) {
    std::vector<uint8_t> text(n);
    int64_t i = 0;
    for (int64_t w = 0; i < n; ++w) {
        double u = unit(w);
        uint64_t h = hash(uint64_t(10000 * (u * u * u)) + (uint64_t(1) << 32));
        int64_t letters = std::min<int64_t>(2 + int64_t(h % 8), n - i);
        for (int64_t l = 0; l < letters; ++l) text[i + l] = uint8_t('a' + ((h >> (8 + 5 * l)) & 31) % 26);
        i += letters;
        if (i < n) text[i++] = ' ';
    }
    return text;
}
