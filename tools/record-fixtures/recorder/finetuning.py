"""Five optimizer steps on all weights of a transformer."""

import copy

import torch

from . import training
from .folder import EXACT
from .key_names import original_path

STEPS = 5
TOLERANCES = {"loss.*": 1e-4, "final.*": 1e-3, "*": EXACT}
RECORDED = [  # within the blocks, and every kind around them
    "transformer_blocks.0.attn1.to_q.weight", "transformer_blocks.0.attn1.to_q.bias",
    "transformer_blocks.1.attn2.norm_k.weight", "transformer_blocks.0.scale_shift_table",
    "transformer_blocks.1.audio_ff.net.2.weight", "transformer_blocks.0.prompt_scale_shift_table",
    "transformer_blocks.1.audio_a2v_cross_attn_scale_shift_table",
    "transformer_blocks.0.video_to_audio_attn.to_gate_logits.weight",
    "proj_in.weight", "audio_proj_in.bias", "proj_out.weight", "audio_proj_out.bias", "scale_shift_table",
    "time_embed.linear.bias", "audio_time_embed.emb.timestep_embedder.linear_1.bias",
    "prompt_adaln.linear.bias", "av_cross_attn_video_scale_shift.linear.bias",
    "av_cross_attn_audio_v2a_gate.linear.weight",
]


def record(folder, base):
    """Writes `ltx23_finetuning_io`: losses and last weights; batch, noise and sigmas are `ltx23_training_io`'s."""
    batch = training.make_batch()
    model = copy.deepcopy(base).requires_grad_(True)
    optimizer = torch.optim.AdamW(model.parameters(), lr=training.LEARNING_RATE)
    losses = []
    for step in range(STEPS):
        optimizer.zero_grad()
        pair = training.step_losses(model, batch, step)
        sum(pair).backward()
        optimizer.step()
        losses.append(torch.stack(pair).detach())
    video, audio = torch.stack(losses).unbind(1)
    weights = dict(model.named_parameters())
    tensors = {"loss.video": video, "loss.audio": audio}
    tensors |= {"final." + original_path(name): weights[name].detach() for name in RECORDED}
    metadata = dict(
        steps=STEPS, learning_rate=training.LEARNING_RATE, betas=[0.9, 0.999], epsilon=1e-8, weight_decay=0.01,
        cross_timestep=False,
    )
    folder.save("ltx23_finetuning_io", tensors, metadata, TOLERANCES, seed=900)
