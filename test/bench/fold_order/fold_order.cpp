// Measures the constants of the fold order (docs/language.md, "The order of folds"): L partials per block of B values.
// Every kernel computes exactly what the language fixes for a candidate; a line gives ns per value, the median of
// interleaved rounds. Compiled once per instruction set by run.sh, which prints the table.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
volatile double sink;

/// L values side by side; LLVM splits them into native registers.
template <class T, int L> struct Wide {
    typedef T Vec __attribute__((vector_size(L * sizeof(T)), aligned(alignof(T))));
};
template <class T, int L> typename Wide<T, L>::Vec wide(const T *p) {
    return *reinterpret_cast<const typename Wide<T, L>::Vec *>(p);
}

/// Combines L partials by halving: j with j + L/2.
template <int L, class T> T halve(const typename Wide<T, L>::Vec &p) {
    if constexpr (L == 2) {
        return p[0] + p[1];
    } else {
        return [&]<int... J>(std::integer_sequence<int, J...>) {
            typename Wide<T, L / 2>::Vec low = __builtin_shufflevector(p, p, J...), high = __builtin_shufflevector(p, p, (J + L / 2)...);
            return halve<L / 2, T>(low + high);
        }(std::make_integer_sequence<int, L / 2>());
    }
}

/// Tree over blocks that splits at the largest power of two below their number.
template <class T, class F> T tree(int64_t lo, int64_t hi, const F &block) {
    if (hi - lo == 1) return block(lo);
    int64_t half = 1;
    while (half * 2 < hi - lo) half *= 2;
    T left = tree<T>(lo, lo + half, block);
    return left + tree<T>(lo + half, hi, block);
}

/// `one(sum, i)` adds value i to a scalar, `many(sum, i)` values i to i + L - 1 to the L partials.
template <int L, int B, int Cut, class T, class One, class Many> T fold(int64_t n, const One &one, const Many &many) {
    if (n <= int64_t(Cut) * L) {
        T s = 0;
        for (int64_t i = 0; i < n; ++i) s = one(s, i);
        return s;
    }
    return tree<T>(0, (n + B - 1) / B, [&](int64_t b) {
        typename Wide<T, L>::Vec sums = {};
        int64_t i = b * B, end = std::min<int64_t>(n, i + B);
        for (; i + L <= end; i += L) sums = many(sums, i);
        if (i < end) {
            T p[L];
            __builtin_memcpy(p, &sums, sizeof p);
            for (int j = 0; i + j < end; ++j) p[j] = one(p[j], i + j);
            __builtin_memcpy(&sums, p, sizeof p);
        }
        return halve<L, T>(sums);
    });
}

template <class T> std::vector<T> data(int64_t n, int seed) {
    std::vector<T> v(n);
    for (int64_t i = 0; i < n; ++i) v[i] = T((i * 7919 + seed) % 1000) / 1000;
    return v;
}

template <class F> double time(int64_t values, const F &run) {
    int reps = 1;
    for (;;) {
        auto from = Clock::now();
        for (int r = 0; r < reps; ++r) run();
        double s = std::chrono::duration<double>(Clock::now() - from).count();
        if (s > 0.01) return s * 1e9 / (double(reps) * values);
        reps *= 2;
    }
}

template <class T> struct Data {
    std::vector<T> x = data<T>(1 << 16, 1), y = data<T>(1 << 16, 5), z = data<T>(1 << 16, 9), m = data<T>(1 << 16, 3);
    std::vector<uint32_t> column;
    std::vector<T> out = std::vector<T>(1 << 16);
    Data() : column(1 << 16) {
        for (size_t i = 0; i < column.size(); ++i) column[i] = uint32_t((i * 2654435761u) >> 8) & 0xffff;
    }
};

template <int L, int B, int Cut, class T> double sum(Data<T> &d, int64_t n) {
    const T *x = d.x.data();
    return time(n, [&] { sink = fold<L, B, Cut, T>(n, [=](T s, int64_t i) { return s + x[i]; },
                                                  [=](auto s, int64_t i) { return s + wide<T, L>(x + i); }); });
}

