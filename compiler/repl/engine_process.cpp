#include "compiler/repl/engine_process.h"

#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

namespace parlane::repl {

namespace json = llvm::json;

bool EngineProcess::start() {
    int in[2], out[2];
    if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0) return false;
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, in[0], 0);
    posix_spawn_file_actions_adddup2(&files, out[1], 1);
    // A group of its own: Ctrl-C at the terminal reaches the prompt alone, which passes it on.
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
    const char *words[] = {program.c_str(), "repl", "--protocol=json", nullptr};
    int failed = ::posix_spawn(&child, program.c_str(), &files, &attributes, const_cast<char **>(words), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    ::close(in[0]);
    ::close(out[1]);
    to = in[1];
    from = out[0];
    buffered.clear();
    if (failed) child = 0;
    return !failed;
}

void EngineProcess::stop() {
    if (to >= 0) ::close(to);
    if (from >= 0) ::close(from);
    to = from = -1;
    if (child > 0) {
        int status = 0;
        // It ends by itself when its input does; what is stuck in code that cannot be interrupted is ended.
        for (int k = 0; k < 50 && ::waitpid(child, &status, WNOHANG) == 0; ++k) ::usleep(10'000);
        if (::kill(child, 0) == 0) {
            ::kill(child, SIGKILL);
            ::waitpid(child, &status, 0);
        }
        if (WIFSIGNALED(status) && why.empty()) why = fmt::format("the engine ended: {}", strsignal(WTERMSIG(status)));
    }
    child = 0;
}

bool EngineProcess::readLine(std::string &line, const Interrupted &interrupted) {
    constexpr int kLookMs = 20, kPatienceMs = 1000;
    using Clock = std::chrono::steady_clock;
    std::optional<Clock::time_point> asked;
    for (;;) {
        if (size_t end = buffered.find('\n'); end != std::string::npos) {
            line = buffered.substr(0, end);
            buffered.erase(0, end + 1);
            return true;
        }
        pollfd wanted{from, POLLIN, 0};
        int ready = ::poll(&wanted, 1, kLookMs);
        if (interrupted() && !asked) asked = Clock::now();
        // Again and again: the engine may not have read the request yet.
        if (asked) ::kill(child, SIGINT);
        if (asked && Clock::now() - *asked > std::chrono::milliseconds(kPatienceMs)) {
            why = "the cell could not be stopped; the engine was replaced";
            ::kill(child, SIGKILL);
            return false;
        }
        if (ready <= 0) continue;
        char block[65536];
        ssize_t n = ::read(from, block, sizeof block);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        buffered.append(block, static_cast<size_t>(n));
    }
}

std::optional<json::Object> EngineProcess::ask(json::Object request, const std::function<void(llvm::StringRef)> &output,
                                               const Interrupted &interrupted) {
    why.clear();
    if (child == 0 && !start()) {
        why = "the engine could not be started";
        return std::nullopt;
    }
    std::string line;
    llvm::raw_string_ostream(line) << json::Value(std::move(request)) << '\n';
    for (std::string_view rest = line; !rest.empty();) {
        ssize_t n = ::write(to, rest.data(), rest.size());
        if (n < 0 && errno != EINTR) break;
        if (n > 0) rest.remove_prefix(static_cast<size_t>(n));
    }
    while (readLine(line, interrupted)) {
        llvm::Expected<json::Value> parsed = json::parse(line);
        json::Object *object = parsed ? parsed->getAsObject() : nullptr;
        if (!parsed) llvm::consumeError(parsed.takeError());
        if (!object) continue;
        if (auto text = object->getString("output")) output(*text);
        else return std::move(*object);
    }
    stop();
    return std::nullopt;
}

} // namespace parlane::repl
