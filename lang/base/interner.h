// One NameId for each spelling.
#pragma once
#include "lang/base/id.h"

#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

namespace parlane {

using NameId = Id<struct NameTag>;

/// Maps spellings to ids and back. Views returned by `text` live as long as the interner.
/// Not thread-safe: one a session.
class Interner {
public:
    NameId intern(std::string_view text) {
        if (auto found = ids.find(text); found != ids.end()) return found->second;
        texts.emplace_back(text);
        NameId id(static_cast<uint32_t>(texts.size() - 1));
        ids.emplace(texts.back(), id);
        return id;
    }
    /// `_` of what was left without a name.
    std::string_view text(NameId id) const { return id.valid() ? std::string_view(texts[id.raw]) : "_"; }

private:
    std::deque<std::string> texts;
    std::unordered_map<std::string_view, NameId> ids;
};

} // namespace parlane
