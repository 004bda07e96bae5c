"""Random parameters, gradients of random sizes, and the step that a clipped sgd makes of them; and parameters that
are no numbers, which no command takes for numbers.

  random_steps.py RONDOC FOLDER FIRST..LAST

The loss is scale * sum over k of a_k * sum(sin(w_k)), so that the gradients are known: scale * a_k * cos(w_k). Their
sizes reach from 1e-30 to 1e30, within one program too; the norm of all of them is taken in double precision here.
"""
import math
import random
import subprocess
import sys

from array_files import read_safetensors, write_safetensors


def f32(x):
    """The nearest number of single precision."""
    import struct
    return struct.unpack("f", struct.pack("f", x))[0]


class Program:
    def __init__(self, seed):
        self.draw = random.Random(f"steps {seed}")
        draw = self.draw
        self.shapes, self.factors = {}, {}
        for k in range(draw.randint(1, 4)):
            rank = draw.choice([0, 1, 1, 2, 2, 3])
            self.shapes[f"w{k}"] = [draw.choice([1, 2, 3, 7, 16, 33]) for _ in range(rank)]
            self.factors[f"w{k}"] = f32(draw.choice([-1, 1]) * 10.0 ** draw.choice([0, 0, 0, draw.uniform(-12, 12)]))
        self.limit = draw.choice([0.25, 1.0, 3.0])
        self.rate = draw.choice([1.0, 0.5])
        self.weights = {name: [f32(draw.uniform(-1, 1)) for _ in range(math.prod(shape))]
                        for name, shape in self.shapes.items()}

    def text(self):
        lines = ["model Steps {"]
        for name, shape in self.shapes.items():
            lines.append(f"  param {name} : f32{shape if shape else ''} = 0")
        terms = [f"{self.factors[name]!r} * {f'sum(sin({name}))' if shape else f'sin({name})'}"
                 for name, shape in self.shapes.items()]
        lines += ["  fn loss(tokens: idx<256>[T], targets: idx<256>[T], scale: f32 = 1.0) -> f32 {",
                  f"    scale * ({' + '.join(terms)})", "  }", "}", "train Steps {", "  minimize  loss",
                  "  data      text(window = 4)", f"  optimizer sgd(lr = {self.rate})",
                  f"  clip      norm {self.limit}", "  batch     2", "  steps     1", "}", ""]
        return "\n".join(lines)

    def moves(self, scale):
        gradients = {name: [scale * self.factors[name] * math.cos(w) for w in values]
                     for name, values in self.weights.items()}
        norm = math.hypot(*[g for values in gradients.values() for g in values])
        share = self.rate * (min(1.0, self.limit / norm) if norm else 1.0)
        return {name: [-share * g for g in values] for name, values in gradients.items()}


def check(seed, rondoc, folder):
    program = Program(seed)
    draw = program.draw
    with open(f"{folder}/steps.rondo", "w") as file:
        file.write(program.text())
    subprocess.run([rondoc, f"{folder}/steps.rondo", "-o", f"{folder}/steps", f"-O{draw.choice([0, 1, 2])}"], check=True)
    arrays = {name: (shape, program.weights[name]) for name, shape in program.shapes.items()}

    def run(command, scale, weights, *words):
        return subprocess.run([f"{folder}/steps", command, "--data", f"{folder}/text", "--weights", weights, "--set",
                               f"scale={scale}", *words], capture_output=True, text=True)
    write_safetensors(f"{folder}/start", arrays, "f4")
    for _ in range(3):
        scale = f32(draw.choice([-1, 1]) * 10.0 ** draw.uniform(-20, 20))
        done = run("train", scale, f"{folder}/start", "--save", f"{folder}/end", "--log", f"{folder}/log")
        if done.returncode:
            return f"scale {scale}: {done.stderr}"
        end = read_safetensors(f"{folder}/end")
        for name, moves in program.moves(scale).items():
            for w, move, found in zip(program.weights[name], moves, end[name][1]):
                if not abs(found - (w + move)) <= 1e-6 + 1e-5 * abs(move):
                    return f"scale {scale}: {name} goes from {w} to {found}, expected {w + move}"

    # One element of one array is no number.
    name = draw.choice(list(arrays))
    values = list(program.weights[name])
    values[draw.randrange(len(values))] = draw.choice([math.nan, math.inf, -math.inf])
    write_safetensors(f"{folder}/broken", {**arrays, name: (program.shapes[name], values)}, "f4")
    for words in (["eval"], ["train", "--save", f"{folder}/none"]):
        done = run(words[0], 1.0, f"{folder}/broken", *words[1:])
        if done.returncode != 1 or "nan" not in done.stderr.lower() + done.stdout.lower() and name not in done.stderr:
            return f"{words[0]} with {name} = {values} ends with {done.returncode}: {done.stderr}"
        if "loss" in done.stdout:
            return f"{words[0]} with {name} = {values} prints {done.stdout}"
    return None


def main():
    rondoc, folder, seeds = sys.argv[1:4]
    first, _, last = seeds.partition("..")
    with open(f"{folder}/text", "w") as file:
        file.write("some text " * 20)
    bad = 0
    for seed in range(int(first), int(last)):
        if wrong := check(seed, rondoc, folder):
            print(f"seed {seed}: {wrong}\n{Program(seed).text()}")
            bad += 1
    print(f"{int(last) - int(first) - bad} programs hold, {bad} do not")
    sys.exit(bad > 0)


main()
