"""Encoding and decoding of video."""

import torch
from diffusers import AutoencoderKLLTX2Video

from . import configurations
from .folder import EXACT
from .weights import randomise

TOLERANCES = {"in.*": EXACT, "dec.latent": EXACT, "dec.timestep": EXACT, "*": 1e-4}


def make(version, timestep_conditioning=False):
    configuration = configurations.video_vae(version, timestep_conditioning)
    return randomise(AutoencoderKLLTX2Video(**configuration), 300 + int(version) + timestep_conditioning)


def record_timestep_conditioned(folder, model):
    """Writes `ltx20_vae_tcond_io`: the decoder that is told how much noise its latent holds."""
    generator = torch.Generator().manual_seed(13)
    latent = torch.randn(1, configurations.LATENT_CHANNELS, 1, 2, 2, generator=generator)
    timestep = torch.tensor([0.05])
    with torch.no_grad():
        video = model.decode(latent, timestep).sample
    tensors = {"dec.latent": latent, "dec.timestep": timestep, "dec.video": video}
    metadata = {"config": configurations.video_vae("23", timestep_conditioning=True)}
    folder.save("ltx20_vae_tcond_io", tensors, metadata, TOLERANCES, seed=13)


def record(folder, version, model):
    """Writes `ltxV_vae_io`: a video and an image, both directions."""
    generator = torch.Generator().manual_seed(13)
    with torch.no_grad():
        tensors = encode(model, generator)
        latent = torch.randn(1, configurations.LATENT_CHANNELS, 2, 2, 2, generator=generator)
        tensors["dec.latent"] = latent
        tensors["dec.video"] = model.decode(latent).sample
        tensors["dec.video_1f"] = model.decode(latent[:, :, :1]).sample
    metadata = {"config": configurations.video_vae(version)}
    folder.save(f"ltx{version}_vae_io", tensors, metadata, TOLERANCES, seed=13)


def encode(model, generator):
    video = 2 * torch.rand(1, 3, 9, 32, 64, generator=generator) - 1
    distribution = model.encode(video).latent_dist
    mean = model.latents_mean.view(1, -1, 1, 1, 1)
    deviation = model.latents_std.view(1, -1, 1, 1, 1)
    return {
        "in.video": video, "enc.mean": distribution.mean, "enc.logvar": distribution.logvar,
        "enc.mean_first_frame": model.encode(video[:, :, :1]).latent_dist.mean,
        "norm.enc_mean": (distribution.mean - mean) / deviation,
    }
