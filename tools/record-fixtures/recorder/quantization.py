"""Codes of one matrix by other quantisers, and tiny transformers in the 8-bit formats of released files."""

import json
import warnings

import torch
from diffusers import LTX2VideoTransformer3DModel

from . import checkpoint_metadata, configurations, gemma, transformer
from .folder import EXACT
from .key_names import original_transformer
from .weights import randomise

VERSION = "23"
GROUP = 64
ROTATED = 256
FLOAT8_LIMIT = 448.0
TOLERANCES = {
    "in.*": EXACT, "float8.*": EXACT, "int8.*": EXACT, "int4.*": EXACT, "nf4.*": EXACT, "out.*": 1e-4,
}


def record(folder):
    """Writes `quantization_io`, and the files `ltx23_fp8`, `ltx23_fp8_old` and `ltx23_int8_convrot`.

    Inputs of the velocities `out.<file>.<modality>` are those of `ltx23_transformer_io`, case `t2v`.
    """
    generator = torch.Generator().manual_seed(900)
    tensors = codes(generator)
    model = small_transformer()
    for name, quantise in FILES.items():
        state, dense = quantise(model.state_dict(), generator)
        save(folder, name, state)
        video, audio = velocities(dense)
        tensors[f"out.{name}.video"], tensors[f"out.{name}.audio"] = video, audio
    gemma_state, states = quantised_gemma()
    folder.save("gemma3_fp8", gemma_state, {"config": gemma.make_gemma3().config.to_dict()})
    tensors["out.gemma3_fp8.hs"] = states
    folder.save("quantization_io", tensors, {"group": GROUP}, TOLERANCES, seed=900)


# -- Codes of one matrix ---------------------------------------------------------------------------


def codes(generator):
    """The second matrix does not divide into groups; a row of zeros and outliers are in the first."""
    matrix = torch.randn(24, 128, generator=generator) / 11
    matrix[5] = 0
    matrix[7, 3], matrix[9, 100] = 3.0, -5.0
    odd = torch.randn(6, 40, generator=generator)
    tensors = {"in.matrix": matrix, "in.odd": odd}
    for name, values in {"matrix": matrix, "odd": odd}.items():
        tensors |= {f"nf4.{name}.{key}": value for key, value in nf4(values).items()}
    tensors |= {f"float8.matrix.{key}": value for key, value in float8(matrix).items()}
    tensors |= {f"int8.matrix.{key}": value for key, value in int8(matrix).items()}
    return tensors | {f"int4.matrix.{key}": value for key, value in int4(matrix).items()}


def row_scale(matrix, limit):
    scale = matrix.abs().amax(1, keepdim=True) / limit
    return torch.where(scale == 0, 1.0, scale)


def float8(matrix):
    """torch's own cast."""
    scale = row_scale(matrix, FLOAT8_LIMIT)
    quantised = (matrix / scale).to(torch.float8_e4m3fn)
    return dict(codes=quantised, scale=scale, dense=quantised.float() * scale)


