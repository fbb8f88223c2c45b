#include "compiler/repl/prompt.h"

#include "compiler/backend/backend.h"
#include "compiler/repl/engine_process.h"
#include "compiler/repl/parts.h"
#include "lang/source/source_map.h"

#include <csignal>
#include <cstdio>
#include <fmt/format.h>
#include <llvm/LineEditor/LineEditor.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace parlane::repl {

namespace json = llvm::json;

namespace {

constexpr std::string_view kHelp =
    "A cell is statements, definitions or an expression, whose value is shown and called `it`.\n"
    "Definitions can be written again; what uses them follows. Ctrl-C stops a cell.\n"
    "  :type EXPR    the type of an expression, which is not run\n"
    "  :time CELL    run a cell and say how long it took\n"
    "  :vars         the variables\n"
    "  :load FILE    run a file as a cell\n"
    "  :save FILE    write all definitions\n"
    "  :reset        forget everything\n"
    "  :help  :quit\n";

/// Ctrl-C as something to be read, not as something that happens.
class Interruptions {
public:
    Interruptions() {
        sigset_t wanted;
        sigemptyset(&wanted);
        sigaddset(&wanted, SIGINT);
        ::sigprocmask(SIG_BLOCK, &wanted, nullptr);
        descriptor = ::signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC);
    }
    ~Interruptions() { ::close(descriptor); }
    Interruptions(const Interruptions &) = delete;
    Interruptions &operator=(const Interruptions &) = delete;
    /// Was there one since the last call?
    bool take() const {
        signalfd_siginfo signal;
        return ::read(descriptor, &signal, sizeof signal) > 0;
    }

private:
    int descriptor;
};

class Prompt {
public:
    explicit Prompt(const std::string &program)
        : engine(program), is_terminal(isatty(0) == 1 && isatty(1) == 1),
          editor("parlane", is_terminal ? llvm::LineEditor::getDefaultHistoryPath("parlane") : "") {}

    int run() {
        if (is_terminal) fmt::print("Parlane. :help lists the commands, :quit ends.\n");
        std::string cell;
        while (auto line = read(cell.empty())) {
            cell += *line + "\n";
            if (isOpen(cell)) continue;
            if (!handle(std::exchange(cell, ""))) break;
        }
        if (!cell.empty()) handle(cell);
        if (is_terminal) editor.saveHistory();
        return any_failed && !is_terminal ? 1 : 0;
    }

private:
    std::optional<std::string> read(bool is_first) {
        if (is_terminal) {
            editor.setPrompt(is_first ? "par> " : "...> ");
            return editor.readLine();
        }
        std::string line;
        int c;
        while ((c = std::getchar()) != EOF && c != '\n') line += static_cast<char>(c);
        if (c == EOF && line.empty()) return std::nullopt;
        return line;
    }

    /// False: the end.
    bool handle(std::string text) {
        size_t begin = text.find_first_not_of(" \t\n");
        if (begin == std::string::npos) return true;
        if (text[begin] != ':') return runCell(text, false), true;
        size_t end = text.find_first_of(" \t\n", begin);
        std::string word = text.substr(begin, end - begin), rest = text.substr(std::min(end, text.size()));
        rest.erase(0, rest.find_first_not_of(" \t\n"));
        rest.erase(rest.find_last_not_of(" \t\n") + 1);
        if (word == ":quit" || word == ":q") return false;
        command(word, rest);
        return true;
    }

    void command(const std::string &word, const std::string &rest) {
        if (word == ":help") fmt::print("{}", kHelp);
        else if (word == ":type") showType(rest);
        else if (word == ":time") runCell(rest, true);
        else if (word == ":vars") showVariables();
        else if (word == ":load") loadFile(rest);
        else if (word == ":save") saveFile(rest);
        else if (word == ":reset") (void)ask(json::Object{{"reset", true}});
        else fail(fmt::format("there is no command `{}`; :help lists them", word));
    }

    void fail(std::string_view text) {
        any_failed = true;
        std::fflush(stdout);
        fmt::print(stderr, "{}{}", text, text.ends_with('\n') ? "" : "\n");
    }

