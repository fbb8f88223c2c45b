// Names of what a Hir program consists of.
#pragma once
#include "lang/base/id.h"

namespace parlane::hir {

using ModuleId = Id<struct ModuleTag>;
using FunctionId = Id<struct FunctionTag>;
using ConstId = Id<struct ConstTag>;

// Of one body.
using LocalId = Id<struct LocalTag>;
using ExprId = Id<struct ExprTag>;
using StmtId = Id<struct StmtTag>;
using BlockId = Id<struct BlockTag>;
using PatternId = Id<struct PatternTag>;
using LoopId = Id<struct LoopTag>;
using SourceId = Id<struct SourceTag>;
using InvokeId = Id<struct InvokeTag>;
using PipelineId = Id<struct PipelineTag>;
using ClosureId = Id<struct ClosureTag>;

} // namespace parlane::hir
