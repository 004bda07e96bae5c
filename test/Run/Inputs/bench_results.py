"""Two results of the benchmark, made up: a row twice as fast, a noisy one, one that stays, one that
is gone."""
import json
import os


def row(name, threads, best, medians):
    return {"row": name, "threads": threads,
            "rondo": {"best": best, "round_medians": medians}}


limits = {"threads": {"1": {"peak_gflops": 100.0}}}
old = [row("row of two", 2, 4e-3, [4.1e-3, 4.2e-3]), row("row of one", 1, 1e-3, [1.1e-3, 2e-3]),
       row("row", 1, 1e-3, [1.1e-3]), row("gone", 1, 1e-3, [1e-3])]
new = [row("row of two", 2, 2e-3, [2.1e-3, 2.2e-3]), row("row of one", 1, 1.2e-3, [1.3e-3]),
       row("row", 1, 1.01e-3, [1.1e-3])]
for folder, results in (("old", old), ("new", new)):
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "results.json"), "w") as file:
        json.dump({"results": results, "machine": {"limits": limits}}, file)
