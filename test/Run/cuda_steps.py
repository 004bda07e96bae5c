"""A compiled program's training steps, as NVIDIA's driver sees them: nothing is allocated, nothing is
waited for, and what runs over time is a kernel for all blocks at once. The driver only pretends
(test/Runtime/Inputs/FakeCuda.cpp) and knows no compiled kernel, so the numbers mean nothing.

usage: cuda_steps.py PROGRAM DRIVER SCRATCH
"""
import os
import shutil
import subprocess
import sys

program, driver, scratch = os.path.abspath(sys.argv[1]), *sys.argv[2:]
shutil.rmtree(scratch, ignore_errors=True)
os.makedirs(scratch)
calls_path, text = os.path.join(scratch, "calls"), os.path.join(scratch, "text")
with open(text, "w") as file:
    file.write("to be or not to be\n" * 2000)
environment = dict(os.environ, LD_LIBRARY_PATH=driver, FAKE_CUDA_LOG=calls_path,
                   FAKE_CUDA_SPEED="1000")
done = subprocess.run([program, "train", "--data", text, "--steps", "60", "--batch", "16",
                       "--window", "40", "--save", os.path.join(scratch, "w")],
                      capture_output=True, text=True, env=environment)
assert done.returncode == 0 and "trained 60 steps" in done.stdout, done

calls = open(calls_path).read().splitlines()
ends = [i for i, call in enumerate(calls) if call.startswith("cuLaunchKernel cuda$train$update")]
assert len(ends) == 60, len(ends)
first, steady = calls[:ends[0]], calls[ends[4]:ends[-1]]
assert any(call.startswith("cuLaunchCooperativeKernel cuda$loss$grad") for call in first), first
names = {call.split()[0] for call in steady}
assert names == {"cuMemcpyHtoDAsync", "cuMemcpyDtoHAsync", "cuLaunchKernel", "cuGraphLaunch"}, names
# A step: what each of the two entries is told, the examples in it, one graph, one update, one loss.
counts = {name: sum(call.startswith(name + " ") for call in steady) for name in names}
assert counts == {"cuMemcpyHtoDAsync": 55 * 2, "cuMemcpyDtoHAsync": 55, "cuLaunchKernel": 55,
                  "cuGraphLaunch": 55}, counts
