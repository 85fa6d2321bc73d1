/// Which sigma, and which noise.
extension TrainSection {
    mutating func readTimesteps(from section: inout ConfigSection) {
        var scheduler = "flowmatch"
        section.about("LTX-2 is trained by flow matching, whatever is written here.")
        section.read("noise_scheduler", into: &scheduler)
        if !["flowmatch", "custom_flowmatch", "ddpm"].contains(scheduler) {
            section.warn(
                "noise_scheduler",
                "got \"\(scheduler)\", but LTX-2 is trained by flow matching"
            )
        }
        section.about("How the video sigma of a step is drawn.")
        section.read("timestep_type", into: &timestepType)
        section.about("Noise levels that are drawn more often: high for content, low for style.")
        section.read("content_or_style", into: &contentOrStyle)
        contentOrStyleReg = contentOrStyle
        section.about("The same for regularisation sets.")
        section.read(
            "content_or_style_reg",
            into: &contentOrStyleReg,
            otherwise: "content_or_style"
        )
        section.about("Lowest index into the descending table of timesteps; 0 is pure noise.")
        section.read("min_denoising_steps", into: &minDenoisingSteps, .within(0...999))
        section.about("Highest index into the descending table of timesteps; 999 is nearly clean.")
        section.read("max_denoising_steps", into: &maxDenoisingSteps, .within(0...999))
        if minDenoisingSteps > maxDenoisingSteps {
            section.error(
                "min_denoising_steps",
                "got \(minDenoisingSteps), expected at most max_denoising_steps, \(maxDenoisingSteps)",
                fix: "exchange the two"
            )
        }
        readTables(from: &section)
    }

    private mutating func readTables(from section: inout ConfigSection) {
        section.about("Length of the table of timesteps.")
        section.read("num_train_timesteps", into: &numTrainTimesteps, .within(2...1_000_000))
        section.about("Length of the table of timestep_type next_sample.")
        section.read("next_sample_timesteps", into: &nextSampleTimesteps, .within(3...1000))
        section.about("Uniform sigma, and a bell of loss weights over it; wins over timestep_type.")
        section.read("linear_timesteps", into: &linearTimesteps)
        section.about(
            "Uniform sigma, and half a bell of loss weights over it; wins over timestep_type."
        )
        section.read("linear_timesteps2", into: &linearTimesteps2)
    }

    mutating func readNoise(from section: inout ConfigSection) {
        section.about("Scales the noise, in the target too.")
        section.read("noise_multiplier", into: &noiseMultiplier, .above(0), fix: "leave 1")
        section.about("Adds this times one draw per item and channel to the noise.")
        section.read(
            "noise_offset",
            into: &noiseOffset,
            .within(-10...10),
            fix: "use 0.05, or 0 for none"
        )
        section.about("Adds half the mean of the latent, per item and channel, to the noise.")
        section.read("dynamic_noise_offset", into: &dynamicNoiseOffset)
        section.about("Adds this times one draw per item, channel and latent frame to the noise.")
        section.read("random_noise_shift", into: &randomNoiseShift, .within(0...10))
        section.about(
            "Scales noise by exp(this times one draw) per item, channel and latent frame."
        )
        section.read("random_noise_multiplier", into: &randomNoiseMultiplier, .within(0...10))
        section.about("Noises drawn per item, of which the one nearest to the latent is used.")
        section.read(
            "optimal_noise_pairing_samples",
            into: &optimalNoisePairingSamples,
            .within(1...1000)
        )
        section.about("The same noise for an item in every epoch.")
        section.read("force_consistent_noise", into: &forceConsistentNoise)
    }
}
