// `parc test` and `parc bench`: the `test` and `bench` blocks of source files.
#include "compiler/driver/commands.h"
#include "compiler/driver/execute.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <sys/wait.h>
#include <unistd.h>

namespace parlane::driver {

namespace {

struct Compiled {
    session::Session session;
    std::vector<lower::Block> blocks;
    std::vector<par_main> code; ///< one a block
};

/// Compiles the files and picks the blocks of one kind whose name contains the filter.
Exit compileBlocks(const Options &options, bool benches, Compiled &out) {
    applyPassOptions(options, out.session);
    for (const std::string &path : options.operands) (void)out.session.load(path);
    lower::Lowered *program = out.session.optimise();
    Exit status = finish(options, out.session);
    if (status != Exit::Fine || !program) return status;
    std::vector<pir::FunctionId> functions;
    for (const lower::Block &block : program->blocks) {
        if (block.is_bench != benches || block.name.find(options.filter) == std::string::npos) continue;
        out.blocks.push_back(block);
        functions.push_back(block.function);
    }
    auto code = out.session.compile(codeOptions(options), functions);
    if (!code) return failed(code.error());
    out.code = std::move(*code);
    return Exit::Fine;
}

/// Runs one block in a child, because the pool of a process has one schedule for its whole life, and because a block
/// that traps must not end the others. Returns its exit status; a signal counts as an internal error.
int runInChild(par_main block, int32_t threads, const char *schedule) {
    std::fflush(nullptr);
    pid_t child = fork();
    if (child < 0) return static_cast<int>(Exit::Internal);
    if (child == 0) {
        par_options settings{};
        settings.threads = threads;
        settings.stats = -1;
        settings.schedule = schedule;
        _exit(par_rt_main(&settings, block));
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    return WIFEXITED(status) ? WEXITSTATUS(status) : static_cast<int>(Exit::Internal);
}

struct Way {
    const char *text;
    int32_t threads; ///< 0: as many as the machine has, or -j
    const char *schedule;
};

constexpr Way kWays[] = {{"serially", 1, nullptr}, {"with threads", 0, nullptr}, {"with stealing everywhere", 4, "steal-always"}};

double seconds(par_main block, par_ctx *ctx, int32_t &outcome) {
    auto start = std::chrono::steady_clock::now();
    outcome = block(ctx);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Everything that is measured, inside the runtime.
struct Measurement {
    const Compiled &compiled;
    bool json;
};

std::string timeText(double s) {
    if (s < 1e-6) return fmt::format("{:.1f} ns", s * 1e9);
    if (s < 1e-3) return fmt::format("{:.2f} us", s * 1e6);
    return s < 1 ? fmt::format("{:.2f} ms", s * 1e3) : fmt::format("{:.3f} s", s);
}

/// Rounds until half a second is spent, at least five; reports median and the middle half.
int32_t measure(par_ctx *ctx, void *data) {
    constexpr double budget = 0.5;
    auto &self = *static_cast<Measurement *>(data);
    for (size_t i = 0; i < self.compiled.blocks.size(); ++i) {
        std::vector<double> times;
        double spent = 0;
        while (times.size() < 5 || (spent < budget && times.size() < 1000)) {
            int32_t outcome = 0;
            times.push_back(seconds(self.compiled.code[i], ctx, outcome));
            spent += times.back();
            if (outcome != PAR_OK) return outcome;
        }
        std::ranges::sort(times);
        size_t n = times.size();
        double median = times[n / 2], low = times[n / 4], high = times[n - 1 - n / 4];
        const std::string &name = self.compiled.blocks[i].name;
        if (self.json)
            fmt::print("{{\"bench\":\"{}\",\"median\":{:.9f},\"low\":{:.9f},\"high\":{:.9f},\"rounds\":{}}}\n", name,
                       median, low, high, n);
        else
            fmt::print("{:<40} {:>12}   {} .. {} ({} rounds)\n", name, timeText(median), timeText(low), timeText(high), n);
    }
    return PAR_OK;
}

} // namespace

Exit testCommand(const Options &options) {
    if (options.operands.empty()) return usageError("`parc test` takes files");
    Compiled compiled;
    if (Exit status = compileBlocks(options, false, compiled); status != Exit::Fine) return status;
    size_t bad = 0;
    for (size_t i = 0; i < compiled.blocks.size(); ++i) {
        std::string why;
        for (const Way &way : kWays) {
            int32_t threads = way.threads ? way.threads : static_cast<int32_t>(options.threads.value_or(0));
            int status = runInChild(compiled.code[i], threads, way.schedule);
            if (status != 0 && why.empty()) why = fmt::format("{}: status {}", way.text, status);
            if (status != 0) break;
        }
        fmt::print("{} {}{}{}\n", why.empty() ? "ok    " : "FAILED", compiled.blocks[i].name, why.empty() ? "" : " ", why);
        bad += !why.empty();
    }
    fmt::print("{} passed, {} failed\n", compiled.blocks.size() - bad, bad);
    return bad ? Exit::Bound : Exit::Fine;
}

Exit benchCommand(const Options &options) {
    if (options.operands.empty()) return usageError("`parc bench` takes files");
    Compiled compiled;
    if (Exit status = compileBlocks(options, true, compiled); status != Exit::Fine) return status;
    Measurement work{compiled, options.json};
    Arguments arguments(options);
    return static_cast<Exit>(par_rt_run(arguments.runtime(), measure, &work));
}

} // namespace parlane::driver
