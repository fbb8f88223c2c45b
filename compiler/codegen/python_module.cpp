#include "compiler/codegen/python_module.h"

#include "compiler/pir/layout.h"

#include <cctype>
#include <fmt/format.h>
#include <map>
#include <set>

namespace parlane::codegen {

using pir::TypeKind;

namespace {

/// What every module needs; uses nothing but Python's own library, and NumPy where it is installed.
constexpr std::string_view kSupport = R"py(
import ctypes as _c
import os as _os
import weakref as _weakref

try:
    import numpy as _numpy
except ImportError:
    _numpy = None


class Error(RuntimeError):
    """The function threw."""


class Trap(Error):
    """The function stopped at a trap: an index out of bounds, an overflow, a failed assertion."""


class Stopped(Error):
    """The call was stopped from outside."""


class _Array1(_c.Structure):
    _fields_ = [("data", _c.c_void_p), ("extents", _c.c_int64 * 1)]


class _Array2(_c.Structure):
    _fields_ = [("data", _c.c_void_p), ("extents", _c.c_int64 * 2)]


class _Array3(_c.Structure):
    _fields_ = [("data", _c.c_void_p), ("extents", _c.c_int64 * 3)]


class _Str(_c.Structure):
    _fields_ = [("words", _c.c_uint64 * 2)]


_library = _c.CDLL(_os.path.join(_os.path.dirname(_os.path.abspath(__file__)), _NAME))
_library.par_last_error.restype = _c.c_char_p
_library.par_free.restype = None
_library.par_free.argtypes = [_c.c_void_p, _c.c_int64]
_library.par_str_text.restype = _c.c_void_p
_library.par_str_free.restype = None


def _call(function, *arguments):
    outcome = function(*arguments)
    if outcome:
        kind = {1: Error, 2: Trap}.get(outcome, Stopped)
        raise kind(_library.par_last_error().decode())


def _address(array, view):
    interface = getattr(array, "__array_interface__", None)
    if interface:
        return interface["data"][0]
    if view.nbytes == 0:
        return None
    if not view.readonly:
        return _c.addressof(_c.c_char.from_buffer(view.cast("B") if view.c_contiguous else array))
    if isinstance(array, bytes):
        return _c.cast(array, _c.c_void_p).value
    raise TypeError("a buffer that is only read must be a NumPy array or bytes")


def _view(array, name, codes, size, rank, writes):
    """The words of a view: address, extents, strides in elements of all dimensions but the last."""
    try:
        view = memoryview(array)
    except TypeError:
        raise TypeError(f"`{name}` must be an array (a NumPy array or another buffer), not {type(array).__name__}") from None
    code = view.format.lstrip("@=<|")
    if view.itemsize != size or (codes and code not in codes):
        wanted = f"elements of type {codes[0]!r}" if codes else "other elements"
        raise TypeError(f"`{name}` takes {wanted} of {size} bytes, not {view.format!r} of {view.itemsize}")
    if view.ndim != rank:
        raise TypeError(f"`{name}` takes an array of rank {rank}, not {view.ndim}")
    if writes and view.readonly:
        raise TypeError(f"`{name}` is written, but this array can only be read")
    empty = 0 in view.shape
    if not empty and view.strides[-1] != size and view.shape[-1] > 1:
        raise TypeError(f"`{name}`: the elements of the last dimension must lie side by side (numpy.ascontiguousarray makes it so)")
    strides = []
    for k in range(rank - 1):
        if view.strides[k] % size or view.strides[k] < 0:
            raise TypeError(f"`{name}`: dimension {k} must run forward in whole elements (numpy.ascontiguousarray makes it so)")
        strides.append(view.strides[k] // size)
    words = [_c.c_void_p(_address(array, view))]
    words += [_c.c_int64(n) for n in view.shape] + [_c.c_int64(n) for n in strides]
    return words


def _scalar(value, name, kind):
    """A number that the type of the parameter can hold; ctypes alone would cut it."""
    if isinstance(value, float) and kind not in (_c.c_float, _c.c_double):
        raise TypeError(f"`{name}` takes an integer, not {value!r}")
    made = kind(value)
    if kind not in (_c.c_float, _c.c_double) and made.value != value:
        raise OverflowError(f"`{name}`: {value!r} does not fit")
    return made


def _array(made, element):
    """An array that came out: owned by what is returned."""
    count = 1
    for n in made.extents:
        count *= n
    kind = element
    for n in reversed(made.extents):
        kind = kind * n
    if count == 0:
        held = kind()
    else:
        held = kind.from_address(made.data)
        _weakref.finalize(held, _library.par_free, made.data, count * _c.sizeof(element))
    return _numpy.ctypeslib.as_array(held) if _numpy else held


def _text(made):
    size = _c.c_int64()
    at = _library.par_str_text(_c.byref(made), _c.byref(size))
    text = _c.string_at(at, size.value).decode()
    _library.par_str_free(_c.byref(made))
    return text

)py";

struct Scalar {
    std::string_view ctype, codes; ///< codes of Python's buffers for such elements
};

Scalar scalarOf(TypeKind kind) {
    switch (kind) {
    case TypeKind::Bool: return {"_c.c_bool", "?"};
    case TypeKind::I8: return {"_c.c_int8", "b"};
    case TypeKind::I16: return {"_c.c_int16", "h"};
    case TypeKind::I32: return {"_c.c_int32", "i"};
    case TypeKind::I64: return {"_c.c_int64", "ql"};
    case TypeKind::U8: return {"_c.c_uint8", "B"};
    case TypeKind::U16: return {"_c.c_uint16", "H"};
    case TypeKind::U32: return {"_c.c_uint32", "I"};
    case TypeKind::U64: return {"_c.c_uint64", "QL"};
    case TypeKind::F32: return {"_c.c_float", "f"};
    default: return {"_c.c_double", "d"};
    }
}

/// A name that Python takes: its keywords get an underscore.
std::string identifier(std::string_view text) {
    static const std::set<std::string, std::less<>> kKeywords = {
        "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
        "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
        "not", "or", "pass", "raise", "return", "try", "while", "with", "yield"};
    std::string out;
    for (char c : text) out += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
    while (out.size() > 1 && out.ends_with('_')) out.pop_back();
    while (out.size() > 1 && out.starts_with('_')) out.erase(0, 1); // names of this module's own types start with a mark
    if (out.empty() || std::isdigit(static_cast<unsigned char>(out[0])) || kKeywords.contains(out)) out += '_';
    return out;
}

class ModuleWriter {
public:
    explicit ModuleWriter(const pir::Module &module) : module(module), layouts(module.types) {}

