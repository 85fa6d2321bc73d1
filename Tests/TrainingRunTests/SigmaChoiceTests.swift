import RunConfig
import Testing
import Torch
import Training

@testable import TrainingRun

/// From keys of the run file to distributions.
@Suite("Choice of noise levels") struct SigmaChoiceTests {
    /// Draws and weights: equal for equal distributions.
    private func trace(_ distribution: any SigmaDistribution) throws -> [Double] {
        let draws = try withTorchErrors {
            distribution.draw(200, tokens: 2772, random: try RandomGenerator(seed: 9))
        }
        return draws + [0.05, 0.4, 0.95].map(distribution.weight(at:))
    }

    private func train(_ change: (inout TrainSection) -> Void) -> TrainSection {
        var train = TrainSection()
        change(&train)
        return train
    }

    private func expected(_ type: TimestepType, _ range: TableRange) -> any SigmaDistribution {
        switch type {
        case .sigmoid: SigmoidSigmas(range)
        case .linear: LinearSigmas(range)
        case .weighted: WeightedSigmas(range)
        case .shift, .fluxShift, .lumina2Shift: ShiftSigmas(range)
        case .lognormBlend: LognormBlendSigmas(range)
        case .nextSample: NextSampleSigmas(length: 6)
        case .oneStep: StepSigmas(steps: 1)
        case .twoStep: StepSigmas(steps: 2)
        case .fourStep: StepSigmas(steps: 4)
        case .eightStep: StepSigmas(steps: 8)
        case .shiftedLogitNormal: ShiftedLogitNormalSigmas(range)
        }
    }

    @Test("every timestep_type has its distribution, with limits", arguments: TimestepType.allCases)
    func types(type: TimestepType) throws {
        let plain = SigmaChoice(train { ($0.timestepType, $0.nextSampleTimesteps) = (type, 6) })
        #expect(try trace(plain.video) == trace(expected(type, TableRange())))
        #expect(try trace(plain.regularisation) == trace(plain.video))
        let limited = SigmaChoice(
            train {
                ($0.timestepType, $0.nextSampleTimesteps) = (type, 6)
                ($0.minDenoisingSteps, $0.maxDenoisingSteps) = (30, 200)
                $0.numTrainTimesteps = 400
                $0.contentOrStyle = .style
            }
        )
        let range = TableRange(first: 30, last: 200, preference: .style, length: 400)
        #expect(try trace(limited.video) == trace(expected(type, range)))
    }

    @Test("linear_timesteps wins over every type but weighted")
    func bells() throws {
        let whole = SigmaChoice(train { $0.linearTimesteps = true })
        #expect(try trace(whole.video) == trace(BellSigmas()))
        let half = SigmaChoice(
            train { ($0.linearTimesteps, $0.linearTimesteps2) = (true, true) }
        )
        #expect(try trace(half.video) == trace(BellSigmas(isHalf: true)))
        let weighted = SigmaChoice(
            train { ($0.linearTimesteps, $0.timestepType) = (true, .weighted) }
        )
        #expect(try trace(weighted.video) == trace(WeightedSigmas()))
    }

    @Test("regularisation sets have a preference of their own")
    func regularisation() throws {
        let choice = SigmaChoice(
            train {
                ($0.contentOrStyle, $0.contentOrStyleReg) = (.content, .style)
                $0.audioTimestepType = .match
            }
        )
        let content = SigmoidSigmas(TableRange(preference: .content))
        let style = SigmoidSigmas(TableRange(preference: .style))
        #expect(try trace(choice.video) == trace(content))
        #expect(try trace(choice.regularisation) == trace(style))
        #expect(try trace(#require(choice.audio.own)) == trace(content))
        #expect(try trace(#require(choice.regularisationAudio.own)) == trace(style))
    }

    @Test("sound is independent and uniform unless the run file says otherwise")
    func audio() throws {
        let plain = SigmaChoice(TrainSection()).audio
        #expect(try trace(#require(plain.own)) == trace(UniformSigmas()))
        #expect(plain.sharedPart == 0)
        #expect(SigmaChoice(train { $0.independentAudioTimestep = false }).audio.own == nil)
        let shifted = SigmaChoice(
            train { ($0.audioTimestepType, $0.mixedAudioTimestep) = (.shifted, 0.25) }
        ).audio
        #expect(try trace(#require(shifted.own)) == trace(ShiftedLogitNormalSigmas()))
        #expect(shifted.sharedPart == 0.25)
        let match = SigmaChoice(
            train { ($0.audioTimestepType, $0.timestepType) = (.match, .shift) }
        ).audio
        #expect(try trace(#require(match.own)) == trace(ShiftSigmas()))
    }
}
