"""The adapters of `adapters` at other strengths than 1, by peft: two at once, and by part of the model."""

import torch
from peft import LoraConfig
from peft.tuners.lora import LoraLayer

from . import adapters, transformer
from .key_names import original_path

TWO = {"default": 0.7, "everything": -0.4}
SPLIT = dict(video=1.0, audio=0.5, audio_to_video=0.3, video_to_audio=0.8, other=0.2)
TOLERANCES = {"*": 1e-4}


def record(folder, base):
    """Writes `ltx23_lora_strengths_io`; the inputs are those of `ltx23_transformer_io`."""
    inputs = transformer.make_inputs("23", torch.Generator().manual_seed(7))
    arguments = transformer.cases("23", transformer.conditioning())
    blocks = adapters.fill(
        adapters.adapt(base, adapters.ATTENTION + adapters.FEED_FORWARD), 800, scale=0.2
    )
    everything = adapters.fill(adapters.adapt(base, adapters.linear_names(base)), 801, scale=0.04)
    tensors = {}
    split_by_part(everything)
    tensors |= adapters.outputs(everything, inputs, arguments, "split")
    join(blocks, everything)
    blocks.set_adapters(list(TWO), list(TWO.values()))
    tensors |= adapters.outputs(blocks, inputs, arguments, "two")
    folder.save("ltx23_lora_strengths_io", tensors, {"two": list(TWO.values()), "split": SPLIT}, TOLERANCES)


def split_by_part(model):
    """Scales every layer's update by the strength of the part that ComfyUI counts it to."""
    for name, module in model.named_modules():
        if isinstance(module, LoraLayer):
            module.set_scale("default", SPLIT[part(original_path(name + "."))])


def part(path):
    if not path.startswith("transformer_blocks."):
        return "other"
    for cross, name in (("audio_to_video_attn", "audio_to_video"), ("video_to_audio_attn", "video_to_audio")):
        if cross in path:
            return name
    return "audio" if "audio_" in path else "video"


def join(model, other):
    """Adds the other model's adapter under a second name."""
    targets = [name for name, module in other.named_modules() if isinstance(module, LoraLayer)]
    configuration = LoraConfig(r=adapters.RANK, lora_alpha=adapters.RANK, target_modules=targets)
    model.add_adapter(configuration, adapter_name="everything")
    values = {name: p for name, p in other.named_parameters() if ".lora_" in name}
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if ".everything." in name:
                parameter.copy_(values[name.replace(".everything.", ".default.")])
