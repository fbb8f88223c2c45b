#include "bench.hpp"

static int64_t serial(int n, uint32_t cols, uint32_t left, uint32_t right) {
    uint32_t full = (1u << n) - 1;
    if (cols == full) return 1;
    int64_t sum = 0;
    for (uint32_t free = full & ~(cols | left | right); free; free &= free - 1) {
        uint32_t bit = free & -free;
        sum += serial(n, cols | bit, (left | bit) << 1, (right | bit) >> 1);
    }
    return sum;
}

static int64_t openmp(int n, uint32_t cols, uint32_t left, uint32_t right) {
    uint32_t full = (1u << n) - 1;
    if (cols == full) return 1;
    int64_t counts[32];
    int found = 0;
    for (uint32_t free = full & ~(cols | left | right); free; free &= free - 1) {
        uint32_t bit = free & -free;
        int k = found++;
#pragma omp task shared(counts) firstprivate(k, bit)
        counts[k] = openmp(n, cols | bit, (left | bit) << 1, (right | bit) >> 1);
    }
#pragma omp taskwait
    int64_t sum = 0;
    for (int k = 0; k < found; ++k) sum += counts[k];
    return sum;
}

static int64_t onetbb(int n, uint32_t cols, uint32_t left, uint32_t right) {
    uint32_t full = (1u << n) - 1;
    if (cols == full) return 1;
    int64_t counts[32];
    int found = 0;
    tbb::task_group group;
    for (uint32_t free = full & ~(cols | left | right); free; free &= free - 1) {
        uint32_t bit = free & -free;
        int64_t *count = &counts[found++];
        group.run([=] { *count = onetbb(n, cols | bit, (left | bit) << 1, (right | bit) >> 1); });
    }
    group.wait();
    int64_t sum = 0;
    for (int k = 0; k < found; ++k) sum += counts[k];
    return sum;
}

int main(int argc, char **argv) {
    Bench bench(argc, argv);
    int n = int(bench.arg(0, 12));
    int64_t solutions = 0;
    while (bench.again()) {
        bench.begin();
        if (bench.who == Contestant::serial) solutions = serial(opaque(n), 0, 0, 0);
        if (bench.who == Contestant::onetbb) solutions = onetbb(opaque(n), 0, 0, 0);
        if (bench.who == Contestant::openmp) {
#pragma omp parallel
#pragma omp single
            solutions = openmp(opaque(n), 0, 0, 0);
        }
        bench.end();
    }
    bench.report(solutions);
}
