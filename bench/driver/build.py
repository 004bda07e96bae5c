"""Builds what a run needs: rondo's programs, the peers in C++, the measurement of the machine."""
import hashlib
import os
import subprocess

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PEERS = {"onednn": ["-fopenmp", "-ldnnl"], "openblas": ["-lopenblas"]}


def compile_cpp(source, target, flags):
    command = [os.environ.get("CXX", "c++"), "-O3", "-march=native", "-ffp-contract=fast",
               "-std=c++20", os.path.join(HERE, "peers", source), "-o", target, "-pthread"] + flags
    result = subprocess.run(command, capture_output=True, text=True)
    errors = [line for line in result.stderr.splitlines() if "error" in line]
    return None if result.returncode == 0 else (errors or ["the compiler failed"])[0].strip()


def python_peers(folder, python):
    """What is there: {"folder", "built": names, "why": reasons, "python"}; nothing is built."""
    return {"folder": folder, "built": [], "why": {}, "python": python}


def build_peers(folder, python):
    os.makedirs(folder, exist_ok=True)
    peers = python_peers(folder, python)
    for name, flags in PEERS.items():
        reason = compile_cpp(name + ".cpp", os.path.join(folder, name), flags)
        if reason:
            peers["why"][name] = "does not build: " + reason
        else:
            peers["built"].append(name)
    return peers


def rondo_program(rondoc, folder, model, configuration, flags=()):
    """The program of a model of bench/models; raises CalledProcessError with the compiler's words."""
    source = os.path.join(HERE, "models", model + ".rondo")
    words = ["%s=%s" % item for item in sorted(configuration.items())]
    key = hashlib.sha256(" ".join([model, *words, *flags]).encode()).hexdigest()[:12]
    target = os.path.join(folder, model + "-" + key)
    if os.path.exists(target):
        return target
    command = [rondoc, source, "-o", target, *flags]
    for word in words:
        command += ["-D", word]
    subprocess.run(command, check=True, capture_output=True, text=True)
    return target
