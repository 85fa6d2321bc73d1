"""Sampling of both modalities from noise to clean latents, by the pipeline of diffusers itself."""

import torch
from diffusers import FlowMatchEulerDiscreteScheduler, LTX2Pipeline
from diffusers.pipelines.ltx2.utils import DISTILLED_SIGMA_VALUES

from . import configurations, schedule
from .folder import EXACT, MODULE

STEPS = 4
PICTURES, HEIGHT, WIDTH, FPS = 17, 64, 96, 24.0  # 3 x 2 x 3 video tokens, 18 of sound
TEXT_TOKENS = 8
OFFICIAL = dict(guidance_scale=3.0, audio_guidance_scale=7.0)
SOUND_ALONE = dict(guidance_scale=1.0, audio_guidance_scale=4.0)
UNGUIDED = dict(guidance_scale=1.0, audio_guidance_scale=1.0)
NO_OTHER_GUIDANCE = dict(
    stg_scale=0.0, audio_stg_scale=0.0, modality_scale=1.0, audio_modality_scale=1.0,
    guidance_rescale=0.0, audio_guidance_rescale=0.0,
)
TOLERANCES = {"in.*": EXACT, "sigmas": MODULE, "distilled.sigmas": MODULE, "*": 1e-4}


def record(folder, version, models):
    """Writes `ltxV_sampling_io`: noise, contexts, sigmas, every state of three samples, a spectrogram."""
    generator = torch.Generator().manual_seed(37)
    texts = make_texts(generator)
    sigmas, calls, last = sample(models, official_scheduler(), texts, OFFICIAL, num_inference_steps=STEPS)
    tensors = inputs(calls[0]) | {"sigmas": sigmas} | states("led", calls, last, models)
    with torch.no_grad():
        tensors["led.mel"] = models["audio_vae"].decode(last[1]).sample
    _, _, last = sample(models, official_scheduler(), texts, SOUND_ALONE, num_inference_steps=STEPS)
    tensors |= final("sound_led", last, models)
    tensors["distilled.sigmas"], _, last = sample(
        models, plain_scheduler(), texts, UNGUIDED, num_inference_steps=len(DISTILLED_SIGMA_VALUES),
        sigmas=DISTILLED_SIGMA_VALUES,
    )
    tensors |= final("distilled", last, models)
    metadata = dict(steps=STEPS, fps=FPS, **OFFICIAL)
    folder.save(f"ltx{version}_sampling_io", tensors, metadata, TOLERANCES, seed=37)


def official_scheduler():
    """The official pipelines shift as for 4096 tokens, however many there are."""
    return FlowMatchEulerDiscreteScheduler.from_config(schedule.make().config, base_shift=2.05)


def plain_scheduler():
    return FlowMatchEulerDiscreteScheduler.from_config(
        schedule.make().config, use_dynamic_shifting=False, shift_terminal=None
    )


def make_texts(generator):
    """Hidden states of a prompt and of a negative one, as the pipeline takes them."""
    width = configurations.GEMMA_WIDTH * (configurations.GEMMA_LAYERS + 1)
    mask = torch.ones(1, TEXT_TOKENS, dtype=torch.int64)
    prompt, negative = torch.randn(2, 1, TEXT_TOKENS, width, generator=generator)
    return dict(
        prompt_embeds=prompt, prompt_attention_mask=mask,
        negative_prompt_embeds=negative, negative_prompt_attention_mask=mask,
    )


def sample(models, scheduler, texts, guidance, **settings):
    """Runs the pipeline; returns the sigmas, what the transformer was given, and both latents."""
    pipeline = LTX2Pipeline(scheduler=scheduler, text_encoder=None, tokenizer=None, **models)
    pipeline.set_progress_bar_config(disable=True)
    calls = []
    hook = pipeline.transformer.register_forward_pre_hook(
        lambda module, positional, named: calls.append(named), with_kwargs=True
    )
    result = pipeline(
        **texts, **guidance, **NO_OTHER_GUIDANCE, **settings, height=HEIGHT, width=WIDTH,
        num_frames=PICTURES, frame_rate=FPS, generator=torch.Generator().manual_seed(38),
        output_type="latent", return_dict=False,
    )
    hook.remove()
    return pipeline.scheduler.sigmas, calls, result


def inputs(call):
    """Of the first call; its batch is the negative prompt, then the prompt."""
    grid = [call[key] for key in ("num_frames", "height", "width")]
    tensors = {"in.grid": torch.tensor(grid)}
    for modality, prefix in (("video", ""), ("audio", "audio_")):
        tensors["in.noise." + modality] = call[prefix + "hidden_states"][:1]
        negative, prompt = call[prefix + "encoder_hidden_states"].chunk(2)
        tensors["in.prompt." + modality], tensors["in.negative." + modality] = prompt, negative
    return tensors


def states(name, calls, last, models):
    """The tokens after each step: what the next call was given, and what came out of the last."""
    tensors = {}
    for step, call in enumerate(calls[1:], start=1):
        tensors[f"{name}.step{step}.video"] = call["hidden_states"][:1]
        tensors[f"{name}.step{step}.audio"] = call["audio_hidden_states"][:1]
    return tensors | final(f"{name}.step{len(calls)}", last, models)


def final(name, latents, models):
    """The pipeline returns latents as the decoders take them; here they are normalised tokens again."""
    video, audio = latents
    vae, audio_vae = models["vae"], models["audio_vae"]
    video = LTX2Pipeline._normalize_latents(video, vae.latents_mean, vae.latents_std)
    audio = LTX2Pipeline._pack_audio_latents(audio)
    audio = LTX2Pipeline._normalize_audio_latents(audio, audio_vae.latents_mean, audio_vae.latents_std)
    return {name + ".video": LTX2Pipeline._pack_latents(video), name + ".audio": audio}
