"""Writes a diffusers folder with both VAEs, their weights drawn: of the tiny model's size, or of a middle one."""

import argparse
import json
import os

import torch
from diffusers import AutoencoderKLLTX2Audio, AutoencoderKLLTX2Video

RECORDED = "../../Sources/Verification/Recordings/ltx23_diffusers"
# The released encoders' depth at an eighth and a quarter of their widths; the decoders are not used.
MID = {
    "vae": dict(latent_channels=16, block_out_channels=(32, 64, 128, 256), layers_per_block=(4, 6, 6, 2, 2),
                decoder_block_out_channels=(4, 8, 16), decoder_layers_per_block=(1, 1, 1, 1)),
    "audio_vae": dict(base_channels=32, ch_mult=(1, 2, 4), latent_channels=2, mel_bins=64),
}


def sizes(size, part):
    if size == "mid":
        return MID[part]
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, RECORDED, part, "config.json")) as file:
        return {key: value for key, value in json.load(file).items() if not key.startswith("_")}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("size", choices=["tiny", "mid"])
    parser.add_argument("folder")
    o = parser.parse_args()
    torch.manual_seed(0)
    os.makedirs(os.path.join(o.folder, "transformer"), exist_ok=True)  # by which such a folder is told
    for part, kind in [("vae", AutoencoderKLLTX2Video), ("audio_vae", AutoencoderKLLTX2Audio)]:
        kind(**sizes(o.size, part)).save_pretrained(os.path.join(o.folder, part))


if __name__ == "__main__":
    main()
