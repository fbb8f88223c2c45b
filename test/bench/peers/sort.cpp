#include "bench.hpp"

static void quicksort(int64_t *a, int64_t n) {
    if (n < 8192) return std::sort(a, a + n);
    int64_t pivot = std::max(std::min(a[0], a[n / 2]), std::min(std::max(a[0], a[n / 2]), a[n - 1]));
    int64_t i = 0, j = n - 1;
    for (;; ++i, --j) {
        while (a[i] < pivot) ++i;
        while (pivot < a[j]) --j;
        if (i >= j) break;
        std::swap(a[i], a[j]);
    }
    i = std::max<int64_t>(i, 1);
#pragma omp task
    quicksort(a, i);
    quicksort(a + i, n - i);
#pragma omp taskwait
}

int main(int argc, char **argv) {
    Bench bench(argc, argv);
    int64_t n = bench.arg(0, 16 << 20);
    std::vector<int64_t> x(n);
    while (bench.again()) {
        for (int64_t i = 0; i < n; ++i) x[i] = int64_t(hash(uint64_t(i)) >> 1);
        bench.begin();
        if (bench.who == Contestant::serial) std::sort(x.begin(), x.end());
        if (bench.who == Contestant::onetbb) tbb::parallel_sort(x.begin(), x.end());
        if (bench.who == Contestant::openmp) {
#pragma omp parallel
#pragma omp single
            quicksort(x.data(), n);
        }
        bench.end();
    }
    uint64_t sum = 0;
    for (int64_t i = 0; i < n; ++i) sum += uint64_t(x[i]) * uint64_t(i + 1);
    bench.report(std::is_sorted(x.begin(), x.end()) ? sum : uint64_t(0));
}
