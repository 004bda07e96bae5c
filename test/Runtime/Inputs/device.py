"""Drives a program with kernels as PTX over a driver that only pretends (FakeCuda.cpp).

usage: device.py PROGRAM DRIVER OLD_DRIVER SCRATCH
"""
import json
import os
import re
import shutil
import subprocess
import sys

program, driver, old_driver, scratch = shutil.which(sys.argv[1]) or sys.argv[1], *sys.argv[2:]
shutil.rmtree(scratch, ignore_errors=True)
os.makedirs(scratch)


def path(name):
    return os.path.join(scratch, name)


def run(*words, status=0, library=driver, **fake):
    environment = {key: value for key, value in os.environ.items() if key != "LD_LIBRARY_PATH"}
    environment.update({"FAKE_CUDA_" + key.upper(): str(value) for key, value in fake.items()})
    if library:
        environment["LD_LIBRARY_PATH"] = library
    done = subprocess.run([program, *words], capture_output=True, text=True, timeout=120,
                          env=environment)
    assert done.returncode == status, (words, done)
    return done


def refuses(text, *words, **fake):
    done = run(*words, status=1, **fake)
    assert done.stderr.count("\n") == 1 and text in done.stderr, (text, done)
    assert "/work" not in done.stderr


def read(name):
    with open(path(name), "rb") as file:
        return file.read()


with open(path("text"), "w") as file:
    file.write("to be or not to be\n" * 200)
train = ["train", "--data", path("text"), "--batch", "3", "--window", "7"]
cuda = ["--device", "cuda"]

# What the host computes, the device computes: every command, bit for bit.
for place in ("cpu", "cuda"):
    on = ["--device", place]
    run(*train, *on, "--steps", "120", "--save", path("w." + place), "--log",
        path("log." + place), log=path("calls"))
    shown = [run("eval", "--data", path("text"), "--weights", path("w.cpu"), *on).stdout,
             run("generate", "--weights", path("w.cpu"), "-n", "30", *on).stdout,
             run("gradcheck", "--weights", path("w.cpu"), "--elements", "2", *on).stdout]
    run("bench", "loss", "--set", "B=2", "--set", "T=3", "--repeat", "3", *on)
    if place == "cpu":
        expected = shown
assert shown == expected
assert read("w.cpu") == read("w.cuda")
losses = [[json.loads(line) for line in read("log." + place).decode().splitlines()]
          for place in ("cpu", "cuda")]
assert [line["loss"] for line in losses[0]] == [line["loss"] for line in losses[1]]
assert [line["step"] for line in losses[1]] == list(range(1, 121)) # all of them, in order

# A step like those before neither allocates nor waits, and launches a graph. The device is fast
# enough that the host need not wait for it; the one above was so slow that it was 32 steps behind.
def steady_calls(name):
    calls = read(name).decode().splitlines()
    steps = [i for i, call in enumerate(calls) if call.startswith("cuLaunchKernel train.update")]
    assert len(steps) == 120, len(steps)
    return calls, calls[steps[9]:steps[-1]]


slow = {call.split()[0] for call in steady_calls("calls")[1]}
run(*train, *cuda, "--steps", "120", "--save", path("w.fast"), log=path("calls"), speed=40)
assert read("w.fast") == read("w.cpu")
calls, steady = steady_calls("calls")
names = {call.split()[0] for call in steady}
assert names == {"cuMemcpyHtoDAsync", "cuMemcpyDtoHAsync", "cuLaunchKernel", "cuGraphLaunch"}, names
assert slow == names | {"cuEventSynchronize"}, slow
assert "cuGraphLaunch of 4" in steady
assert "cuEventSynchronize" not in "".join(calls[:calls.index("cuStreamSynchronize")])
uploads = sum(call.startswith("cuMemcpyHtoD") for call in steady) / 110
assert uploads <= 2, uploads # what each entry is told, with the examples in it
# The longest of the kernels asks for shared memory, another for all there is.
assert "cuFuncSetAttribute loss.grad.cuda.kernel.1 60000" in calls
assert any(re.fullmatch(r"cuLaunchKernel train.update.cuda.kernel.0 3 x 64 shared 101376", call)
           for call in calls)
assert any(re.fullmatch(r"cuLaunchKernel loss.grad.cuda.kernel.0 6 x 32 shared 0", call)
           for call in calls)

