#!/usr/bin/env python3
"""Runs a merged adapter through diffusers and peft and compares with the adapters that it was made of.

Usage: check_merge.py CHECKPOINT MERGED SOURCE[:STRENGTH] SOURCE[:STRENGTH]... [--tolerance 1e-5]

CHECKPOINT  single file in the original layout, with its config in the header
MERGED      the exact sum of the sources; diffusers adds their outputs, so both must answer alike
SOURCE      LoRA files with keys that diffusers or its pipeline's reader know

All inputs are drawn from one seed. Also looks up every key of MERGED as ComfyUI does: by the names of the
checkpoint behind `diffusion_model.`, or underscored behind `lora_unet_`; a file of which diffusers takes no layer
must hold such keys alone. Prints one JSON object. Exit status: 0 equal, 1 different, 2 unusable input.
"""

import argparse
import sys

import torch
from safetensors import safe_open

import check_adapter
from recorder import answers

ENDINGS = (
    ".lora_A.weight", ".lora_B.weight", ".lora_up.weight", ".lora_down.weight", ".alpha", ".dora_scale",
    ".lora_magnitude_vector",
)


def drawn_inputs(model, frames=2, height=3, width=3, sounds=7, words=5):
    """Latents and texts of the model's own widths, at one noise level."""
    config, random = model.config, torch.Generator().manual_seed(1)

    def normal(*shape):
        return torch.randn(*shape, generator=random)

    projects = getattr(model, "caption_projection", None) is not None
    text = config.caption_channels if projects else config.cross_attention_dim
    audio_text = config.caption_channels if projects else config.audio_cross_attention_dim
    return {
        "in.hidden_states": normal(1, frames * height * width, config.in_channels),
        "in.audio_hidden_states": normal(1, sounds, config.audio_in_channels),
        "in.encoder_hidden_states": normal(1, words, text),
        "in.audio_encoder_hidden_states": normal(1, words, audio_text),
        "in.timestep": torch.tensor([400.0]),
        "in.grid": torch.tensor([frames, height, width]),
    }


def source(text):
    path, colon, strength = text.rpartition(":")
    return (path, float(strength)) if colon else (text, 1.0)


def load(model, path, name):
    """Returns the number of layers that diffusers took."""
    state = check_adapter.LTX2Pipeline.lora_state_dict(path)
    model.load_lora_adapter(state, prefix="transformer", adapter_name=name)
    return sum(key.endswith(f".lora_A.{name}.weight") for key, _ in model.named_parameters())


def strangers(merged, checkpoint):
    """Keys that ComfyUI would not find in the model."""
    with safe_open(checkpoint, "pt") as file:
        layers = {
            name.removeprefix(check_adapter.PREFIX).removesuffix(".weight")
            for name in file.keys() if check_adapter.is_transformer(name) and name.endswith(".weight")
        }
    known = {"diffusion_model." + layer for layer in layers}
    known |= {"lora_unet_" + layer.replace(".", "_") for layer in layers}
    with safe_open(merged, "pt") as file:
        keys = list(file.keys())
    return [key for key in keys if next((key[: -len(e)] for e in ENDINGS if key.endswith(e)), "") not in known]


def compare(arguments):
    model = check_adapter.load_transformer(arguments.checkpoint)
    io = drawn_inputs(model)
    base = check_adapter.forward(model, io, False)
    chosen = [source(text) for text in arguments.sources]
    names = [f"source{number}" for number in range(len(chosen))]
    for name, (path, _) in zip(names, chosen):
        load(model, path, name)
    model.set_adapters(names, [strength for _, strength in chosen])
    wanted = check_adapter.forward(model, io, False)
    model.delete_adapters(names)
    result = {"layers": load(model, arguments.merged, "merged")}
    model.set_adapters(["merged"], [1.0])
    actual = check_adapter.forward(model, io, False)
    errors = {}
    for modality, before, expected, merged in zip(check_adapter.MODALITIES, base, wanted, actual):
        result[modality + "_effect"] = check_adapter.relative(expected - before, before)
        errors[modality + "_error"] = check_adapter.relative(merged - expected, expected)
    unknown = strangers(arguments.merged, arguments.checkpoint)
    result |= errors | {"known_to_comfyui": not unknown}
    if result["layers"]:
        result["equal"] = max(errors.values()) <= arguments.tolerance
    else:  # names that diffusers does not read must be ComfyUI's
        result["equal"] = not unknown
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoint")
    parser.add_argument("merged")
    parser.add_argument("sources", nargs="+")
    parser.add_argument("--tolerance", type=float, default=1e-5)
    return answers.answer(compare, parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
