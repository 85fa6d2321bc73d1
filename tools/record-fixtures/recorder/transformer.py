"""Forward passes, loss and gradients of the tiny transformers."""

import torch
from diffusers import LTX2VideoTransformer3DModel

from . import configurations
from .folder import EXACT, MODULE
from .weights import parameter_count, randomise

BATCH, FRAMES, HEIGHT, WIDTH, FPS = 2, 3, 2, 3, 24.0
VIDEO_TOKENS, AUDIO_TOKENS, TEXT_TOKENS = FRAMES * HEIGHT * WIDTH, 7, 16
FIRST_FRAME = HEIGHT * WIDTH
TIMESTEPS = (0.0, 3.7, 421.875, 1000.0)

TOLERANCES = {
    "in.*": EXACT, "coords.*": EXACT, "rope.*": 1e-6, "adaln.*": MODULE, "out.*": 1e-4,
    "train.target.*": EXACT, "train.loss_mask.*": EXACT, "train.loss*": 1e-4, "grad.*": 1e-3,
}

RECORDED_GRADIENTS = [
    "proj_in.weight", "audio_proj_in.bias", "proj_out.weight", "scale_shift_table",
    "time_embed.linear.weight", "transformer_blocks.0.attn1.to_q.weight",
    "transformer_blocks.0.attn1.norm_k.weight", "transformer_blocks.0.attn2.to_v.weight",
    "transformer_blocks.1.audio_attn1.to_out.0.weight",
    "transformer_blocks.0.audio_to_video_attn.to_q.weight",
    "transformer_blocks.0.video_to_audio_attn.to_k.weight",
    "transformer_blocks.1.ff.net.0.proj.weight", "transformer_blocks.1.audio_ff.net.2.weight",
    "transformer_blocks.0.scale_shift_table",
    "transformer_blocks.1.video_a2v_cross_attn_scale_shift_table",
    "transformer_blocks.0.attn1.to_gate_logits.weight",
    "transformer_blocks.0.prompt_scale_shift_table", "av_cross_attn_video_a2v_gate.linear.weight",
    "caption_projection.linear_1.weight", "prompt_adaln.linear.weight",
]


def make(version):
    model = LTX2VideoTransformer3DModel(**configurations.transformer(version))
    return randomise(model, 100 + int(version))


def record(folder, version, model):
    """Writes `ltxV_transformer_io`: inputs, tables, one output per case, loss and gradients."""
    generator = torch.Generator().manual_seed(7)
    inputs = make_inputs(version, generator)
    tensors = {"in." + name: tensor for name, tensor in inputs.items()}
    tensors |= conditioning() | tables(model) | timestep_modulation(model)
    for name, arguments in cases(version, tensors).items():
        with torch.no_grad():
            video, audio = run(model, inputs, arguments)
        tensors[f"out.{name}.video"], tensors[f"out.{name}.audio"] = video, audio
    norms = train_once(model, inputs, tensors, generator, version)
    metadata = {"config": configurations.transformer(version), "grad_norms": norms}
    folder.save(f"ltx{version}_transformer_io", tensors, metadata, TOLERANCES, seed=7)


def make_inputs(version, generator, batch=BATCH):
    """Latent tokens and text contexts of both modalities."""
    configuration = configurations.transformer(version)
    video_text = audio_text = configuration["caption_channels"]
    if not configuration["use_prompt_embeddings"]:
        video_text = configuration["cross_attention_dim"]
        audio_text = configuration["audio_cross_attention_dim"]
    shapes = dict(
        hidden_states=(VIDEO_TOKENS, configuration["in_channels"]),
        audio_hidden_states=(AUDIO_TOKENS, configuration["audio_in_channels"]),
        encoder_hidden_states=(TEXT_TOKENS, video_text),
        audio_encoder_hidden_states=(TEXT_TOKENS, audio_text),
    )
    return {name: torch.randn(batch, *shape, generator=generator) for name, shape in shapes.items()}


def conditioning():
    """Sigmas (times 1000), per-token timesteps with a clean first frame, text mask, keyframe mask."""
    mask = torch.ones(BATCH, TEXT_TOKENS)
    mask[1, 10:] = 0
    sigma = torch.tensor([725.0, 421.875])
    per_token = sigma[:, None].repeat(1, VIDEO_TOKENS)
    per_token[:, :FIRST_FRAME] = 0.0
    keyframes = torch.zeros(BATCH, VIDEO_TOKENS, 1)
    keyframes[:, :FIRST_FRAME] = 1
    return {
        "in.encoder_attention_mask": mask, "in.timestep.t2v": sigma, "in.timestep.i2v": per_token,
        "in.sigma": sigma, "in.audio_sigma": torch.tensor([900.0, 250.0]),
        "in.video_keyframes_mask": keyframes,
    }


