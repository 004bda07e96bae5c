#!/usr/bin/env python3
"""numpy, PyTorch, JAX and ONNX Runtime as peers: the same arguments and protocol as peer.h.

framework=numpy|torch|torch-compiled|jax|onnxruntime, kind=matmul|char_rnn|CELL, pass=inference|gradient|step.
Cells in PyTorch and JAX also take device=cuda[:N] and precision=tf32|bf16, of what contractions multiply. Gradients are of the parameters and of the (scaled) inputs. PyTorch uses its own layers where it has
them (nn.LSTM, nn.GRU; all in bf16 for that) and the steps of cells.py in a Python loop elsewhere, W @ x for all steps at
once before the loop; `compiled` compiles that step. JAX scans them in one jitted function.
"""
import json
import os
import sys
import time

ARGUMENTS = dict(word.split("=", 1) for word in sys.argv[1:])
THREADS = int(ARGUMENTS["threads"])
FRAMEWORK, KIND, PASS = (ARGUMENTS[key] for key in ("framework", "kind", "pass"))
DATA, OUT = ARGUMENTS["data"], ARGUMENTS["out"]
DEVICE, PRECISION = ARGUMENTS.get("device", "cpu"), ARGUMENTS.get("precision", "f32")

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = str(THREADS)
if FRAMEWORK == "jax" and DEVICE != "cpu":
    os.environ["JAX_PLATFORMS"] = "cuda"
    os.environ["XLA_PYTHON_CLIENT_PREALLOCATE"] = "false"  # others need memory of the device too
elif FRAMEWORK == "jax":
    os.environ["JAX_PLATFORMS"] = "cpu"
    os.environ["XLA_FLAGS"] = ("--xla_cpu_multi_thread_eigen=%s intra_op_parallelism_threads=%d"
                               % ("true" if THREADS > 1 else "false", THREADS))

import numpy as np  # noqa: E402

import cells  # noqa: E402

SPEC = json.load(open(os.path.join(DATA, "spec.json")))


def load(folder, name, shape, dtype):
    return np.fromfile(os.path.join(DATA, folder, name + "." + dtype),
                       {"f32": np.float32, "i32": np.int32}[dtype]).reshape(shape)


INPUTS = {name: load("inputs", name, shape, dtype)
          for name, (shape, dtype) in SPEC["inputs"].items()}
PARAMETERS = {name: load("params", name, shape, "f32") for name, shape in SPEC["params"].items()}


def save(name, array):
    np.ascontiguousarray(array, np.float32).tofile(os.path.join(OUT, name + ".f32"))


def save_gradients(gradients):
    for name, gradient in gradients.items():
        save("grad." + name, gradient)


def layer_parameters():
    """The parameters of the cell without its path: {"W": [layers, ...]}; and the scale."""
    return {name.split(".")[-1]: array for name, array in PARAMETERS.items() if name != "scale"}


def full_names(gradients):
    """The inverse of layer_parameters()."""
    return {full: gradients[full.split(".")[-1]] for full in PARAMETERS if full != "scale"}


def time_first(array):
    return np.ascontiguousarray(array.swapaxes(0, 1))


def save_recurrent(gradients, dx):
    """dx: [T, N, H], of the scaled inputs."""
    save_gradients(full_names(gradients))
    save("grad.scale", (dx.astype(np.float64) * time_first(INPUTS["xs"])).sum(axis=(0, 1)))


# Every function below gives (about, once, check), and settle(what once gave) where the work may go on
# after once().

def numpy_matmul():
    x, w = INPUTS["xs"], PARAMETERS["W"]
    y = np.empty((x.shape[0], w.shape[1]), np.float32)
    once = lambda: np.matmul(x, w, out=y)  # noqa: E731
    return "numpy " + np.__version__, once, lambda: save("outputs", x @ w)


