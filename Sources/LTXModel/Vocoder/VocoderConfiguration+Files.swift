extension VocoderConfiguration {
    /// Reads `config.vocoder` of a single-file checkpoint: one generator in LTX-2.0, two since 2.3.
    public init(original config: ConfigObject, spectrum: MelConfiguration) throws {
        let isSingle = !config.has("bwe")
        let first = try isSingle ? config : config.object("vocoder")
        generator = try GeneratorConfiguration(original: first, bands: spectrum.bands)
        guard !isSingle else {
            sampleRate = try config.int("output_sampling_rate", default: 24000)
            return
        }
        let second = try config.object("bwe")
        sampleRate = try second.int("output_sampling_rate")
        let bands = try second.int("num_mels")
        let window = try second.int("n_fft")
        try second.require("win_size", is: window)
        let bandwidth = BandwidthConfiguration(
            generator: try GeneratorConfiguration(original: second, bands: bands),
            inputRate: try second.int("input_sampling_rate"),
            window: window,
            hop: try second.int("hop_length"),
            bands: bands
        )
        try bandwidth.check(second.path, first: generator, outputRate: sampleRate)
        self.bandwidth = bandwidth
    }

    /// Reads `vocoder/config.json` of a diffusers folder.
    public init(diffusers config: ConfigObject) throws {
        let isSingle = config.value("_class_name") as? String == "LTX2Vocoder"
        if !isSingle { try config.require("_class_name", is: "LTX2VocoderWithBWE") }
        generator = try GeneratorConfiguration(diffusers: config, prefix: "")
        sampleRate = try config.int("output_sampling_rate")
        guard !isSingle else { return }
        // The official program limits the first stage; diffusers' configuration does not say so.
        if generator.ending == .none { generator.ending = .clamp }
        let window = try config.int("filter_length")
        try config.require("window_length", is: window)
        let bandwidth = BandwidthConfiguration(
            generator: try GeneratorConfiguration(diffusers: config, prefix: "bwe_"),
            inputRate: try config.int("input_sampling_rate"),
            window: window,
            hop: try config.int("hop_length"),
            bands: try config.int("num_mel_channels")
        )
        try bandwidth.check(config.path, first: generator, outputRate: sampleRate)
        self.bandwidth = bandwidth
    }
}

extension GeneratorConfiguration {
    fileprivate init(original config: ConfigObject, bands: Int) throws {
        try config.require("stereo", is: true)
        let kind = try config.string("resblock", default: "1")
        let kinds = ["1": Activation.leaky, "AMP1": .snake]
        guard let activation = kinds[kind] else {
            throw ConfigurationError(
                "\(config.path).resblock: is \(kind), should be 1 or AMP1; "
                    + "use an original LTX-2 checkpoint"
            )
        }
        if activation == .snake { try config.require("activation", is: "snakebeta") }
        let hasTanh = try config.bool("use_tanh_at_final", default: true)
        let hasEnding = try config.bool("apply_final_activation", default: true)
        self.activation = activation
        ending = !hasEnding ? .none : hasTanh ? .tanh : .clamp
        hasFinalBias = try config.bool("use_bias_at_final", default: true)
        inputChannels = 2 * bands
        channels = try config.int("upsample_initial_channel", default: 1024)
        rates = try config.ints("upsample_rates", default: [6, 5, 2, 2, 2])
        kernels = try config.ints("upsample_kernel_sizes", default: [16, 15, 8, 4, 4])
        blockKernels = try config.ints("resblock_kernel_sizes", default: blockKernels)
        dilations = try config.lists("resblock_dilation_sizes", default: dilations)
        try check(config.path)
    }

    fileprivate init(diffusers config: ConfigObject, prefix: String) throws {
        func key(_ name: String) -> String { prefix + name }
        let name = try config.string(key("act_fn"))
        let kinds = ["leaky_relu": Activation.leaky, "snakebeta": .snake]
        guard let activation = kinds[name] else {
            throw ConfigurationError(
                "\(config.path).\(key("act_fn")): is \(name), should be leaky_relu or snakebeta; "
                    + "use an original LTX-2 checkpoint"
            )
        }
        try config.require(key("antialias"), is: activation == .snake)
        try config.require(key("antialias_ratio"), is: 2)
        try config.require(key("antialias_kernel_size"), is: 12)
        try config.require(key("leaky_relu_negative_slope"), is: 0.1)
        try config.require(key("out_channels"), is: 2)
        self.activation = activation
        let endings: [String: Ending] = ["tanh": .tanh, "clamp": .clamp, "": .none]
        let end = try config.string(key("final_act_fn"), default: "")
        guard let ending = endings[end] else {
            throw ConfigurationError(
                "\(config.path).\(key("final_act_fn")): is \(end), should be tanh, clamp or null; "
                    + "use an original LTX-2 checkpoint"
            )
        }
        self.ending = ending
        hasFinalBias = try config.bool(key("final_bias"))
        inputChannels = try config.int(key("in_channels"))
        channels = try config.int(key("hidden_channels"))
        rates = try config.ints(key("upsample_factors"))
        kernels = try config.ints(key("upsample_kernel_sizes"))
        blockKernels = try config.ints(key("resnet_kernel_sizes"))
        dilations = try config.lists(key("resnet_dilations"), default: dilations)
        try check(config.path)
    }
}
