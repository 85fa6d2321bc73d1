"""Draws what scaling.py measured as one SVG, and prints the figures as Markdown tables."""

import argparse
import json

import matplotlib
import numpy as np
from matplotlib import pyplot as plt

STYLES = {
    "peer": ("#b4531f", "s", "peer, with checkpointing"),
    "ours": ("#1f5fb4", "o", "ours, all blocks twice"),
    "ours, compile: true": ("#7a4fb0", "D", "ours, all blocks twice, compile: true"),
    "ours, nothing twice": ("#3f9a5f", "^", "ours, nothing twice"),
}
TITLES = {"tokens": "video tokens", "blocks": "blocks"}


def options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("figures", nargs="+", help="what scaling.py wrote: a column for each")
    parser.add_argument("--svg", required=True, help="file to write; .png works too")
    return parser.parse_args()


def programs(found):
    return [name for name in STYLES if name in found["points"][0]["programs"]]


def series(found, name, key, unit=1.0):
    return np.array([point["programs"][name][key] / unit for point in found["points"]])


def places(found):
    return np.array([point["at"] for point in found["points"]], dtype=float)


def fit(found, name, degree):
    """Coefficients of the powers of a point, smallest power first, by least squares of the relative errors."""
    x, y = places(found), series(found, name, "seconds")
    powers = np.stack([x**power for power in range(degree + 1)], axis=1)
    return np.linalg.lstsq(powers / y[:, None], np.ones_like(y), rcond=None)[0]


def panel(axes, found, key, unit, label):
    x = places(found)
    for name in programs(found):
        color, marker, title = STYLES[name]
        axes.plot(x, series(found, name, key, unit), color=color, marker=marker, markersize=5, linewidth=1.6, label=title)
    axes.set_xlabel(TITLES[found["axis"]])
    axes.set_ylabel(label)
    axes.set_ylim(bottom=0)
    shown = x[x >= x[-1] / 12]
    axes.set_xticks(shown, [f"{int(value):,}" for value in shown])
    axes.grid(True, color="#dddddd", linewidth=0.6)


def logarithmic(axes, found):
    """Both axes by factors: growth with a power of the tokens is a straight line."""
    x = places(found)
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.autoscale()
    axes.set_xticks(x, [f"{int(value):,}" for value in x])
    low, high = axes.get_ylim()
    shown = [m * 10.0**e for e in range(-4, 5) for m in (1, 2, 5) if low <= m * 10.0**e <= high]
    axes.set_yticks(shown, [f"{step:g}" for step in shown])
    axes.minorticks_off()


def evenly(axes, found):
    """What the smallest points would give if time grew evenly with tokens."""
    x = places(found)
    for name in ("peer", "ours"):
        first = series(found, name, "seconds")[1] / x[1]
        axes.plot(x, first * x, color=STYLES[name][0], linestyle=":", linewidth=1)
    axes.plot([], [], color="#666666", linestyle=":", linewidth=1, label="even growth from 512 tokens on")


def sizes(found):
    s = found["sizes"]
    of = f"{s['layers']} blocks" if found["axis"] == "tokens" else f"{s['frames'] * s['height'] * s['width']} video tokens"
    return f"{of}, {s['heads']} heads,\n{s['audio']} audio and {s['text']} text tokens, rank {s['rank']}, {s['dtype']}"


def draw(by_axis, path):
    matplotlib.rcParams.update({
        "svg.hashsalt": "scaling", "svg.fonttype": "none", "font.size": 9.5, "font.family": "sans-serif",
        "figure.facecolor": "white", "savefig.facecolor": "white", "axes.facecolor": "white"})
    count = len(by_axis)
    figure, grid = plt.subplots(2, count, figsize=(5 * count, 7.2), layout="constrained", squeeze=False)
    for column, found in enumerate(by_axis):
        panel(grid[0][column], found, "seconds", 1, "seconds per step")
        panel(grid[1][column], found, "bytes", 1e9, "memory of the process, GB")
        grid[0][column].set_title(sizes(found), fontsize=9)
        if found["axis"] == "tokens":
            evenly(grid[0][column], found)
            logarithmic(grid[0][column], found)
        grid[0][column].legend(frameon=False)
    figure.savefig(path, metadata={"Date": None} if path.endswith(".svg") else None, dpi=110)


def table(found):
    yield sizes(found).replace("\n", " ").capitalize() + ":\n"
    headings = [TITLES[found["axis"]]]
    for name in programs(found):
        headings += [f"{name}: s"] + (["of the peer (quartiles)"] if name != "peer" else []) + ["GB"]
    yield "| " + " | ".join(headings) + " |"
    yield "| " + " | ".join(["---"] * len(headings)) + " |"
    for point in found["points"]:
        cells = [f"{point['at']:,}"]
        for name in programs(found):
            figures = point["programs"][name]
            cells.append(f"{figures['seconds']:.3f}")
            if name != "peer":
                cells.append("{:.2f} ({:.2f} to {:.2f})".format(*figures["ratio"]))
            cells.append(f"{figures['bytes'] / 1e9:.2f}")
        yield "| " + " | ".join(cells) + " |"


def fits(found):
    for name in programs(found):
        start, each, *squared = fit(found, name, 2 if found["axis"] == "tokens" else 1)
        told = f"{name}: {1e3 * start:.0f} ms + {1e3 * each:.3f} ms for each of the {TITLES[found['axis']]}"
        if squared:
            told += f" + {1e9 * squared[0]:.0f} ns for each pair (as much as the former at {each / squared[0]:,.0f})"
        yield told


def main():
    o = options()
    by_axis = []
    for path in o.figures:
        with open(path) as file:
            by_axis.append(json.load(file))
    draw(by_axis, o.svg)
    for found in by_axis:
        print("\n".join([*table(found), "", *fits(found)]), end="\n\n")


if __name__ == "__main__":
    main()
