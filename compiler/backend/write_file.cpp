// Files appear whole or not at all.
#include "compiler/backend/backend.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace parlane::backend {
namespace {

bool writeAll(int file, std::string_view bytes) {
    while (!bytes.empty()) {
        ssize_t n = ::write(file, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        bytes.remove_prefix(static_cast<size_t>(n));
    }
    return true;
}

std::unexpected<std::string> failure(const std::string &path) {
    return std::unexpected(fmt::format("cannot write {}: {}", path, std::strerror(errno)));
}

} // namespace

std::expected<void, std::string> writeFile(const std::string &path, std::string_view bytes, bool executable) {
    struct stat info;
    bool exists = ::stat(path.c_str(), &info) == 0;
    if (path == "-" || (exists && !S_ISREG(info.st_mode))) { // a pipe or device is written in place; a directory fails in open
        int file = path == "-" ? STDOUT_FILENO : ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
        if (file < 0) return failure(path);
        bool good = writeAll(file, bytes);
        if (file != STDOUT_FILENO) good = ::close(file) == 0 && good;
        if (!good) return failure(path);
        return {};
    }
    std::string temporary = fmt::format("{}.XXXXXX", path);
    int file = ::mkostemp(temporary.data(), O_CLOEXEC);
    if (file < 0) return failure(path);
    mode_t mask = ::umask(0);
    ::umask(mask);
    bool good = writeAll(file, bytes) && ::fchmod(file, (executable ? 0777 : 0666) & ~mask) == 0;
    int error = errno;
    if (::close(file) != 0 && good) { // a full disk may show only here
        good = false;
        error = errno;
    }
    if (good && ::rename(temporary.c_str(), path.c_str()) != 0) {
        good = false;
        error = errno;
    }
    if (!good) {
        ::unlink(temporary.c_str());
        errno = error;
        return failure(path);
    }
    return {};
}

} // namespace parlane::backend
