// Owns the values that ids name.
#pragma once
#include "lang/base/check.h"
#include "lang/base/id.h"

#include <deque>
#include <utility>

namespace parlane {

/// Append-only store. Addresses are stable, ids are handed out in order of birth from 0.
template <class IdT, class T> class Store {
public:
    IdT add(T value) {
        values.push_back(std::move(value));
        return IdT(static_cast<uint32_t>(values.size() - 1));
    }
    T &operator[](IdT id) {
        PAR_DCHECK(id.raw < values.size(), "id {} of {}", id.raw, values.size());
        return values[id.raw];
    }
    const T &operator[](IdT id) const {
        PAR_DCHECK(id.raw < values.size(), "id {} of {}", id.raw, values.size());
        return values[id.raw];
    }
    uint32_t size() const { return static_cast<uint32_t>(values.size()); }
    bool empty() const { return values.empty(); }
    auto begin() { return values.begin(); }
    auto end() { return values.end(); }
    auto begin() const { return values.begin(); }
    auto end() const { return values.end(); }
    /// The id the next `add` will return.
    IdT next() const { return IdT(size()); }

private:
    std::deque<T> values;
};

} // namespace parlane
