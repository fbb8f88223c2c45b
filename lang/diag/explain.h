// The long page of a diagnostic.
#pragma once
#include "lang/diag/code.h"

namespace parlane::diag {

/// Markdown: what is wrong and why it is a rule, a program that is rejected (```par wrong) and its nearest accepted
/// neighbour (```par). Empty if the code has no page.
std::string_view explanation(Code code);

} // namespace parlane::diag
