// Which functions and ops may fail, from the effects of ops, bottom-up over calls.
#pragma once
#include "compiler/pir/pir.h"

#include <vector>

namespace parlane::opt {

class Failing {
public:
    explicit Failing(const pir::Module &module);
    bool fails(pir::FunctionId function) const { return functions[function.raw]; }
    /// `op` is an op of a function of the module.
    bool fails(const pir::Function &function, const pir::Op &op) const;
    /// As above, for call.rt.
    bool fails(const pir::Op &call_rt) const;

private:
    const pir::Module &module;
    std::vector<bool> functions;
};

} // namespace parlane::opt
