"""The table, the plot and the comparison of results."""


def time_text(seconds):
    for unit, factor in (("s", 1), ("ms", 1e3), ("us", 1e6)):
        if seconds * factor >= 1 or unit == "us":
            return "%.3g %s" % (seconds * factor, unit)


def key(result):
    return result["row"], result["threads"]


def device_line(machine):
    known = ["%s %s" % (name, machine[name]) for name in ("driver", "memory") if name in machine]
    return ", ".join([machine["model"]] + known)


def device_text(data):
    return [device_line(data["machine"]), data["machine"]["system"],
            "load average of the host %.2f at the start, %.2f at the end" % (data["load"][0],
                                                                            data["load"][-1])]


def machine_text(data):
    m = data["machine"]
    if "device" in m:
        return device_text(data)
    lines = ["%s, %d cores, %s" % (m["model"], m["limits"]["cores"], m["system"])]
    for threads, figures in m["limits"]["threads"].items():
        lines.append("%s thread%s: peak %.0f GFLOP/s, L2 %.0f, L3 %.0f, memory %.0f GB/s%s" % (
            threads, "" if threads == "1" else "s", figures["peak_gflops"], figures["l2_gbps"],
            figures["l3_gbps"], figures["dram_gbps"],
            ", barrier %.2f us" % figures["barrier_us"] if figures["barrier_us"] else ""))
    lines.append("load average %.2f at the start, %.2f at the end" % (data["load"][0],
                                                                    data["load"][-1]))
    return lines


def table(data):
    text = ["# Benchmark of %s" % data["date"], ""]
    text += [line + "  " for line in data.get("remarks", [])] + [""]
    text += ["- " + line for line in machine_text(data)]
    text += ["- %s: %s" % item for item in sorted(data["versions"].items())]
    text += ["", "Times are the best of all rounds. *Ratio*: the best peer's time by rondo's, of the"
             " best times (of the medians), so more than 1 is faster. *Share*: the time at the"
             " machine's limit by rondo's time. bench/README.md says how.", ""]
    if "device" in data["machine"]:
        text += ["Nobody has measured this device's limits, so no shares of them are given.", ""]
    for threads in sorted({r["threads"] for r in data["results"]}, reverse=True):
        text += ["## " + data["machine"]["device"] if "device" in data["machine"] else
                 "## %d thread%s" % (threads, "" if threads == 1 else "s"), "",
                 "| row | rondo | GFLOP/s | share | best peer | ratio | others |",
                 "|---|---|---|---|---|---|---|"]
        for r in data["results"]:
            if r["threads"] == threads:
                text.append(table_line(r))
        text.append("")
    if data.get("not_run"):
        text += ["%s, the time of %.2g minutes was over: from %s on." % (
            not_run_text(data["not_run"]), data["options"]["minutes"], data["not_run"][0]), ""]
    text += beside_lstm(data["results"])
    if data.get("compilation"):
        text += compilation(data["compilation"])
    if data.get("memory"):
        text += memory(data["memory"])
    return "\n".join(text) + "\n"


def not_run_text(names):
    return "1 row was not run" if len(names) == 1 else "%d rows were not run" % len(names)


def share_text(r):
    return "%.2f" % r["share"] if "share" in r else "-"


def summary(r):
    """A row in a line, as it is printed when it is done."""
    text = "%s, %.3g GFLOP/s, share %s" % (time_text(r["rondo"]["best"]), r["gflops"], share_text(r))
    return text + (", %.2f times %s" % (r["ratio"], r["best_peer"]) if "best_peer" in r else "")


