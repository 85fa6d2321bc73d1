"""Encoding and decoding of log-mel spectrograms."""

import torch
from diffusers import AutoencoderKLLTX2Audio

from . import configurations
from .folder import EXACT
from .weights import randomise

FRAME_COUNTS = (33, 34, 36)  # 4k + 1 and two lengths that round up


def make(version):
    return randomise(AutoencoderKLLTX2Audio(**configurations.AUDIO_VAE), 400 + int(version))


def record(folder, version, model):
    """Writes `ltxV_audio_vae_io`."""
    generator = torch.Generator().manual_seed(17)
    tensors = {}
    with torch.no_grad():
        for frames in FRAME_COUNTS:
            tensors |= encode(model, frames, generator)
        latent = torch.randn(1, 2, 9, configurations.MEL_BINS // 4, generator=generator)
        tensors["dec.latent"], tensors["dec.mel"] = latent, model.decode(latent).sample
    tolerances = {"in.*": EXACT, "dec.latent": EXACT, "*": 1e-4}
    metadata = {"config": configurations.AUDIO_VAE}
    folder.save(f"ltx{version}_audio_vae_io", tensors, metadata, tolerances, seed=17)


def encode(model, frames, generator):
    """The packed latent has one row per frame, channel major; statistics belong to that layout."""
    mel = torch.randn(1, 2, frames, configurations.MEL_BINS, generator=generator)
    distribution = model.encode(mel).latent_dist
    packed = distribution.mean.transpose(1, 2).flatten(2)
    return {
        f"in.mel{frames}": mel, f"enc.mean{frames}": distribution.mean,
        f"enc.logvar{frames}": distribution.logvar,
        f"enc.packed_norm{frames}": (packed - model.latents_mean) / model.latents_std,
    }
