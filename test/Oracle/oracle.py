"""Random models and cells, compiled, against PyTorch on one example at a time.

  oracle.py --seeds 0..200 [--mode model|cell] [--rondoc build/bin/rondoc] [--print] [--keep FOLDER]

A program is written twice from one tree (tree.py, values.py, cells.py, programs.py, builder.py). Outputs and all
gradients, by inputs and by parameters, are compared in f64 to 1e-9 and in f32 to 1e-4 of the array's largest
element, and a gradient in f32 not of less than a hundredth of the largest of all gradients: what a
saturated tanh loses is nothing beside them. Where f32 is further off, it is asked what PyTorch loses in
f32, and how far f64 moves where all inputs and weights move by one rounding of f32: ten times as much is
excused, and counted. Exits with 1 where a seed differs, names it, and shows what differs.
"""
import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import traceback

try:
    import numpy
    import torch
except ImportError as error:
    sys.exit(f"the checker needs PyTorch and numpy in Python's path: {error}")

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "Run")]
import array_files  # noqa: E402
from programs import Program  # noqa: E402

TOLERANCE = {"f64": 1e-9, "f32": 1e-4}
EXCUSED = 10


def processors():
    """The ones to compile for that this machine can run."""
    with open("/proc/cpuinfo") as file:
        flags = set(next((line for line in file if line.startswith("flags")), "").split())
    names = ["native", "x86-64", "x86-64-v2"]
    names += ["x86-64-v3"] if {"avx2", "fma", "bmi2"} <= flags else []
    return names + (["x86-64-v4"] if {"avx512f", "avx512vl", "avx512bw", "avx512dq"} <= flags else [])


class Failed(Exception):
    pass


def call(words, seconds=300):
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        raise Failed(f"'{' '.join(words)}' took more than {seconds} s")
    if done.returncode:
        raise Failed(f"'{' '.join(words)}' ended with {done.returncode}: {done.stderr.strip()[-1500:]}")


def distance(found, wanted, least=1e-3):
    """The largest difference by the largest element of what is wanted, or by `least`; NaN counts as one."""
    if found.shape != wanted.shape:
        return float("inf")
    if not wanted.size:
        return 0.0
    error = numpy.abs(found - wanted).max() / max(numpy.abs(wanted).max(), least)
    return float("inf") if numpy.isnan(error) else float(error)


def joined(values):
    return numpy.concatenate([numpy.ravel(value) for value in values])


class Check:
    def __init__(self, seed, mode, options, folder):
        self.program, self.folder, self.options = Program(seed, mode), folder, options
        draw = random.Random(f"flags {mode} {seed}")
        self.precision = options.precision or draw.choice(["f64", "f64", "f32"])
        self.mcpu = options.mcpu or draw.choice(["native", "native"] + processors())
        self.level = draw.choice([2, 2, 2, 2, 0, 1, 3])
        self.threads = draw.choice([1, 2, 3])
        self.worst, self.excused, self.differences = 0.0, 0, []
        self.text = self.program.text()

    def flags(self):
        return [f"--precision={self.precision}", f"--mcpu={self.mcpu}", f"-O{self.level}"]

    def at(self, name):
        return os.path.join(self.folder, name)

    def compare(self, name, found, wanted, rounded, least=1e-3):
        if found.size and found.shape == wanted.shape:
            found.flat[-1] += self.options.plant * numpy.abs(wanted).max()
        error = distance(found, wanted, least)
        if not error <= TOLERANCE[self.precision]:
            if self.precision == "f32" and any(
                    error <= EXCUSED * distance(other, wanted, least) for other in rounded()):
                self.excused += 1
                return
            bad = ~(numpy.abs(found - wanted) <= 0.1 * numpy.abs(found - wanted).max()) \
                if found.shape == wanted.shape else numpy.array([True])
            at = int(numpy.flatnonzero(bad)[0])
            values = (f"{found.flat[at]!r} at {at} of {wanted.size}, expected {wanted.flat[at]!r}"
                      if found.shape == wanted.shape else f"{found.shape}, expected {wanted.shape}")
            self.differences.append(f"{name}: error {error:.3g}, {values}")
        else:
            self.worst = max(self.worst, error)

    def run(self):
        program, precision = self.program, self.precision
        program.make_data()
        expected, gradients = program.expected(torch.float64)
        finite = [joined(values) for values in expected.values()] + [joined([g]) for g in gradients.values()]
        if not all(numpy.isfinite(values).all() for values in finite):
            return False
        rounded = []

        def in_f32():
            if not rounded:
                rounded.extend([program.expected(torch.float32), program.expected(torch.float64, 2.0 ** -24)])
            return rounded
        with open(self.at("model.rondo"), "w") as file:
            file.write(self.text)
        call([self.options.rondoc, self.at("model.rondo"), "-o", self.at("model")] + self.flags())
        weights = {name: (value.shape, [float(x) for x in numpy.ravel(value)])
                   for name, value in program.weights.items()}
        array_files.write_safetensors(self.at("w"), weights, "f8" if precision == "f64" else "f4")
        numpy.savez(self.at("in.npz"), **program.batch(precision))
        common = ["--inputs", self.at("in.npz"), "--threads", str(self.threads)]
        common += ["--weights", self.at("w")]
        for entry, values in expected.items():
            call([self.at("model"), "run", entry, *common, "-o", self.at("out.npz")])
            out = numpy.load(self.at("out.npz"))["result"].astype("f8")
            parts, rest = [], out.copy()
            for row, value in enumerate(values):
                place = (row,) + tuple(map(slice, value.shape))
                parts.append(out[place])
                rest[place] = 0
            if [part.shape for part in parts] != [value.shape for value in values]:
                self.differences.append(f"{entry}: shapes {[part.shape for part in parts]}, expected "
                                        f"{[value.shape for value in values]}")
                continue
            self.compare(entry, joined(parts), joined(values), lambda: [joined(results[entry]) for results, _ in in_f32()])
            if not (rest == 0).all():
                self.differences.append(f"{entry}: padding is not 0")
        call([self.at("model"), "grad", "loss", *common, "-o", self.at("g")])
        found = array_files.read_safetensors(self.at("g"))
        largest = max([numpy.abs(g).max() for g in gradients.values() if g.size], default=0)
        least = max(1e-3, 0.01 * largest) if precision == "f32" else 1e-3
        for name, wanted in gradients.items():
            shape, values = found[name]
            self.compare(f"gradient by {name}", numpy.array(values, "f8").reshape(shape), wanted,
                         lambda: [grads[name] for _, grads in in_f32()], least)
        return True


