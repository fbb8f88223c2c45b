#include "bench.hpp"

static int64_t serial(int64_t n) { return n < 2 ? n : serial(n - 1) + serial(n - 2); }

static int64_t openmp(int64_t n) {
    if (n < 2) return n;
    int64_t a, b;
#pragma omp task shared(a)
    a = openmp(n - 1);
    b = openmp(n - 2);
#pragma omp taskwait
    return a + b;
}

static int64_t onetbb(int64_t n) {
    if (n < 2) return n;
    int64_t a, b;
    tbb::parallel_invoke([&] { a = onetbb(n - 1); }, [&] { b = onetbb(n - 2); });
    return a + b;
}

int main(int argc, char **argv) {
    Bench bench(argc, argv);
    int64_t n = bench.arg(0, 38), f = 0;
    while (bench.again()) {
        bench.begin();
        if (bench.who == Contestant::serial) f = serial(opaque(n));
        if (bench.who == Contestant::onetbb) f = onetbb(opaque(n));
        if (bench.who == Contestant::openmp) {
#pragma omp parallel
#pragma omp single
            f = openmp(opaque(n));
        }
        bench.end();
    }
    bench.report(f);
}