# Machine code where there is some for the GPU, and PTX where that fails or is for another kind.
for fake, expected in (({}, ["cubin 80"]), ({"capability": 86}, ["cubin 80"]),
                       ({"capability": 90}, ["cubin 90"]), ({"capability": 100}, ["ptx"]),
                       ({"refuses": "cubin"}, ["cubin 80", "ptx"])):
    run(*train, *cuda, "--steps", "1", log=path("calls"), **fake)
    loads = [call.split(" ", 1)[1] for call in read("calls").decode().splitlines()
             if call.startswith("cuModuleLoadDataEx")]
    assert loads == expected, (fake, loads)

# Where cooperative kernels cannot be recorded they are launched one by one.
run(*train, *cuda, "--steps", "120", "--save", path("w.plain"), refuses="capture",
    log=path("calls"))
assert read("w.plain") == read("w.cpu")
calls = read("calls").decode()
assert "cuGraphLaunch" not in calls and calls.count("cuStreamBeginCapture") == 1

# Checkpoints continue, and a bad step does not replace one.
run(*train, *cuda, "--steps", "50", "--save", path("half"))
run(*train, *cuda, "--steps", "120", "--resume", path("half"), "--save", path("w.rest"))
assert read("w.rest") == read("w.cpu")
kept = read("half")
refuses("the loss is ", *train, *cuda, "--lr", "1e38", "--steps", "9", "--save", path("half"))
refuses("a mean over no elements", "bench", "loss", "--grad", "--set", "B=1", "--set", "T=0", *cuda)
refuses("cuda:0, Pretence: a kernel failed: an illegal memory access was encountered", *train,
        *cuda, "--steps", "9", "--save", path("half"), fails=7)
assert read("half") == kept

# What there is not.
refuses("there is no NVIDIA driver: libcuda.so.1 cannot be opened", *train, *cuda, library=None)
refuses("the NVIDIA driver is too old: its libcuda.so.1 lacks cuMemsetD8Async", *train, *cuda,
        library=old_driver)
refuses("there is no NVIDIA GPU", *train, *cuda, devices=0)
refuses("--device is 'cuda:1', but there is one GPU, number 0", *train, "--device", "cuda:1")
refuses("--device is 'cuda:7', but there are 3 GPUs", *train, "--device", "cuda:7", devices=3)
run(*train, "--steps", "1", "--device", "cuda:2", devices=3)
refuses("cuda:0, Pretence has compute capability 6.1, the program needs 8.0", *train, *cuda,
        capability=61)
refuses("cannot run all blocks of a kernel at once", *train, *cuda, refuses="cooperative")
refuses("the driver refuses the program's kernels: a PTX JIT compilation failed (error 218 of the "
        "NVIDIA driver): ptxas application ptx input, line 7; fatal   : Unsupported .version",
        *train, *cuda, refuses="cubin,ptx")
refuses("an array of sizes [256, 256] takes 0.2621 MB, but cuda:0, Pretence has ", *train, *cuda,
        memory=700000)
refuses("'loss.grad' at these sizes takes ", "bench", "loss", "--grad", "--set", "B=1000", "--set",
        "T=10000", *cuda)
refuses("--device is 'gpu', expected cpu, cuda, cuda:N or auto", *train, "--device", "gpu")

# auto takes what there is and says so.
done = run(*train, "--steps", "1", "--device", "auto")
assert done.stderr == "computing on cuda:0, Pretence\n", done
done = run(*train, "--steps", "1", "--device", "auto", capability=61)
assert done.stderr == ("computing on the cpu: cuda:0, Pretence has compute capability 6.1, the "
                       "program needs 8.0\n"), done
done = run(*train, "--steps", "1", "--device", "auto", library=None)
assert done.stderr.startswith("computing on the cpu: there is no NVIDIA driver"), done

# info needs no driver.
text = run("info", library=None).stdout
assert ("targets: cpu, cuda (12 kernels as PTX for compute capability 8.0, machine code for 8.0 and "
        "9.0)\n") in text, text
info = json.loads(run("info", "--json", library=None).stdout)
assert info["targets"] == ["cpu", "cuda"] and info["capability"] == 80 and not info["emulated"]
assert {"name": "loss.grad.cuda.kernel.1", "cooperative": True} in info["kernels"]