def table_line(r):
    if "failed" in r:
        return "| %s | failed: %s | | | | | |" % (r["row"], r["failed"])
    others = []
    for name, peer in r["peers"].items():
        if "missing" in peer:
            others.append("%s: missing, %s" % (name, peer["missing"].replace("|", "/")[:120]))
        elif name != r.get("best_peer"):
            others.append("%s %s" % (name, time_text(peer["best"])))
    best = r.get("best_peer")
    return "| %s | %s | %.3g | %s | %s | %s | %s |" % (
        r["row"], time_text(r["rondo"]["best"]) +
        (" on one worker" if r.get("workers", r["threads"]) < r["threads"] else ""), r["gflops"],
        share_text(r),
        "%s %s" % (best, time_text(r["peers"][best]["best"])) if best else "none",
        "%.2f (%.2f)" % (r["ratio"], r["ratio_of_medians"]) if best else "", "; ".join(others))


def beside_lstm(results):
    results = [r for r in results if "lstm" in r]
    if not results:
        return []
    text = ["## A user's cells beside `lstm`", "", "`lstm` of the same shape, which has as many"
            " operations in contractions, took turns with them.", "",
            "| row | threads | time | `lstm` | time by `lstm`'s (of the medians) |",
            "|---|---|---|---|---|"]
    for r in results:
        own, lstm = r["rondo"], r["lstm"]
        text.append("| %s | %d | %s | %s | %.3f (%.3f) |" % (
            r["row"], r["threads"], time_text(own["best"]), time_text(lstm["best"]),
            own["best"] / lstm["best"], own["median"] / lstm["median"]))
    return text + [""]


def compilation(entries):
    text = ["## W10: compile time, size, start-up", "",
            "| model | compile | program | start to end of `info` |", "|---|---|---|---|"]
    text += ["| %s | %s | %.0f KB | %s |" % (e["model"], time_text(e["compile"]), e["bytes"] / 1e3,
                                             time_text(e["start"])) for e in entries]
    return text + ["", "Lengths and batches are known at run time only: T 16 and T 16384 are the"
                   " same program.", ""]


def memory(entries):
    text = ["## W8: memory of backpropagation through time", ""]
    text += ["| row | budget | time | of the time of everything stored | plan | measured |",
             "|---|---|---|---|---|---|"]
    for e in entries:
        if "failed" in e:
            text.append("| %s | %s | failed: %s | | | |" % (e["row"], e["budget"], e["failed"]))
        else:
            text.append("| %s | %s | %s | %.2f | %.1f MB | %.1f MB |" % (
                e["row"], e["budget"], time_text(e["best"]), e["ratio"], e["plan"] / 1e6,
                e["measured"] / 1e6))
    return text + [""]


def compare(old, new, out=print):
    """What changed beyond noise: the medians of the two runs' rounds do not overlap, and the change
    is more than 5 %."""
    before = {key(r): r for r in old["results"] if "rondo" in r}
    changes, same, noisy = [], 0, []
    for r in new["results"]:
        if "rondo" not in r or key(r) not in before:
            continue
        a, b = before.pop(key(r))["rondo"], r["rondo"]
        low, high = min(a["round_medians"] + [a["best"]]), max(a["round_medians"])
        new_low, new_high = min(b["round_medians"] + [b["best"]]), max(b["round_medians"])
        factor = a["best"] / b["best"]
        apart = new_high < low or new_low > high
        if abs(factor - 1) <= 0.05:
            same += 1
        elif apart:
            changes.append((factor, r, a, b))
        else:
            noisy.append((factor, r))
    for factor, r, a, b in sorted(changes, key=lambda change: change[0]):
        out("%-45s %d thread%s  %s -> %s  %s" % (
            r["row"], r["threads"], " " if r["threads"] == 1 else "s", time_text(a["best"]),
            time_text(b["best"]),
            "%.2f times as fast" % factor if factor > 1 else "%.2f times slower" % (1 / factor)))
    for factor, r in noisy:
        out("%-45s %d thread%s  best times differ by %+.0f %%, within the noise of the rounds" % (
            r["row"], r["threads"], " " if r["threads"] == 1 else "s", (1 / factor - 1) * 100))
    out("%d rows changed, %d within noise, %d the same (5 %%); %d only in the first" % (
        len(changes), len(noisy), same, len(before)))
    compare_machines(old["machine"], new["machine"], out)
    return changes


