"""Start-up: from a checkpoint of 2 GB to the first step, beside Python's reading and conversion alone; in turns."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile


def answer(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"start.py: {' '.join(command)} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ours", default=".build/release/likeness-bench")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--rounds", type=int, default=5)
    o = parser.parse_args()
    here = os.path.dirname(os.path.abspath(__file__))
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "checkpoint.safetensors")
        print(subprocess.run([o.python, os.path.join(here, "draw_checkpoint.py"), path], check=True,
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout.strip())
        commands = {"load_file and conversion": [o.python, os.path.join(here, "peer_start.py"), path],
                    "ours, with the first step": [*o.ours.split(), "start", path]}
        found = {name: [] for name in commands}
        for _ in range(o.rounds):
            for name, command in commands.items():
                found[name].append(answer(command))
        peer = found["load_file and conversion"]
        for name, runs in found.items():
            ratios = [a["seconds"] / b["seconds"] for a, b in zip(runs, peer)]
            memory = [a["processBytes"] / b["processBytes"] for a, b in zip(runs, peer)]
            reading = [f"{run['readingSeconds']:.2f}" for run in runs if "readingSeconds" in run]
            print(f"{name:28}{statistics.median(run['seconds'] for run in runs):7.2f} s, "
                  f"{statistics.median(ratios):.2f} of the peer; "
                  f"{statistics.median(run['processBytes'] for run in runs) / 1e9:.2f} GB, "
                  f"{statistics.median(memory):.2f}" + (f"; reading {' '.join(reading)} s" if reading else ""))


if __name__ == "__main__":
    main()
