"""Fifty steps of each optimizer's original on the same gradients, which a formula gives exactly."""

import bitsandbytes.backends.cpu.ops
import bitsandbytes.optim
import dadaptation
import lion_pytorch
import numpy
import prodigyopt
import schedulefree
import torch
from transformers import Adafactor

from .folder import EXACT, MODULE

# The third is without gradients now and then; the last is large enough for 8-bit state.
SHAPES = ((8, 16), (16, 8), (12,), (40, 130))
ZEROS = 1  # the parameter that begins at zero, as an adapter's second matrix
RECORDED = (1, 2, 5, 10, 20, 50)
STRIDE = 52  # of the last parameter, every so many elements are recorded
START, TENDENCY = 1_000_000, 2_000_000  # steps that no run reaches, for other draws
EPSILON = 1e-6

OPTIMIZERS = {
    "adamw": lambda p: torch.optim.AdamW(p, lr=1e-2, eps=EPSILON),
    "adam_decay": lambda p: torch.optim.Adam(p, lr=1e-2, eps=EPSILON, weight_decay=0.1),
    "adagrad": lambda p: torch.optim.Adagrad(p, lr=1e-2),
    "adagrad_decay": lambda p: torch.optim.Adagrad(p, lr=1e-2, lr_decay=0.1, weight_decay=0.1, eps=1e-6),
    "lion": lambda p: lion_pytorch.Lion(p, lr=1e-3),
    "lion_decay": lambda p: lion_pytorch.Lion(p, lr=1e-3, betas=(0.8, 0.95), weight_decay=0.3),
    "prodigy": lambda p: prodigyopt.Prodigy(p, lr=1.0, eps=EPSILON),
    "prodigy_options": lambda p: prodigyopt.Prodigy(
        p, lr=0.5, eps=EPSILON, betas=(0.8, 0.99), beta3=0.98, weight_decay=0.1, use_bias_correction=True,
        safeguard_warmup=True, d0=1e-5, d_coef=100.0, growth_rate=1.1),
    "prodigy_coupled": lambda p: prodigyopt.Prodigy(
        p, lr=1.0, eps=EPSILON, betas=(0.0, 0.99), weight_decay=0.1, decouple=False),
    "dadaptation": lambda p: dadaptation.DAdaptAdam(p, lr=1.0, eps=EPSILON),
    "dadaptation_options": lambda p: dadaptation.DAdaptAdam(
        p, lr=0.5, eps=EPSILON, weight_decay=0.1, decouple=True, use_bias_correction=True, d0=1e-4, growth_rate=1.2),
    "dadaptation_coupled": lambda p: dadaptation.DAdaptAdam(p, lr=1.0, eps=EPSILON, weight_decay=0.1),
    "dadaptationlion": lambda p: dadaptation.DAdaptLion(p, lr=1.0),
    "dadaptationlion_decay": lambda p: dadaptation.DAdaptLion(p, lr=0.5, betas=(0.8, 0.99), weight_decay=0.3, d0=1e-4),
    "adafactor": lambda p: Adafactor(p, lr=1e-2, scale_parameter=False, relative_step=False),
    "adafactor_options": lambda p: Adafactor(
        p, lr=1e-2, beta1=0.9, weight_decay=0.1, scale_parameter=True, relative_step=False, clip_threshold=0.5,
        decay_rate=-0.7),
    "adafactor_relative": lambda p: Adafactor(p, scale_parameter=True, relative_step=True, warmup_init=True),
    "adamw_schedulefree": lambda p: schedulefree.AdamWScheduleFree(p, lr=1e-2, eps=EPSILON),
    "adamw_schedulefree_options": lambda p: schedulefree.AdamWScheduleFree(
        p, lr=1e-2, eps=EPSILON, betas=(0.8, 0.99), weight_decay=0.1, warmup_steps=10, r=1.0, weight_lr_power=1.0),
    "adamw8bit": lambda p: bitsandbytes.optim.AdamW8bit(p, lr=1e-2, eps=EPSILON),
    "adam8bit": lambda p: bitsandbytes.optim.Adam8bit(p, lr=1e-2, eps=EPSILON),
    "lion8bit": lambda p: bitsandbytes.optim.Lion8bit(p, lr=1e-3),
    "ademamix8bit": lambda p: bitsandbytes.optim.AdEMAMix8bit(p, lr=1e-2, eps=EPSILON),
}


