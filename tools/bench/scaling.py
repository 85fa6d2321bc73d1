"""Training steps against the number of tokens or of blocks: this program and the Python trainers' stack in turns.

At each point the programs take turns until the rounds or the point's seconds are used up; one more round before
does not count. Memory is the most that the whole process had.
"""

import copy
import json
import statistics
import sys
import time

from compare import Runner, commands, parser, ratio

# Rows and columns of a latent frame on the axis of tokens: 256 to each frame.
FRAME = (16, 16)
AXES = {"tokens": [256, 512, 1024, 2048, 4096, 8192], "blocks": [1, 2, 4, 8, 12]}
LEAST_ROUNDS = 3


def options():
    found = parser(__doc__.splitlines()[0])
    found.set_defaults(layers=2)
    found.add_argument("axis", choices=AXES, help="of tokens with --layers blocks, or of blocks with the frames given")
    found.add_argument("--points", type=int, nargs="+", help="in place of the axis's own")
    found.add_argument("--seconds", type=float, default=40, help="for the rounds of a point; at least three are made")
    return found.parse_args()


def at(o, point):
    """The options of one point."""
    here = copy.copy(o)
    if o.axis == "blocks":
        here.layers = point
        return here
    here.height, here.width = FRAME
    if point % (here.height * here.width):
        sys.exit(f"scaling.py: {point} tokens, should be a multiple of {here.height * here.width}")
    here.frames = point // (here.height * here.width)
    return here


def measured(o):
    """One point: figures by program."""
    ours, peer = commands(o)
    found = [
        Runner("peer", peer()),
        Runner("ours", ours()),
        Runner("ours, compile: true", ours("--compile")),
        Runner("ours, nothing twice", ours("--checkpointing", "0")),
    ]
    begun = rounds = 0
    while rounds <= LEAST_ROUNDS or (rounds <= o.rounds and time.monotonic() - begun < o.seconds):
        for runner in found:
            runner.step()
        begun, rounds = begun or time.monotonic(), rounds + 1
    for runner in found:
        runner.close()
    of_peer = found[0].seconds(skip=1)
    return {
        runner.name: {
            "seconds": statistics.median(runner.seconds(skip=1)),
            "ratio": ratio(runner.seconds(skip=1), of_peer),
            "bytes": runner.steps[-1]["processBytes"],
            "rounds": rounds - 1,
        }
        for runner in found
    }


def main():
    o = options()
    fixed = ["frames", "height", "width"] if o.axis == "blocks" else ["layers"]
    sizes = {name: getattr(o, name) for name in [*fixed, "heads", "audio", "text", "rank", "dtype"]}
    found = {"axis": o.axis, "sizes": sizes, "points": []}
    for point in o.points or AXES[o.axis]:
        programs = measured(at(o, point))
        found["points"].append({"at": point, "programs": programs})
        told = ", ".join(f"{name} {x['seconds']:.3f} s {x['bytes'] / 1e6:.0f} MB" for name, x in programs.items())
        print(f"{point} {o.axis}: {told}", file=sys.stderr, flush=True)
    text = json.dumps(found, indent=1)
    if not o.json:
        print(text)
        return
    with open(o.json, "w") as file:
        file.write(text + "\n")


if __name__ == "__main__":
    main()
