"""Compiles every model of bench/ at a small size; checks gradients by differences, and that lstm's
variants, given lstm's numbers, give lstm's."""
import os
import subprocess
import sys

root = sys.argv[1]
sys.path.insert(0, os.path.join(root, "bench", "driver"))
import arrays  # noqa: E402
import measure  # noqa: E402
import rows  # noqa: E402

T, N, H = 5, 3, 7


def call(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def numbers(model, weights):
    """Results by the peers' names, from weights by the same names."""
    own = {name: weights[measure.peer_name(row(model), name)]
           for name in arrays.read_safetensors(model + ".init")}
    arrays.write_safetensors(model + ".weights", own)
    arrays.write_npz("in.npz", {name: ([N, T, H], arrays.draw(k, [N, T, H]))
                                for k, name in enumerate(("xs", "ws"))})
    call("./" + model, "grad", "loss", "--weights", model + ".weights", "--inputs", "in.npz",
         "-o", "g")
    return {measure.peer_name(row(model), name): values
            for name, (_, values) in arrays.read_safetensors("g").items()}


def row(model):
    return rows.Row("W4", model, "gradient", layers=2, T=T, N=N, H=H)


for name in sorted(os.listdir(os.path.join(root, "bench", "models"))):
    model = name[:-len(".rondo")]
    flags = {"contraction": ["-D", "k=5", "-D", "n=7"], "char_rnn": ["-D", "hidden=7"]}
    call("rondoc", os.path.join(root, "bench", "models", name), "-o", model,
         *flags.get(model, ["-D", "hidden=%d" % H, "-D", "layers=2"]))
    call("./" + model, "init", "--seed", "3", "-o", model + ".init")
    if model == "contraction":
        call("./" + model, "bench", "product", "--set", "B=2", "--repeat", "2")
        print("contraction: 0 gradients")
        continue
    call("./" + model, "bench", "loss", "--grad", "--set", "B=2", "--set", "T=3", "--repeat", "2")
    if model in rows.LSTM_VARIANTS:
        weights = arrays.read_safetensors("lstm.init")
        worst = [arrays.error(found, wanted) for found, wanted in
                 zip(*(dict(sorted(numbers(m, weights).items())).values()
                       for m in (model, "lstm")))]
        assert len(worst) == 4 and all(e <= 1e-5 for e in worst), (model, worst)
        print(model + ": equals lstm")
    else:
        call("./" + model, "gradcheck", "loss")
        print(model + ": gradient agrees")
print("all")
