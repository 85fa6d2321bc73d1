"""Sizes of the tiny models: every structural feature of the released ones, a few channels wide.

Versions are "20", "23" and "25". Widths differ wherever they differ in the released models, so that a
mixed-up width fails to load instead of giving a wrong number.
"""

GEMMA_WIDTH = 24
GEMMA_LAYERS = 3
REGISTERS = 4
LATENT_CHANNELS = 4
MEL_BINS = 16
AUDIO_WIDTH = 8  # channels of a packed audio latent: 2 channels of MEL_BINS / 4 values


def transformer(version):
    """Arguments of LTX2VideoTransformer3DModel."""
    configuration = dict(
        in_channels=LATENT_CHANNELS, out_channels=LATENT_CHANNELS, patch_size=1, patch_size_t=1,
        num_attention_heads=4, attention_head_dim=8, cross_attention_dim=32,
        vae_scale_factors=(8, 32, 32), pos_embed_max_pos=20, base_height=2048, base_width=2048,
        audio_in_channels=AUDIO_WIDTH, audio_out_channels=AUDIO_WIDTH, audio_patch_size=1, audio_patch_size_t=1,
        audio_num_attention_heads=4, audio_attention_head_dim=4, audio_cross_attention_dim=16,
        audio_scale_factor=4, audio_pos_embed_max_pos=20, audio_sampling_rate=16000,
        audio_hop_length=160, num_layers=2, activation_fn="gelu-approximate",
        qk_norm="rms_norm_across_heads", norm_elementwise_affine=False, norm_eps=1e-6,
        caption_channels=GEMMA_WIDTH, attention_bias=True, attention_out_bias=True,
        rope_theta=10000.0, rope_double_precision=True, causal_offset=1,
        timestep_scale_multiplier=1000, cross_attn_timestep_scale_multiplier=1000,
        rope_type="split",
    )
    configuration.update(transformer_switches(version))
    return configuration


def transformer_switches(version):
    """What 2.3 and 2.5 have and 2.0 has not; the released models use the same switches."""
    if version == "20":
        return dict(use_prompt_embeddings=True, perturbed_attn=False)
    switches = dict(
        gated_attn=True, cross_attn_mod=True, audio_gated_attn=True, audio_cross_attn_mod=True,
        use_prompt_embeddings=False, perturbed_attn=True,
    )
    if version == "25":
        switches.update(ff_bias=False, audio_ff_bias=True, use_keyframes_abs_pos_embedding=True)
    return switches


def connectors(version):
    """Arguments of LTX2TextConnectors."""
    configuration = dict(
        caption_channels=GEMMA_WIDTH, text_proj_in_factor=GEMMA_LAYERS + 1,
        connector_rope_base_seq_len=4096, rope_theta=10000.0, rope_double_precision=True,
        causal_temporal_positioning=False, rope_type="split",
        video_connector_num_learnable_registers=REGISTERS,
        audio_connector_num_learnable_registers=REGISTERS,
        video_connector_num_layers=2, audio_connector_num_layers=2,
    )
    if version == "20":
        configuration.update(
            video_connector_num_attention_heads=3, video_connector_attention_head_dim=8,
            audio_connector_num_attention_heads=3, audio_connector_attention_head_dim=8,
            per_modality_projections=False, proj_bias=False,
        )
        return configuration
    configuration.update(
        video_connector_num_attention_heads=4, video_connector_attention_head_dim=8,
        audio_connector_num_attention_heads=4, audio_connector_attention_head_dim=4,
        video_gated_attn=True, audio_gated_attn=True, per_modality_projections=True,
        proj_bias=True, video_hidden_dim=32, audio_hidden_dim=16,
    )
    return configuration


def video_vae(version, timestep_conditioning=False):
    """Arguments of AutoencoderKLLTX2Video."""
    configuration = dict(
        in_channels=3, out_channels=3, latent_channels=LATENT_CHANNELS, patch_size=4, patch_size_t=1,
        resnet_norm_eps=1e-6, encoder_causal=True, decoder_causal=False,
        encoder_spatial_padding_mode="zeros", down_block_types=("LTX2VideoDownBlock3D",) * 4,
        spatio_temporal_scaling=(True,) * 4,
        downsample_type=("spatial", "temporal", "spatiotemporal", "spatiotemporal"),
        timestep_conditioning=timestep_conditioning, spatial_compression_ratio=32,
        temporal_compression_ratio=8,
    )
    configuration.update(video_vae_20() if version == "20" else video_vae_23())
    return configuration


def video_vae_20():
    """Residual decoder with reflected borders."""
    return dict(
        block_out_channels=(8, 16, 32, 32), layers_per_block=(1, 2, 1, 1, 1),
        decoder_block_out_channels=(8, 16, 32), decoder_layers_per_block=(2, 1, 1, 1),
        decoder_spatio_temporal_scaling=(True,) * 3, decoder_inject_noise=(False,) * 4,
        upsample_type=("spatiotemporal",) * 3, upsample_residual=(True,) * 3,
        upsample_factor=(2, 2, 2), decoder_spatial_padding_mode="reflect",
    )


