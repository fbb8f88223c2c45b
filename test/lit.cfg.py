# Compiler tests: `lit-22 test/<folder>` (or ./dev test --only lit). PARLANE_BUILD names another build folder.
import os
import subprocess

import lit.formats

config.name = "parlane"
config.test_source_root = os.path.dirname(__file__)
root = os.path.dirname(config.test_source_root)
build = os.environ.get("PARLANE_BUILD", os.path.join(root, "build"))
config.test_exec_root = os.path.join(build, "lit")
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".par", ".pir", ".test"]
# Folders with runners of their own, and inputs of tests.
config.excludes = ["loops", "conformance", "differential", "bench", "fuzz", "unit", "tools", "examples", "inputs", "planted"]

parc = os.path.join(build, "bin", "parc")
config.substitutions.append(("%parc", parc))
config.substitutions.append(("%bin", os.path.join(build, "bin")))
config.substitutions.append(("%pir_opt", parc + " pir-opt"))
config.substitutions.append(("%status", os.path.join(config.test_source_root, "tools", "expect_status")))
config.environment["PATH"] = os.pathsep.join(["/usr/lib/llvm-22/bin", os.path.join(build, "bin"), os.environ["PATH"]])
config.environment["NO_COLOR"] = "1"
for name in ("HOME", "CCACHE_DIR"):
    if name in os.environ:
        config.environment[name] = os.environ[name]

config.available_features.add("x86_64" if os.uname().machine == "x86_64" else os.uname().machine)
if os.path.exists("/usr/bin/gdb"):
    config.available_features.add("gdb")
system_python = "/usr/bin/python3"  # the one that Debian's NumPy belongs to
if subprocess.run([system_python, "-c", "import numpy"], capture_output=True).returncode == 0:
    config.available_features.add("numpy")
config.substitutions.append(("%numpy_python", system_python))


def update_expected(result, test, commands):
    """`lit --update-tests`: a failing `diff FILE.expected OUT` writes OUT into FILE.expected."""
    args = list(commands[-1].args) if hasattr(commands[-1], "args") else []
    if len(args) >= 3 and args[0] == "diff" and args[-2].endswith(".expected"):
        with open(args[-1]) as new, open(args[-2], "w") as old:
            old.write(new.read())
        return "wrote " + args[-2]
    return None


if hasattr(lit_config, "test_updaters"):
    lit_config.test_updaters.append(update_expected)
