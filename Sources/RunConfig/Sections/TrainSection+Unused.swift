/// Keys of ai-toolkit that do nothing for LTX-2, or nothing good.
extension TrainSection {
    func readUnused(from section: inout ConfigSection) {
        ignoreLearningRates(in: &section)
        ignoreOtherFamilies(in: &section)
        ignoreTargets(in: &section)
        ignoreMachinery(in: &section)
        refuseBroken(in: &section)
    }

    private func ignoreLearningRates(in section: inout ConfigSection) {
        section.ignore(
            [
                "unet_lr": nil, "text_encoder_lr": nil, "refiner_lr": nil, "embedding_lr": nil,
                "adapter_lr": nil,
            ],
            because: "everything is trained with lr, the audio side with audio_lr",
            severity: .warning
        )
    }

    private func ignoreOtherFamilies(in section: inout ConfigSection) {
        section.ignore(
            [
                "weight_jitter": 0, "free_u": false, "negative_prompt": nil,
                "max_negative_prompts": 1, "prompt_dropout_prob": 0,
                "prompt_saturation_chance": 0, "short_and_long_captions": false,
                "short_and_long_captions_encoder_split": false, "match_adapter_assist": false,
                "match_adapter_chance": 0, "adapter_assist_name_or_path": nil,
                "adapter_assist_type": "t2i", "bypass_guidance_embedding": false,
                "do_paramiter_swapping": false, "paramiter_swapping_factor": 0.1,
                "switch_boundary_every": 1, "do_blank_stabilization": false,
                "train_turbo": false, "show_turbo_outputs": false, "train_refiner": true,
                "cfg_rescale": nil, "max_loss_debug": false,
            ],
            because: "it belongs to other model families"
        )
    }

    private func ignoreTargets(in section: inout ConfigSection) {
        section.ignore(
            ["train_unet": true],
            because: "the transformer is what is trained",
            severity: .warning
        )
    }

    private func ignoreMachinery(in section: inout ConfigSection) {
        section.ignore(
            ["sdp": false, "xformers": false, "attention_backend": "native"],
            because: "LibTorch chooses the attention kernel"
        )
        section.ignore(
            [
                "throughput_profile": nil, "dataloader_autotune": false,
                "prefetch_to_device": false, "prefetch_queue_depth": 2,
                "logger_commit_interval": nil, "allow_tf32": nil, "cudnn_benchmark": nil,
                "non_blocking_device_transfer": nil, "dataloader_pin_memory": nil,
                "dataloader_persistent_workers": nil,
            ],
            because: "batches are prepared ahead without it"
        )
        section.ignore(
            ["validation_config": nil],
            because: "train.held_out measures clips that are not trained on",
            severity: .warning
        )
        section.ignore(
            [
                "img_multiplier": 1, "latent_multiplier": 1, "noisy_latent_multiplier": 1,
                "target_noise_multiplier": 1, "pred_scaler": 1,
            ],
            because: "scaled latents are not what the model knows",
            severity: .warning
        )
    }

    private func refuseBroken(in section: inout ConfigSection) {
        section.refuse(
            [
                "do_prior_divergence", "do_fft_loss", "do_fft_velocity_equiv_weight",
                "t0_loss_target", "t0_velocity_equiv_weight",
            ],
            because: "it is an experiment of ai-toolkit that is not here",
            fix: "remove the key"
        )
        section.refuse(
            [
                "adaptive_scaling_factor", "standardize_images", "standardize_latents",
                "do_signal_correction_noise", "do_batch_noise_correction", "blended_blur_noise",
                "do_signal_amplification", "correct_pred_norm", "match_noise_norm",
                "target_norm_std", "diffusion_feature_extractor_path",
                "latent_feature_extractor_path",
            ],
            because: "it is made for the latents of image models",
            fix: "remove the key"
        )
        section.ignore(
            [
                "signal_correction_noise_scale": 1, "batch_noise_correction_scale": 0.1,
                "signal_amplification_strength": 0.5, "correct_pred_norm_multiplier": 1,
                "target_norm_std_value": 1, "diffusion_feature_extractor_weight": 1,
                "latent_feature_extractor_loss_weight": 1, "latent_feature_loss_weight": 1,
            ],
            because: "what it adjusts is made for the latents of image models"
        )
        section.refuse(
            ["merge_network_on_save"],
            because: "the run writes adapter files",
            fix: "remove the key and load the adapter where the model is used"
        )
        section.ignore(
            ["merge_network_on_save_strength": 1],
            because: "the run writes adapter files"
        )
    }
}
