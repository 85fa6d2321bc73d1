#!/usr/bin/env python3
"""Reads an adapter file of any kind as ComfyUI and as peft do, and compares layer by layer with our outputs.

Usage: check_layers.py FOLDER... [--tolerance 1e-5]

A folder holds
adapter.safetensors  keys `diffusion_model.<layer>.` and the parts of LoRA, DoRA, LoKr, LoHa, or a full difference
io.safetensors       `<layer>.weight`, `<layer>.bias` of the frozen layer, `<layer>.x` and our output `<layer>.y`

Prints one JSON object: by folder the kinds, the number of layers, the largest error of each reader relative to the
largest magnitude, and how much the adapter changes the output. Exit status: 0 equal, 1 different, 2 unusable input.
"""

import argparse
import json
import os
import sys

import peft
import torch
from peft.utils import set_peft_model_state_dict
from safetensors.torch import load_file

PREFIX = "diffusion_model."
PARTS = [
    "lora_A.weight", "lora_B.weight", "dora_scale", "lora_magnitude_vector", "alpha", "diff",
    "lokr_w1_a", "lokr_w1_b", "lokr_w1", "lokr_w2_a", "lokr_w2_b", "lokr_w2",
    "hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b",
]


def layers_of(state):
    """Parts by layer; fails if a name is none that a reader looks for."""
    layers = {}
    for name, tensor in state.items():
        part = next((part for part in PARTS if name.endswith("." + part)), None)
        if part is None or not name.startswith(PREFIX):
            raise ValueError(f"{name}: no reader looks for it")
        layers.setdefault(name[len(PREFIX):-len(part) - 1], {})[part] = tensor.double()
    return layers


def kind_of(parts):
    if "diff" in parts:
        return "fullrank"
    if "lokr_w1" in parts or "lokr_w1_a" in parts:
        return "lokr"
    if "hada_w1_a" in parts:
        return "loha"
    return "dora" if "dora_scale" in parts else "lora"


# -- ComfyUI's published formulas at strength 1 ----------------------------------------------------


def comfy_difference(parts):
    """The difference before any magnitude, and the rank that an alpha would be divided by."""
    if "diff" in parts:
        return parts["diff"], None
    if "hada_w1_a" in parts:
        first = parts["hada_w1_a"] @ parts["hada_w1_b"]
        return first * (parts["hada_w2_a"] @ parts["hada_w2_b"]), parts["hada_w1_b"].shape[0]
    if "lora_A.weight" in parts:
        return parts["lora_B.weight"] @ parts["lora_A.weight"], parts["lora_A.weight"].shape[0]
    rank, factors = None, []
    for name in ("lokr_w1", "lokr_w2"):
        if name in parts:
            factors.append(parts[name])
        else:
            rank = parts[name + "_b"].shape[0]
            factors.append(parts[name + "_a"] @ parts[name + "_b"])
    return torch.kron(*factors), rank


def comfy_weight(weight, parts):
    difference, rank = comfy_difference(parts)
    if "alpha" in parts and rank is not None:
        difference = difference * (parts["alpha"].item() / rank)
    if "dora_scale" not in parts:
        return weight + difference
    scale = parts["dora_scale"]
    if scale.shape[0] != weight.shape[0] or scale.dim() != 2:
        raise ValueError(f"dora_scale is {tuple(scale.shape)}, which ComfyUI takes for columns")
    norm = weight.norm(dim=1, keepdim=True) + torch.finfo(torch.float32).eps
    return (weight + difference) * (scale / norm)


# -- peft's own modules ----------------------------------------------------------------------------


class Holder(torch.nn.Module):
    """A model of one layer, as peft wants it."""

    def __init__(self, weight, bias):
        super().__init__()
        self.layer = torch.nn.Linear(weight.shape[1], weight.shape[0], dtype=torch.float64)
        self.layer.weight.data.copy_(weight)
        self.layer.bias.data.copy_(bias)

    def forward(self, x):
        return self.layer(x)


def peft_configuration(kind, parts):
    if kind in ("lora", "dora"):
        rank = parts["lora_A.weight"].shape[0]
        return peft.LoraConfig(r=rank, lora_alpha=rank, target_modules=["layer"], use_dora=kind == "dora")
    if kind == "loha":
        rank = parts["hada_w1_b"].shape[0]
        return peft.LoHaConfig(r=rank, alpha=rank, target_modules=["layer"])
    rank = parts["lokr_w2_b"].shape[0] if "lokr_w2_b" in parts else 1 << 20
    # No file names the factor; a first factor of one size both ways was asked for, another is the balanced one.
    rows, columns = parts["lokr_w1"].shape
    factor = rows if rows == columns else -1
    return peft.LoKrConfig(r=rank, alpha=rank, target_modules=["layer"], decompose_factor=factor)


def peft_output(kind, weight, bias, x, parts):
    model = peft.get_peft_model(Holder(weight, bias), peft_configuration(kind, parts)).double().eval()
    # The other reader's magnitude is what peft has no place for.
    state = {f"base_model.model.layer.{part}": t for part, t in parts.items() if part != "dora_scale"}
    result = set_peft_model_state_dict(model, state)
    missing = [name for name in result.missing_keys if "lora_" in name or "lokr_" in name or "hada_" in name]
    if result.unexpected_keys or missing:
        raise ValueError(f"peft misses {missing} and does not expect {result.unexpected_keys}")
    with torch.no_grad():
        return model(x)


def relative(found, wanted):
    return float((found - wanted).abs().max() / wanted.abs().max().clamp(min=1e-12))


def compare(folder, tolerance):
    layers = layers_of(load_file(os.path.join(folder, "adapter.safetensors")))
    io = {name: tensor.double() for name, tensor in load_file(os.path.join(folder, "io.safetensors")).items()}
    kinds = sorted({kind_of(parts) for parts in layers.values()})
    result = {"kinds": kinds, "layers": len(layers), "comfy_error": 0.0, "peft_error": 0.0, "effect": 1e9}
    for layer, parts in layers.items():
        weight, bias, x, y = (io[f"{layer}.{name}"] for name in ("weight", "bias", "x", "y"))
        base = torch.nn.functional.linear(x, weight, bias)
        result["effect"] = min(result["effect"], relative(y, base))
        comfy = torch.nn.functional.linear(x, comfy_weight(weight, parts), bias)
        result["comfy_error"] = max(result["comfy_error"], relative(y, comfy))
        kind = kind_of(parts)
        if kind != "fullrank":
            found = peft_output(kind, weight, bias, x, parts)
            result["peft_error"] = max(result["peft_error"], relative(y, found))
    result["equal"] = max(result["comfy_error"], result["peft_error"]) <= tolerance
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--tolerance", type=float, default=1e-5)
    arguments = parser.parse_args()
    try:
        results = {os.path.basename(f): compare(f, arguments.tolerance) for f in arguments.folders}
    except (OSError, KeyError, ValueError, RuntimeError) as problem:
        print(json.dumps({"problem": f"{type(problem).__name__}: {problem}"}))
        return 2
    print(json.dumps(results))
    return 0 if all(result["equal"] for result in results.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
