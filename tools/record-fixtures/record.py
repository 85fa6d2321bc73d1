#!/usr/bin/env python3
"""Records the fixtures of the tests from torch, diffusers, transformers, peft and sentencepiece.

Usage: record.py [FOLDER]      (default: Sources/Verification/Recordings of this repository)
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch

from recorder import (
    adapter_strengths, adapters, audio_vae, checkpoints, connectors, finetuning, gemma, guided_sampling, mel,
    optimizer_paths, optimizers, quantization, sampling, schedule, shapes, speaker, tokenizer, training, transformer,
    video_vae, vocoder,
)
from recorder.folder import FixtureFolder

REPOSITORY = Path(__file__).resolve().parent.parent.parent


def make_models(version):
    return dict(
        transformer=transformer.make(version), connectors=connectors.make(version),
        vae=video_vae.make(version), audio_vae=audio_vae.make(version), vocoder=vocoder.make(version),
    )


def record_outputs(folder, version, models):
    video_vae.record(folder, version, models["vae"])
    audio_vae.record(folder, version, models["audio_vae"])
    vocoder.record(folder, version, models["vocoder"])


def record_denoiser(folder, version, models):
    transformer.record(folder, version, models["transformer"])
    connectors.record(folder, version, models["connectors"])


def main():
    torch.set_num_threads(2)
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else REPOSITORY / "Sources" / "Verification" / "Recordings"
    folder = FixtureFolder(target)
    tokenizer_model = tokenizer.record(folder)
    gemma3, gemma4 = gemma.make_gemma3(), gemma.make_gemma4()
    gemma.record(folder, "gemma3", gemma3)
    gemma.record(folder, "gemma4", gemma4)
    gemma.save_gemma3(folder, gemma3, tokenizer_model)
    gemma.save_gemma4(folder, gemma4)
    schedule.record(folder)
    mel.record(folder)
    optimizers.record(folder)
    optimizer_paths.record(folder)
    shapes.record(folder)
    quantization.record(folder)
    if len(sys.argv) == 1:
        speaker.record(REPOSITORY / "Tests" / "TorchTests" / "Fixtures")
    models = {version: make_models(version) for version in ("20", "23")}
    for version, components in models.items():
        record_denoiser(folder, version, components)
        record_outputs(folder, version, components)
        checkpoints.save_single_file(folder, version, components)
        checkpoints.save_diffusers_folder(folder, version, components, gemma3, tokenizer_model)
    adapters.record(folder, models["23"]["transformer"])
    adapter_strengths.record(folder, models["23"]["transformer"])
    training.record(folder, models["23"]["transformer"])
    finetuning.record(folder, models["23"]["transformer"])
    sampling.record(folder, "23", models["23"])
    for version, components in models.items():
        guided_sampling.record(folder, version, components)
    newest = models["23"] | dict(transformer=transformer.make("25"), connectors=connectors.make("25"))
    record_denoiser(folder, "25", newest)
    checkpoints.save_split_files(folder, newest, gemma4, checkpoints.tokenizer_json(folder))
    conditioned = video_vae.make("23", timestep_conditioning=True)
    video_vae.record_timestep_conditioned(folder, conditioned)
    checkpoints.save_timestep_conditioned_vae(folder, conditioned)
    folder.write_manifest()
    print(f"{folder.total_bytes() / 1e6:.2f} MB in {target}")


if __name__ == "__main__":
    main()
