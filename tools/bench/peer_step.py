"""One LTX-2.3 training step as the Python trainers do it: diffusers, PEFT, gradient checkpointing, AdamW.

A transformer with drawn weights of a given size, LoRA on every linear layer of the blocks, video and audio with
noise levels of their own. One step for each line that is read, answered by a line of JSON; compare.py asks.
"""

import argparse
import json
import resource
import sys
import time

import torch
from diffusers import LTX2VideoTransformer3DModel
from peft import LoraConfig, get_peft_model


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in [("layers", 4), ("heads", 8), ("frames", 4), ("height", 10), ("width", 16),
                          ("audio", 35), ("text", 128), ("rank", 32)]:
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--no-checkpointing", action="store_true")
    parser.add_argument("--dora", action="store_true")
    return parser.parse_args()


def transformer(o, dtype):
    wide = o.heads >= 32
    head, audio_head = (128, 64) if wide else (64, 32)
    if o.device != "cpu":
        torch.set_default_device(o.device)
        torch.set_default_dtype(dtype)
    model = LTX2VideoTransformer3DModel(
        num_attention_heads=o.heads, attention_head_dim=head, cross_attention_dim=o.heads * head,
        audio_num_attention_heads=o.heads, audio_attention_head_dim=audio_head,
        audio_cross_attention_dim=o.heads * audio_head, num_layers=o.layers, rope_type="split",
        timestep_scale_multiplier=1000, cross_attn_timestep_scale_multiplier=1000, gated_attn=True,
        audio_gated_attn=True, cross_attn_mod=True, audio_cross_attn_mod=True, use_prompt_embeddings=False,
    ).to(dtype)
    torch.set_default_dtype(torch.float32)
    model.requires_grad_(False)
    layers = [name for name, module in model.named_modules()
              if isinstance(module, torch.nn.Linear) and name.startswith("transformer_blocks")]
    model = get_peft_model(model, LoraConfig(r=o.rank, lora_alpha=o.rank, target_modules=layers, use_dora=o.dora))
    if not o.no_checkpointing:
        model.base_model.model.enable_gradient_checkpointing()
    return model.train()


class Step:
    def __init__(self, o):
        torch.manual_seed(0)
        self.o, self.dtype = o, getattr(torch, o.dtype)
        model = transformer(o, self.dtype)
        self.parameters = [x for x in model.parameters() if x.requires_grad]
        self.optimizer = torch.optim.AdamW(self.parameters, lr=1e-4)
        self.generator = torch.Generator(device=o.device).manual_seed(1)
        config = model.base_model.model.config
        width, audio_width = config.cross_attention_dim, config.audio_cross_attention_dim
        self.video, self.audio = self.noise(o.frames * o.height * o.width, 128), self.noise(o.audio, 128)
        self.text, self.audio_text = self.noise(o.text, width), self.noise(o.text, audio_width)
        self.model = torch.compile(model) if o.compile else model

    def noise(self, *shape):
        return torch.randn(1, *shape, generator=self.generator, device=self.o.device).to(self.dtype)

    def run(self):
        o = self.o
        sigma, audio_sigma = (torch.rand(1, generator=self.generator, device=o.device) for _ in range(2))
        noise, audio_noise = self.noise(*self.video.shape[1:]), self.noise(*self.audio.shape[1:])
        mix = lambda clean, noise, s: ((1 - s) * clean.float() + s * noise.float()).to(self.dtype)
        # As the trainers do, one noise level per video token.
        tokens = self.video.shape[1]
        out, audio_out = self.model(
            hidden_states=mix(self.video, noise, sigma), audio_hidden_states=mix(self.audio, audio_noise, audio_sigma),
            encoder_hidden_states=self.text, audio_encoder_hidden_states=self.audio_text,
            timestep=(sigma * 1000)[:, None].expand(1, tokens), audio_timestep=audio_sigma * 1000,
            sigma=sigma * 1000, audio_sigma=audio_sigma * 1000, num_frames=o.frames, height=o.height, width=o.width,
            fps=24.0, audio_num_frames=o.audio, use_cross_timestep=True, return_dict=False)
        error = lambda out, noise, clean: (out.float() - (noise - clean).float()).pow(2).mean()
        loss = error(out, noise, self.video) + error(audio_out, audio_noise, self.audio)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return loss.item()


def memory(device):
    if device != "cpu":
        return torch.cuda.max_memory_allocated()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main():
    o = options()
    step = Step(o)
    for _ in sys.stdin:
        begun = time.perf_counter()
        loss = step.run()
        if o.device != "cpu":
            torch.cuda.synchronize()
        seconds = time.perf_counter() - begun
        print(json.dumps({"seconds": seconds, "loss": loss, "processBytes": memory(o.device)}), flush=True)


if __name__ == "__main__":
    main()
