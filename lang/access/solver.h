// Decides systems of affine constraints over the integers, with a witness. The only limit is a count of operations, so
// that verdicts do not depend on the machine.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace parlane::access {

/// Number of a variable of one system, from 0. Witnesses are small in the order of the variables.
using Var = uint32_t;

struct Linear {
    std::vector<std::pair<Var, int64_t>> terms; ///< each variable once, no zeros
    int64_t constant = 0;
};

struct Formula {
    enum class Kind : uint8_t { True, False, NotNegative, Zero, And, Or };
    Kind kind = Kind::True;
    Linear linear;
    std::vector<Formula> parts;

    static Formula truth() { return {}; }
    static Formula falsity() { return {Kind::False, {}, {}}; }
    static Formula notNegative(Linear linear);
    static Formula zero(Linear linear);
    static Formula both(Formula a, Formula b);
    static Formula either(Formula a, Formula b);
};

struct System {
    uint32_t vars = 0;
    Formula formula;
};

struct Answer {
    enum class Kind : uint8_t {
        Empty,   ///< no solution
        Witness, ///< `values` is one
        Unknown, ///< out of operations, or numbers too large
    };
    Kind kind = Kind::Unknown;
    std::vector<int64_t> values; ///< by variable
};

/// Equal systems are answered from a cache. Not thread-safe: one a compilation.
class Solver {
public:
    /// About a fiftieth of a second.
    static constexpr unsigned long kOperations = 300'000;

    explicit Solver(unsigned long operations = kOperations);
    ~Solver();
    Solver(const Solver &) = delete;
    Solver &operator=(const Solver &) = delete;

    /// Whether the system has a solution; without a witness, which costs more.
    Answer::Kind decide(const System &system);
    /// A solution with small values, if there is one.
    Answer solve(const System &system);

    uint32_t queries() const { return asked; }
    uint32_t cached() const { return from_cache; }

private:
    struct Library;
    std::unique_ptr<Library> library;
    std::unordered_map<std::string, Answer::Kind> decided;
    uint32_t asked = 0, from_cache = 0;
};

/// Value of `linear` at `values`, and whether `formula` holds there; exact.
__int128 evaluate(const Linear &linear, const std::vector<int64_t> &values);
bool holds(const Formula &formula, const std::vector<int64_t> &values);

} // namespace parlane::access
