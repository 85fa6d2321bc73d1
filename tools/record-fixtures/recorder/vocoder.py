"""From log-mel spectrograms to sound."""

import math

import torch
from diffusers.pipelines.ltx2 import LTX2Vocoder, LTX2VocoderWithBWE

from . import configurations
from .folder import EXACT
from .mel import mel_bank
from .weights import randomise


def make(version):
    configuration = configurations.vocoder(version)
    if version == "20":
        model = randomise(LTX2Vocoder(**configuration), 500 + int(version))
        quieten(model, 0.05)
        return model
    model = LTX2VocoderWithBWE(**configuration)
    filters = {name: buffer.clone() for name, buffer in model.named_buffers()}
    randomise(model, 500 + int(version))
    quieten(model, 0.02)
    with torch.no_grad():
        for name, buffer in model.named_buffers():
            buffer.copy_(filters[name])
    fill_spectrum(model, configuration)
    return model


def quieten(model, factor):
    """Keeps waveforms inside (-1, 1), where neither tanh nor the clamp hides a difference."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("conv_out.weight"):
                parameter.mul_(factor)
            elif name.endswith(("alpha", "beta")):
                parameter.mul_(0.3)


def fill_spectrum(model, configuration):
    """The released files store the windowed Fourier basis and the mel bank; diffusers starts at zero."""
    length = configuration["filter_length"]
    bins = torch.arange(length // 2 + 1, dtype=torch.float64)[:, None]
    angle = 2 * math.pi * bins * torch.arange(length, dtype=torch.float64)[None] / length
    window = torch.hann_window(length, dtype=torch.float64)
    basis = torch.cat([angle.cos() * window, -angle.sin() * window])[:, None].float()
    with torch.no_grad():
        model.mel_stft.stft_fn.forward_basis.copy_(basis)
        model.mel_stft.stft_fn.inverse_basis.copy_(basis)
        bank = mel_bank(16000, length, configuration["num_mel_channels"]).float()
        model.mel_stft.mel_basis.copy_(bank)


def record(folder, version, model):
    """Writes `ltxV_vocoder_io`, for 2.3 with what lies between its two stages."""
    generator = torch.Generator().manual_seed(19)
    mel = torch.randn(1, 2, 9, configurations.MEL_BINS, generator=generator) - 4.0
    with torch.no_grad():
        tensors = {"in.mel": mel, "out.waveform": model(mel)}
        if version != "20":
            low = model.vocoder(mel)
            spectrum = model.mel_stft(low.flatten(0, 1))[0]
            tensors["mid.low_rate_waveform"] = low
            tensors["mid.bwe_log_mel"] = spectrum.unflatten(0, (-1, 2))
            tensors["mid.resampled"] = model.resampler(low)
    peak = float(tensors["out.waveform"].abs().max())
    assert 0.01 < peak < 0.99, f"vocoder {version}: peak {peak} would hide differences"
    metadata = {"config": configurations.vocoder(version)}
    folder.save(f"ltx{version}_vocoder_io", tensors, metadata, {"in.*": EXACT, "*": 1e-4}, seed=19)
