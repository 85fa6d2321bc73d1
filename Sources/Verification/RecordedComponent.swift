/// What a recording is of, told by its keys.
enum RecordedComponent: String {
    case transformer
    case connectors
    case videoVAE = "video VAE"
    case audioVAE = "audio VAE"
    case vocoder
    case textEncoder = "text encoder"
    case mel = "mel spectrogram"
    case schedule = "sampling schedule"
    case sampling
    case guidedSampling = "guided sampling"
    case adapter
    case training
    case optimizer

    /// Nil if the keys are those of no known recording.
    init?(keys: [String]) {
        let known = Self.marks.first { _, marks in
            marks.allSatisfy { mark in keys.contains { $0.hasPrefix(mark) } }
        }
        guard let known else { return nil }
        self = known.0
    }

    /// Beginnings of keys that all occur in a recording; the first component that fits counts.
    private static let marks: [(RecordedComponent, [String])] = [
        (.sampling, ["in.noise.video", "in.negative.video", "sigmas"]),
        (.guidedSampling, ["in.noise.video", "in.given.video", "guided.sigmas"]),
        (.transformer, ["in.hidden_states", "in.audio_hidden_states", "in.sigma", "coords.video"]),
        (.connectors, ["in.hidden_states", "in.attention_mask", "out.video"]),
        (.textEncoder, ["in.ids", "out.hs"]),
        (.vocoder, ["in.mel", "out.waveform"]),
        (.audioVAE, ["in.mel", "enc.mean"]),
        (.audioVAE, ["dec.mel"]),
        (.videoVAE, ["in.video", "enc.mean"]),
        (.videoVAE, ["dec.video"]),
        (.mel, ["mel_basis"]),
        (.mel, ["out.log_mel"]),
        (.schedule, ["sigmas."]),
        (.training, ["in.noise.", "in.clean.", "loss."]),
        (.adapter, ["all.out."]),
        (.optimizer, ["in.gradients", "path."]),
    ]

    /// Whether its weights are needed to compute it.
    var needsCheckpoint: Bool {
        switch self {
        case .transformer, .connectors, .videoVAE, .audioVAE, .textEncoder, .sampling,
            .guidedSampling:
            true
        case .vocoder, .mel, .schedule, .adapter, .training, .optimizer: false
        }
    }

    /// Tolerances where no manifest gives any, by pattern; the first match counts.
    var defaultTolerances: [(pattern: String, value: Double)] {
        switch self {
        case .transformer:
            [
                ("coords.*", 0), ("rope.*", 1e-6), ("adaln.*", 1e-5), ("train.loss*", 1e-4),
                ("grad*", 1e-3), ("*", 1e-4),
            ]
        case .connectors: [("out.mask", 0), ("*", 1e-5)]
        case .videoVAE, .audioVAE, .vocoder, .sampling, .guidedSampling: [("*", 1e-4)]
        case .textEncoder, .mel, .schedule, .adapter, .training, .optimizer: [("*", 1e-5)]
        }
    }
}