    std::string run(std::string_view library, std::string_view source) {
        for (const pir::Function &function : module.functions)
            if (!function.export_name.empty()) declare(function);
        return fmt::format("\"\"\"Functions of {}, made by parc.\"\"\"\n_NAME = \"{}\"\n{}{}{}", source, library, kSupport,
                           classes, functions);
    }

private:
    /// The ctypes name of a type; defines a class for it first if it needs one.
    std::string typeName(pir::TypeId id) {
        const pir::Type &type = module.types[id];
        if (pir::isScalar(type.kind)) return std::string(scalarOf(type.kind).ctype);
        if (type.kind == TypeKind::Str) return "_Str";
        if (type.kind == TypeKind::Array) return fmt::format("_Array{}", type.dims[0]);
        if (type.kind == TypeKind::Fixed) {
            std::string name = typeName(type.elem);
            for (auto n = type.dims.rbegin(); n != type.dims.rend(); ++n) name = fmt::format("({} * {})", name, *n);
            return name;
        }
        std::string &name = defined[id];
        if (!name.empty()) return name;
        std::string wanted = identifier(type.name.empty() ? module.types.text(id) : type.name);
        std::string fresh = wanted;
        for (int k = 2; !taken.insert(fresh).second; ++k) fresh = fmt::format("{}_{}", wanted, k);
        name = fresh;
        std::string fields = structFields(id, type);
        std::string tags;
        for (size_t k = 0; type.kind == TypeKind::Enum && k < type.names.size(); ++k)
            tags += fmt::format("    {} = {}\n", identifier(type.names[k]), k);
        classes += fmt::format("\nclass {}(_c.Structure):\n    _fields_ = [{}]\n{}\n\nassert _c.sizeof({}) == {}\n", fresh,
                               fields, tags, fresh, layouts.size(id));
        return fresh;
    }

