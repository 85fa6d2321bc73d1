"""Clips per minute from files to latents on disk, this program and the Python path taking turns on one machine.

Clips are made with ffmpeg, both VAEs are drawn once and read by all. Every round asks each program to encode all clips;
ratios are those of one round. What both wrote is compared, so that both did the same.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

import torch
from safetensors.torch import load_file

from compare import Runner, ratio

HERE = os.path.dirname(os.path.abspath(__file__))


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", nargs="+", default=["tiny", "mid"], choices=["tiny", "mid"])
    parser.add_argument("--clips", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--ours", default=".build/release/likeness", help="likeness")
    parser.add_argument("--before", help="an older likeness, to be compared as well")
    parser.add_argument("--python", default=sys.executable, help="Python of caching-requirements.txt")
    parser.add_argument("--worker", action="store_true", help="also a peer whose DataLoader has a worker")
    parser.add_argument("--json", help="write the figures there")
    return parser.parse_args()


def make_clips(folder, count):
    """Of 768x480, 25 pictures a second and 3.4 s, each other: moving picture, voice-like sound."""
    os.makedirs(folder)
    for number in range(count):
        picture = "testsrc2=size=768x480:rate=25:duration=3.4"
        sound = f"sine=frequency={300 + 100 * number}:sample_rate=48000:duration=3.4,tremolo=f={3 + number}"
        subprocess.run(
            ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound,
             "-vf", f"hue=h={40 * number}", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-crf", "20",
             "-c:a", "aac", "-b:a", "128k", os.path.join(folder, f"clip{number}.mp4")], check=True)


def runners(o, folder, size):
    vaes, clips = os.path.join(folder, size), os.path.join(folder, "clips")
    subprocess.run([o.python, os.path.join(HERE, "draw_vaes.py"), size, vaes], check=True, stderr=subprocess.DEVNULL)

    def ours(name, program):
        # Each in a folder of its own: the cache lies beside the clips.
        own = os.path.join(folder, f"{size} {name}")
        shutil.copytree(clips, own)
        return Runner(name, [program, "bench", "cache", vaes, own, "--on-request"])

    def peer(name, *more):
        out = os.path.join(folder, f"{size} {name}")
        return Runner(name, [o.python, os.path.join(HERE, "peer_cache.py"), vaes, clips, out, *more])

    found = [peer("peer"), ours("ours", o.ours)]
    if o.worker:
        found.append(peer("peer, decoding in a worker", "--worker"))
    if o.before:
        found.append(ours("ours, before", o.before))
    return found


def difference(ours, peer, folder, size):
    """The largest difference of the latents of both kinds, relative to their deviation."""
    largest = {}
    for number, path in enumerate(ours.steps[-1]["entries"]):
        a, b = load_file(path), load_file(os.path.join(folder, f"{size} peer", f"clip{number}.mp4.safetensors"))
        for name in ("latent", "audio_latent"):
            count = min(len(a[name]), len(b[name]))
            gap = (a[name][:count] - b[name][:count]).pow(2).mean().sqrt() / b[name].std()
            largest[name] = max(largest.get(name, 0), gap.item())
    return largest


def check_sizes(ours, peer):
    a, b = ours.steps[-1], peer.steps[-1]
    if (a["parameters"], a["clips"]) != (b["parameters"], b["clips"]):
        sys.exit(f"caching.py: ours encodes {a['clips']} clips with {a['parameters']}, the peer {b['clips']} with "
                 f"{b['parameters']}, should be the same; is likeness of this clone built?")


def report(size, found, o, folder):
    peer, ours = found[0], found[1]
    check_sizes(ours, peer)
    parameters, count = peer.steps[-1]["parameters"], peer.steps[-1]["clips"]
    print(f"{size}: encoders of {parameters['video'] / 1e6:.2f} + {parameters['audio'] / 1e6:.2f} million values, "
          f"{count} clips a round, {o.rounds} rounds")
    figures = {}
    for runner in found:
        rates = [60 * step["clips"] / step["seconds"] for step in runner.steps[1:]]
        middle, low, high = ratio(peer.seconds(1), runner.seconds(1))
        memory = runner.steps[-1]["processBytes"]
        figures[runner.name] = {"clipsPerMinute": rates, "ratio": middle, "memory": memory}
        print(f"  {runner.name:28}{statistics.median(rates):7.1f} clips/min{middle:8.2f} of the peer's "
              f"({low:.2f} to {high:.2f}){memory / 1e6:7.0f} MB")
    for name in ours.steps[-1]["stages"]:
        each = statistics.median(step["stages"][name] / step["clips"] for step in ours.steps[1:])
        figures.setdefault("stages", {})[name] = each
        print(f"    {name:24}{1000 * each:8.0f} ms a clip")
    figures["difference"] = difference(ours, peer, folder, size)
    print(f"  latents differ by {figures['difference']['latent']:.1e} of their deviation, those of the sound by "
          f"{figures['difference']['audio_latent']:.1e}: decoders and scalers are not the same")
    return figures


def main():
    o, figures = options(), {}
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        make_clips(os.path.join(folder, "clips"), o.clips)
        for size in o.sizes:
            found = runners(o, folder, size)
            for turn in range(o.rounds + 1):
                for runner in found:
                    runner.step()
                print(f"\r{size}: round {turn} of {o.rounds}", end="", file=sys.stderr, flush=True)
            print(file=sys.stderr)
            figures[size] = report(size, found, o, folder)
            for runner in found:
                runner.close()
    if o.json:
        with open(o.json, "w") as file:
            json.dump(figures, file, indent=1)


if __name__ == "__main__":
    main()
