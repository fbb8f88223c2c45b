// Static libraries: the program's object beside the runtime's.
#include "compiler/backend/backend.h"
#include "compiler/backend/runtime_object.h"

#include <llvm/Object/ArchiveWriter.h>

namespace parlane::backend {

std::expected<void, std::string> archive(std::string_view object, const std::string &path) {
    // Two such libraries in one program have the runtime twice; the linker takes the first and needs nothing of the second.
    std::vector<llvm::NewArchiveMember> members;
    members.emplace_back(llvm::MemoryBufferRef(llvm::StringRef(object), "program.o"));
    members.emplace_back(llvm::MemoryBufferRef(llvm::StringRef(runtimeObject()), "parlane_runtime.o"));
    auto bytes = llvm::writeArchiveToBuffer(members, llvm::SymtabWritingMode::NormalSymtab,
                                            llvm::object::Archive::K_GNU, /*Deterministic=*/true, /*Thin=*/false);
    if (!bytes) return std::unexpected(llvm::toString(bytes.takeError()));
    return writeFile(path, std::string_view((*bytes)->getBuffer()));
}

} // namespace parlane::backend
