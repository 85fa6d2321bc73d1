"""From Gemma's hidden states to the text contexts of both modalities."""

import torch
from diffusers.pipelines.ltx2 import LTX2TextConnectors

from . import configurations
from .folder import EXACT, MODULE
from .weights import randomise

TOKENS = 16
VALID = (11, 5)
LAYER_SCALES = (1.0, 5.0, 20.0, 2.0)  # real layers differ in magnitude; the normalisation must level them


def make(version):
    return randomise(LTX2TextConnectors(**configurations.connectors(version)), 200 + int(version))


def record(folder, version, model):
    """Writes `ltxV_connectors_io`; tokens are padded on the left."""
    generator = torch.Generator().manual_seed(11)
    shape = (len(VALID), TOKENS, configurations.GEMMA_WIDTH, configurations.GEMMA_LAYERS + 1)
    hidden = torch.randn(shape, generator=generator) * torch.tensor(LAYER_SCALES) + 0.3
    mask = torch.zeros(len(VALID), TOKENS, dtype=torch.int64)
    for row, count in enumerate(VALID):
        mask[row, -count:] = 1
    with torch.no_grad():
        video, audio, output_mask = model(hidden, mask, padding_side="left")
    tensors = {
        "in.hidden_states": hidden, "in.attention_mask": mask, "out.video": video,
        "out.audio": audio, "out.mask": output_mask,
    }
    metadata = {"config": configurations.connectors(version)}
    tolerances = {"in.*": EXACT, "out.mask": EXACT, "out.*": MODULE}
    folder.save(f"ltx{version}_connectors_io", tensors, metadata, tolerances, seed=11)
