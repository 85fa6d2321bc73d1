/// A one-word choice of what the run is for.
public enum TrainingPreset: String, Sendable, Codable, CaseIterable, ConfigChoice {
    /// Both.
    case faceAndVoice = "face+voice"
    /// The sound alone.
    case voice
    /// The picture alone.
    case face

    /// What stands for keys that the file does not give.
    ///
    /// Where the numbers come from: docs/voice-training.md.
    var defaults: [String: ConfigValue] {
        Self.common.merging(own) { $1 }
    }

    /// Keys that say the same as one of a preset, or rule it out: a file that has one of them decides.
    static let otherKeys: [String: [String]] = [
        "network.linear": ["network.rank"],
        "network.rank_dropout": ["network.network_kwargs.rank_dropout"],
        "train.auto_balance_audio_loss": [
            "train.audio_balance", "train.audio_loss_multiplier", "train.video_loss_multiplier",
        ],
        "datasets[].caption_dropout_rate": ["train.caption_dropout_rate"],
    ]

    /// What an optimizer that finds its learning rate itself does without.
    static let rates: Set = ["train.lr", "train.audio_lr"]

    private static let common: [String: ConfigValue] = [
        "network.linear": 32,
        "network.rank_dropout": 0.1,
        "train.lr": 1e-4,
        "train.steps": 2000,
        "train.timestep_type": "sigmoid",
        "datasets[].caption_dropout_rate": 0.05,
        "save.dtype": "bf16",
    ]

    private var own: [String: ConfigValue] {
        switch self {
        case .faceAndVoice:
            [
                "network.pathways": ["video", "audio", "audio_to_video", "video_to_audio"],
                "network.audio_linear": 16,
                "train.audio_lr": 5e-5,
                "train.auto_balance_audio_loss": true,
                "train.strict_audio_mode": true,
            ]
        case .voice:
            [
                "network.pathways": ["audio", "video_to_audio"],
                "train.video_loss_multiplier": 0,
                "train.steps": 1500,
                "train.strict_audio_mode": true,
            ]
        case .face:
            [
                "network.pathways": ["video"],
                "datasets[].do_audio": false,
                "train.voice_preservation": false,
            ]
        }
    }
}

/// A part of the transformer, by what it reads and writes.
public enum AdapterPathway: String, Sendable, Codable, CaseIterable, ConfigChoice {
    /// The video stream: its self-attention, text attention and feed-forward.
    case video
    /// The same of the audio stream.
    case audio
    /// Where the picture listens to the sound.
    case audioToVideo = "audio_to_video"
    /// Where the sound looks at the picture.
    case videoToAudio = "video_to_audio"
}
