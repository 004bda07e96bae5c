# Every test is a file with RUN lines. A folder of test/ mirrors one of lib/, dialects/ or tools/.
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

# --param target=cuda or cuda-emulate: programs are compiled for that, and so run there. Which tests
# cannot be about it say so: UNSUPPORTED: cuda (a real one or not), cuda-emulate; REQUIRES: cpu.
target = lit_config.params.get("target", "cpu")
if target not in ("cpu", "cuda", "cuda-emulate"):
    lit_config.fatal("--param target=%s: expected cpu, cuda or cuda-emulate" % target)
config.available_features.update({"cpu": ["cpu"], "cuda": ["cuda"]}.get(target, ["cuda", target]))
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

# Where rondoc looks for it (lib/Target/Ptx.cpp).
cuda = [os.path.join(os.environ[name], "bin") for name in ["CUDA_HOME"] if name in os.environ]
folders = [config.environment["PATH"]] + cuda + ["/usr/local/cuda/bin"]
ptxas = shutil.which("ptxas", path=os.pathsep.join(folders))
if ptxas:
    config.available_features.add("ptxas")
    config.substitutions.append(("%ptxas", ptxas))