def compare_machines(old, new, out):
    if "device" in old or "device" in new:
        names = [machine.get("model", "a cpu") for machine in (old, new)]
        if names[0] != names[1]:
            out("the machines differ: %s and %s; compare ratios" % tuple(names))
        return
    peaks = [machine["limits"]["threads"]["1"]["peak_gflops"] for machine in (old, new)]
    if abs(peaks[0] / peaks[1] - 1) > 0.05:
        out("the machines differ: peak %.0f and %.0f GFLOP/s; compare shares and ratios" %
            tuple(peaks))


def escape(text):
    return text.replace("&", "&amp;").replace("<", "&lt;")


def tick_step(full):
    """1, 2.5 or 5 times a power of ten: eight ticks at most."""
    return next(step for power in range(-2, 12) for step in (10.0 ** power * k for k in (1, 2.5, 5))
                if full / step <= 8)


def plot(data):
    """Bars of the share of the limit, or of GFLOP/s where there is none, rondo's and its best
    peer's, as SVG."""
    results = [r for r in data["results"] if "rondo" in r]
    threads = max((r["threads"] for r in results), default=1)
    results = [r for r in results if r["threads"] == threads]
    figure, title = "share", "Share of the machine's limit, %d thread%s, %s" % (
        threads, "" if threads == 1 else "s", data["date"])
    if "device" in data["machine"]:
        figure, title = "gflops", "GFLOP/s on %s, %s" % (data["machine"]["model"], data["date"])
    left, width, step = 290, 520, 30
    height = 70 + step * len(results)
    full = max([1.0] + [r[figure] * max(1.0, 1 / r.get("ratio", 1.0)) for r in results])
    scale, tick, digits = width / full, tick_step(full), 2 if figure == "share" else 0
    svg = ['<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" '
           'font-family="sans-serif" font-size="12">' % (left + width + 190, height),
           '<rect width="100%" height="100%" fill="white"/>',
           '<text x="10" y="20" font-size="14">%s</text>' % escape(title),
           '<rect x="%d" y="30" width="10" height="10" fill="#2a6f97"/>'
           '<text x="%d" y="39">rondo</text>' % (left, left + 14),
           '<rect x="%d" y="30" width="10" height="10" fill="#c9ada7"/>'
           '<text x="%d" y="39">best peer</text>' % (left + 70, left + 84)]
    for k in range(int(full / tick) + 1):
        x = left + k * tick * scale
        svg.append('<line x1="%.1f" y1="48" x2="%.1f" y2="%d" stroke="%s"/>'
                   '<text x="%.1f" y="%d" text-anchor="middle" fill="#555">%.*f</text>' %
                   (x, x, height - 18, "#000" if figure == "share" and k * tick == 1 else "#ddd",
                    x, height - 5, digits, k * tick))
    for k, r in enumerate(results):
        y = 52 + k * step
        svg.append('<text x="%d" y="%d" text-anchor="end">%s</text>' %
                   (left - 6, y + 15, escape(r["row"])))
        svg.append('<rect x="%d" y="%d" width="%.1f" height="11" fill="#2a6f97"/>' %
                   (left, y, r[figure] * scale))
        end, label = r[figure], ""
        if "best_peer" in r:
            peer = r[figure] / r["ratio"]
            end, label = max(end, peer), ", %.2f times %s" % (r["ratio"], r["best_peer"])
            svg.append('<rect x="%d" y="%d" width="%.1f" height="11" fill="#c9ada7"/>' %
                       (left, y + 12, peer * scale))
        svg.append('<text x="%.1f" y="%d" fill="#333">%.*f%s</text>' %
                   (left + end * scale + 5, y + 15, digits, r[figure], escape(label)))
    return "\n".join(svg + ["</svg>", ""])
