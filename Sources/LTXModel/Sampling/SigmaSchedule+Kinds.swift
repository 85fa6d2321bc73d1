extension SigmaSchedule {
    /// The ways to choose noise levels.
    public enum Kind: String, CaseIterable, Sendable {
        /// As the official pipelines: shifted as for 4,096 tokens, however many there are.
        case official
        /// As diffusers: shifted by the real number of video tokens.
        case diffusers
        /// The eight steps of the distilled models.
        case distilled

        /// The number of steps that cannot be chosen; nil where it can.
        public var fixedStepCount: Int? {
            self == .distilled ? SigmaSchedule.distilled.stepCount : nil
        }
    }

    /// A schedule of a kind.
    ///
    /// - Parameters:
    ///   - kind: which.
    ///   - steps: 1 or more; what `fixedStepCount` says goes before it.
    ///   - videoTokens: tokens of the picture; only diffusers' schedule depends on it.
    public init(_ kind: Kind, steps: Int, videoTokens: Int) {
        switch kind {
        case .official: self.init(steps: steps)
        case .diffusers: self.init(steps: steps, tokens: videoTokens)
        case .distilled: self = .distilled
        }
    }

    /// Steps that the official pipelines take with the undistilled model of a version.
    public static func defaultSteps(for version: ModelVersion) -> Int {
        version == .ltx20 ? 40 : 30
    }

    /// How many steps it has.
    public var stepCount: Int { max(sigmas.count - 1, 0) }
}
