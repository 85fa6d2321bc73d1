"""Start-up: from a checkpoint of 2 GB to the first step, beside Python's reading and conversion alone; in turns.

The file was just written, so both read it from the page cache. `seconds` leave out how long a program and its libraries
take to start; `whole` counts from the start of the process. Each program runs twice in its turn and the second run counts:
on a virtual machine the first pays for memory that the other program gave back to the host.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time


def answer(command):
    """What a program said, with the seconds from its start to its first line."""
    begun = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        first = process.stdout.readline()
        whole = time.perf_counter() - begun
        lines, errors = process.communicate()
    if process.returncode != 0:
        sys.exit(f"start.py: {' '.join(command)} failed:\n{errors}")
    found = json.loads(first) | {"whole": whole}
    for line in lines.splitlines():
        found |= json.loads(line)
    return found


def quartiles(values):
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return f"{middle:.2f} ({low:.2f} to {high:.2f})"


def table(found, peer_name):
    peer = found[peer_name]
    print(f"{'':28}{'seconds':>8}  {'of the peer':24}{'whole':>6}  {'of the peer':24}{'GB':>5}  of the peer")
    for name, runs in found.items():
        cells = []
        for key in ("seconds", "whole", "processBytes"):
            ratios = [a[key] / b[key] for a, b in zip(runs, peer)]
            cells += [statistics.median(run[key] for run in runs), quartiles(ratios)]
        print(f"{name:28}{cells[0]:8.2f}  {cells[1]:24}{cells[2]:6.2f}  {cells[3]:24}{cells[4] / 1e9:5.2f}  {cells[5]}")
        for key, told in (("readingSeconds", "of which reading"), ("stepSeconds", "then the first step")):
            if key in runs[0]:
                print(f"  {told:26}{statistics.median(run[key] for run in runs):8.2f}")
        if "stepProcessBytes" in runs[0]:
            print(f"  {'with it at most, GB':26}{statistics.median(run['stepProcessBytes'] for run in runs) / 1e9:8.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ours", default=".build/release/likeness-bench")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--checkpoint", help="one that is there, instead of drawing one")
    o = parser.parse_args()
    here = os.path.dirname(os.path.abspath(__file__))
    with tempfile.TemporaryDirectory() as folder:
        path = o.checkpoint or os.path.join(folder, "checkpoint.safetensors")
        if not o.checkpoint:
            print(subprocess.run([o.python, os.path.join(here, "draw_checkpoint.py"), path], check=True,
                                 stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout.strip())
        peer = "load_file and conversion"
        commands = {peer: [o.python, os.path.join(here, "peer_start.py"), path],
                    "ours, to the first step": [*o.ours.split(), "start", path]}
        found = {name: [] for name in commands}
        for _ in range(o.rounds):
            for name, command in commands.items():
                answer(command)
                found[name].append(answer(command))
        table(found, peer)


if __name__ == "__main__":
    main()
