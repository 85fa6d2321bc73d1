"""Names and shapes of the released models, built without memory from their real configurations."""

import math
import re

import torch
from diffusers import LTX2VideoTransformer3DModel
from diffusers.pipelines.ltx2 import LTX2TextConnectors

from . import configurations, key_names

BLOCK = re.compile(r"(transformer_blocks|transformer_1d_blocks)\.(\d+)\.")
REAL_TRANSFORMER = dict(rope_type="split")  # the other defaults of diffusers are the released sizes
REAL_CONNECTORS = {
    "20": dict(rope_type="split"),
    "23": dict(
        rope_type="split", video_connector_num_attention_heads=32, video_connector_num_layers=8,
        video_gated_attn=True, audio_connector_num_attention_heads=32,
        audio_connector_attention_head_dim=64, audio_connector_num_layers=8, audio_gated_attn=True,
        per_modality_projections=True, proj_bias=True,
    ),
}


def record(folder):
    """Writes `shapes/*.tsv`: name and shape, blocks of equal content on one line with `{first...last}`."""
    for version in ("20", "23", "25"):
        switches = configurations.transformer_switches(version)
        with torch.device("meta"):
            model = LTX2VideoTransformer3DModel(**REAL_TRANSFORMER, **switches)
        write(folder, f"ltx{version}_transformer", key_names.original_transformer(model.state_dict()))
    for version, configuration in REAL_CONNECTORS.items():
        with torch.device("meta"):
            model = LTX2TextConnectors(**configuration)
        write(folder, f"ltx{version}_connectors", key_names.original_connectors(model.state_dict()))


def write(folder, name, tensors):
    shapes = {key: ",".join(map(str, tensor.shape)) for key, tensor in tensors.items()}
    parameters = sum(math.prod(tensor.shape) for tensor in tensors.values())
    lines = [f"{key}\t{shape}" for key, shape in collapsed(shapes)]
    assert expanded(lines) == shapes
    header = f"# tensors\t{len(shapes)}\n# parameters\t{parameters}\n"
    folder.save_text(f"shapes/{name}.tsv", header + "\n".join(lines) + "\n")
    print(f"    {len(shapes)} tensors, {parameters / 1e9:.3f} billion parameters")


def collapsed(shapes):
    """Groups keys that differ only in the block number and have one shape."""
    groups = {}
    for key, shape in shapes.items():
        match = BLOCK.search(key)
        pattern = BLOCK.sub(r"\1.{}.", key) if match else key
        groups.setdefault((pattern, shape), []).append(int(match.group(2)) if match else None)
    for (pattern, shape), blocks in sorted(groups.items()):
        if blocks[0] is None:
            yield pattern, shape
            continue
        assert blocks == list(range(blocks[0], blocks[-1] + 1)), pattern
        yield pattern.replace("{}", f"{{{blocks[0]}...{blocks[-1]}}}"), shape


def expanded(lines):
    """The inverse of `collapsed`: proves that nothing is lost."""
    shapes = {}
    for line in lines:
        key, shape = line.split("\t")
        match = re.search(r"\{(\d+)\.\.\.(\d+)\}", key)
        blocks = range(int(match.group(1)), int(match.group(2)) + 1) if match else [None]
        for block in blocks:
            name = key if block is None else key.replace(match.group(0), str(block))
            shapes[name] = shape
    return shapes
