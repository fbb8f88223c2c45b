#include "bench.hpp"

static int escape(float cx, float cy) {
    float x = 0, y = 0;
    for (int k = 0; k < 256; ++k) {
        float xx = x * x, yy = y * y;
        if (xx + yy > 4) return k;
        y = 2 * x * y + cy;
        x = xx - yy + cx;
    }
    return 256;
}

int main(int argc, char **argv) {
    Bench bench(argc, argv);
    int64_t n = bench.arg(0, 2048);
    std::vector<int> image(n * n);
    int *p = image.data();
    while (bench.again()) {
        bench.begin();
        bench.uneven(n, [=](int64_t i) {
            for (int64_t j = 0; j < n; ++j) p[i * n + j] = escape(-2 + 3 * float(j) / float(n), -1.5f + 3 * float(i) / float(n));
        });
        bench.end();
    }
    int64_t sum = 0;
    for (int k : image) sum += k;
    bench.report(sum);
}
