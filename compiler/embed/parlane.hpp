// Parlane inside a C++ program: a skin over parlane.h without exceptions, RTTI or a library of its own. C++17 and later.
//
//     auto ctx = parlane::Context::create().value();
//     auto mod = ctx.compile("k", R"(export fn scale(a: f32, inout x: f32[]) { par for &e in x { e *= a } })").value();
//     auto scale = mod.get<void(float, parlane::view<float>)>("scale").value(); // the types are checked here, once
//     std::vector<float> v(1'000'000, 1.f);
//     if (auto r = scale(2.f, v); !r) std::puts(r.error().render().c_str());    // a trap is a value; the process lives
//
// Types: bool, float, double and the integers of fixed size for themselves; `view<const T>`, `view2`, `view3` for arrays
// that are read and `view<T>` … for those that are `inout`; `T &` for an `inout` number; `std::string_view` for `str`.
// Results are numbers, `array<T>` of rank 1 to 3, which own what they hold, or `std::string`.
#ifndef PARLANE_HPP
#define PARLANE_HPP
#include "parlane.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace parlane {

enum class Failure { Compile = 0, Thrown = 1, Trapped = 2, Stopped = 3, Type = 4 };

/// Why something failed, as a user may read it.
struct Error {
    Failure kind = Failure::Compile;
    std::string text;
    const std::string &render() const { return text; }
};