template <int L, int B, int Cut, class T> double dot(Data<T> &d, int64_t n) {
    const T *x = d.x.data(), *y = d.y.data();
    return time(n, [&] { sink = fold<L, B, Cut, T>(n, [=](T s, int64_t i) { return __builtin_fma(x[i], y[i], s); }, [=](auto s, int64_t i) {
            return __builtin_elementwise_fma(wide<T, L>(x + i), wide<T, L>(y + i), s);
        }); });
}

template <class T> struct Three {
    T a, b, c;
    Three(T v = 0) : a(v), b(v), c(v) {}
    Three(T a, T b, T c) : a(a), b(b), c(c) {}
    Three operator+(const Three &o) const { return {a + o.a, b + o.b, c + o.c}; }
};

/// Three sums in one loop; partials of each component in an array of their own, as the compiler lays them out.
template <int L, int B, int Cut, class T> double nbody(Data<T> &d, int64_t n) {
    const T *x = d.x.data(), *y = d.y.data(), *z = d.z.data(), *m = d.m.data();
    return time(n, [&] {
        Three<T> total = tree<Three<T>>(0, (n + B - 1) / B, [&](int64_t b) {
            typename Wide<T, L>::Vec u = {}, v = {}, w = {};
            int64_t end = std::min<int64_t>(n, (b + 1) * B);
            for (int64_t i = b * B; i + L <= end; i += L) {
                auto dx = wide<T, L>(x + i) - x[7], dy = wide<T, L>(y + i) - y[7], dz = wide<T, L>(z + i) - z[7];
                auto d2 = dx * dx + dy * dy + dz * dz + T(1e-3);
                auto f = wide<T, L>(m + i) / (d2 * __builtin_elementwise_sqrt(d2));
                u = __builtin_elementwise_fma(f, dx, u), v = __builtin_elementwise_fma(f, dy, v);
                w = __builtin_elementwise_fma(f, dz, w);
            }
            return Three<T>(halve<L, T>(u), halve<L, T>(v), halve<L, T>(w));
        });
        sink = total.a + total.b + total.c;
    });
}

/// A fold of three elements in every iteration of an outer loop.
template <int L, int B, int Cut, class T> double dot3(Data<T> &d, int64_t) {
    const T *x = d.x.data(), *y = d.y.data();
    T *out = d.out.data();
    volatile int64_t three = 3;
    int64_t opaque = three;
    return time(20000, [&] {
        for (int64_t r = 0; r < 20000; ++r)
            out[r] = fold<L, B, Cut, T>(opaque, [=](T s, int64_t i) { return __builtin_fma(x[3 * r + i], y[3 * r + i], s); },
                                           [=](auto s, int64_t i) {
                                               return __builtin_elementwise_fma(wide<T, L>(x + 3 * r + i), wide<T, L>(y + 3 * r + i), s);
                                           });
        sink = out[17];
    });
}

/// c[j] = fold over k of a[k] * b[k, j] for a register tile of 4 rows by V columns, partial-major: partials in
/// bit-reversed order, k in steps of L, finished partials combine on a small stack.
template <int L, int B, int Cut, class T> double matmul(Data<T> &d, int64_t n) {
    constexpr int R = 4, V = 128 / sizeof(T);
    typedef T Vec __attribute__((vector_size(128), aligned(8)));
    const T *a = d.x.data(), *b = d.y.data();
    T *out = d.out.data();
    int bits = __builtin_ctz(L);
    return time(n * R * V, [&] {
        Vec stack[8][R];
        int depth = 0;
        for (int p = 0; p < L; ++p) {
            int first = 0;
            for (int k = 0; k < bits; ++k) first |= ((p >> k) & 1) << (bits - 1 - k);
            Vec acc[R] = {};
            for (int64_t k = first; k < n; k += L) {
                Vec row = *reinterpret_cast<const Vec *>(b + k * V);
                for (int r = 0; r < R; ++r) acc[r] = __builtin_elementwise_fma(row, Vec{} + a[r * n + k], acc[r]);
            }
            for (int level = 0; (p >> level) & 1; ++level) {
                --depth;
                for (int r = 0; r < R; ++r) acc[r] = stack[depth][r] + acc[r];
            }
            for (int r = 0; r < R; ++r) stack[depth][r] = acc[r];
            ++depth;
        }
        for (int r = 0; r < R; ++r) *reinterpret_cast<Vec *>(out + r * V) = stack[0][r];
        sink = out[3];
    });
}

