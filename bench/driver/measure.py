"""One row: data, agreement of the numbers, then rounds of everyone in turn."""
import array
import json
import os
import statistics

import arrays
import rows as matrix
from contestants import Missing, Peer, Rondo, peer_command

# Of the largest element, by the precision of contractions. The peers sum in other orders, and round
# other intermediate values to tf32 and bf16 than rondo does.
TOLERANCE = {"f32": {"outputs": 2e-5, "gradients": 1e-4},
             "tf32": {"outputs": 2e-2, "gradients": 2e-2},
             "bf16": {"outputs": 1e-1, "gradients": 1e-1}}

# Where the variants of lstm call the parameters otherwise than lstm.
RENAMED = {"lstm_renamed": {"A": "W", "B": "U", "d": "b"}}


def peer_name(row, name):
    """A parameter's path in rondo's program as the peers know it."""
    if row.model not in matrix.LSTM_VARIANTS or not name.startswith("net."):
        return name
    last = name.split(".")[-1]
    return "net.lstm." + RENAMED.get(row.model, {}).get(last, last)


def prepare_data(row, rondo, folder):
    """Weights and inputs for rondo and for the peers, in `folder`."""
    os.makedirs(folder, exist_ok=True)
    weights = os.path.join(folder, "weights.safetensors")
    rondo.call("init", "--seed", "1", "-o", weights)
    parameters = arrays.read_safetensors(weights)
    for k, (name, (shape, values)) in enumerate(parameters.items()):
        if len(set(values[:64])) == 1:  # a constant start would hide a mistake in a bias
            noise = arrays.draw(100 + k, shape, -0.1, 0.1)
            parameters[name] = (shape, array.array("f", map(float.__add__, values, noise)))
    arrays.write_safetensors(weights, parameters)
    d, inputs = row.dims, {}
    if row.model == "contraction":
        inputs["xs"] = ([d["M"], d["K"]], arrays.draw(1, [d["M"], d["K"]]))
    elif row.model == "char_rnn":
        for k, name in enumerate(("tokens", "targets")):
            inputs[name] = ([d["N"], d["T"]], arrays.draw_indices(k, [d["N"], d["T"]], d["V"]))
    else:
        shape = [d["N"], d["T"], d["H"]]
        inputs["xs"] = (shape, arrays.draw(1, shape))
        if row.timed == "gradient":
            inputs["ws"] = (shape, arrays.draw(2, shape))
    arrays.write_npz(os.path.join(folder, "inputs.npz"), inputs)
    if "ws" in inputs:  # the loss scales its inputs, the entry `outputs` does not
        scaled = arrays.scaled(inputs["xs"][1], parameters["scale"][1])
        arrays.write_npz(os.path.join(folder, "scaled.npz"), {"xs": (shape, scaled)})
    for name, (shape, values) in parameters.items():
        arrays.write_raw(os.path.join(folder, "params"), peer_name(row, name), values)
    for name, (shape, values) in inputs.items():
        arrays.write_raw(os.path.join(folder, "inputs"), name, values)
    spec = {"params": {peer_name(row, name): shape for name, (shape, _) in parameters.items()},
            "inputs": {name: (shape, {"f": "f32", "i": "i32"}[values.typecode])
                       for name, (shape, values) in inputs.items()}}
    with open(os.path.join(folder, "spec.json"), "w") as file:
        json.dump(spec, file)
    return weights


def rondo_numbers(row, rondo, folder):
    """{"outputs": array, "grad.PATH": array}"""
    numbers, out = {}, os.path.join(folder, "rondo.npz")
    given = ["--weights", rondo.weights, "--inputs"]
    if row.model != "char_rnn":
        name = "scaled.npz" if row.timed == "gradient" else "inputs.npz"
        entry = "product" if row.model == "contraction" else "outputs"
        rondo.call("run", entry, *given, os.path.join(folder, name), "-o", out, *rondo.flags())
        numbers["outputs"] = arrays.read_npz(out)["result"][1]
    if row.timed != "inference":
        out = os.path.join(folder, "rondo.safetensors")
        rondo.call("grad", "loss", *given, os.path.join(folder, "inputs.npz"), "-o", out,
                   *rondo.flags())
        for name, (_, values) in arrays.read_safetensors(out).items():
            numbers["grad." + peer_name(row, name)] = values
    return numbers


def disagreement(numbers, out, tolerance):
    """(worst outputs, worst gradients, message or None)"""
    worst = {"outputs": 0.0, "gradients": 0.0}
    for name, wanted in numbers.items():
        path = os.path.join(out, name + ".f32")
        if not os.path.exists(path):
            return worst, "gives no " + name
        kind = "outputs" if name == "outputs" else "gradients"
        error = arrays.error(arrays.read_raw(path), wanted)
        worst[kind] = max(worst[kind], error)
        if not error <= tolerance[kind]:
            return worst, "%s differs by %.2g of its largest element" % (name, error)
    return worst, None


