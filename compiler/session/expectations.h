// `--verify-diagnostics`: what a file says in comments must be exactly what the compiler reports.
//
//     let x = missing        // expect-error T1001: there is no `missing`
//     // expect-warning@-1 T1040: the result is not used
//
// The offset counts lines from the comment; without it the diagnostic is on the comment's own line. The text is a part
// of the headline and may be missing.
#pragma once
#include "lang/diag/emitter.h"

#include <span>
#include <string>
#include <vector>

namespace parlane::session {

/// One sentence for each expected diagnostic that was not reported, each reported one that was not expected, and each
/// comment that cannot be read. Empty: as expected.
std::vector<std::string> compareWithComments(const source::SourceMap &sources,
                                             std::span<const diag::Diagnostic> diagnostics);

} // namespace parlane::session
