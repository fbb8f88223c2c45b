// lld inside the process, with the runtime that parc carries. Inputs are files in memory: a full disk can only hurt the output.
#include "compiler/backend/backend.h"
#include "compiler/backend/runtime_object.h"

#include <fmt/format.h>
#include <lld/Common/Driver.h>
#include <llvm/ADT/ArrayRef.h>
#include <llvm/Support/raw_ostream.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

LLD_HAS_DRIVER(elf)

namespace parlane::backend {
namespace {

/// A file without a name on any disk; its path is valid while this lives.
class MemoryFile {
public:
    MemoryFile(const char *name, std::string_view bytes) : file(::memfd_create(name, MFD_CLOEXEC)) {
        good = file >= 0;
        while (good && !bytes.empty()) {
            ssize_t n = ::write(file, bytes.data(), bytes.size());
            if (n <= 0) good = false;
            else bytes.remove_prefix(static_cast<size_t>(n));
        }
    }
    ~MemoryFile() {
        if (file >= 0) ::close(file);
    }
    MemoryFile(const MemoryFile &) = delete;
    MemoryFile &operator=(const MemoryFile &) = delete;
    std::string path() const { return fmt::format("/proc/self/fd/{}", file); }
    bool good = false;

private:
    int file;
};

/// The shared libraries of the machine that parc itself runs on.
std::string systemLibrary(const std::string &name) {
    for (const char *folder : {"/lib/x86_64-linux-gnu/", "/usr/lib/x86_64-linux-gnu/", "/lib64/", "/usr/lib64/", "/lib/", "/usr/lib/"}) {
        std::string path = folder + name;
        if (::access(path.c_str(), R_OK) == 0) return path;
    }
    return {};
}

/// `z` is libz.so or libz.so.1; a name with a slash or a dot is taken as it is.
std::string findLibrary(const std::string &name) {
    if (name.find('/') != std::string::npos) return name;
    for (const std::string &tried : {name, "lib" + name + ".so", "lib" + name + ".so.1", "lib" + name + ".so.6"})
        if (std::string found = systemLibrary(tried); !found.empty()) return found;
    return {};
}

/// Only what was exported stays visible in a shared library.
std::string versionScript(const LinkInputs &inputs) {
    std::string text = "{ global: par_free; par_last_error; par_str_text; par_str_free;";
    for (const std::string &name : inputs.exports) text += fmt::format(" {};", name);
    return text + " local: *; };\n";
}

} // namespace

std::expected<void, std::string> link(std::span<const std::string_view> objects, Output output, const std::string &path,
                                      const LinkInputs &inputs) {
    bool shared = output == Output::Shared;
    std::vector<std::unique_ptr<MemoryFile>> files;
    std::vector<std::string> arguments = {"ld.lld", shared ? "-shared" : "-pie", "--gc-sections", "--eh-frame-hdr", "--build-id",
                                          "-z", "relro", "-z", "now", "-dynamic-linker", "/lib64/ld-linux-x86-64.so.2"};
    auto add = [&](const char *name, std::string_view bytes) {
        files.push_back(std::make_unique<MemoryFile>(name, bytes));
        return files.back()->path();
    };
    for (std::string_view object : objects) arguments.push_back(add("program.o", object));
    arguments.push_back(add("runtime.o", runtimeObject()));
    if (!shared) arguments.push_back(add("start.o", startObject()));
    if (shared) {
        arguments.push_back("--version-script=" + add("exports", versionScript(inputs)));
        arguments.push_back("-soname=" + path.substr(path.find_last_of('/') + 1));
    }
    for (const auto &file : files)
        if (!file->good) return std::unexpected("out of memory while linking");
    for (const std::string &library : inputs.libraries) {
        std::string found = findLibrary(library);
        if (found.empty()) return std::unexpected(fmt::format("cannot find library {}", library));
        arguments.push_back(found);
    }
    for (const char *library : {"libc.so.6", "libm.so.6"}) {
        std::string found = systemLibrary(library);
        if (found.empty()) return std::unexpected(fmt::format("cannot find {} of this system", library));
        arguments.push_back(found);
    }
    // Beside the target, renamed at the end: lld would do so too, but only after it removed the old file.
    std::string temporary = fmt::format("{}.{}.tmp", path, ::getpid());
    arguments.insert(arguments.end(), {"-o", temporary});
    std::vector<const char *> raw;
    for (const std::string &argument : arguments) raw.push_back(argument.c_str());
    std::string messages;
    llvm::raw_string_ostream stream(messages);
    lld::Result result = lld::lldMain(raw, stream, stream, {{lld::Gnu, &lld::elf::link}});
    struct stat info;
    if (result.retCode == 0 && ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) {
        ::unlink(temporary.c_str());
        return std::unexpected(fmt::format("cannot write {}: Is a directory", path));
    }
    if (result.retCode != 0 || ::rename(temporary.c_str(), path.c_str()) != 0) {
        ::unlink(temporary.c_str());
        while (messages.ends_with('\n')) messages.pop_back();
        return std::unexpected(fmt::format("cannot write {}: {}", path, messages.empty() ? "the linker failed" : messages));
    }
    return {};
}

} // namespace parlane::backend
