// Makes a picture with functions that were compiled with the program, then filters it with text that is compiled now.
#include "kernels.h"

#include <cstdio>
#include <parlane.hpp>
#include <vector>

namespace {

constexpr int64_t kRows = 480, kCols = 640;

/// Somebody could be editing this: every call compiles it anew.
const char *kFilter = R"par(
export fn filter(source: f32[,], inout target: f32[,]) {
    par for y in 1..source.rows - 1, x in 1..source.cols - 1 {
        let sum = reduce(+) for dy in -1..2, dx in -1..2 { source[y + dy, x + dx] }
        target[y, x] = sum / 9
    }
}
)par";

const char *kWrongFilter = R"par(
export fn filter(source: f32[,], inout target: f32[,]) {
    par for y in 1..source.rows, x in 0..source.cols { target[y, x] = target[y - 1, x] + source[y, x] }
}
)par";

int apply(const char *text, const std::vector<float> &source, std::vector<float> &target) {
    auto context = parlane::Context::create();
    if (!context) return std::printf("%s\n", context.error().render().c_str()), 1;
    auto module = context.value().compile("filter.par", text);
    if (!module) return std::printf("%s", module.error().render().c_str()), 1;
    using Filter = void(parlane::view2<const float>, parlane::view2<float>);
    auto filter = module.value().get<Filter>("filter");
    if (!filter) return std::printf("%s\n", filter.error().render().c_str()), 1;
    auto done = filter.value()({source.data(), kRows, kCols}, {target.data(), kRows, kCols});
    if (!done) return std::printf("%s\n", done.error().render().c_str()), 1;
    return 0;
}

} // namespace

int main() {
    std::vector<float> picture(kRows * kCols), smooth = picture;
    if (waves(picture.data(), kRows, kCols, kCols) != 0) return std::printf("%s\n", par_last_error()), 1;
    if (apply(kFilter, picture, smooth) != 0) return 1;
    double before = 0, after = 0;
    mean(picture.data(), kRows, kCols, kCols, &before);
    mean(smooth.data(), kRows, kCols, kCols, &after);
    std::printf("mean %.6f, smoothed %.6f\n", before, after);
    std::printf("a filter with a race does not compile:\n");
    return apply(kWrongFilter, picture, smooth) == 1 ? 0 : 1;
}
