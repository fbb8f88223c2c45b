#include "compiler/repl/protocol.h"

#include "compiler/repl/engine.h"

#include <csignal>
#include <fcntl.h>
#include <iterator>
#include <llvm/Support/JSON.h>
#include <mutex>
#include <poll.h>
#include <semaphore>
#include <sys/prctl.h>
#include <thread>
#include <unistd.h>

namespace parlane::repl {

namespace json = llvm::json;

namespace {

/// Writes whole lines, from the engine's thread and the one that forwards output.
class Answers {
public:
    explicit Answers(int descriptor) : descriptor(descriptor) {}
    void send(json::Object object) {
        std::string line;
        llvm::raw_string_ostream(line) << json::Value(std::move(object)) << '\n';
        std::lock_guard hold(lock);
        for (std::string_view rest = line; !rest.empty();) {
            ssize_t n = ::write(descriptor, rest.data(), rest.size());
            if (n < 0 && errno != EINTR) return; // nobody listens any more
            if (n > 0) rest.remove_prefix(static_cast<size_t>(n));
        }
    }

private:
    int descriptor;
    std::mutex lock;
};

/// Standard output of the program as answers. The descriptor is a pipe that a thread reads.
class Forwarded {
public:
    explicit Forwarded(Answers &answers) : answers(answers) {
        good = ::pipe2(ends, O_CLOEXEC) == 0 && ::dup2(ends[1], 1) == 1;
        if (good) reader = std::thread([this] { forward(); });
    }
    ~Forwarded() {
        if (!good) return;
        ending = true;
        wake();
        reader.join();
    }
    Forwarded(const Forwarded &) = delete;
    Forwarded &operator=(const Forwarded &) = delete;
    /// Returns when everything that was written so far has been sent.
    void drain() {
        if (!good) return;
        wake();
        drained.acquire();
    }

private:
    /// A byte that no text holds; in front of it, everything has been read.
    void wake() {
        while (::write(ends[1], "\xff", 1) < 0 && errno == EINTR) {}
    }
    void forward() {
        char block[4096];
        std::string pending;
        for (;;) {
            ssize_t n = ::read(ends[0], block, sizeof block);
            if (n < 0 && errno == EINTR) continue;
            if (n <= 0) return;
            pending.append(block, static_cast<size_t>(n));
            bool mark = pending.back() == '\xff';
            if (mark) pending.pop_back();
            // A character that is cut in two waits for its rest.
            std::string text = mark ? std::move(pending) : pending.substr(0, wholeCharacters(pending));
            pending = mark ? "" : pending.substr(text.size());
            if (!text.empty()) answers.send(json::Object{{"output", json::fixUTF8(text)}});
            if (mark) drained.release();
            if (mark && ending) return;
        }
    }
    static size_t wholeCharacters(const std::string &text) {
        size_t end = text.size();
        for (size_t back = 1; back <= 4 && back <= end; ++back) {
            auto c = static_cast<unsigned char>(text[end - back]);
            if (c < 0x80) break;
            if (c < 0xc0) continue;
            size_t length = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
            return length > back ? end - back : end;
        }
        return end;
    }

    Answers &answers;
    int ends[2] = {-1, -1};
    bool good = false;
    std::atomic<bool> ending = false;
    std::binary_semaphore drained{0};
    std::thread reader;
};

json::Object answer(const Reply &reply) {
    json::Object out{{"good", reply.good}};
    if (!reply.type.empty()) out["type"] = reply.type;
    if (!reply.value.empty()) out["value"] = json::fixUTF8(reply.value);
    if (!reply.problems.empty()) out["problems"] = json::fixUTF8(reply.problems);
    if (!reply.notes.empty()) out["notes"] = json::Array(reply.notes);
    if (reply.good) out["seconds"] = reply.seconds;
    return out;
}

json::Object list(const Engine &engine, llvm::StringRef what) {
    json::Array rows;
    if (what == "variables") {
        for (const Variable &v : engine.variables())
            rows.push_back(json::Object{{"name", v.name}, {"type", v.type}, {"mutable", v.is_mutable}});
        return json::Object{{"good", true}, {"variables", std::move(rows)}};
    }
    for (const Definition &d : engine.definitions()) rows.push_back(std::string(d.quote.text()));
    return json::Object{{"good", true}, {"definitions", std::move(rows)}};
}

json::Object handle(Engine &engine, llvm::StringRef line) {
    llvm::Expected<json::Value> parsed = json::parse(line);
    if (!parsed) return json::Object{{"good", false}, {"problems", "not JSON: " + llvm::toString(parsed.takeError())}};
    const json::Object *request = parsed->getAsObject();
    if (request) {
        if (auto text = request->getString("cell")) return answer(engine.run(text->str()));
        if (auto text = request->getString("type")) return answer(engine.typeOf(text->str()));
        if (auto what = request->getString("list")) return list(engine, *what);
        if (request->getBoolean("reset").value_or(false)) {
            engine.reset();
            return json::Object{{"good", true}};
        }
    }
    return json::Object{{"good", false}, {"problems", "an object with `cell`, `type`, `list` or `reset` is wanted"}};
}

/// A line without its end; false at the end of the input.
bool readLine(std::string &buffered, std::string &line) {
    for (;;) {
        if (size_t end = buffered.find('\n'); end != std::string::npos) {
            line = buffered.substr(0, end);
            buffered.erase(0, end + 1);
            return true;
        }
        char block[65536];
        ssize_t n = ::read(0, block, sizeof block);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) {
            line = std::exchange(buffered, "");
            return !line.empty();
        }
        buffered.append(block, static_cast<size_t>(n));
    }
}

} // namespace

int serve() {
    Answers answers(::dup(1));
    ::prctl(PR_SET_PDEATHSIG, SIGKILL); // a cell that never ends must not outlive whoever asked for it
    // Blocked before there are other threads: one thread alone takes interruptions.
    sigset_t interruption;
    sigemptyset(&interruption);
    sigaddset(&interruption, SIGINT);
    pthread_sigmask(SIG_BLOCK, &interruption, nullptr);
    ::setenv("PARLANE_OUTPUT", "lines", 1); // whoever watches sees lines as they are printed
    Forwarded output(answers);
    Engine engine;
    std::thread([&engine, interruption] {
        int signal = 0;
        while (sigwait(&interruption, &signal) == 0) engine.interrupt();
    }).detach(); // waits as long as the process lives
    std::string buffered, line;
    while (readLine(buffered, line)) {
        if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
        json::Object last = handle(engine, line);
        std::fflush(stdout);
        output.drain();
        answers.send(std::move(last));
    }
    return 0; // the caller ends the process
}

} // namespace parlane::repl