def keep_nearest(values, code, scales, codes, size):
    """Quantises as bitsandbytes does on other devices: the nearest value of the map.

    Its library for the CPU searches coarsely: 3e-7 of a block's largest number becomes 1.6e-5 of it.
    """
    rows = torch.nn.functional.pad(values.flatten(), (0, -values.numel() % size)).view(-1, size)
    largest = rows.abs().amax(1)
    shares = rows / largest.clamp(min=1e-38)[:, None]
    found = torch.bucketize(shares, (code[1:] + code[:-1]) / 2).flatten()[: values.numel()]
    codes.copy_(found.view(codes.shape))
    scales.copy_(largest)


def record(folder):
    """Writes `optimizer_paths_io`."""
    bitsandbytes.backends.cpu.ops._quant_blockwise_fp32_direct = keep_nearest
    tensors = {
        "map.signed": bitsandbytes.functional.create_dynamic_map(signed=True),
        "map.unsigned": bitsandbytes.functional.create_dynamic_map(signed=False),
    }
    for name, make in OPTIMIZERS.items():
        tensors |= path(name, make)
    folder.save("optimizer_paths_io", tensors, tolerances={"map.*": EXACT, "*": MODULE})


def draws(tensor, count, step):
    """Numbers from -1 to below 1 in steps of 2^-11, by a hash of their places."""
    number = numpy.arange(count, dtype=numpy.uint32) * numpy.uint32(40503)
    number += numpy.uint32((step * 2654435761 + tensor * 974711) % 2**32)
    for factor in (0x85EBCA6B, 0xC2B2AE35):
        number = (number ^ (number >> numpy.uint32(15))) * numpy.uint32(factor)
    number ^= number >> numpy.uint32(16)
    return (number >> numpy.uint32(20)).astype(numpy.float32) / 2048 - 1


def gradient(tensor, step):
    """Noise around a tendency that fades, of six magnitudes; exact in float32."""
    shape = SHAPES[tensor]
    count = int(numpy.prod(shape))
    sizes = 2.0 ** -(numpy.arange(count) % 6).astype(numpy.float32)
    tendency = draws(tensor, count, TENDENCY) * 2.0 ** -(step // 6)
    values = sizes * (tendency.astype(numpy.float32) + draws(tensor, count, step))
    return torch.from_numpy(values.astype(numpy.float32)).reshape(shape)


def start(tensor):
    count = int(numpy.prod(SHAPES[tensor]))
    values = draws(tensor, count, START) * (0 if tensor == ZEROS else 1)
    return torch.from_numpy(values.astype(numpy.float32)).reshape(SHAPES[tensor])


def path(name, make):
    """All parameters in a row after each recorded step, [6, N]; what is found and averaged beside them."""
    parameters = [torch.nn.Parameter(start(tensor)) for tensor in range(len(SHAPES))]
    optimizer = make(parameters)
    averages = hasattr(optimizer, "eval")
    if averages:
        optimizer.train()
    found = {f"path.{name}": []}
    for step in range(1, RECORDED[-1] + 1):
        for tensor, parameter in enumerate(parameters):
            missing = tensor == 2 and step % 7 == 3
            parameter.grad = None if missing else gradient(tensor, step)
        optimizer.step()
        if step not in RECORDED:
            continue
        found[f"path.{name}"].append(sampled(parameters))
        if "d" in optimizer.param_groups[0]:
            estimate = torch.tensor(float(optimizer.param_groups[0]["d"]), dtype=torch.float64)
            found.setdefault(f"estimate.{name}", []).append(estimate)
        if averages:
            optimizer.eval()
            found.setdefault(f"averages.{name}", []).append(sampled(parameters))
            optimizer.train()
    return {key: torch.stack(values) for key, values in found.items()}


def sampled(parameters):
    values = [parameter.detach().flatten() for parameter in parameters]
    return torch.cat(values[:-1] + [values[-1][::STRIDE]])
