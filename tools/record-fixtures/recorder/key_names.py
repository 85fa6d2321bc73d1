"""Renames the diffusers layout back to the names of the released checkpoint files."""

TRANSFORMER_PREFIXES = {
    "audio_prompt_adaln.": "audio_prompt_adaln_single.",
    "prompt_adaln.": "prompt_adaln_single.",
    "audio_time_embed.": "audio_adaln_single.",
    "time_embed.": "adaln_single.",
    "audio_proj_in.": "audio_patchify_proj.",
    "proj_in.": "patchify_proj.",
    "av_cross_attn_video_scale_shift.": "av_ca_video_scale_shift_adaln_single.",
    "av_cross_attn_audio_scale_shift.": "av_ca_audio_scale_shift_adaln_single.",
    "av_cross_attn_video_a2v_gate.": "av_ca_a2v_gate_adaln_single.",
    "av_cross_attn_audio_v2a_gate.": "av_ca_v2a_gate_adaln_single.",
}

TRANSFORMER_PARTS = {
    "video_a2v_cross_attn_scale_shift_table": "scale_shift_table_a2v_ca_video",
    "audio_a2v_cross_attn_scale_shift_table": "scale_shift_table_a2v_ca_audio",
    ".norm_q.": ".q_norm.",
    ".norm_k.": ".k_norm.",
}

CONNECTOR_PREFIXES = {
    "text_proj_in.": "text_embedding_projection.aggregate_embed.",
    "video_text_proj_in.": "text_embedding_projection.video_aggregate_embed.",
    "audio_text_proj_in.": "text_embedding_projection.audio_aggregate_embed.",
    "video_connector.": "model.diffusion_model.video_embeddings_connector.",
    "audio_connector.": "model.diffusion_model.audio_embeddings_connector.",
}

CONNECTOR_PARTS = {
    ".transformer_blocks.": ".transformer_1d_blocks.",
    ".norm_q.": ".q_norm.",
    ".norm_k.": ".k_norm.",
}

STATISTICS = {
    "latents_mean": "per_channel_statistics.mean-of-means",
    "latents_std": "per_channel_statistics.std-of-means",
}

VOCODER_PARTS = {
    "upsamplers.": "ups.",
    "resnets.": "resblocks.",
    "conv_in.": "conv_pre.",
    "conv_out.": "conv_post.",
    "act_out.": "act_post.",
    "downsample.filter": "downsample.lowpass.filter",
}


def renamed(name, prefixes, parts):
    """Replaces at most one prefix, then every part."""
    for old, new in prefixes.items():
        if name.startswith(old):
            name = new + name.removeprefix(old)
            break
    for old, new in parts.items():
        name = name.replace(old, new)
    return name


def original_path(name):
    """Path of a transformer module or tensor as the released files and adapter files write it."""
    return renamed(name, TRANSFORMER_PREFIXES, TRANSFORMER_PARTS)


def original_transformer(state):
    return {"model.diffusion_model." + original_path(name): tensor for name, tensor in state.items()}


def diffusers_transformer_names(names):
    """Maps original names without prefix to diffusers names, for the given diffusers names."""
    return {original_path(name): name for name in names}


def original_connectors(state):
    return {renamed(name, CONNECTOR_PREFIXES, CONNECTOR_PARTS): tensor for name, tensor in state.items()}


def original_audio_vae(state, prefix="audio_vae."):
    return {prefix + STATISTICS.get(name, name): tensor for name, tensor in state.items()}


def original_vocoder(state, prefix="vocoder."):
    return {prefix + renamed(name, {}, VOCODER_PARTS): tensor for name, tensor in state.items()}


def original_video_vae(state, prefix="vae."):
    return {prefix + video_vae_name(name): tensor for name, tensor in state.items()}


def video_vae_name(name):
    """Diffusers numbers blocks in pairs (resnets, then the step); the original numbers each alone."""
    if name in STATISTICS:
        return STATISTICS[name]
    side, *parts = name.split(".")
    blocks = "down_blocks" if side == "encoder" else "up_blocks"
    if parts[0] == "mid_block":
        parts = [blocks, "8" if side == "encoder" else "0"] + parts[1:]
    elif parts[0] == blocks:
        parts = [blocks] + numbered_block(int(parts[1]), parts[2:], first=0 if side == "encoder" else 1)
    elif side == "decoder" and parts[0] in ("time_embedder", "scale_shift_table"):
        parts = ["last_" + parts[0]] + parts[1:]
    return ".".join([side] + ["res_blocks" if part == "resnets" else part for part in parts])


def numbered_block(index, rest, first):
    """`first` is 1 in the decoder, where the step precedes the resnets of a pair."""
    if rest[0] in ("downsamplers", "upsamplers"):
        return [str(2 * index + 1)] + rest[2:]
    return [str(2 * index + 2 * first)] + rest
