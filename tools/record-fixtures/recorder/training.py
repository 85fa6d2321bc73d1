"""Ten optimizer steps of adapter training, step by step."""

import torch

from . import adapters, transformer
from .folder import EXACT

STEPS = 10
LEARNING_RATE = 1e-3
CLIP = 1.0
TOLERANCES = {
    "loss.*": 1e-4, "gradient_norm": 1e-3, "final.*": 1e-3, "*": EXACT,
}
RECORDED_MODULES = [
    "transformer_blocks.0.attn1.to_q", "transformer_blocks.0.attn2.to_k",
    "transformer_blocks.1.audio_attn1.to_out.0", "transformer_blocks.1.audio_to_video_attn.to_v",
    "transformer_blocks.0.video_to_audio_attn.to_q",
]


def record(folder, base):
    """Writes `ltx23_training_io`: batch, noise, sigmas, first adapters, losses, norms, last adapters."""
    tensors = make_batch()
    torch.manual_seed(900)  # peft draws A from the global generator
    model = adapters.adapt(base, adapters.ATTENTION)
    parameters = adapters.adapter_parameters(model)
    first = {name: parameter.detach().clone() for name, parameter in parameters.items()}
    assert all(bool((t == 0).all()) for name, t in first.items() if "lora_B" in name)
    tensors |= {"init." + name: tensor for name, tensor in first.items() if "lora_A" in name}
    tensors |= train(model, list(parameters.values()), tensors)
    for module in RECORDED_MODULES:
        for side in ("lora_A", "lora_B"):
            name = f"{module}.{side}.weight"
            tensors["final." + name] = parameters[name].detach()
    metadata = dict(
        rank=adapters.RANK, alpha=adapters.RANK, targets=adapters.ATTENTION, steps=STEPS,
        learning_rate=LEARNING_RATE, betas=[0.9, 0.999], epsilon=1e-8, weight_decay=0.01, clip=CLIP,
        cross_timestep=False,
    )
    folder.save("ltx23_training_io", tensors, metadata, TOLERANCES, seed=900)


def make_batch():
    """Two samples, the same in every step; noise and sigmas are new in every step."""
    generator = torch.Generator().manual_seed(901)
    inputs = transformer.make_inputs("23", generator)
    clean_video, clean_audio = inputs["hidden_states"], inputs["audio_hidden_states"]
    sigma = 0.05 + 0.9 * torch.rand(2, STEPS, transformer.BATCH, generator=generator)
    return {
        "in.clean.video": clean_video, "in.clean.audio": clean_audio,
        "in.context.video": inputs["encoder_hidden_states"],
        "in.context.audio": inputs["audio_encoder_hidden_states"],
        "in.noise.video": torch.randn(STEPS, *clean_video.shape, generator=generator),
        "in.noise.audio": torch.randn(STEPS, *clean_audio.shape, generator=generator),
        "in.sigma.video": sigma[0], "in.sigma.audio": sigma[1],
    }


def train(model, parameters, batch):
    optimizer = torch.optim.AdamW(parameters, lr=LEARNING_RATE)
    losses, norms = [], []
    for step in range(STEPS):
        optimizer.zero_grad()
        pair = step_losses(model, batch, step)
        sum(pair).backward()
        norms.append(torch.nn.utils.clip_grad_norm_(parameters, CLIP))
        optimizer.step()
        losses.append(torch.stack(pair).detach())
    video, audio = torch.stack(losses).unbind(1)
    assert min(norms) < CLIP < max(norms), f"clipping is not exercised both ways: {norms}"
    return {"loss.video": video, "loss.audio": audio, "gradient_norm": torch.stack(norms)}


def step_losses(model, batch, step):
    """Mean squared error of each modality's velocity, noise minus clean latent."""
    noisy, targets = {}, {}
    for modality in ("video", "audio"):
        sigma = batch[f"in.sigma.{modality}"][step][:, None, None]
        clean, noise = batch[f"in.clean.{modality}"], batch[f"in.noise.{modality}"][step]
        noisy[modality] = (1 - sigma) * clean + sigma * noise
        targets[modality] = noise - clean
    inputs = dict(
        hidden_states=noisy["video"], audio_hidden_states=noisy["audio"],
        encoder_hidden_states=batch["in.context.video"],
        audio_encoder_hidden_states=batch["in.context.audio"],
    )
    video, audio = transformer.run(model, inputs, timesteps(batch, step))
    return [((video - targets["video"]) ** 2).mean(), ((audio - targets["audio"]) ** 2).mean()]


def timesteps(batch, step):
    video = 1000 * batch["in.sigma.video"][step]
    audio = 1000 * batch["in.sigma.audio"][step]
    return dict(
        timestep=video, audio_timestep=audio, sigma=video, audio_sigma=audio, use_cross_timestep=False,
    )
