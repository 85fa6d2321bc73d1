"""The `config` that released checkpoint files carry in their header, for the tiny sizes."""

from . import configurations

FIXED_TRANSFORMER = {
    "_class_name": "AVTransformer3DModel", "activation_fn": "gelu-approximate", "attention_bias": True,
    "double_self_attention": False, "dropout": 0.0, "norm_elementwise_affine": False, "norm_eps": 1e-6,
    "num_embeds_ada_norm": 1000, "num_vector_embeds": None, "only_cross_attention": False,
    "cross_attention_norm": True, "upcast_attention": False, "use_linear_projection": False,
    "qk_norm": "rms_norm", "standardization_norm": "rms_norm", "positional_embedding_type": "rope",
    "positional_embedding_theta": 10000.0, "positional_embedding_max_pos": [20, 2048, 2048],
    "timestep_scale_multiplier": 1000, "av_ca_timestep_scale_multiplier": 1000.0,
    "causal_temporal_positioning": True, "audio_positional_embedding_max_pos": [20],
    "use_audio_video_cross_attention": True, "share_ff": False, "av_cross_ada_norm": True,
    "use_middle_indices_grid": True, "connector_positional_embedding_max_pos": [4096],
    "rope_type": "split", "frequencies_precision": "float64",
}

EQUAL_TRANSFORMER = [
    "in_channels", "out_channels", "num_layers", "caption_channels", "attention_head_dim",
    "num_attention_heads", "cross_attention_dim", "audio_in_channels", "audio_out_channels",
    "audio_attention_head_dim", "audio_num_attention_heads", "audio_cross_attention_dim",
]

SCHEDULER = {"_class_name": "RectifiedFlowScheduler"}
MODEL_VERSIONS = {"20": "2.0.0", "23": "2.3.0", "25": "2.5.0"}


def transformer(version):
    tiny, connectors = configurations.transformer(version), configurations.connectors(version)
    config = FIXED_TRANSFORMER | {key: tiny[key] for key in EQUAL_TRANSFORMER}
    config |= {
        "connector_attention_head_dim": connectors["video_connector_attention_head_dim"],
        "connector_num_attention_heads": connectors["video_connector_num_attention_heads"],
        "connector_num_layers": connectors["video_connector_num_layers"],
        "audio_connector_attention_head_dim": connectors["audio_connector_attention_head_dim"],
        "audio_connector_num_attention_heads": connectors["audio_connector_num_attention_heads"],
        "connector_num_learnable_registers": connectors["video_connector_num_learnable_registers"],
    }
    if version == "20":
        return config
    config |= {
        "apply_gated_attention": True, "connector_apply_gated_attention": True,
        "caption_projection_first_linear": False, "caption_projection_second_linear": False,
        "caption_proj_input_norm": False, "caption_proj_before_connector": True,
        "cross_attention_adaln": True, "text_encoder_norm_type": "per_token_rms",
    }
    if version == "25":
        config |= {
            "ff_bias": False, "use_keyframes_abs_pos_embedding": True,
            "text_encoder_norm_type": "PER_TOKEN_RMS",
        }
    return config


def residuals(count, **options):
    return ["res_x", {"num_layers": count, **options}]


def step(axes, multiplier, **options):
    return [f"compress_{axes}", {**options, "multiplier": multiplier}]


def video_vae(version, timestep_conditioning=False):
    """Decoder blocks are listed from pixels to latent, against the order in which they run."""
    encoder = [
        residuals(1), step("space_res", 2), residuals(2), step("time_res", 2), residuals(1),
        step("all_res", 2), residuals(1), step("all_res", 1), residuals(1),
    ]
    if version == "20":
        block, up = residuals(1, inject_noise=False), step("all", 2, residual=True)
        decoder = [residuals(2, inject_noise=False), up, block, up, block, up, block]
        padding = {"encoder_spatial_padding_mode": "zeros", "decoder_spatial_padding_mode": "reflect"}
    else:
        decoder = [
            residuals(1), step("space", 2), residuals(2), step("time", 2), residuals(1),
            step("all", 1), residuals(1), step("all", 2), residuals(1),
        ]
        padding = {"spatial_padding_mode": "zeros"}
    tiny = configurations.video_vae(version)
    base = tiny["decoder_block_out_channels"][0] // tiny["upsample_factor"][0]
    return padding | {
        "_class_name": "CausalVideoAutoencoder", "dims": 3, "in_channels": 3, "out_channels": 3,
        "latent_channels": configurations.LATENT_CHANNELS, "encoder_blocks": encoder,
        "decoder_blocks": decoder, "scaling_factor": 1.0, "norm_layer": "pixel_norm", "patch_size": 4,
        "latent_log_var": "uniform", "causal_decoder": False,
        "timestep_conditioning": timestep_conditioning,
        "encoder_base_channels": tiny["latent_channels"], "decoder_base_channels": base,
    }


def audio_vae():
    tiny = configurations.AUDIO_VAE
    shape = {
        "double_z": True, "mel_bins": tiny["mel_bins"], "z_channels": tiny["latent_channels"],
        "resolution": 256, "in_channels": 2, "out_ch": 2, "ch": tiny["base_channels"],
        "ch_mult": list(tiny["ch_mult"]), "num_res_blocks": tiny["num_res_blocks"],
        "attn_resolutions": [], "dropout": 0.0, "mid_block_add_attention": False,
        "norm_type": "pixel", "causality_axis": "height",
    }
    return {
        "model": {"params": {"ddconfig": shape, "sampling_rate": 16000}},
        "preprocessing": {
            "audio": {"sampling_rate": 16000, "duration": 5.12, "stereo": True, "causal_padding": 3},
            "stft": {"filter_length": 1024, "hop_length": 160, "win_length": 1024, "causal": True},
            "mel": {"n_mel_channels": tiny["mel_bins"], "mel_fmin": 0, "mel_fmax": 8000},
        },
    }


def vocoder(version):
    tiny = configurations.vocoder(version)
    if version == "20":
        return generator(tiny, "") | {"resblock": "1", "output_sampling_rate": 24000}
    anti_aliased = {
        "resblock": "AMP1", "activation": "snakebeta", "use_tanh_at_final": False,
        "use_bias_at_final": False,
    }
    extension = generator(tiny, "bwe_") | anti_aliased | {
        "apply_final_activation": False, "input_sampling_rate": 16000, "output_sampling_rate": 48000,
        "hop_length": tiny["hop_length"], "n_fft": tiny["filter_length"],
        "win_size": tiny["window_length"], "num_mels": tiny["num_mel_channels"],
    }
    return {"vocoder": generator(tiny, "") | anti_aliased, "bwe": extension}


def generator(tiny, prefix):
    return {
        "upsample_initial_channel": tiny[prefix + "hidden_channels"],
        "upsample_rates": tiny[prefix + "upsample_factors"],
        "upsample_kernel_sizes": tiny[prefix + "upsample_kernel_sizes"],
        "resblock_kernel_sizes": tiny[prefix + "resnet_kernel_sizes"],
        "resblock_dilation_sizes": tiny[prefix + "resnet_dilations"], "stereo": True,
    }


def single_file(version):
    """Header of a single-file checkpoint."""
    config = {
        "transformer": transformer(version), "vae": video_vae(version), "audio_vae": audio_vae(),
        "vocoder": vocoder(version), "scheduler": SCHEDULER,
    }
    return {"config": config, "model_version": MODEL_VERSIONS[version]}
