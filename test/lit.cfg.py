# Every test is a file with RUN lines. A folder of test/ mirrors one of lib/, dialects/ or tools/.
import importlib.util
import os
import shutil
import sys

import lit.formats

config.name = "rondo"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".rondo", ".mlir", ".test"]
config.excludes = ["Inputs"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.rondo_build, "test")

path = [os.path.join(config.rondo_build, "bin"), config.llvm_tools]

# --param target=cuda, cuda-emulate or aarch64: programs are compiled for that, and so run there, for
# AArch64 under qemu-user. Which tests cannot be about it say so: UNSUPPORTED: cuda (a real one or
# not), cuda-emulate, aarch64; REQUIRES: cpu.
target = lit_config.params.get("target", "cpu")
features = {"cpu": ["cpu"], "cuda": ["cuda"], "cuda-emulate": ["cuda", "cuda-emulate"],
            "aarch64": ["cpu", "aarch64"]}
if target not in features:
    lit_config.fatal("--param target=%s: expected %s" % (target, ", ".join(features)))
config.available_features.update(features[target])
if target != "cpu":
    config.environment["RONDO_TEST_TARGET"] = target
    config.environment["RONDO_TEST_BIN"] = path[0]
    path.insert(0, os.path.join(config.test_source_root, "shims"))
    config.environment.update((name, value) for name, value in os.environ.items()
                              if name.startswith("CUDA_"))

config.environment["PATH"] = os.pathsep.join(path + [config.environment["PATH"]])
config.substitutions.append(("%rondo_src", config.rondo_source))
config.substitutions.append(("%rondo_build", config.rondo_build))
config.substitutions.append(("%mlir_include", os.path.join(config.llvm_tools, "..", "include")))
config.substitutions.append(("%python", sys.executable))
# What kernels run on where a test asks for some: a GPU if there is one for the tests.
config.substitutions.append(("%device", "cuda" if target == "cuda" else "cuda-emulate"))

# An independent peer (test/Oracle), which building and testing rondo does not need.
if all(importlib.util.find_spec(name) for name in ("torch", "numpy")):
    config.available_features.add("torch")

# Where rondoc looks for it (lib/Target/Ptx.cpp).
cuda = [os.path.join(os.environ[name], "bin") for name in ["CUDA_HOME"] if name in os.environ]
folders = [config.environment["PATH"]] + cuda + ["/usr/local/cuda/bin"]
ptxas = shutil.which("ptxas", path=os.pathsep.join(folders))
# What runs programs for AArch64: qemu-user with the C library of the cross compiler.
qemu = shutil.which("qemu-aarch64", path=config.environment["PATH"])
libraries = "/usr/aarch64-linux-gnu"
if qemu and os.path.exists(libraries):
    config.available_features.add("qemu-aarch64")
    config.substitutions.append(("%qemu-aarch64", qemu + " -L " + libraries))
    config.environment["RONDO_TEST_QEMU"] = qemu + " -L " + libraries
if ptxas:
    config.available_features.add("ptxas")
    config.substitutions.append(("%ptxas", ptxas))
