// Typed 4-byte names for values that live in a Store.
#pragma once
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace parlane {

/// Names one value of a `Store<Id<Tag>, T>`. A default-constructed id names nothing. Ids of different tags do not mix.
template <class Tag> struct Id {
    static constexpr uint32_t kNone = 0xffffffffu;
    uint32_t raw = kNone;

    constexpr Id() = default;
    constexpr explicit Id(uint32_t raw) : raw(raw) {}
    constexpr bool valid() const { return raw != kNone; }
    constexpr explicit operator bool() const { return valid(); }
    friend constexpr auto operator<=>(Id, Id) = default;
};

} // namespace parlane

template <class Tag> struct std::hash<parlane::Id<Tag>> {
    size_t operator()(parlane::Id<Tag> id) const noexcept { return std::hash<uint32_t>{}(id.raw); }
};