def int8(matrix):
    """torch's quantised tensors, per channel."""
    scale = row_scale(matrix, 127.0)
    zero = torch.zeros(len(matrix), dtype=torch.int64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        quantised = torch.quantize_per_channel(matrix, scale[:, 0].double(), zero, 0, torch.qint8)
    values = quantised.int_repr()
    return dict(codes=values, scale=scale, dense=values.float() * scale)


def int4(matrix):
    """torchao's asymmetric codes 0...15 for groups of 64, one code per byte here."""
    from torchao.quantization import quant_primitives as ao

    block, kind = (1, GROUP), ao.MappingType.ASYMMETRIC
    scale, zero = ao.choose_qparams_affine(
        matrix, kind, block, torch.uint8, 0, 15, eps=1e-30, scale_dtype=torch.bfloat16,
        zero_point_dtype=torch.uint8,
    )
    quantised = ao.quantize_affine(matrix, block, scale.float(), zero, torch.uint8, 0, 15)
    dense = ao.dequantize_affine(
        quantised, block, scale.float(), zero, torch.uint8, 0, 15, output_dtype=torch.float32
    )
    return dict(codes=quantised, scale=scale, zero=zero, dense=dense)


def nf4(matrix):
    """bitsandbytes' codes, two per byte."""
    from bitsandbytes import functional

    quantised, state = functional.quantize_4bit(matrix, blocksize=GROUP, quant_type="nf4")
    return dict(codes=quantised, scale=state.absmax, dense=functional.dequantize_4bit(quantised, state))


# -- Files -----------------------------------------------------------------------------------------


def small_transformer():
    """One block, so that the files stay small; what is not quantised is rounded to bfloat16."""
    torch.manual_seed(0)
    model = LTX2VideoTransformer3DModel(**configurations.transformer(VERSION) | {"num_layers": 1})
    return randomise(model, 910).to(torch.bfloat16)


def per_tensor_fp8(weight):
    scale = weight.float().abs().max() / FLOAT8_LIMIT
    return (weight.float() / scale).to(torch.float8_e4m3fn), scale


def is_matrix(name, tensor):
    return name.endswith(".weight") and tensor.ndim == 2


def fp8(state, generator):
    """As Lightricks' fp8 files: the blocks' matrices with a scalar scale, and an input scale to leave aside."""
    stored, dense = {}, {}
    for name, tensor in state.items():
        stored[name], dense[name] = tensor, tensor.float()
        if is_matrix(name, tensor) and name.startswith("transformer_blocks."):
            quantised, scale = per_tensor_fp8(tensor)
            stored |= {name: quantised, name + "_scale": scale}
            stored[name.replace(".weight", ".input_scale")] = torch.rand((), generator=generator)
            dense[name] = quantised.float() * scale
    return stored, dense


def fp8_old(state, generator):
    """As older files for ComfyUI: other names, a marker; some matrices and biases cast without a scale."""
    stored, dense = {"scaled_fp8": torch.empty(0, dtype=torch.float8_e4m3fn)}, {}
    for name, tensor in state.items():
        stored[name], dense[name] = tensor, tensor.float()
        layer = name.removesuffix(".weight")
        if is_matrix(name, tensor) and ".ff." in name:
            stored[name] = tensor.to(torch.float8_e5m2 if ".net.2." in name else torch.float8_e4m3fn)
            dense[name] = stored[name].float()
        elif is_matrix(name, tensor) and "transformer_blocks." in name:
            quantised, scale = per_tensor_fp8(tensor)
            stored |= {name: quantised, layer + ".scale_weight": scale.reshape(1)}
            stored[layer + ".scale_input"] = torch.rand(1, generator=generator)
            dense[name] = quantised.float() * scale
        elif name.endswith(".bias") and ".audio_ff." in name:
            quantised, scale = per_tensor_fp8(tensor)
            stored |= {name: quantised, name + "_scale": scale}
            dense[name] = quantised.float() * scale
    return stored, dense


def int8_convrot(state, generator):
    """As ComfyUI's int8 files: rows or whole matrices scaled, rotated where 256 columns divide the matrix."""
    stored, dense = {}, {}
    for name, tensor in state.items():
        stored[name], dense[name] = tensor, tensor.float()
        if not is_matrix(name, tensor) or name.startswith(("proj_", "audio_proj_")):
            continue
        turned = tensor.shape[1] % ROTATED == 0
        weight = rotated(tensor.float()) if turned else tensor.float()
        whole = "attn2" in name
        scale = weight.abs().max() / 127 if whole else row_scale(weight, 127.0)
        quantised = (weight / scale).round().clamp(-127, 127).to(torch.int8)
        note = {"format": "int8_tensorwise"}
        note |= {"convrot": True, "convrot_groupsize": ROTATED} if turned else {}
        stored |= {name: quantised, name + "_scale": scale}
        stored[name.removesuffix("weight") + "comfy_quant"] = gemma.as_bytes_tensor(json.dumps(note).encode())
        values = quantised.float() * scale
        dense[name] = rotated(values) if turned else values
    return stored, dense


def rotated(weight):
    """Each 256 columns times the fourth Kronecker power of a Hadamard matrix, which is its own inverse."""
    small = torch.tensor([[1, 1, 1, -1], [1, 1, -1, 1], [1, -1, 1, 1], [-1, 1, 1, 1]]) / 2
    large = torch.kron(torch.kron(small, small), torch.kron(small, small))
    return (weight.view(len(weight), -1, ROTATED) @ large).reshape(weight.shape)


FILES = {"ltx23_fp8": fp8, "ltx23_fp8_old": fp8_old, "ltx23_int8_convrot": int8_convrot}


def save(folder, name, state):
    config = {"transformer": checkpoint_metadata.transformer(VERSION) | {"num_layers": 1}}
    folder.save(name, original_transformer(state), {"config": config})


def velocities(dense):
    model = LTX2VideoTransformer3DModel(**configurations.transformer(VERSION) | {"num_layers": 1})
    model.load_state_dict(dense)
    generator = torch.Generator().manual_seed(7)
    inputs = transformer.make_inputs(VERSION, generator)
    arguments = transformer.cases(VERSION, transformer.conditioning())["t2v"]
    with torch.no_grad():
        return transformer.run(model.eval(), inputs, arguments)


def quantised_gemma():
    """A text encoder in fp8 with scales, embeddings in int8 per row; states of one prompt behind each layer."""
    model = gemma.make_gemma3()
    stored, dense = {}, {}
    for name, tensor in model.state_dict().items():
        stored[name], dense[name] = tensor, tensor
        if name == "embed_tokens.weight":
            scale = row_scale(tensor, 127.0)
            quantised = (tensor / scale).round().to(torch.int8)
        elif is_matrix(name, tensor):
            quantised, scale = per_tensor_fp8(tensor)
        else:
            continue
        stored |= {name: quantised, name + "_scale": scale}
        dense[name] = quantised.float() * scale
    model.load_state_dict(dense)
    with torch.no_grad():
        states = model(torch.arange(2, 14)[None], output_hidden_states=True).hidden_states
    return {"model." + name: tensor for name, tensor in stored.items()}, torch.stack(states)
