"""Sampling with every kind of guidance, behind a given picture, and of one modality for a given other one."""

from contextlib import ExitStack, contextmanager

import torch
from diffusers import LTX2ImageToVideoPipeline, LTX2Pipeline, LTX2VideoTransformer3DModel

from . import configurations, sampling
from .folder import EXACT, MODULE

STEPS = 3
PERTURBED = [1]
SCALES = dict(
    guidance_scale=3.0, audio_guidance_scale=7.0, stg_scale=1.0, audio_stg_scale=0.8, modality_scale=3.0,
    audio_modality_scale=2.5, guidance_rescale=0.7, audio_guidance_rescale=0.6,
    spatio_temporal_guidance_blocks=PERTURBED,
)
NO_RESCALE = dict(guidance_rescale=0.0, audio_guidance_rescale=0.0)
VIDEO = dict(prompt=3.0, perturbation=1.0, modality=3.0, rescale=0.7)
AUDIO = dict(prompt=7.0, perturbation=0.8, modality=2.5, rescale=0.6)
NONE = dict(prompt=1.0, perturbation=0.0, modality=1.0, rescale=0.0)
GIVEN_TOKENS = 6  # the first latent frame
TOLERANCES = {"in.*": EXACT, "guided.sigmas": MODULE, "*": 1e-4}


def record(folder, version, models):
    """Writes `ltxV_guided_sampling_io`."""
    models = models | dict(transformer=perturbable(version, models["transformer"]))
    generator = torch.Generator().manual_seed(41)
    texts = sampling.make_texts(generator)
    sigmas, calls, last = run(LTX2Pipeline, models, texts, SCALES)
    tensors = sampling.inputs(calls[0]) | {"guided.sigmas": sigmas}
    tensors |= steps("guided", calls) | sampling.final("guided", last, models)

    opening = torch.randn(1, *models["vae"].latents_mean.shape, 3, 2, 3, generator=generator)
    own = version == "20"
    _, calls, last = run(
        LTX2ImageToVideoPipeline, models, texts, SCALES | NO_RESCALE, latents=opening, noise_scale=1.0,
        use_cross_timestep=not own,
    )
    tensors["in.image.video"] = calls[0]["hidden_states"][:1]
    tensors["in.image.audio"] = calls[0]["audio_hidden_states"][:1]
    tensors |= sampling.final("image", last, models)
    with torch.no_grad():
        tensors |= given(models["transformer"], tensors, sigmas, generator, own)
    metadata = dict(
        steps=STEPS, fps=sampling.FPS, perturbed=PERTURBED, given_tokens=GIVEN_TOKENS, video=VIDEO, audio=AUDIO,
        image_modulation="own" if own else "cross",
    )
    folder.save(f"ltx{version}_guided_sampling_io", tensors, metadata, TOLERANCES, seed=41)


def perturbable(version, model):
    """The same weights; models of 2.0 do not skip self-attention unless they are told that they can."""
    settings = configurations.transformer(version) | dict(perturbed_attn=True)
    copy = LTX2VideoTransformer3DModel(**settings)
    copy.load_state_dict(model.state_dict())
    return copy


def run(kind, models, texts, guidance, **settings):
    """Runs a pipeline; returns the sigmas, what the transformer was given, and both latents."""
    pipeline = kind(scheduler=sampling.official_scheduler(), text_encoder=None, tokenizer=None, **models)
    pipeline.set_progress_bar_config(disable=True)
    calls = []
    hook = pipeline.transformer.register_forward_pre_hook(
        lambda module, positional, named: calls.append(named), with_kwargs=True
    )
    result = pipeline(
        **texts, **guidance, **settings, num_inference_steps=STEPS, height=sampling.HEIGHT,
        width=sampling.WIDTH, num_frames=sampling.PICTURES, frame_rate=sampling.FPS,
        generator=torch.Generator().manual_seed(42), output_type="latent", return_dict=False,
    )
    hook.remove()
    return pipeline.scheduler.sigmas, calls, result


def steps(name, calls):
    """The tokens after each step but the last: what the first call of the next one was given."""
    tensors = {}
    for step, call in enumerate(calls[3::3], start=1):
        tensors[f"{name}.step{step}.video"] = call["hidden_states"][:1]
        tensors[f"{name}.step{step}.audio"] = call["audio_hidden_states"][:1]
    return tensors


