// Any bytes through the front end: lexer, parser, checker and access end in diagnostics.
#include "compiler/session/session.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    parlane::session::Session session;
    session.add("fuzz.par", std::string(reinterpret_cast<const char *>(data), size));
    (void)session.check();
    return 0;
}
