// Any bytes are tokens or diagnostics; the tokens cover the file in order.
#include "lang/lex/lex.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    using namespace parlane;
    source::SourceMap sources;
    diag::Emitter emitter;
    lex::Tokens lexed =
        lex::lex(sources, sources.add("fuzz.par", {reinterpret_cast<const char *>(data), size}), emitter);
    uint32_t at = 0;
    for (const lex::Token &token : lexed.tokens) {
        PAR_CHECK(token.begin >= at && token.end >= token.begin && token.end <= size, "{}..{} after {}", token.begin,
                  token.end, at);
        at = token.end;
        if (token.partner != lex::Token::kNoPartner)
            PAR_CHECK(&lexed.tokens[lexed.tokens[token.partner].partner] == &token, "brackets pair up");
    }
    return 0;
}