def numpy_char_rnn():
    """min-char-rnn's step as Karpathy wrote it, but for row-major shapes."""
    tokens, targets = INPUTS["tokens"][0], INPUTS["targets"][0]
    p = {name: array.copy() for name, array in PARAMETERS.items()}
    memory = {name: np.zeros_like(array) for name, array in p.items()}

    def gradients(p):
        wxh, whh, bh = p["rnn.Wxh"], p["rnn.Whh"], p["rnn.bh"]
        why, by = p["Why"], p["by"]
        h, hs, probabilities = np.zeros_like(bh), [], []
        for token in tokens:
            h = np.tanh(wxh[token] + whh @ h + bh)
            y = why @ h + by
            e = np.exp(y - y.max())
            hs.append(h)
            probabilities.append(e / e.sum())
        g = {name: np.zeros_like(array) for name, array in p.items()}
        dh = np.zeros_like(bh)
        for t in reversed(range(len(tokens))):
            dy = probabilities[t].copy()
            dy[targets[t]] -= 1
            g["Why"] += np.outer(dy, hs[t])
            g["by"] += dy
            dz = (why.T @ dy + dh) * (1 - hs[t] * hs[t])
            g["rnn.bh"] += dz
            g["rnn.Wxh"][tokens[t]] += dz
            if t:
                g["rnn.Whh"] += np.outer(dz, hs[t - 1])
            dh = whh.T @ dz
        return g

    def once():
        for name, g in gradients(p).items():
            np.clip(g, -5, 5, out=g)
            memory[name] += g * g
            p[name] -= 0.1 * g / np.sqrt(memory[name] + 1e-8)

    return "numpy " + np.__version__, once, lambda: save_gradients(gradients(PARAMETERS))


class TorchOps:
    def __init__(self, torch):
        self.tanh, self.sigmoid, self.rsqrt = torch.tanh, torch.sigmoid, torch.rsqrt

    @staticmethod
    def mean(x):
        return x.mean(-1, keepdim=True)


def torch_module():
    import torch
    torch.set_num_threads(THREADS)
    if DEVICE != "cpu" and not torch.cuda.is_available():
        sys.exit("torch %s finds no GPU" % torch.__version__)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = PRECISION == "tf32"
    return torch


def torch_numpy(tensor):
    return tensor.detach().float().cpu().numpy()


def torch_matmul():
    torch = torch_module()
    x, w = torch.from_numpy(INPUTS["xs"]), torch.from_numpy(PARAMETERS["W"])
    y = torch.empty(x.shape[0], w.shape[1])

    def once():
        with torch.inference_mode():
            torch.mm(x, w, out=y)
    return "torch " + torch.__version__, once, lambda: save("outputs", (x @ w).numpy())


def torch_char_rnn():
    torch = torch_module()
    tokens = torch.from_numpy(INPUTS["tokens"][0]).long()
    targets = torch.from_numpy(INPUTS["targets"][0]).long()
    p = {name: torch.from_numpy(array.copy()).requires_grad_() for name, array in PARAMETERS.items()}
    optimizer = torch.optim.Adagrad(p.values(), lr=0.1, eps=1e-8)

    def step(token, h):
        return torch.tanh(p["rnn.Wxh"][token] + p["rnn.Whh"] @ h + p["rnn.bh"])
    if FRAMEWORK == "torch-compiled":
        step = torch.compile(step)

    def backward():
        h, hs = torch.zeros_like(p["rnn.bh"]), []
        for t in range(len(tokens)):
            h = step(tokens[t], h)
            hs.append(h)
        logits = torch.stack(hs) @ p["Why"].T + p["by"]
        torch.nn.functional.cross_entropy(logits, targets, reduction="sum").backward()

    def once():
        optimizer.zero_grad()
        backward()
        torch.nn.utils.clip_grad_value_(p.values(), 5)
        optimizer.step()

    def check():
        optimizer.zero_grad()
        backward()
        save_gradients({name: array.grad.numpy() for name, array in p.items()})
    return "torch " + torch.__version__, once, check


