"""The log-mel front end: Slaney bank, magnitude spectrum, natural logarithm."""

import math

import torch

from .folder import EXACT, MODULE


def hertz_to_mel(hertz):
    return hertz * 3 / 200 if hertz < 1000 else 15 + 27 * math.log(hertz / 1000) / math.log(6.4)


def mel_to_hertz(mel):
    return mel * 200 / 3 if mel < 15 else 1000 * math.exp(math.log(6.4) / 27 * (mel - 15))


def mel_bank(rate, window, bins):
    """Triangles of equal area from 0 to half the rate, [bins, window / 2 + 1], float64."""
    top = hertz_to_mel(rate / 2)
    edges = [mel_to_hertz(top * i / (bins + 1)) for i in range(bins + 2)]
    frequencies = torch.linspace(0, rate / 2, window // 2 + 1, dtype=torch.float64)
    rows = [triangle(frequencies, *edges[i : i + 3]) for i in range(bins)]
    return torch.stack(rows)


def triangle(frequencies, low, centre, high):
    rising = (frequencies - low) / (centre - low)
    falling = (high - frequencies) / (high - centre)
    return torch.minimum(rising, falling).clamp(min=0) * 2 / (high - low)


def log_mel(waveform, bins=64, rate=16000, window=1024, hop=160):
    """[C, L] to [C, L / hop + 1, bins]."""
    spectrum = torch.stft(
        waveform, window, hop, window, torch.hann_window(window, dtype=waveform.dtype), center=True,
        pad_mode="reflect", normalized=False, onesided=True, return_complex=True,
    ).abs()
    energies = mel_bank(rate, window, bins).to(waveform.dtype) @ spectrum
    return energies.clamp(min=1e-5).log().transpose(1, 2)


def two_tones(generator):
    time = torch.arange(16000) / 16000
    tones = [torch.sin(2 * math.pi * hertz * time) for hertz in (440.0, 3000.0)]
    return 0.3 * torch.stack(tones) + 0.01 * torch.randn(2, 16000, generator=generator)


def speech_like(generator, seconds=0.75, rate=16000):
    """A gliding voice with three formants, syllables, breath noise and true silence between."""
    time = torch.arange(int(seconds * rate), dtype=torch.float64) / rate
    pitch = 120 + 40 * torch.sin(2 * math.pi * 1.3 * time)
    phase = 2 * math.pi * torch.cumsum(pitch, 0) / rate
    voice = torch.zeros_like(time)
    for harmonic in range(1, 30):
        weight = sum(math.exp(-(((harmonic * 120 - f) / 250) ** 2)) for f in (600, 1400, 2600))
        voice += (weight + 0.02) * torch.sin(harmonic * phase)
    syllables = torch.sin(2 * math.pi * 3 * time).clamp(min=0) ** 2
    breath = 0.02 * torch.randn(time.shape, generator=generator, dtype=torch.float64)
    left = 0.15 * syllables * (voice + breath)
    return torch.stack([left, 0.6 * left]).float()


def record(folder):
    """Writes `mel_io`: tones, speech-like sound, odd lengths, silence and a full-scale click."""
    generator = torch.Generator().manual_seed(29)
    tones = two_tones(generator)
    speech = speech_like(generator)
    click = torch.zeros(2, 1607)
    click[0, 800] = 1.0
    tensors = {
        "in.waveform16k": tones, "out.log_mel": log_mel(tones),
        "in.speech": speech, "out.speech.log_mel": log_mel(speech),
        "in.odd": speech[:, :5003], "out.odd.log_mel": log_mel(speech[:, :5003]),
        "in.short": speech[:, 3000:3513], "out.short.log_mel": log_mel(speech[:, 3000:3513]),
        "in.click": click, "out.click.log_mel": log_mel(click),
        "mel_basis": mel_bank(16000, 1024, 64).float(),
    }
    folder.save("mel_io", tensors, tolerances={"in.*": EXACT, "*": MODULE}, seed=29)
