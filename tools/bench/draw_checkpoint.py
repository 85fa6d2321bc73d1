"""Writes a single-file LTX-2.3 transformer with drawn weights, in bfloat16 under the released files' names."""

import argparse
import json
import os
import sys

import torch
from diffusers import LTX2VideoTransformer3DModel
from safetensors.torch import save_file

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "record-fixtures"))
from recorder import checkpoint_metadata, key_names  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path")
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--heads", type=int, default=32)
    o = parser.parse_args()
    width, audio_width = o.heads * 128, o.heads * 64
    sizes = {
        "num_layers": o.layers, "num_attention_heads": o.heads, "attention_head_dim": 128,
        "audio_num_attention_heads": o.heads, "audio_attention_head_dim": 64,
        "cross_attention_dim": width, "audio_cross_attention_dim": audio_width,
    }
    with torch.device("meta"):
        model = LTX2VideoTransformer3DModel(
            rope_type="split", timestep_scale_multiplier=1000, cross_attn_timestep_scale_multiplier=1000,
            gated_attn=True, audio_gated_attn=True, cross_attn_mod=True, audio_cross_attn_mod=True,
            use_prompt_embeddings=False, **sizes)
    pool = torch.randn(1 << 24, generator=torch.Generator().manual_seed(0)) * 0.02

    def drawn(shape):
        count = shape.numel()
        return pool.repeat(-(-count // pool.numel()))[:count].reshape(shape).to(torch.bfloat16)

    tensors = {name: drawn(x.shape) for name, x in key_names.original_transformer(model.state_dict()).items()}
    header = checkpoint_metadata.single_file("23")
    header["config"]["transformer"] |= sizes | {
        "in_channels": 128, "out_channels": 128, "audio_in_channels": 128, "audio_out_channels": 128}
    metadata = {"config": json.dumps(header["config"]), "model_version": header["model_version"]}
    save_file(tensors, o.path, metadata)
    print(f"{o.path}: {os.path.getsize(o.path) / 1e9:.2f} GB")


if __name__ == "__main__":
    main()