def report(seed, mode, check, options, why):
    print(f"--- {mode} {seed}: {' '.join(check.flags())} --threads {check.threads}")
    print("\n".join("    " + line for line in why))
    if check.program.__dict__.get("examples"):
        print("    lengths " + " ".join(f"T={e['T']},S={e['S']}" for e, _ in check.program.examples))
    if options.keep:
        kept = os.path.join(options.keep, f"{mode}-{seed}")
        shutil.copytree(check.folder, kept, dirs_exist_ok=True)
        print(f"    kept in {kept}")
    elif not options.brief:
        print(check.text)
    sys.stdout.flush()


def check_seed(seed, mode, options, counts, worst):
    with tempfile.TemporaryDirectory() as folder:
        check = Check(seed, mode, options, folder)
        try:
            if not check.run():
                counts["not finite"] += 1
                return
        except Failed as failure:
            check.differences.append(str(failure))
        except Exception:  # a fault of this script; other seeds go on
            check.differences.append("the checker: " + traceback.format_exc(-2))
        counts["checked"] += 1
        counts["excused"] += check.excused
        worst[check.precision] = max(worst[check.precision], check.worst)
        if check.differences:
            counts["differ"] += 1
            report(seed, mode, check, options, check.differences)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", default="0..20")
    parser.add_argument("--mode", choices=["model", "cell", "both"], default="both")
    parser.add_argument("--rondoc", default=os.path.join(HERE, "..", "..", "build", "bin", "rondoc"))
    parser.add_argument("--precision", choices=["f32", "f64"])
    parser.add_argument("--mcpu")
    parser.add_argument("--keep", help="a folder for the files of seeds that differ")
    parser.add_argument("--brief", action="store_true", help="do not show the programs that differ")
    parser.add_argument("--plant", type=float, default=0.0, metavar="E",
                        help="make what is found wrong by E of the largest element, to test this script")
    parser.add_argument("--print", action="store_true", help="show the programs and stop")
    options = parser.parse_args()
    torch.set_num_threads(1)
    first, _, last = options.seeds.partition("..")
    modes = ["model", "cell"] if options.mode == "both" else [options.mode]
    counts = {"checked": 0, "not finite": 0, "excused": 0, "differ": 0}
    worst = {"f64": 0.0, "f32": 0.0}
    try:
        for seed in range(int(first), int(last or int(first) + 1)):
            for mode in modes:
                if options.print:
                    print(Program(seed, mode).text())
                else:
                    check_seed(seed, mode, options, counts, worst)
    except KeyboardInterrupt:
        print(f"interrupted at {mode} {seed}")
    if options.print:
        return
    print(", ".join(f"{count} {name}" for name, count in counts.items())
          + f"; worst error {worst['f64']:.2g} in f64, {worst['f32']:.2g} in f32")
    sys.exit(counts["differ"] > 0)


if __name__ == "__main__":
    main()