def torch_library_layer(torch, p, layers, size):
    """nn.LSTM or nn.GRU with our weights, and a function from its gradients to ours."""
    lstm = KIND == "lstm"
    module = (torch.nn.LSTM if lstm else torch.nn.GRU)(
        size, size, layers, device=DEVICE,
        dtype=torch.bfloat16 if PRECISION == "bf16" else torch.float32)
    biases = {"bias_ih": "b", "bias_hh": None if lstm else "d"}
    with torch.no_grad():
        for k in range(layers):
            for theirs, ours in {"weight_ih": "W", "weight_hh": "U", **biases}.items():
                target = getattr(module, "%s_l%d" % (theirs, k))
                target.copy_(torch.zeros_like(target) if ours is None else
                             torch.from_numpy(p[ours][k].reshape(target.shape)))

    def gradients():
        result = {}
        for ours, theirs in {"W": "weight_ih", "U": "weight_hh", "b": "bias_ih",
                             "d": "bias_hh"}.items():
            if ours in p:
                result[ours] = np.stack([torch_numpy(getattr(module, "%s_l%d" % (theirs, k)).grad)
                                         for k in range(layers)]).reshape(p[ours].shape)
        return result
    return module, list(module.parameters()), gradients


def torch_own_cell(torch, p, layers, size):
    step, states = cells.CELLS[KIND]
    ops = TorchOps(torch)
    tensors = {name: torch.from_numpy(array.copy()).to(DEVICE) for name, array in p.items()}
    low = torch.bfloat16 if PRECISION == "bf16" else torch.float32
    if PASS == "inference":  # once is enough; a gradient is of what is stored, in f32
        tensors.update((name, tensors[name].to(low)) for name in "WUV" if name in tensors)
    for tensor in tensors.values():
        tensor.requires_grad_()

    def products(h, u):
        return (h.to(low) @ u.reshape(-1, size).to(low).T).float().view(h.shape[0], -1, size)

    def one(own, wx, state):
        return step(ops, own, wx, state, products)
    if FRAMEWORK == "torch-compiled":
        one = torch.compile(one)

    def run(xs):
        for k in range(layers):
            own = {name: tensor[k] for name, tensor in tensors.items()}
            wx = torch.einsum("tnk,ghk->tngh", xs.to(low), own["W"].to(low))
            state = (torch.zeros(xs.shape[1], size, device=DEVICE),) * states
            hs = []
            for t in range(xs.shape[0]):
                state = one(own, wx[t], state)
                hs.append(state[0])
            xs = torch.stack(hs)
        return xs

    def gradients():
        return {name: torch_numpy(tensor.grad) for name, tensor in tensors.items()}
    return run, list(tensors.values()), gradients


def torch_recurrent():
    torch = torch_module()
    p = layer_parameters()
    layers, size = p["W"].shape[0], p["W"].shape[2]
    library = KIND in ("lstm", "gru_reset_after") and FRAMEWORK == "torch"
    run, leaves, gradients = (torch_library_layer if library else torch_own_cell)(
        torch, p, layers, size)
    forward = (lambda xs: run(xs)[0]) if library else run
    xs = torch.from_numpy(time_first(INPUTS["xs"])).to(DEVICE)
    scaled = xs * torch.from_numpy(PARAMETERS["scale"]).to(DEVICE)
    if library:
        xs, scaled = xs.to(leaves[0].dtype), scaled.to(leaves[0].dtype)
    about = "torch %s, %s" % (torch.__version__, "its layer" if library else "a loop of steps")
    if DEVICE != "cpu":
        about += ", cuDNN %s" % torch.backends.cudnn.version()

    def settle(_):
        if DEVICE != "cpu":
            torch.cuda.synchronize(DEVICE)

    if PASS == "inference":
        def once():
            with torch.inference_mode():
                return forward(xs)
        return about, once, lambda: save("outputs", time_first(torch_numpy(once()))), settle

    ws = torch.from_numpy(time_first(INPUTS["ws"]) / xs.shape[1]).to(DEVICE)
    leaf = scaled.clone().requires_grad_()

    def once():
        for tensor in leaves + [leaf]:
            tensor.grad = None
        y = forward(leaf)
        (y * ws).sum().backward()
        return y

    def check():
        save("outputs", time_first(torch_numpy(once())))
        save_recurrent(gradients(), torch_numpy(leaf.grad))
    return about, once, check, settle


def jax_matmul():
    import jax
    x, w = jax.numpy.asarray(INPUTS["xs"]), jax.numpy.asarray(PARAMETERS["W"])
    product = jax.jit(lambda x, w: x @ w)
    return ("jax " + jax.__version__, lambda: product(x, w).block_until_ready(),
            lambda: save("outputs", product(x, w)))


