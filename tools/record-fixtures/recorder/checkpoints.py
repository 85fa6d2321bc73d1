"""The tiny weights in every layout in which the released models are distributed."""

import json
import tempfile
from pathlib import Path

import torch

from . import checkpoint_metadata, gemma, key_names, schedule, tokenizer

SOURCE = {"ltx_version": "2.5.0", "gemma_version": "gemma4-12b-ltx-v1"}


def save_single_file(folder, version, models):
    """Writes `ltxV_single`: all components under the original names."""
    connectors = key_names.original_connectors(models["connectors"].state_dict())
    tensors = key_names.original_transformer(models["transformer"].state_dict()) | connectors
    tensors |= key_names.original_video_vae(models["vae"].state_dict())
    tensors |= unused_statistics(models["vae"])
    tensors |= key_names.original_audio_vae(models["audio_vae"].state_dict())
    tensors |= key_names.original_vocoder(models["vocoder"].state_dict())
    folder.save(f"ltx{version}_single", tensors, checkpoint_metadata.single_file(version))


def unused_statistics(vae):
    """Tensors that released files contain and nothing reads."""
    count = vae.latents_mean.numel()
    return {
        "vae.per_channel_statistics.channel": torch.arange(count, dtype=torch.float32),
        "vae.per_channel_statistics.mean-of-stds": torch.ones(count),
    }


def save_split_files(folder, models, gemma4, tokenizer_json):
    """Writes the four `ltx25_*` files; VAEs and vocoder hold the weights of 2.3."""
    connectors = key_names.original_connectors(models["connectors"].state_dict())
    inside = {name: t for name, t in connectors.items() if name.startswith("model.")}
    projections = {name: t for name, t in connectors.items() if name not in inside}
    version = {"model_version": "2.5.0"}
    config = {"transformer": checkpoint_metadata.transformer("25"), "scheduler": checkpoint_metadata.SCHEDULER}
    tensors = key_names.original_transformer(models["transformer"].state_dict()) | inside
    metadata = {"config": config, "gemma_source_checkpoint": SOURCE} | version
    folder.save("ltx25_transformer", tensors, metadata)
    tensors = {"model." + name: tensor for name, tensor in gemma4.state_dict().items()} | projections
    tensors["tokenizer_json"] = gemma.as_bytes_tensor(tokenizer_json)
    metadata = {"format": "pt", "gemma_config": gemma.gemma4_metadata(gemma4)}
    folder.save("ltx25_text_encoder", tensors, metadata)
    tensors = key_names.original_video_vae(models["vae"].state_dict(), prefix="")
    metadata = {"config": {"vae": checkpoint_metadata.video_vae("25")}} | version
    folder.save("ltx25_video_vae_conv", tensors, metadata)
    tensors = key_names.original_audio_vae(models["audio_vae"].state_dict())
    tensors |= key_names.original_vocoder(models["vocoder"].state_dict())
    config = {"audio_vae": checkpoint_metadata.audio_vae(), "vocoder": checkpoint_metadata.vocoder("25")}
    folder.save("ltx25_audio_vae", tensors, {"config": config} | version)


def save_timestep_conditioned_vae(folder, vae):
    config = {"vae": checkpoint_metadata.video_vae("23", timestep_conditioning=True)}
    tensors = key_names.original_video_vae(vae.state_dict())
    folder.save("ltx20_vae_tcond_single", tensors, {"config": config})


def save_diffusers_folder(folder, version, models, gemma3, tokenizer_model):
    """Writes `ltxV_diffusers/` as the pipeline's `save_pretrained` lays it out."""
    name = f"ltx{version}_diffusers"
    path = folder.path / name
    for component, model in models.items():
        model.save_pretrained(path / component)
    schedule.make().save_pretrained(path / "scheduler")
    gemma.save_text_encoder(path / "text_encoder", gemma3)
    save_tokenizer(path / "tokenizer", tokenizer_model)
    index = json.dumps(model_index(models), indent=2) + "\n"
    (path / "model_index.json").write_text(index, encoding="utf-8")
    folder.note_folder(name)


def save_tokenizer(path, tokenizer_model):
    """Keeps of what transformers writes the tokenizer.json, which published folders have as well."""
    with tempfile.TemporaryDirectory() as scratch:
        tokenizer.write_folder(Path(scratch), tokenizer_model).save_pretrained(path)
    tokenizer.write_folder(path, tokenizer_model)


def model_index(models):
    """Names library and class of each component."""
    vocoder = ["ltx2", type(models["vocoder"]).__name__]
    return {
        "_class_name": "LTX2Pipeline", "_diffusers_version": "0.42.1",
        "audio_vae": ["diffusers", "AutoencoderKLLTX2Audio"],
        "connectors": ["ltx2", "LTX2TextConnectors"],
        "scheduler": ["diffusers", "FlowMatchEulerDiscreteScheduler"],
        "text_encoder": ["transformers", "Gemma3ForConditionalGeneration"],
        "tokenizer": ["transformers", "GemmaTokenizer"],
        "transformer": ["diffusers", "LTX2VideoTransformer3DModel"],
        "vae": ["diffusers", "AutoencoderKLLTX2Video"], "vocoder": vocoder,
    }


def tokenizer_json(folder, version="23"):
    path = Path(folder.path) / f"ltx{version}_diffusers" / "tokenizer" / "tokenizer.json"
    return path.read_bytes()
