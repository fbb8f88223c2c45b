#include "bench.hpp"

int main(int argc, char **argv) {
    Bench bench(argc, argv);
    int64_t n = bench.arg(0, 4096), sweeps = bench.arg(1, 50);
    std::vector<float> va(n * n), vb(n * n);
    while (bench.again()) {
        float *a = va.data(), *b = vb.data();
        bench.loop(n, [=](int64_t i) {
            for (int64_t j = 0; j < n; ++j) b[i * n + j] = a[i * n + j] = unit(i * n + j);
        });
        bench.begin();
        for (int64_t s = 0; s < sweeps; ++s) {
            const float *from = a;
            float *to = b;
            bench.loop(n - 2, [=](int64_t r) {
                const float *__restrict p = from + (r + 1) * n;
                float *__restrict q = to + (r + 1) * n;
                for (int64_t j = 1; j < n - 1; ++j) q[j] = p[j] + 0.2f * (p[j - n] + p[j + n] + p[j - 1] + p[j + 1] - 4 * p[j]);
            });
            std::swap(a, b);
        }
        bench.end();
        if (a != va.data()) va.swap(vb);
    }
    double sum = 0;
    for (float v : va) sum += v;
    bench.report(sum);
}
