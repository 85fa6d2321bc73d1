#!/usr/bin/env python3
"""Runs an adapter file through diffusers and compares with what this program computed.

Usage: check_adapter.py ADAPTER CHECKPOINT IO [--tolerance 1e-4] [--cross-timestep] [--write OUT]

ADAPTER     LoRA with keys `diffusion_model.<original path>.lora_A.weight`; read by the pipeline's own reader
CHECKPOINT  single file or transformer file in the original layout, with its config in the header
IO          `in.hidden_states`, `in.audio_hidden_states`, `in.encoder_hidden_states`,
            `in.audio_encoder_hidden_states`, `in.timestep` (sigma times 1000, [B] or [B, T]), `in.grid`
            (frames, height, width as int64); optional `in.sigma`, `in.audio_timestep`, `in.audio_sigma`,
            `in.encoder_attention_mask`, `in.fps`; and the outputs to compare, `out.video` and `out.audio`

Prints one JSON object: the error of each modality relative to the largest magnitude, how much the adapter
changes each output, and the number of adapted modules. Exit status: 0 equal, 1 different, 2 unusable input.
"""

import argparse
import json
import logging
import os
import sys

os.environ.setdefault("HF_HUB_OFFLINE", "1")
logging.disable(logging.WARNING)  # standard output carries nothing but the result

import torch
from diffusers import LTX2Pipeline, LTX2VideoTransformer3DModel
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from recorder import answers, configurations, key_names

PREFIX = "model.diffusion_model."
MODALITIES = ("video", "audio")
LATENTS_AND_TEXT = [
    "hidden_states", "audio_hidden_states", "encoder_hidden_states", "audio_encoder_hidden_states",
]


def load_transformer(path):
    """Builds the model from the header's config and loads the weights strictly."""
    with safe_open(path, "pt") as file:
        config = json.loads(file.metadata()["config"])["transformer"]
        names = [name for name in file.keys() if is_transformer(name)]
        weights = {name.removeprefix(PREFIX): file.get_tensor(name) for name in names}
    model = LTX2VideoTransformer3DModel(**configurations.from_metadata(config, weights))
    diffusers_names = key_names.diffusers_transformer_names(model.state_dict())
    model.load_state_dict({diffusers_names.get(n, n): t.float() for n, t in weights.items()}, strict=True)
    return model.eval().requires_grad_(False)


def is_transformer(name):
    return name.startswith(PREFIX) and "embeddings_connector" not in name


def load_adapter(model, path):
    """Returns the number of modules in the file; fails if diffusers did not take all of them."""
    state = LTX2Pipeline.lora_state_dict(path)
    modules = sum(name.endswith("lora_A.weight") for name in state)
    model.load_lora_adapter(state, prefix="transformer")
    taken = sum(name.endswith(".lora_A.default_0.weight") for name, _ in model.named_parameters())
    if taken != modules or modules == 0:
        raise ValueError(f"{path}: {modules} modules in the file, {taken} taken by diffusers")
    return modules


def forward(model, io, cross_timestep):
    frames, height, width = io["in.grid"].tolist()
    inputs = {name: io["in." + name] for name in LATENTS_AND_TEXT}
    timestep = io["in.timestep"]
    sigma = io.get("in.sigma", timestep)
    mask = io.get("in.encoder_attention_mask")
    with torch.no_grad():
        return model(
            **inputs, timestep=timestep, sigma=sigma,
            audio_timestep=io.get("in.audio_timestep"), audio_sigma=io.get("in.audio_sigma"),
            encoder_attention_mask=mask, audio_encoder_attention_mask=mask, num_frames=frames,
            height=height, width=width, fps=float(io.get("in.fps", torch.tensor(24.0))),
            audio_num_frames=inputs["audio_hidden_states"].shape[1],
            use_cross_timestep=cross_timestep, return_dict=False,
        )


def relative(difference, reference):
    return float(difference.abs().max() / reference.abs().max().clamp(min=1e-12))


def compare(arguments):
    io = load_file(arguments.io)
    model = load_transformer(arguments.checkpoint)
    base = forward(model, io, arguments.cross_timestep)
    result = {"modules": load_adapter(model, arguments.adapter), "equal": True}
    adapted = dict(zip(MODALITIES, forward(model, io, arguments.cross_timestep)))
    for modality, before in zip(MODALITIES, base):
        after = adapted[modality]
        result[modality + "_effect"] = relative(after - before, before)
        if "out." + modality in io:
            error = relative(io["out." + modality] - after, after)
            result[modality + "_error"] = error
            result["equal"] = result["equal"] and error <= arguments.tolerance
    if arguments.write:
        save_file({"out." + modality: tensor for modality, tensor in adapted.items()}, arguments.write)
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("adapter")
    parser.add_argument("checkpoint")
    parser.add_argument("io")
    parser.add_argument("--tolerance", type=float, default=1e-4)
    parser.add_argument("--cross-timestep", action="store_true", help="sigma of the other modality")
    parser.add_argument("--write", help="file for the outputs of diffusers")
    return answers.answer(compare, parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
