#include "bench.hpp"

int main(int argc, char **argv) {
    Bench bench(argc, argv);
    int64_t n = bench.arg(0, 2048), steps = bench.arg(1, 100), w = n + 2;
    std::vector<uint8_t> va(w * w), vb(w * w);
    while (bench.again()) {
        uint8_t *a = va.data(), *b = vb.data();
        for (int64_t i = 0; i < n; ++i)
            for (int64_t j = 0; j < n; ++j) a[(i + 1) * w + j + 1] = hash(uint64_t(i * n + j)) % 3 == 0;
        bench.begin();
        for (int64_t s = 0; s < steps; ++s) {
            const uint8_t *from = a;
            uint8_t *to = b;
            bench.loop(n, [=](int64_t r) {
                const uint8_t *__restrict p = from + (r + 1) * w;
                uint8_t *__restrict q = to + (r + 1) * w;
                for (int64_t j = 1; j <= n; ++j) {
                    uint8_t c = uint8_t(p[j - w - 1] + p[j - w] + p[j - w + 1] + p[j - 1] + p[j + 1] + p[j + w - 1] + p[j + w] + p[j + w + 1]);
                    q[j] = (c == 3) | ((c == 2) & p[j]);
                }
            });
            std::swap(a, b);
        }
        bench.end();
        if (a != va.data()) va.swap(vb);
    }
    int64_t sum = 0;
    for (int64_t i = 0; i < n; ++i)
        for (int64_t j = 0; j < n; ++j) sum += va[(i + 1) * w + j + 1] * (i * 31 + j);
    bench.report(sum);
}