/// A value or an error. `value()` of an error ends the program: ask first.
template <class T> class Result {
public:
    Result(T value) : held(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : held(std::in_place_index<1>, std::move(error)) {}
    explicit operator bool() const { return held.index() == 0; }
    T &value() & { return *good(); }
    T &&value() && { return std::move(*good()); }
    const Error &error() const { return *std::get_if<1>(&held); }

private:
    T *good() {
        T *value = std::get_if<0>(&held);
        if (!value) std::abort();
        return value;
    }
    std::variant<T, Error> held;
};
struct Nothing {};

/// Memory of the host that a function may read (`const T`) or write. Rows may lie apart, elements of a row may not.
template <class T, int Rank> struct View {
    T *data = nullptr;
    int64_t extents[Rank] = {};
    int64_t strides[Rank] = {}; ///< in elements; the last one is 1 and not passed

    View() = default;
    View(T *data, int64_t n) : data(data), extents{n}, strides{1} { static_assert(Rank == 1); }
    View(T *data, int64_t h, int64_t w) : data(data), extents{h, w}, strides{w, 1} { static_assert(Rank == 2); }
    View(T *data, int64_t d, int64_t h, int64_t w) : data(data), extents{d, h, w}, strides{h * w, w, 1} {
        static_assert(Rank == 3);
    }
    /// std::vector, std::array, std::span, …
    template <class C, class = std::enable_if_t<Rank == 1 && std::is_convertible_v<decltype(std::declval<C &>().data()), T *>>>
    View(C &c) : View(c.data(), static_cast<int64_t>(c.size())) {}
};
template <class T> using view = View<T, 1>;
template <class T> using view2 = View<T, 2>;
template <class T> using view3 = View<T, 3>;

/// An array that a function gave out; releases its memory.
template <class T, int Rank = 1> class array {
public:
    array() = default;
    array(array &&other) noexcept { swap(other); }
    array &operator=(array &&other) noexcept {
        array(std::move(other)).swap(*this);
        return *this;
    }
    ~array() {
        if (held.data) parlane_free(held.data, size() * static_cast<int64_t>(sizeof(T)));
    }
    T *data() const { return held.data; }
    int64_t extent(int k) const { return held.extents[k]; }
    int64_t size() const {
        int64_t n = 1;
        for (int64_t extent : held.extents) n *= extent;
        return n;
    }
    T &operator[](int64_t i) const { return held.data[i]; }
    T *begin() const { return held.data; }
    T *end() const { return held.data + size(); }

private:
    template <class> friend class Function;
    void swap(array &other) { std::swap(held, other.held); }
    struct {
        T *data = nullptr;
        int64_t extents[Rank] = {};
    } held;
};

namespace detail {

template <class T> constexpr const char *scalarName() {
    if constexpr (std::is_same_v<T, bool>) return "bool";
    else if constexpr (std::is_same_v<T, float>) return "f32";
    else if constexpr (std::is_same_v<T, double>) return "f64";
    else {
        static_assert(std::is_integral_v<T>, "numbers, views, strings");
        constexpr const char *names[2][9] = {{"", "u8", "u16", "", "u32", "", "", "", "u64"},
                                             {"", "i8", "i16", "", "i32", "", "", "", "i64"}};
        return names[std::is_signed_v<T>][sizeof(T)];
    }
}
inline std::string brackets(int rank) { return "[" + std::string(static_cast<size_t>(rank) - 1, ',') + "]"; }

/// How a parameter is called in Parlane, and the words it travels as.
template <class T> struct Parameter {
    using Held = T;
    static constexpr int kWords = 1;
    static std::string name() { return scalarName<T>(); }
    static void words(Held &value, void **&out) { *out++ = &value; }
};
template <class T> struct Parameter<T &> { // inout
    using Held = T *;
    static constexpr int kWords = 1;
    static std::string name() { return std::string("inout ") + scalarName<T>(); }
    static void words(Held &value, void **&out) { *out++ = &value; }
};
template <class T, int Rank> struct Parameter<View<T, Rank>> {
    using Held = View<T, Rank>;
    static constexpr int kWords = 2 * Rank;
    static std::string name() {
        return (std::is_const_v<T> ? "" : "inout ") + std::string(scalarName<std::remove_const_t<T>>()) + brackets(Rank);
    }
    static void words(Held &value, void **&out) {
        *out++ = const_cast<void *>(static_cast<const void *>(&value.data));
        for (int64_t &extent : value.extents) *out++ = &extent;
        for (int k = 0; k + 1 < Rank; ++k) *out++ = &value.strides[k];
    }
};
template <> struct Parameter<std::string_view> {
    static constexpr int kWords = 2;
    struct Held {
        const char *data;
        int64_t bytes;
        Held(std::string_view text) : data(text.data()), bytes(static_cast<int64_t>(text.size())) {}
    };
    static std::string name() { return "str"; }
    static void words(Held &value, void **&out) {
        *out++ = const_cast<void *>(static_cast<const void *>(&value.data));
        *out++ = &value.bytes;
    }
};

template <class T> struct Outcome {
    using Value = T;
    static std::string name() { return scalarName<T>(); }
};
template <> struct Outcome<void> {
    using Value = Nothing;
    static std::string name() { return "()"; }
};
template <class T, int Rank> struct Outcome<array<T, Rank>> {
    using Value = array<T, Rank>;
    static std::string name() { return scalarName<T>() + brackets(Rank); }
};
template <> struct Outcome<std::string> {
    using Value = std::string;
    static std::string name() { return "str"; }
};

} // namespace detail

template <class> class Function;

/// A compiled function. Valid as long as the context it comes from; may be called from any thread.
template <class R, class... Args> class Function<R(Args...)> {
public:
    using Value = typename detail::Outcome<R>::Value;

    Result<Value> operator()(Args... args) const { return call(typename detail::Parameter<Args>::Held(pass<Args>(args))...); }

    /// `(f32, inout f32[]) -> ()`
    static std::string signature() {
        std::string text = "(";
        ((text += (text.size() > 1 ? ", " : "") + detail::Parameter<Args>::name()), ...);
        return text + ") -> " + detail::Outcome<R>::name();
    }

private:
    friend class Module;
    explicit Function(const parlane_function *function) : function(function) {}

    template <class T> static decltype(auto) pass(std::remove_reference_t<T> &value) {
        if constexpr (std::is_reference_v<T>) return &value;
        else return std::move(value);
    }
    static Error failure(int32_t outcome) { return {static_cast<Failure>(outcome), parlane_last_error()}; }

    template <class... Held> Result<Value> call(Held... held) const {
        void *words[(detail::Parameter<Args>::kWords + ... + 1)];
        void **end = words;
        (detail::Parameter<Args>::words(held, end), ...);
        if constexpr (std::is_void_v<R>) {
            *end = nullptr;
            int32_t outcome = parlane_invoke(function, words);
            return outcome ? Result<Value>(failure(outcome)) : Result<Value>(Nothing{});
        } else if constexpr (std::is_same_v<R, std::string>) {
            uint64_t text[2] = {};
            void *place = text;
            *end = &place;
            if (int32_t outcome = parlane_invoke(function, words)) return failure(outcome);
            int64_t bytes = 0;
            const char *data = parlane_str_text(text, &bytes);
            std::string copy(data, static_cast<size_t>(bytes));
            parlane_str_free(text);
            return copy;
        } else {
            Value value{};
            void *place = &value;
            *end = &place;
            if (int32_t outcome = parlane_invoke(function, words)) return failure(outcome);
            return value;
        }
    }

    const parlane_function *function;
};

/// A compiled program. Valid as long as the context it comes from.
class Module {
public:
    /// The exported function of that name, if it has this type.
    template <class Type> Result<Function<Type>> get(const std::string &name) const {
        const parlane_function *found = parlane_get(context, name.c_str(), nullptr);
        if (!found) return Error{Failure::Type, parlane_error(context)};
        std::string wanted = Function<Type>::signature(), is = parlane_signature(found);
        if (is != wanted) return Error{Failure::Type, "`" + name + "` is " + is + ", not " + wanted};
        return Function<Type>(found);
    }

private:
    friend class Context;
    explicit Module(parlane_context *context) : context(context) {}
    parlane_context *context;
};

/// A world of compiled programs. Belongs to one thread at a time.
class Context {
public:
    static Result<Context> create() {
        if (parlane_context *made = parlane_create()) return Context(made);
        return Error{Failure::Compile, "this machine cannot run generated code"};
    }
    /// `name` is what diagnostics call it. Exports of one context need different names.
    Result<Module> compile(const std::string &name, const std::string &source) {
        if (parlane_compile(context.get(), name.c_str(), source.c_str())) return Error{Failure::Compile, parlane_error(context.get())};
        return Module(context.get());
    }

private:
    explicit Context(parlane_context *made) : context(made) {}
    struct Destroy {
        void operator()(parlane_context *made) const { parlane_destroy(made); }
    };
    std::unique_ptr<parlane_context, Destroy> context;
};

} // namespace parlane
#endif
