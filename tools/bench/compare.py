"""Training steps of this program and of the Python trainers' stack, taking turns on one machine.

Every round asks each program for one step, so that whatever slows the machine slows all of them; ratios are those
of one round, and their median and quartiles are told. The ceiling is a square matrix product, in the same rounds.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys

SIZES = ["layers", "heads", "frames", "height", "width", "audio", "text", "rank"]


class Runner:
    """A program that does one step for each line."""

    def __init__(self, name, command):
        self.name, self.steps = name, []
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True)

    def step(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"compare.py: {self.name} ended; run it alone to see why: {' '.join(self.process.args)}")
        self.steps.append(json.loads(line))

    def close(self):
        self.process.stdin.close()
        self.process.wait()

    def seconds(self, skip):
        return [step["seconds"] for step in self.steps[skip:]]


def parser(description):
    """The options that every comparison of steps has."""
    found = argparse.ArgumentParser(description=description)
    defaults = dict(layers=4, heads=8, frames=4, height=10, width=16, audio=35, text=128, rank=32)
    for name in SIZES:
        found.add_argument(f"--{name}", type=int, default=defaults[name])
    found.add_argument("--dtype", default="float32", choices=["float32", "bfloat16"])
    found.add_argument("--device", default="cpu")
    found.add_argument("--rounds", type=int, default=9)
    found.add_argument("--ours", default=".build/release/likeness-bench", help="likeness-bench")
    found.add_argument("--python", default=sys.executable, help="Python with diffusers and peft")
    found.add_argument("--json", help="write the figures there")
    return found


def options():
    found = parser(__doc__.splitlines()[0])
    found.add_argument("--compiled", action="store_true", help="also the compiled peer")
    return found.parse_args()


def commands(o):
    """What makes the command of our step, and of the peer's, from further arguments."""
    shape = [part for name in SIZES for part in (f"--{name}", str(getattr(o, name)))]
    place = ["--dtype", o.dtype, "--device", o.device]
    here = os.path.dirname(os.path.abspath(__file__))

    def ours(*more):
        return [*o.ours.split(), "step", *shape, *place, *more, "--on-request"]

    def peer(*more):
        return [o.python, os.path.join(here, "peer_step.py"), *shape, *place, *more]

    return ours, peer


def runners(o):
    ours, peer = commands(o)
    here = os.path.dirname(os.path.abspath(__file__))
    size = "2048" if o.device == "cpu" else "8192"
    found = [
        Runner("ceiling", [o.python, os.path.join(here, "ceiling.py"), o.device, o.dtype, size]),
        Runner("peer", peer()),
        Runner("peer, nothing twice", peer("--no-checkpointing")),
        Runner("peer, DoRA", peer("--dora")),
        Runner("ours", ours()),
        Runner("ours, compile: true", ours("--compile")),
        Runner("ours, every other block twice", ours("--checkpointing", "2")),
        Runner("ours, nothing twice", ours("--checkpointing", "0")),
        Runner("ours, DoRA", ours("--adapter", "dora")),
    ]
    return found + ([Runner("peer, compiled", peer("--compile"))] if o.compiled else [])


def ratio(a, b):
    values = sorted(x / y for x, y in zip(a, b))
    return statistics.median(values), values[len(values) // 4], values[3 * len(values) // 4]


def report(found, warmups):
    """Lines of a table, and the figures."""
    by_name = {runner.name: runner for runner in found}
    peer = by_name["peer"].seconds(warmups)
    peak = max(s["operations"] / s["seconds"] for s in by_name["ceiling"].steps[warmups:])
    lines = [f"matrix products: at most {peak / 1e9:.0f} GFLOP/s", "",
             f"{'':32}{'s/step':>8}{'of the peer (quartiles)':>28}{'memory':>10}{'of the ceiling':>16}"]
    figures = {"ceiling": peak}
    for runner in found:
        if runner.name == "ceiling":
            continue
        seconds = runner.seconds(warmups)
        middle, low, high = ratio(seconds, peer)
        memory = runner.steps[-1]["processBytes"]
        operations = runner.steps[-1].get("operations")
        share = operations / statistics.median(seconds) / peak if operations else None
        figures[runner.name] = {"seconds": seconds, "ratio": middle, "memory": memory, "share": share}
        lines.append(f"{runner.name:32}{statistics.median(seconds):8.3f}{middle:12.3f} ({low:.3f} to {high:.3f})"
                     f"{memory / 1e6:7.0f} MB" + (f"{100 * share:14.0f} %" if share else ""))
    return lines, figures


def main():
    o = options()
    found, warmups = runners(o), 2
    for turn in range(o.rounds + warmups):
        for runner in found:
            runner.step()
        print(f"\rround {turn + 1} of {o.rounds + warmups}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    lines, figures = report(found, warmups)
    for runner in found:
        runner.close()
    print("\n".join(lines))
    if o.json:
        with open(o.json, "w") as file:
            json.dump(figures, file, indent=1)


if __name__ == "__main__":
    main()