    /// The scalars of a value that holds no owners, with their places.
    void collect(pir::TypeId id, int64_t at, std::vector<std::pair<int64_t, TypeKind>> &out) {
        const pir::Type &type = module.types[id];
        if (pir::isScalar(type.kind)) return out.push_back({at, type.kind});
        if (type.kind == TypeKind::Tuple || type.kind == TypeKind::Struct) {
            for (size_t k = 0; k < type.parts.size(); ++k)
                collect(type.parts[k], at + layouts.offset(id, static_cast<int64_t>(k)), out);
        } else if (type.kind == TypeKind::Fixed) {
            int64_t size = layouts.size(type.elem);
            for (int64_t k = 0; size > 0 && k < layouts.size(id) / size; ++k) collect(type.elem, at + k * size, out);
        } else {
            for (int64_t k = 0; k < layouts.size(id); ++k) out.push_back({at + k, TypeKind::U8});
        }
    }

    /// C passes words that hold nothing but floats in other registers, so they must look like floats to ctypes.
    static std::string_view wordOf(const std::vector<std::pair<int64_t, TypeKind>> &scalars, int64_t at, int64_t size) {
        bool floats = false, others = false;
        for (auto [place, kind] : scalars)
            if (place >= at && place < at + size) (pir::isFloat(kind) ? floats : others) = true;
        if (floats && !others) return size == 8 ? "_c.c_double" : "_c.c_float";
        return size == 8 ? "_c.c_uint64" : size == 4 ? "_c.c_uint32" : size == 2 ? "_c.c_uint16" : "_c.c_uint8";
    }

    std::string structFields(pir::TypeId id, const pir::Type &type) {
        std::string fields;
        auto add = [&](std::string_view name, std::string_view what) {
            fields += fmt::format("{}(\"{}\", {})", fields.empty() ? "" : ", ", name, what);
        };
        if (type.kind == TypeKind::Optional) {
            add("value", typeName(type.elem));
            add("some", "_c.c_uint8");
        } else if (type.kind == TypeKind::Tuple || type.kind == TypeKind::Struct) {
            for (size_t k = 0; k < type.parts.size(); ++k)
                if (layouts.size(type.parts[k]) > 0)
                    add(k < type.names.size() ? type.names[k] : fmt::format("_{}", k), typeName(type.parts[k]));
        } else { // an enum: the tag, then its payload in words of the right alignment
            add("tag", "_c.c_uint8");
            std::vector<std::pair<int64_t, TypeKind>> scalars;
            for (pir::TypeId payload : type.parts)
                if (layouts.size(payload) > 0) collect(payload, layouts.offset(id, 1), scalars);
            const pir::Layout &layout = layouts[id];
            for (int64_t at = layout.align; at < layout.size; at += layout.align)
                add(fmt::format("payload{}", at / layout.align - 1), wordOf(scalars, at, layout.align));
        }
        return fields;
    }

    struct Wrapper {
        std::string name;
        std::vector<std::string> parameters, setup, words, outs;
    };

