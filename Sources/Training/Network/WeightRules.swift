import Adapters

/// Which of the transformer's own weights are trained, told by parts of their names.
public struct WeightRules: Equatable, Sendable {
    /// A weight stays as it is if its name contains any of these.
    public var ignoreIfContains: [String] = []
    /// If set, a weight's name must contain one of these.
    public var onlyIfContains: [String]?
    /// Whether what sees or makes sound is trained; without sound in the data it would drift.
    public var includesAudio = true
    /// Whether what makes the picture is trained.
    public var includesVideo = true

    /// All weights.
    public init() {}

    /// Whether a weight is trained.
    ///
    /// - Parameters:
    ///   - name: the original name, without `model.diffusion_model.`.
    ///   - storedName: the name in the file.
    /// - Returns: true if all rules let it.
    public func accept(_ name: String, storedName: String) -> Bool {
        func contains(_ part: String) -> Bool { storedName.contains(part) || name.contains(part) }
        let pathway = Pathway(weight: name)
        if !includesAudio && pathway.involvesAudio { return false }
        if !includesVideo && !pathway.writesAudio { return false }
        if ignoreIfContains.contains(where: contains) { return false }
        return onlyIfContains?.contains(where: contains) ?? true
    }
}

/// The rules leave nothing to train.
public struct NoWeightsError: Error, Equatable, CustomStringConvertible {
    let rules: WeightRules

    /// Takes the rules.
    public init(_ rules: WeightRules) { self.rules = rules }

    /// Where, what is, what should be, what to do.
    public var description: String {
        "model: no weight matches only_if_contains \(rules.onlyIfContains ?? []) without "
            + "ignore_if_contains \(rules.ignoreIfContains); use parts of names such as "
            + "transformer_blocks.0., attn1, ff, audio_attn1, proj_out"
    }
}

extension Pathway {
    /// The part of the model that a weight of the transformer belongs to, also where it is no layer's.
    init(weight name: String) {
        // Tables and modulations of the attentions between the streams are named after both streams.
        let isOfSound = ["v2a_gate", "a2v_ca_audio"].contains(where: name.contains)
        self = isOfSound ? .audio : Pathway(name)
    }
}