def video_vae_23():
    """Decoder of mixed steps without residuals."""
    return dict(
        block_out_channels=(8, 16, 32, 32), layers_per_block=(1, 2, 1, 1, 1),
        decoder_block_out_channels=(4, 8, 8, 16), decoder_layers_per_block=(1, 2, 1, 1, 1),
        decoder_spatio_temporal_scaling=(True,) * 4, decoder_inject_noise=(False,) * 5,
        upsample_type=("spatiotemporal", "spatiotemporal", "temporal", "spatial"),
        upsample_residual=(False,) * 4, upsample_factor=(2, 2, 1, 2),
        decoder_spatial_padding_mode="zeros",
    )


AUDIO_VAE = dict(
    base_channels=AUDIO_WIDTH, output_channels=2, ch_mult=(1, 2, 3), num_res_blocks=2, attn_resolutions=None,
    in_channels=2, resolution=256, latent_channels=2, norm_type="pixel", causality_axis="height",
    dropout=0.0, mid_block_add_attention=False, sample_rate=16000, mel_hop_length=160,
    is_causal=True, mel_bins=MEL_BINS, double_z=True,
)

DILATIONS = [[1, 3, 5]] * 3


def vocoder(version):
    """Arguments of LTX2Vocoder (2.0) or LTX2VocoderWithBWE; one stage fewer than released."""
    if version == "20":
        return dict(
            in_channels=2 * MEL_BINS, hidden_channels=32, out_channels=2,
            upsample_kernel_sizes=[16, 15, 8, 4], upsample_factors=[6, 5, 4, 2],
            resnet_kernel_sizes=[3, 7, 11], resnet_dilations=DILATIONS, act_fn="leaky_relu",
            leaky_relu_negative_slope=0.1, antialias=False, final_act_fn="tanh", final_bias=True,
            output_sampling_rate=24000,
        )
    return dict(
        in_channels=2 * MEL_BINS, hidden_channels=32, out_channels=2,
        upsample_kernel_sizes=[11, 8, 8, 4], upsample_factors=[5, 4, 4, 2],
        resnet_kernel_sizes=[3, 7, 11], resnet_dilations=DILATIONS, act_fn="snakebeta",
        antialias=True, antialias_ratio=2, antialias_kernel_size=12, final_act_fn=None,
        final_bias=False, bwe_in_channels=16, bwe_hidden_channels=32, bwe_out_channels=2,
        bwe_upsample_kernel_sizes=[12, 11, 8, 4], bwe_upsample_factors=[6, 5, 4, 2],
        bwe_resnet_kernel_sizes=[3, 7, 11], bwe_resnet_dilations=DILATIONS,
        bwe_act_fn="snakebeta", bwe_antialias=True, bwe_antialias_ratio=2,
        bwe_antialias_kernel_size=12, bwe_final_act_fn=None, bwe_final_bias=False,
        filter_length=128, hop_length=80, window_length=128, num_mel_channels=8,
        input_sampling_rate=16000, output_sampling_rate=48000,
    )


def from_metadata(config, names):
    """Arguments of LTX2VideoTransformer3DModel from a checkpoint's header and its tensor names."""
    max_position, height, width = config["positional_embedding_max_pos"]
    equal = [
        "in_channels", "out_channels", "num_layers", "caption_channels", "attention_head_dim",
        "num_attention_heads", "cross_attention_dim", "audio_in_channels", "audio_out_channels",
        "audio_attention_head_dim", "audio_num_attention_heads", "audio_cross_attention_dim",
        "rope_type", "timestep_scale_multiplier",
    ]
    arguments = {key: config[key] for key in equal}
    gated = config.get("apply_gated_attention", False)
    modulated = config.get("cross_attention_adaln", False)
    return arguments | dict(
        pos_embed_max_pos=max_position, base_height=height, base_width=width,
        audio_pos_embed_max_pos=config["audio_positional_embedding_max_pos"][0],
        cross_attn_timestep_scale_multiplier=config["av_ca_timestep_scale_multiplier"],
        rope_theta=config["positional_embedding_theta"],
        rope_double_precision=config.get("frequencies_precision") == "float64",
        gated_attn=gated, audio_gated_attn=gated, cross_attn_mod=modulated,
        audio_cross_attn_mod=modulated, perturbed_attn=gated,
        use_prompt_embeddings=any(name.startswith("caption_projection.") for name in names),
        ff_bias=config.get("ff_bias", True), audio_ff_bias=config.get("audio_ff_bias", True),
        use_keyframes_abs_pos_embedding=config.get("use_keyframes_abs_pos_embedding", False),
    )
