"""LoRA adapters made by peft, in the key form that ComfyUI reads."""

import copy

import torch
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict

from . import transformer
from .folder import EXACT
from .key_names import original_path

RANK = 4
ATTENTION = ["to_q", "to_k", "to_v", "to_out.0"]
FEED_FORWARD = ["net.0.proj", "net.2"]
CASES = ("t2v", "i2v_own")
TOLERANCES = {"out.*": 1e-4, "all.out.*": 1e-4, "train.loss*": 1e-4, "grad.*": 1e-3, "*": EXACT}
RECORDED_GRADIENTS = [
    "transformer_blocks.0.attn1.to_q", "transformer_blocks.1.audio_attn2.to_v",
    "transformer_blocks.0.audio_to_video_attn.to_out.0",
    "transformer_blocks.1.video_to_audio_attn.to_k", "transformer_blocks.1.ff.net.0.proj",
]


def linear_names(model):
    """Paths of all linear layers, as peft wants them for "train everything"."""
    return [name for name, module in model.named_modules() if isinstance(module, torch.nn.Linear)]


def adapt(model, targets, alpha=RANK):
    """A copy of the model with fresh adapters; the base is frozen."""
    model = copy.deepcopy(model)
    model.requires_grad_(False)
    configuration = LoraConfig(r=RANK, lora_alpha=alpha, target_modules=targets, init_lora_weights=True)
    model.add_adapter(configuration)
    return model


def fill(model, seed, scale):
    """Random A and B, large enough that a lost adapter changes the outputs visibly."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if ".lora_" in name:
                deviation = scale if ".lora_B." in name else 0.5
                parameter.copy_(deviation * torch.randn(parameter.shape, generator=generator))
    return model


def adapter_parameters(model):
    """Trainable tensors by original path, such as `transformer_blocks.0.attn1.to_q.lora_A.weight`."""
    return {
        original_path(name.replace(".default.", ".")): parameter
        for name, parameter in model.named_parameters() if ".lora_" in name
    }


def comfy_state(model):
    """What ComfyUI, the official loader and diffusers read."""
    state = get_peft_model_state_dict(model, adapter_name="default")
    return {"diffusion_model." + original_path(name): tensor for name, tensor in state.items()}


def record(folder, base):
    """Writes two adapters of the tiny 2.3 model and the outputs of the adapted models.

    The inputs are those of `ltx23_transformer_io`.
    """
    generator = torch.Generator().manual_seed(7)
    inputs = transformer.make_inputs("23", generator)
    arguments = transformer.cases("23", transformer.conditioning())
    blocks = fill(adapt(base, ATTENTION + FEED_FORWARD), 800, scale=0.2)
    everything = fill(adapt(base, linear_names(base)), 801, scale=0.04)
    folder.save("ltx23_lora", comfy_state(blocks), {"format": "pt"}, seed=800)
    folder.save("ltx23_lora_all", comfy_state(everything), {"format": "pt"}, seed=801)
    tensors = outputs(blocks, inputs, arguments, "out") | outputs(everything, inputs, arguments, "all.out")
    tensors |= gradients(blocks, inputs, arguments["i2v_own"], generator)
    folder.save("ltx23_lora_io", tensors, {"rank": RANK, "alpha": RANK}, TOLERANCES)


def outputs(model, inputs, arguments, prefix):
    tensors = {}
    for case in CASES:
        with torch.no_grad():
            video, audio = transformer.run(model, inputs, arguments[case])
        tensors[f"{prefix}.{case}.video"], tensors[f"{prefix}.{case}.audio"] = video, audio
    return tensors


def gradients(model, inputs, arguments, generator):
    """Mean squared error of both modalities, summed, against recorded targets."""
    targets = [
        torch.randn(inputs[name].shape, generator=generator)
        for name in ("hidden_states", "audio_hidden_states")
    ]
    predictions = transformer.run(model, inputs, arguments)
    losses = [((p - t) ** 2).mean() for p, t in zip(predictions, targets)]
    sum(losses).backward()
    tensors = {
        "train.target.video": targets[0], "train.target.audio": targets[1],
        "train.loss.video": losses[0].reshape(1), "train.loss.audio": losses[1].reshape(1),
    }
    parameters = adapter_parameters(model)
    for module in RECORDED_GRADIENTS:
        for side in ("lora_A", "lora_B"):
            tensors[f"grad.{module}.{side}.weight"] = parameters[f"{module}.{side}.weight"].grad
    return tensors