def tables(model):
    """Coordinates of the tokens and the four rotary tables."""
    device = torch.device("cpu")
    video = model.rope.prepare_video_coords(BATCH, FRAMES, HEIGHT, WIDTH, device, fps=FPS)
    audio = model.audio_rope.prepare_audio_coords(BATCH, AUDIO_TOKENS, device)
    rotary = {
        "video": model.rope(video), "audio": model.audio_rope(audio),
        "cross_video": model.cross_attn_rope(video[:, :1]),
        "cross_audio": model.cross_attn_audio_rope(audio[:, :1]),
    }
    tensors = {"coords.video": video, "coords.audio": audio}
    for name, (cosine, sine) in rotary.items():
        tensors[f"rope.{name}.cos"], tensors[f"rope.{name}.sin"] = cosine, sine
    return tensors


def timestep_modulation(model):
    tensors = {}
    for timestep in TIMESTEPS:
        modulation, embedded = model.time_embed(
            torch.tensor([timestep]), batch_size=1, hidden_dtype=torch.float32
        )
        tensors[f"adaln.{timestep}.mod"] = modulation
        tensors[f"adaln.{timestep}.embedded"] = embedded
    return tensors


def cases(version, tensors):
    """Arguments of each recorded forward pass.

    `i2v_own` and `i2v_cross` differ in which sigma drives the modulation between the modalities.
    """
    mask = tensors["in.encoder_attention_mask"]
    masks = dict(encoder_attention_mask=mask, audio_encoder_attention_mask=mask)
    sigma, audio_sigma = tensors["in.sigma"], tensors["in.audio_sigma"]
    shared = dict(timestep=sigma, sigma=sigma)
    image = dict(
        timestep=tensors["in.timestep.i2v"], audio_timestep=audio_sigma, sigma=sigma,
        audio_sigma=audio_sigma, **masks,
    )
    chosen = {
        "t2v": dict(**shared, **masks),
        "t2v_nomask": shared,
        "i2v_own": dict(**image, use_cross_timestep=False),
        "i2v_cross": dict(**image, use_cross_timestep=True),
        "isolated": dict(**shared, **masks, isolate_modalities=True),
    }
    if version != "20":
        chosen["stg1"] = dict(**shared, **masks, spatio_temporal_guidance_blocks=[1])
    if version == "25":
        keyframes = tensors["in.video_keyframes_mask"]
        chosen["keyframes"] = dict(**shared, **masks, video_keyframes_mask=keyframes)
    return chosen


def run(model, inputs, arguments):
    return model(
        **inputs, **arguments, num_frames=FRAMES, height=HEIGHT, width=WIDTH, fps=FPS,
        audio_num_frames=AUDIO_TOKENS, return_dict=False,
    )


def train_once(model, inputs, tensors, generator, version):
    """Adds loss and chosen gradients of case `i2v_own`; returns the norm of every gradient."""
    target_video = torch.randn(inputs["hidden_states"].shape, generator=generator)
    target_audio = torch.randn(inputs["audio_hidden_states"].shape, generator=generator)
    mask = (tensors["in.timestep.i2v"] > 0).float()
    model.zero_grad()
    video, audio = run(model, inputs, cases(version, tensors)["i2v_own"])
    squared = ((video - target_video) ** 2 * mask[..., None]).mean(dim=[-2, -1])
    loss_video = squared / mask.mean(dim=-1)
    loss_audio = ((audio - target_audio) ** 2).mean(dim=[-2, -1])
    loss = (loss_video + loss_audio).mean()
    loss.backward()
    tensors |= {
        "train.target.video": target_video, "train.target.audio": target_audio,
        "train.loss_mask.video": mask, "train.loss": loss.reshape(1),
        "train.loss.video": loss_video, "train.loss.audio": loss_audio,
    }
    gradients = {n: p.grad for n, p in model.named_parameters() if p.grad is not None}
    for name in RECORDED_GRADIENTS:
        if name in gradients:
            tensors["grad." + name] = gradients[name]
    print(f"  transformer {version}: {parameter_count(model)} parameters, loss {loss.item():.6f}")
    return {name: float(gradient.norm()) for name, gradient in gradients.items()}
