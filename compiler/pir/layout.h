// Native layout of types: sizes, alignments, offsets by the rules of C. The one table for interpreter and codegen.
//
//   bool, numbers     C's; bool one byte
//   str               16 bytes, align 8
//   file              8 bytes (see runtime.h), align 8
//   array rank r      {T*, i64 extents[r]}
//   view rank r       {T*, i64 extents[r], i64 strides[r - 1]} (strides in elements of all but the innermost dimension)
//   fixed             C array
//   struct, tuple     C struct in order
//   optional          {T value; u8 some}
//   enum              {u8 tag; union payload}
//   box               T*
//   ref               T*
//   closure           {code*, env*}
//   vec, mask         L elements / L bytes (interpreter only; codegen splits them)
#pragma once
#include "compiler/pir/types.h"

#include <deque>

namespace parlane::pir {

struct Layout {
    int64_t size = 0, align = 1;
    std::vector<int64_t> offsets; ///< struct, tuple: fields; optional: {value, some}; enum: {tag, payload}
};

/// Computes and remembers layouts. Size is always a multiple of align; unit has size 0.
class Layouts {
public:
    explicit Layouts(const Types &types) : types(types) {}
    const Layout &operator[](TypeId type);
    int64_t size(TypeId type) { return (*this)[type].size; }
    int64_t offset(TypeId type, int64_t field) { return (*this)[type].offsets[static_cast<size_t>(field)]; }

private:
    Layout compute(TypeId type);
    const Types &types;
    std::deque<Layout> layouts; // references stay good
    std::vector<bool> known;
};

} // namespace parlane::pir
