// Runs this very program again under other numbers of threads and other schedules: the pool of a process is set up
// once.
#include "test/runtime/harness.h"

#include <cstdlib>
#include <sys/wait.h>
#include <unistd.h>

namespace parlane::rt::test {

namespace {

/// All cases but these, with this environment. The output is shown only if it fails.
void runAgain(const std::string &threads, const std::string &schedule, const std::string &filter) {
    char log[] = "/tmp/parlane_runtime_XXXXXX";
    int file = mkstemp(log);
    pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        dup2(file, 1);
        dup2(file, 2);
        setenv("PARLANE_THREADS", threads.c_str(), 1);
        setenv("PARLANE_SCHED", schedule.c_str(), 1);
        unsetenv("GTEST_OUTPUT");
        unsetenv("XML_OUTPUT_FILE");
        std::string option = "--gtest_filter=" + filter + "-Schedules.*";
        alarm(300);
        execl("/proc/self/exe", "runtime_tests", option.c_str(), nullptr);
        _exit(127);
    }
    int status = 0;
    waitpid(child, &status, 0);
    std::string text;
    char block[4096];
    lseek(file, 0, SEEK_SET);
    for (ssize_t n; (n = read(file, block, sizeof block)) > 0;) text.append(block, static_cast<size_t>(n));
    close(file);
    unlink(log);
    size_t shown = text.size() > 6000 ? text.size() - 6000 : 0;
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0)
        << "threads " << threads << ", schedule " << schedule << ", status " << status << "\n" << text.substr(shown);
}

constexpr char kAll[] = "*";

TEST(Schedules, one_two_three_and_seven_threads) {
    for (const char *threads : {"1", "2", "3", "7"}) runAgain(threads, "", kAll);
}

TEST(Schedules, everything_is_stolen) {
    for (const char *threads : {"2", "4"}) runAgain(threads, "steal-always", kAll);
}

TEST(Schedules, highest_parts_first) {
    for (const char *threads : {"2", "3"}) runAgain(threads, "reverse", kAll);
}

TEST(Schedules, seeds) {
    for (const char *schedule : {"seed:1", "seed:2", "seed:3", "seed:4", "seed:5"}) runAgain("3", schedule, kAll);
    runAgain("7", "seed:6", kAll);
}

TEST(Schedules, serial) { runAgain("4", "serial", kAll); }

} // namespace

} // namespace parlane::rt::test
