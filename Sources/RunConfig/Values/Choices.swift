/// Which trainer of ai-toolkit a process asks for; all of these are the one that is here.
public enum ProcessType: String, Sendable, Codable, CaseIterable, ConfigChoice {
    /// The command line trainer.
    case sdTrainer = "sd_trainer"
    /// The trainer that reports to a web page.
    case diffusionTrainer = "diffusion_trainer"
    /// An older name of the same.
    case uiTrainer = "ui_trainer"
    /// Another name of the same.
    case textualInversionTrainer = "textual_inversion_trainer"
}

/// What is trained.
public enum NetworkType: String, Sendable, Codable, CaseIterable, ConfigChoice {
    /// Two thin matrices beside each linear.
    case lora
    /// LoRA with a trained magnitude per output row.
    case dora
    /// A Kronecker product beside each linear.
    case lokr
    /// An elementwise product of two low-rank products.
    case loha
    /// A full difference per linear.
    case fullrank
}

/// Element type of saved adapter tensors.
public enum SaveDType: String, Sendable, Codable, CaseIterable, ConfigChoice {
    /// bfloat16.
    case bf16
    /// float16.
    case fp16
    /// float32.
    case fp32

    static let aliases: [String: SaveDType] = [
        "bfloat16": .bf16, "float16": .fp16, "16": .fp16, "half": .fp16, "float32": .fp32,
        "float": .fp32, "32": .fp32,
    ]
}

/// Element type of the base model's weights and activations.
public enum ComputeDType: String, Sendable, Codable, CaseIterable, ConfigChoice {
    /// bfloat16.
    case bf16
    /// float16.
    case fp16
    /// float32.
    case fp32

    static let aliases: [String: ComputeDType] = [
        "bfloat16": .bf16, "float16": .fp16, "16": .fp16, "half": .fp16, "float32": .fp32,
        "float": .fp32, "32": .fp32,
    ]
}

/// File layout of a saved adapter; a LoRA is one safetensors file either way.
public enum SaveFormat: String, Sendable, Codable, CaseIterable, ConfigChoice {
    /// One file.
    case safetensors
    /// One file too, for an adapter.
    case diffusers
}

/// A version of the model family.
public enum Architecture: String, Sendable, Codable, CaseIterable, ConfigReadable {
    /// LTX-2 (19B).
    case ltx2
    /// LTX-2.3 (22B).
    case ltx23 = "ltx2.3"
    /// LTX-2.5.
    case ltx25 = "ltx2.5"

    static let noun = "one of ltx2, ltx2.3, ltx2.5"
    static let plural = noun
    static let schemaType = "choice"
    static var allowedValues: [String]? { allCases.map(\.rawValue) }

    /// What follows a colon does not count, as in `ltx2:anything`.
    init?(_ node: ConfigNode) {
        guard let text = node.scalarText?.lowercased().split(separator: ":").first else {
            return nil
        }
        self.init(rawValue: String(text))
    }

    var configValue: ConfigValue { .text(rawValue) }
}

/// How the video sigma of a step is drawn.
public enum TimestepType: String, Sendable, Codable, CaseIterable, ConfigChoice {
    /// The sigmoid of a standard normal draw.
    case sigmoid
    /// Uniform.
    case linear
    /// Uniform, with a loss weight per sigma.
    case weighted
    /// Shifted towards noise by the number of tokens.
    case shift
    /// The same as `shift`.
    case fluxShift = "flux_shift"
    /// The same as `shift`.
    case lumina2Shift = "lumina2_shift"
    /// Three quarters log-normal, one quarter uniform.
    case lognormBlend = "lognorm_blend"
    /// Two neighbouring sigmas of a short `shift` table.
    case nextSample = "next_sample"
    /// Pure noise only.
    case oneStep = "one_step"
    /// Two fixed sigmas.
    case twoStep = "two_step"
    /// Four fixed sigmas.
    case fourStep = "four_step"
    /// Eight fixed sigmas.
    case eightStep = "eight_step"
    /// The official trainer's logit-normal, shifted by the number of tokens.
    case shiftedLogitNormal = "shifted_logit_normal"
}

/// Which noise levels are drawn more often.
public enum ContentOrStyle: String, Sendable, Codable, CaseIterable, ConfigChoice {
    /// None.
    case balanced
    /// High noise, where the layout is decided.
    case content
    /// Low noise, where the detail is decided.
    case style
}

/// How a velocity is compared with its target.
public enum LossType: String, Sendable, Codable, CaseIterable, ConfigChoice {
    /// Squared difference.
    case mse
    /// Absolute difference.
    case mae
    /// Squared near zero, absolute far away.
    case pseudoHuber = "pseudo_huber"
    /// One sampling step, compared in latent space.
    case stepped
}

/// How the audio sigma of a step is drawn when it is independent.
public enum AudioTimestepType: String, Sendable, Codable, CaseIterable, ConfigChoice {
    /// Uniform from 0 to 1.
    case uniform
    /// The video's distribution, own draw.
    case match
    /// Logit-normal, shifted by the number of audio tokens.
    case shifted
}

/// What keeps the audio loss in proportion to the video loss.
public enum AudioBalance: String, Sendable, Codable, CaseIterable, ConfigChoice {
    /// `audio_loss_multiplier`, a constant.
    case fixed
    /// Running means of both losses, as `auto_balance_audio_loss: true`.
    case lossAverage = "loss_average"
    /// What each loss does to the adapter.
    case gradientNorm = "gradient_norm"
}

/// How guidance scale depends on sigma in the guidance loss.
public enum GuidanceSchedule: String, Sendable, Codable, CaseIterable, ConfigChoice {
    /// The same at every sigma.
    case constant
    /// 1 at sigma 0, full at sigma 1.
    case sigma
}
