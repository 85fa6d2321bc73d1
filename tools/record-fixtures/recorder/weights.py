"""Seeded random weights in which every tensor matters."""

import math

import torch


def randomise(module, seed):
    """Fills all parameters and statistics; a swapped key or a skipped bias then shows in the output."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            if parameter.ndim > 0:  # the timestep multiplier is a scalar and stays 1000
                parameter.copy_(random_like(name, parameter, generator))
        for name, buffer in module.named_buffers():
            if name.endswith("latents_mean"):
                buffer.copy_(0.2 * torch.randn(buffer.shape, generator=generator))
            elif name.endswith("latents_std"):
                buffer.copy_(0.5 + torch.rand(buffer.shape, generator=generator))
    return module.eval()


def random_like(name, parameter, generator):
    """Norm weights lie around 1, biases and tables around 0, matrices keep the variance."""
    normal = torch.randn(parameter.shape, generator=generator)
    if "norm" in name and name.endswith("weight"):
        return 1 + 0.1 * normal
    if "registers" in name:
        return 2 * torch.rand(parameter.shape, generator=generator) - 1
    if parameter.ndim == 1 or "table" in name or "pos_embedding" in name:
        return 0.3 * normal
    return normal / math.sqrt(parameter[0].numel())


def parameter_count(module):
    return sum(parameter.numel() for parameter in module.parameters())