def start(row, name, peers, threads, folder, options, result):
    """A peer that gets ready while others do; None where it cannot take part."""
    program, arguments = row.peers[name]
    out = os.path.join(folder, "out-" + name.replace(" ", "-"))
    os.makedirs(out, exist_ok=True)
    if options.device != "cpu":
        arguments = {**arguments, "device": options.device}
    try:
        command = peer_command(peers, program, arguments, threads, folder, out)
        return Peer(name, command, threads, out, options.deadline)
    except Missing as missing:
        result["peers"][name] = {"missing": str(missing)}
        return None


def agrees(peer, numbers, tolerance, result):
    """Whether the peer has rondo's numbers and takes part."""
    try:
        peer.finish_check()
        worst, message = disagreement(numbers, peer.out, tolerance)
    except Missing as missing:
        result["peers"][peer.name] = {"missing": str(missing)}
        return False
    if message:
        result["peers"][peer.name] = {"missing": "wrong numbers: " + message, "wrong": True}
        peer.close()
        return False
    result["peers"][peer.name] = {"about": peer.about, "difference": worst}
    return True


def start_peers(row, peers, threads, options, folder, result):
    started = []
    for name in row.peers:
        if options.peers and not any(word in name.lower() for word in options.peers):
            continue
        if options.quick and name == "PyTorch compiled":
            result["peers"][name] = {"missing": "not in a quick run"}
            continue
        peer = start(row, name, peers, threads, folder, options, result)
        if peer:
            peer.start_check()
            started.append(peer)
    return started


def summary(rounds):
    medians = [each["median"] for each in rounds]
    return {"best": min(each["best"] for each in rounds), "median": statistics.median(medians),
            "calls": sum(each["count"] for each in rounds),
            "round_medians": medians}


def lstm_beside(row, program, threads, folder, options):
    """Rondo's lstm with weights of its own: a contestant that only times."""
    lstm = Rondo(program, row, threads, os.path.join(folder, "lstm.safetensors"), options.device,
                 options.deadline)
    lstm.name = "rondo's lstm"
    lstm.call("init", "--seed", "1", "-o", lstm.weights)
    return lstm


def take_turns(contestants, options):
    """{name: what time() gave in each round}"""
    rounds = {contestant.name: [] for contestant in contestants}
    for k in range(options.rounds):
        first = k % len(contestants)
        for contestant in contestants[first:] + contestants[:first]:
            rounds[contestant.name].append(contestant.time(options.seconds))
    return rounds


def compare_with_peers(result):
    timed = {name: peer for name, peer in result["peers"].items() if "best" in peer}
    if timed:
        best = min(timed, key=lambda name: timed[name]["best"])
        result["best_peer"] = best
        result["ratio"] = timed[best]["best"] / result["rondo"]["best"]
        result["ratio_of_medians"] = (min(peer["median"] for peer in timed.values()) /
                                      result["rondo"]["median"])


def measure(row, compile_row, peers, threads, machine, options, folder):
    """The row's result as it stands in results.json; compile_row(row) is the path of a program.
    `machine`: its limits, None where nobody has measured them."""
    result = {"row": row.name, "workload": row.workload, "model": row.model, "timed": row.timed,
              "dims": row.dims, "threads": threads, "peers": {},
              "load_before": os.getloadavg()[0]}
    if options.device != "cpu":
        result["precision"] = row.precision
    rondo = Rondo(compile_row(row), row, threads, os.path.join(folder, "weights.safetensors"),
                  options.device, options.deadline)
    prepare_data(row, rondo, folder)
    contestants = started = start_peers(row, peers, threads, options, folder, result)
    try:
        numbers = rondo_numbers(row, rondo, folder)
        tolerance = TOLERANCE[row.precision]
        contestants = [rondo] + [peer for peer in started
                                 if agrees(peer, numbers, tolerance, result)]
        if row.beside_lstm:
            contestants.insert(1, lstm_beside(row.beside_lstm, compile_row(row.beside_lstm),
                                              threads, folder, options))
        rounds = take_turns(contestants, options)
    finally:
        for contestant in contestants:
            contestant.close()
    result["load_after"] = os.getloadavg()[0]
    result["rondo"] = {"about": rondo.about, **summary(rounds["rondo"])}
    for name in result["peers"]:
        if name in rounds:
            result["peers"][name].update(summary(rounds[name]))
    if row.beside_lstm:
        result["lstm"] = summary(rounds["rondo's lstm"])
    compare_with_peers(result)
    if machine:
        result["workers"] = rounds["rondo"][0]["workers"]
        result["peak_gflops_seen"] = max(each["peak"] for each in rounds["rondo"]) * 1e-9
        result["limit"] = matrix.limit(row, machine, threads)
        result["share"] = result["limit"] / result["rondo"]["best"]
    result["gflops"] = matrix.flops(row) / result["rondo"]["best"] * 1e-9
    return result
