"""Hidden states of the tiny text encoders, and the files that hold their weights."""

import torch
from transformers import Gemma3Config, Gemma3ForConditionalGeneration, Gemma3TextConfig
from transformers.models.gemma3.modeling_gemma3 import Gemma3TextModel
from transformers.models.gemma4_unified.configuration_gemma4_unified import Gemma4UnifiedTextConfig
from transformers.models.gemma4_unified.modeling_gemma4_unified import Gemma4UnifiedTextModel

from . import configurations, tokenizer
from .folder import EXACT, MODULE
from .weights import randomise

WINDOW = 6
LAYER_TYPES = ["sliding_attention", "sliding_attention", "full_attention"]
COMMON = dict(
    vocab_size=tokenizer.VOCABULARY, hidden_size=configurations.GEMMA_WIDTH, intermediate_size=48,
    num_hidden_layers=configurations.GEMMA_LAYERS, num_attention_heads=4, num_key_value_heads=2,
    head_dim=16, sliding_window=WINDOW, layer_types=LAYER_TYPES, pad_token_id=0, bos_token_id=2,
    max_position_embeddings=2048, attn_implementation="eager",
)
SLIDING_ROPE = {"rope_type": "default", "rope_theta": 10000.0}


def gemma3_configuration():
    rope = {
        "sliding_attention": SLIDING_ROPE,
        "full_attention": {"rope_type": "linear", "factor": 8.0, "rope_theta": 1000000.0},
    }
    return Gemma3TextConfig(
        **COMMON, hidden_activation="gelu_pytorch_tanh", query_pre_attn_scalar=16, eos_token_id=1,
        rope_parameters=rope,
    )


def gemma4_configuration():
    rope = {
        "sliding_attention": SLIDING_ROPE,
        "full_attention": {
            "rope_type": "proportional", "partial_rotary_factor": 0.25, "rope_theta": 1000000.0,
        },
    }
    return Gemma4UnifiedTextConfig(
        **COMMON, num_global_key_value_heads=1, global_head_dim=32, attention_k_eq_v=True,
        num_kv_shared_layers=0, rope_parameters=rope,
    )


def make_gemma3():
    model = randomise(Gemma3TextModel(gemma3_configuration()), 600)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "norm" in name:
                parameter.sub_(1.0)  # Gemma 3 stores the scale minus one
    return model


def make_gemma4():
    model = randomise(Gemma4UnifiedTextModel(gemma4_configuration()), 700)
    with torch.no_grad():
        for index, layer in enumerate(model.layers):
            layer.layer_scalar.fill_(0.7 + 0.2 * index)
    return model


def record(folder, name, model):
    """Writes `NAME_io`: two padded prompts, and one three times as long as the sliding window."""
    generator = torch.Generator().manual_seed(23)
    ids = torch.randint(4, tokenizer.VOCABULARY, (2, 12), generator=generator)
    mask = torch.ones(2, 12, dtype=torch.int64)
    ids[0, 0] = ids[1, 5] = tokenizer.BEGIN
    ids[1, :5] = mask[1, :5] = 0
    long = torch.randint(4, tokenizer.VOCABULARY, (1, 20), generator=generator)
    long[0, 0] = tokenizer.BEGIN
    tensors = {"in.ids": ids, "in.mask": mask, "in.long_ids": long}
    tensors["embed_scale"] = model.embed_tokens.embed_scale.float().reshape(1)
    tensors |= hidden_states(model, ids, mask, "out")
    tensors |= hidden_states(model, long, torch.ones_like(long), "out.long")
    folder.save(f"{name}_io", tensors, tolerances={"in.*": EXACT, "*": MODULE}, seed=23)


def hidden_states(model, ids, mask, prefix):
    """The last hidden state is the one after the final norm."""
    with torch.no_grad():
        output = model(input_ids=ids, attention_mask=mask, output_hidden_states=True)
    assert torch.equal(output.hidden_states[-1], output.last_hidden_state)
    tensors = {f"{prefix}.hs{i}": hidden for i, hidden in enumerate(output.hidden_states)}
    return tensors | {f"{prefix}.last": output.last_hidden_state}


def as_bytes_tensor(data):
    return torch.frombuffer(bytearray(data), dtype=torch.uint8).clone()


def save_gemma3(folder, model, tokenizer_model):
    """Writes the weights under both names in use: Hugging Face's and the single file with its tokenizer."""
    state = model.state_dict()
    config = {"config": model.config.to_dict()}
    folder.save("gemma3", {"language_model.model." + name: t for name, t in state.items()}, config)
    single = {"model." + name: tensor for name, tensor in state.items()}
    single["spiece_model"] = as_bytes_tensor(tokenizer_model)
    folder.save("gemma3_single", single, {"format": "pt"})


def save_gemma4(folder, model):
    metadata = {"gemma_config": gemma4_metadata(model)}
    folder.save("gemma4", {"model." + name: t for name, t in model.state_dict().items()}, metadata)


def gemma4_metadata(model):
    return {
        "model_type": "gemma4_unified", "gemma_version": "gemma4-12b-ltx-v1",
        "text_config": model.config.to_dict(),
    }


def save_text_encoder(path, model):
    """Saves the diffusers component `text_encoder`: with a vision part, in more than one shard."""
    vision = dict(
        hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=2, image_size=28,
        patch_size=14,
    )
    configuration = Gemma3Config(
        text_config=model.config.to_dict(), vision_config=vision, mm_tokens_per_image=4,
    )
    whole = randomise(Gemma3ForConditionalGeneration(configuration), 650)
    whole.model.language_model.load_state_dict(model.state_dict())
    whole.tie_weights()
    whole.save_pretrained(path, max_shard_size="130KB")