    void view(Wrapper &w, const std::string &name, const pir::Type &type, bool writes) {
        TypeKind element = module.types.kind(type.elem);
        bool scalar = pir::isScalar(element);
        w.setup.push_back(fmt::format("_{0} = _view({0}, \"{0}\", \"{1}\", {2}, {3}, {4})", name,
                                      scalar ? scalarOf(element).codes : "", layouts.size(type.elem), type.dims[0],
                                      writes ? "True" : "False"));
        w.words.push_back("*_" + name);
    }

    void parameter(Wrapper &w, const pir::Function &function, size_t k) {
        pir::ValueId id = function.params()[k];
        const pir::Type &type = module.types[function.type(id)];
        auto mode = k < function.modes.size() ? function.modes[k] : pir::PassMode::Read;
        NameId named = function.values[id].name;
        std::string name = named.valid() ? identifier(module.names.text(named)) : fmt::format("a{}", k);
        w.parameters.push_back(name);
        if (type.kind == TypeKind::View) return view(w, name, type, mode == pir::PassMode::Inout);
        if (pir::isScalar(type.kind)) {
            w.words.push_back(fmt::format("_scalar({0}, \"{0}\", {1})", name, typeName(function.type(id))));
            return;
        }
        pir::TypeId held = type.kind == TypeKind::Ref ? type.elem : function.type(id);
        if (type.kind == TypeKind::Ref && mode == pir::PassMode::Read && module.types.kind(held) == TypeKind::Str) {
            w.setup.push_back(fmt::format("_{0} = {0}.encode()", name));
            w.words.push_back("_" + name);
            w.words.push_back(fmt::format("_c.c_int64(len(_{}))", name));
            return;
        }
        if (type.kind == TypeKind::Ref && pir::isScalar(module.types.kind(held))) { // written: comes back as a result
            w.setup.push_back(fmt::format("_{0} = _scalar({0}, \"{0}\", {1})", name, typeName(held)));
            w.words.push_back(fmt::format("_c.byref(_{})", name));
            w.outs.push_back(fmt::format("_{}.value", name));
            return;
        }
        bool in_registers = type.kind != TypeKind::Ref && layouts.size(held) <= 16 && type.kind != TypeKind::Array &&
                            type.kind != TypeKind::Str && mode != pir::PassMode::Sink;
        (void)typeName(held);
        w.words.push_back(in_registers ? name : fmt::format("_c.byref({})", name));
    }

    /// How the value in `_result` is given to Python.
    std::string resultOf(pir::TypeId id) {
        const pir::Type &type = module.types[id];
        if (pir::isScalar(type.kind)) return "_result.value";
        if (type.kind == TypeKind::Str) return "_text(_result)";
        if (type.kind == TypeKind::Array) return fmt::format("_array(_result, {})", typeName(type.elem));
        return "_result";
    }

    void declare(const pir::Function &function) {
        Wrapper w;
        w.name = identifier(function.export_name);
        for (size_t k = 0; k < function.params().size(); ++k) parameter(w, function, k);
        if (module.types.kind(function.result) != TypeKind::Unit) {
            w.setup.push_back(fmt::format("_result = {}()", typeName(function.result)));
            w.words.push_back("_c.byref(_result)");
            w.outs.insert(w.outs.begin(), resultOf(function.result));
        }
        functions += fmt::format("\n\ndef {}({}):\n", w.name, fmt::join(w.parameters, ", "));
        for (const std::string &line : w.setup) functions += "    " + line + "\n";
        w.words.insert(w.words.begin(), "_library." + function.export_name);
        functions += fmt::format("    _call({})\n", fmt::join(w.words, ", "));
        if (!w.outs.empty()) functions += fmt::format("    return {}\n", fmt::join(w.outs, ", "));
    }

    const pir::Module &module;
    pir::Layouts layouts;
    std::map<pir::TypeId, std::string> defined;
    std::set<std::string> taken;
    std::string classes, functions;
};

} // namespace

std::string pythonModule(const pir::Module &module, std::string_view library, std::string_view source) {
    return ModuleWriter(module).run(library, source);
}

} // namespace parlane::codegen