def jax_char_rnn():
    import jax
    import jax.numpy as jnp
    tokens, targets = jnp.asarray(INPUTS["tokens"][0]), jnp.asarray(INPUTS["targets"][0])
    p = {name: jnp.asarray(array) for name, array in PARAMETERS.items()}

    def loss(p, tokens, targets):
        def step(h, token):
            h = jnp.tanh(p["rnn.Wxh"][token] + p["rnn.Whh"] @ h + p["rnn.bh"])
            return h, h
        _, hs = jax.lax.scan(step, jnp.zeros_like(p["rnn.bh"]), tokens)
        logits = hs @ p["Why"].T + p["by"]
        picked = jnp.take_along_axis(logits, targets[:, None], axis=1)[:, 0]
        return (jax.nn.logsumexp(logits, axis=1) - picked).sum()

    def train(p, memory, tokens, targets):
        g = jax.grad(loss)(p, tokens, targets)
        g = {name: jnp.clip(array, -5, 5) for name, array in g.items()}
        memory = {name: memory[name] + g[name] * g[name] for name in g}
        return {name: p[name] - 0.1 * g[name] / jnp.sqrt(memory[name] + 1e-8)
                for name in g}, memory
    train = jax.jit(train, donate_argnums=(0, 1))
    state = [jax.tree.map(jnp.array, p), jax.tree.map(jnp.zeros_like, p)]

    def once():
        state[:] = train(state[0], state[1], tokens, targets)
        jax.block_until_ready(state[0])
    return ("jax " + jax.__version__, once,
            lambda: save_gradients(jax.jit(jax.grad(loss))(p, tokens, targets)))


def jax_recurrent():
    import jax
    import jax.numpy as jnp
    step, states = cells.CELLS[KIND]
    if DEVICE != "cpu":
        number = int((DEVICE + ":0").split(":")[1])
        jax.config.update("jax_default_device", jax.devices("cuda")[number])
        jax.config.update("jax_default_matmul_precision",
                          "tensorfloat32" if PRECISION == "tf32" else "highest")
    low = jnp.bfloat16 if PRECISION == "bf16" else jnp.float32

    class Ops:
        tanh, sigmoid, rsqrt = jnp.tanh, jax.nn.sigmoid, jax.lax.rsqrt

        @staticmethod
        def mean(x):
            return x.mean(-1, keepdims=True)
    p = {name: jnp.asarray(array) for name, array in layer_parameters().items()}
    layers, size = p["W"].shape[0], p["W"].shape[2]

    def products(h, u):
        u = u.reshape(-1, size).astype(low)
        return (h.astype(low) @ u.T).astype(jnp.float32).reshape(h.shape[0], -1, size)

    def forward(p, xs):
        for k in range(layers):
            own = {name: array[k] for name, array in p.items()}

            def body(state, wx):
                state = step(Ops, own, wx, state, products)
                return state, state[0]
            wx = jnp.einsum("tnk,ghk->tngh", xs.astype(low), own["W"].astype(low))
            _, xs = jax.lax.scan(body, (jnp.zeros((xs.shape[1], size)),) * states, wx)
        return xs
    xs = jnp.asarray(time_first(INPUTS["xs"]))
    about = "jax " + jax.__version__
    if PASS == "inference":
        run = jax.jit(forward)
        return (about, lambda: run(p, xs),
                lambda: save("outputs", time_first(np.asarray(run(p, xs)))), jax.block_until_ready)
    ws = jnp.asarray(time_first(INPUTS["ws"]) / xs.shape[1])
    scaled = xs * jnp.asarray(PARAMETERS["scale"])

    def loss(p, xs):
        y = forward(p, xs)
        return (y * ws).sum(), y
    run = jax.jit(jax.value_and_grad(loss, argnums=(0, 1), has_aux=True))

    def check():
        (_, y), (gradients, dx) = run(p, scaled)
        save("outputs", time_first(np.asarray(y)))
        save_recurrent({name: np.asarray(g) for name, g in gradients.items()}, np.asarray(dx))
    return about, lambda: run(p, scaled), check, jax.block_until_ready