def given(model, tensors, sigmas, generator, own):
    """What no pipeline of diffusers does: Euler steps around its transformer, written out here."""
    video, audio = tensors["in.noise.video"], tensors["in.noise.audio"]
    sight = torch.randn(video.shape, generator=generator)
    sound = torch.randn(audio.shape, generator=generator)
    loop = Loop(model, tensors, sigmas, own)
    front = slice(0, GIVEN_TOKENS)
    opened = video.clone()
    opened[:, front] = sight[:, front]
    tensors = {"in.given.video": sight, "in.given.audio": sound}
    tensors["opened.video"], tensors["opened.audio"] = loop.sample(
        opened, audio, VIDEO, AUDIO, given_tokens=GIVEN_TOKENS
    )
    tensors["spoken.video"], _ = loop.sample(video, sound, VIDEO, NONE, audio_given=True)
    _, tensors["heard.audio"] = loop.sample(sight, audio, NONE, AUDIO, given_tokens=video.shape[1])
    alone = dict(modality=1.0)
    _, tensors["sound_alone.audio"] = loop.sample(video, audio, NONE, AUDIO | alone, apart=True)
    tensors["picture_alone.video"], _ = loop.sample(video, audio, VIDEO | alone, NONE, apart=True)
    return tensors


class Loop:
    """Euler steps of one sample; `own` modulates the attentions between the modalities as 2.0 does."""

    def __init__(self, model, tensors, sigmas, own):
        self.model, self.tensors, self.sigmas, self.own = model, tensors, sigmas, own

    def sample(self, video, audio, video_scales, audio_scales, given_tokens=0, audio_given=False, apart=False):
        made = torch.ones(1, video.shape[1])
        made[:, :given_tokens] = 0
        heard = torch.full((1, audio.shape[1]), 0.0 if audio_given else 1.0)
        for sigma, following in zip(self.sigmas[:-1], self.sigmas[1:]):
            levels = made * sigma, heard * sigma
            predicted = {
                name: self.clean(name, video, audio, levels, (video_scales, audio_scales), apart)
                for name in ("plain", "negative", "perturbed", "isolated")
            }
            moved = []
            for index, (x, scales, mask) in enumerate(((video, video_scales, made), (audio, audio_scales, heard))):
                led = lead({name: both[index] for name, both in predicted.items()}, scales)
                led = torch.where(mask[..., None] > 0, led, x)
                moved.append(x + (x - led) / sigma * (following - sigma))
            video, audio = moved
        return video, audio

    def clean(self, name, video, audio, levels, scales, apart):
        """Predicted clean tokens; a modality that is given whole has no noise level at all."""
        sigmas = [level.amax(dim=1) for level in levels]
        text = "in.negative." if name == "negative" else "in.prompt."
        perturbed = [scale["perturbation"] != 0 for scale in scales]
        with self.gates(*sigmas), self.attending(perturbed):
            velocities = self.model(
                hidden_states=video, audio_hidden_states=audio,
                encoder_hidden_states=self.tensors[text + "video"],
                audio_encoder_hidden_states=self.tensors[text + "audio"],
                timestep=levels[0] * 1000, audio_timestep=levels[1] * 1000, sigma=sigmas[0] * 1000,
                audio_sigma=sigmas[1] * 1000, num_frames=3, height=2, width=3, fps=sampling.FPS,
                audio_num_frames=audio.shape[1], isolate_modalities=apart or name == "isolated",
                spatio_temporal_guidance_blocks=PERTURBED if name == "perturbed" else None,
                use_cross_timestep=False, return_dict=False,
            )
        return [x - level[..., None] * v for x, level, v in zip((video, audio), levels, velocities)]

    @contextmanager
    def gates(self, video_sigma, audio_sigma):
        """Official code today: gates by the other modality's noise level, the rest by the own tokens'."""
        def replaced(sigma):
            return lambda module, positional, named: ((sigma * 1000, *positional[1:]), named)

        with ExitStack() as stack:
            if not self.own:
                for module, sigma in (
                    (self.model.av_cross_attn_video_a2v_gate, audio_sigma),
                    (self.model.av_cross_attn_audio_v2a_gate, video_sigma),
                ):
                    stack.enter_context(module.register_forward_pre_hook(replaced(sigma), with_kwargs=True))
            yield

    @contextmanager
    def attending(self, perturbed):
        """Official code perturbs the streams that are led by it; diffusers always both."""
        def exempt(module, positional, named):
            return positional, named | dict(perturbation_mask=None, all_perturbed=False)

        with ExitStack() as stack:
            for block in self.model.transformer_blocks:
                for attention, is_perturbed in zip((block.attn1, block.audio_attn1), perturbed):
                    if not is_perturbed:
                        stack.enter_context(attention.register_forward_pre_hook(exempt, with_kwargs=True))
            yield


def lead(predicted, scales):
    plain = predicted["plain"]
    led = plain + (scales["prompt"] - 1) * (plain - predicted["negative"])
    led = led + scales["perturbation"] * (plain - predicted["perturbed"])
    led = led + (scales["modality"] - 1) * (plain - predicted["isolated"])
    return led * (scales["rescale"] * plain.std() / led.std() + 1 - scales["rescale"])