    std::optional<json::Object> ask(json::Object request) {
        (void)interruptions.take(); // not meant for this cell
        auto print = [](llvm::StringRef text) { fmt::print("{}", std::string_view(text)); };
        auto answer = engine.ask(std::move(request), print, [this] { return interruptions.take(); });
        std::fflush(stdout);
        if (!answer) {
            fail(engine.whyLost().empty() ? "the engine ended" : engine.whyLost());
            startAgain();
            return std::nullopt;
        }
        if (auto problems = answer->getString("problems")) {
            if (answer->getBoolean("good").value_or(false)) fmt::print(stderr, "{}", std::string_view(*problems));
            else fail(*problems);
        }
        return answer;
    }

    /// A new engine gets the definitions; values are gone.
    void startAgain() {
        if (!variables.empty()) fail("lost: " + std::exchange(variables, ""));
        std::string text = std::exchange(definitions, "");
        if (!text.empty()) runCell(text, false);
    }

    /// Notes what a new engine would need to know.
    void remember() {
        if (auto answer = ask(json::Object{{"list", "definitions"}})) definitions = joined(*answer);
        variables.clear();
        auto answer = ask(json::Object{{"list", "variables"}});
        const json::Array *rows = answer ? answer->getArray("variables") : nullptr;
        for (const json::Value &row : rows ? *rows : json::Array())
            if (const json::Object *v = row.getAsObject())
                variables += (variables.empty() ? "" : ", ") + v->getString("name").value_or("").str();
    }

    static std::string joined(const json::Object &answer) {
        std::string text;
        if (const json::Array *rows = answer.getArray("definitions"))
            for (const json::Value &row : *rows) text += row.getAsString().value_or("").str() + "\n\n";
        return text;
    }

    void runCell(const std::string &text, bool timed) {
        auto answer = ask(json::Object{{"cell", json::fixUTF8(text)}});
        if (!answer || !answer->getBoolean("good").value_or(false)) return;
        remember();
        if (const json::Array *notes = answer->getArray("notes"))
            for (const json::Value &note : *notes) fmt::print("note: {}\n", std::string_view(note.getAsString().value_or("")));
        if (auto value = answer->getString("value"))
            fmt::print("{}: {}\n", std::string_view(*value), std::string_view(answer->getString("type").value_or("")));
        if (timed) fmt::print("{:.6f} s\n", answer->getNumber("seconds").value_or(0));
        std::fflush(stdout);
    }

    void showType(const std::string &text) {
        auto answer = ask(json::Object{{"type", text}});
        if (!answer || !answer->getBoolean("good").value_or(false)) return;
        fmt::print("{}\n", std::string_view(answer->getString("type").value_or("")));
    }

    void showVariables() {
        auto answer = ask(json::Object{{"list", "variables"}});
        const json::Array *rows = answer ? answer->getArray("variables") : nullptr;
        for (const json::Value &row : rows ? *rows : json::Array())
            if (const json::Object *v = row.getAsObject())
                fmt::print("{} {}: {}\n", v->getBoolean("mutable").value_or(false) ? "var" : "let",
                           std::string_view(v->getString("name").value_or("")), std::string_view(v->getString("type").value_or("")));
    }

    void loadFile(const std::string &path) {
        source::SourceMap sources;
        auto file = sources.load(path);
        if (!file) return fail(file.error());
        runCell(sources.file(*file).text, false);
    }

    void saveFile(const std::string &path) {
        auto answer = ask(json::Object{{"list", "definitions"}});
        if (!answer) return;
        if (auto written = backend::writeFile(path, joined(*answer)); !written) fail(written.error());
    }

    Interruptions interruptions;
    EngineProcess engine;
    std::string definitions, variables; ///< what the engine has, as text and as names
    bool is_terminal, any_failed = false;
    llvm::LineEditor editor;
};

} // namespace

int prompt(const std::string &program) {
    ::signal(SIGPIPE, SIG_IGN);
    return Prompt(program).run();
}

} // namespace parlane::repl