def onnxruntime_session(nodes, inputs, outputs, initializers):
    import onnx
    import onnxruntime
    make = onnx.helper.make_tensor_value_info
    f32 = onnx.TensorProto.FLOAT
    graph = onnx.helper.make_graph(
        nodes, "bench", [make(name, f32, shape) for name, shape in inputs.items()],
        [make(name, f32, None) for name in outputs],
        [onnx.numpy_helper.from_array(array, name) for name, array in initializers.items()])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)])
    model.ir_version = 8
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    session = onnxruntime.InferenceSession(model.SerializeToString(), options,
                                           providers=["CPUExecutionProvider"])
    return "onnxruntime " + onnxruntime.__version__, session


def onnxruntime_matmul():
    import onnx
    x = INPUTS["xs"]
    about, session = onnxruntime_session([onnx.helper.make_node("MatMul", ["x", "w"], ["y"])],
                                         {"x": x.shape}, ["y"], {"w": PARAMETERS["W"]})
    once = lambda: session.run(None, {"x": x})[0]  # noqa: E731
    return about, once, lambda: save("outputs", once())


def onnxruntime_recurrent():
    """ONNX's LSTM has the gates i o f c; its GRU z r h, the reset before or after the product."""
    import onnx
    p = layer_parameters()
    layers, gates, size = p["W"].shape[:3]
    order = [0, 3, 1, 2] if KIND == "lstm" else [1, 0, 2]
    nodes, initializers, value = [], {}, "x"
    for k in range(layers):
        u = np.concatenate([p["U"][k], p["V"][k][None]]) if KIND == "gru" else p["U"][k]
        bias = p["d"][k] if "d" in p else np.zeros_like(p["b"][k])
        arrays = {"W": p["W"][k][order].reshape(1, -1, size),
                  "R": u[order].reshape(1, -1, size),
                  "B": np.concatenate([p["b"][k][order], bias[order]]).reshape(1, -1)}
        names = []
        for name, array in arrays.items():
            initializers[name + str(k)] = np.ascontiguousarray(array)
            names.append(name + str(k))
        extra = {} if KIND == "lstm" else {"linear_before_reset": int(KIND == "gru_reset_after")}
        nodes.append(onnx.helper.make_node("LSTM" if KIND == "lstm" else "GRU", [value] + names,
                                           ["y%d" % k], hidden_size=size, **extra))
        axes = "axes%d" % k
        initializers[axes] = np.array([1], np.int64)
        nodes.append(onnx.helper.make_node("Squeeze", ["y%d" % k, axes], ["s%d" % k]))
        value = "s%d" % k
    xs = time_first(INPUTS["xs"])
    about, session = onnxruntime_session(nodes, {"x": xs.shape}, [value], initializers)
    once = lambda: session.run(None, {"x": xs})[0]  # noqa: E731
    return about, once, lambda: save("outputs", time_first(once()))


def time_group(count, once, settle):
    """Seconds of one of so many calls, begun one after the other."""
    start = time.perf_counter()
    for _ in range(count):
        result = once()
    settle(result)
    return (time.perf_counter() - start) / count


def time_calls(seconds, once, settle):
    """As rondo's `bench` does: on a device, so many calls together that waiting does not show."""
    time_group(1, once, settle)
    group = 1
    if DEVICE != "cpu":
        group = int(min(max(2e-3 / time_group(1, once, settle), 1), 100))
    times, calls, start = [], 0, time.perf_counter()
    while calls < 3 or time.perf_counter() - start < seconds:
        times.append(time_group(group, once, settle))
        calls += group
    times.sort()
    return {"best": times[0], "median": times[len(times) // 2], "count": calls}


def main():
    family = FRAMEWORK.split("-")[0]
    subject = KIND if KIND in ("matmul", "char_rnn") else "recurrent"
    about, once, check, *waits = globals()[family + "_" + subject]()
    settle = waits[0] if waits else lambda result: None
    print("ready", about, flush=True)
    for line in sys.stdin:
        if line.startswith("check"):
            check()
            print("done", flush=True)
        else:
            print(json.dumps(time_calls(float(line.split()[1]), once, settle)), flush=True)


main()