template <int L, int B, int Cut, class T> double spmv(Data<T> &d, int64_t n) {
    const T *val = d.x.data(), *x = d.y.data();
    const uint32_t *col = d.column.data();
    int64_t rows = (1 << 16) / n;
    return time(rows * n, [&] {
        for (int64_t r = 0; r < rows; ++r)
            d.out[r] = fold<L, B, Cut, T>(
                n, [=](T s, int64_t i) { return __builtin_fma(val[r * n + i], x[col[r * n + i]], s); },
                [=](auto s, int64_t i) {
                    typename Wide<T, L>::Vec g;
                    for (int j = 0; j < L; ++j) g[j] = x[col[r * n + i + j]];
                    return __builtin_elementwise_fma(wide<T, L>(val + r * n + i), g, s);
                });
        sink = d.out[3];
    });
}

/// Two passes: totals of blocks, then each block from its prefix. Depends on B only.
template <int L, int B, int Cut, class T> double scan(Data<T> &d, int64_t n) {
    const T *x = d.x.data();
    T *out = d.out.data();
    std::vector<T> totals(n / 1024 + 2);
    return time(n, [&] {
        int64_t blocks = (n + B - 1) / B;
        for (int64_t b = 0; b < blocks; ++b) {
            T t = 0;
            for (int64_t i = b * B, e = std::min<int64_t>(n, i + B); i < e; ++i) t += out[i] = x[i];
            totals[b] = t;
        }
        T before = 0;
        for (int64_t b = 0; b < blocks; ++b) {
            T s = before;
            before += totals[b];
            for (int64_t i = b * B, e = std::min<int64_t>(n, i + B); i < e; ++i) out[i] = s += out[i];
        }
        sink = out[n - 1];
    });
}

struct Row {
    const char *kernel;
    int l, b, cut;
    std::vector<double> times;
    double (*run)(void *, int64_t);
    int64_t n;
};

#define KERNEL(name, size)                                                                                             \
    rows.push_back({#name " n=" #size, L, B, Cut, {}, [](void *d, int64_t n) { return name<L, B, Cut, T>(*static_cast<Data<T> *>(d), n); }, size})

template <class T, int L, int B, int Cut> void candidate(std::vector<Row> &rows) {
    KERNEL(sum, 65536);
    KERNEL(sum, 100);
    KERNEL(dot, 65536);
    KERNEL(dot, 200);
    KERNEL(nbody, 65536);
    KERNEL(dot3, 3);
    KERNEL(matmul, 256);
    KERNEL(spmv, 16);
    KERNEL(spmv, 64);
    KERNEL(scan, 65536);
}

template <class T, int Unit> void measure(const char *type, int rounds) {
    Data<T> d;
    std::vector<Row> rows;
    candidate<T, 16 / Unit, 4096, 1>(rows), candidate<T, 32 / Unit, 4096, 1>(rows), candidate<T, 64 / Unit, 4096, 1>(rows);
    candidate<T, 128 / Unit, 4096, 1>(rows), candidate<T, 64 / Unit, 1024, 1>(rows), candidate<T, 64 / Unit, 16384, 1>(rows);
    candidate<T, 64 / Unit, 4096, 2>(rows);
    for (int r = 0; r < rounds; ++r)
        for (Row &row : rows) row.times.push_back(row.run(&d, row.n));
    for (Row &row : rows) {
        std::nth_element(row.times.begin(), row.times.begin() + rounds / 2, row.times.end());
        std::printf("%s|%s|%d|%d|%d|%.4f\n", type, row.kernel, row.l, row.b, row.cut, row.times[rounds / 2]);
    }
}

} // namespace

int main(int argc, char **argv) {
    int rounds = argc > 1 ? std::atoi(argv[1]) : 9;
    measure<float, 1>("f32", rounds);
    measure<double, 2>("f64", rounds);
}
