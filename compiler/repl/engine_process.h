// The engine as seen from the prompt: a child process and the lines that go to and fro.
#pragma once
#include <functional>
#include <llvm/Support/JSON.h>
#include <optional>
#include <string>
#include <sys/types.h>

namespace parlane::repl {

class EngineProcess {
public:
    /// Called while an answer is awaited; true asks the engine to stop the cell.
    using Interrupted = std::function<bool()>;

    explicit EngineProcess(std::string program) : program(std::move(program)) {}
    ~EngineProcess() { stop(); }
    EngineProcess(const EngineProcess &) = delete;
    EngineProcess &operator=(const EngineProcess &) = delete;

    /// Sends a request and returns the last object of the answer; `output` gets what the program prints. None: the
    /// engine died, or did not stop when it was asked to and was ended. The next request starts a new one.
    std::optional<llvm::json::Object> ask(llvm::json::Object request, const std::function<void(llvm::StringRef)> &output,
                                          const Interrupted &interrupted);
    /// Why the last request got no answer.
    const std::string &whyLost() const { return why; }
    bool isRunning() const { return child > 0; }

private:
    bool start();
    void stop();
    bool readLine(std::string &line, const Interrupted &interrupted);

    std::string program, buffered, why;
    pid_t child = 0;
    int to = -1, from = -1;
};

} // namespace parlane::repl
