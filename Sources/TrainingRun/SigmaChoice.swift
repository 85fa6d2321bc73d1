public import RunConfig
public import Training

/// The noise levels that a run file's `train` section asks for.
public struct SigmaChoice: Sendable {
    /// Levels of the picture.
    public var video: any SigmaDistribution
    /// Levels of the picture in batches of regularisation sets.
    public var regularisation: any SigmaDistribution
    /// Levels of the sound.
    public var audio: AudioSigmaPolicy
    /// Levels of the sound in batches of regularisation sets.
    public var regularisationAudio: AudioSigmaPolicy

    /// Reads the section.
    public init(_ train: TrainSection) {
        video = train.sigmas(train.contentOrStyle)
        regularisation = train.sigmas(train.contentOrStyleReg)
        audio = train.audioSigmas(matching: video)
        regularisationAudio = train.audioSigmas(matching: regularisation)
    }
}

extension TrainSection {
    /// `linear_timesteps` and `linear_timesteps2` win over every type but `weighted`, whose table
    /// is the same and whose weights win; the fixed levels know neither limits nor preferences.
    fileprivate func sigmas(_ preference: ContentOrStyle) -> any SigmaDistribution {
        let range = TableRange(
            first: minDenoisingSteps,
            last: maxDenoisingSteps,
            preference: SigmaPreference(preference),
            length: numTrainTimesteps
        )
        if timestepType == .weighted { return WeightedSigmas(range) }
        if linearTimesteps || linearTimesteps2 {
            return BellSigmas(range, isHalf: linearTimesteps2)
        }
        return fewLevels ?? manyLevels(range)
    }

    private var fewLevels: (any SigmaDistribution)? {
        switch timestepType {
        case .oneStep: StepSigmas(steps: 1)
        case .twoStep: StepSigmas(steps: 2)
        case .fourStep: StepSigmas(steps: 4)
        case .eightStep: StepSigmas(steps: 8)
        case .nextSample: NextSampleSigmas(length: nextSampleTimesteps)
        default: nil
        }
    }

    private func manyLevels(_ range: TableRange) -> any SigmaDistribution {
        switch timestepType {
        case .linear: LinearSigmas(range)
        case .shift, .fluxShift, .lumina2Shift: ShiftSigmas(range)
        case .lognormBlend: LognormBlendSigmas(range)
        case .shiftedLogitNormal: ShiftedLogitNormalSigmas(range)
        default: SigmoidSigmas(range)
        }
    }

    fileprivate func audioSigmas(matching video: any SigmaDistribution) -> AudioSigmaPolicy {
        guard independentAudioTimestep else { return .shared }
        let own: any SigmaDistribution =
            switch audioTimestepType {
            case .uniform: UniformSigmas()
            case .match: video
            case .shifted: ShiftedLogitNormalSigmas()
            }
        return AudioSigmaPolicy(own: own, sharedPart: mixedAudioTimestep)
    }
}

extension SigmaPreference {
    fileprivate init(_ choice: ContentOrStyle) {
        switch choice {
        case .balanced: self = .balanced
        case .content: self = .content
        case .style: self = .style
        }
    }
}
