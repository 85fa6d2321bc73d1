import Torch

/// How one step changes parameters by gradients: clipped, at their rates, and rounded where they are bfloat16.
///
/// An optimizer works on float32. Parameters in bfloat16 are widened for it, changed, and rounded back by
/// chance: the nearest neighbour of a weight plus a small change would mostly be the weight itself.
struct ParameterChange {
    let optimizer: any Optimizer
    let parameters: [Tensor]
    let rates: [Double]
    let maxNorm: Double
    /// Seed of the run and steps finished: they decide how is rounded.
    let place: (seed: UInt64, done: Int)

    /// Elements that are widened at a time, where the optimizer allows it.
    private static let widenedElements = 1 << 26

    /// Changes the parameters that have a gradient; the gradients are used up.
    func apply(_ gradients: [Tensor?], norm: Double) {
        if !optimizer.limitsItself { clip(gradients, norm) }
        let narrow = parameters.indices.filter { index in
            parameters[index].dtype == .bfloat16
                && (gradients[index] != nil || !optimizer.stepsApart)
        }
        withoutGradients {
            guard !narrow.isEmpty else {
                optimizer.step(parameters: parameters, gradients: gradients, rates: rates)
                return
            }
            guard optimizer.stepsApart else { return stepWidened(gradients, narrow) }
            for part in StepPart.cut(narrow, parameters, limit: Self.widenedElements) {
                var own: [Tensor?] = parameters.map { _ in nil }
                for index in part { own[index] = gradients[index] }
                stepWidened(own, part)
            }
        }
    }

    private func stepWidened(_ gradients: [Tensor?], _ narrow: [Int]) {
        var wide = parameters
        var gradients = gradients
        for index in narrow {
            wide[index] = parameters[index].detach().to(.float32)
            gradients[index] = gradients[index]?.to(.float32)
        }
        optimizer.step(parameters: wide, gradients: gradients, rates: rates)
        for index in narrow {
            let purpose = 0x2071D << 40 | UInt64(index)
            parameters[index].copy(
                rounding: wide[index],
                seed: RandomGenerator.seed(place.seed, step: place.done, purpose: purpose)
            )
        }
    }

    private func clip(_ gradients: [Tensor?], _ norm: Double) {
        guard maxNorm > 0, norm > maxNorm else { return }
        // The small number is torch's, so that clipped runs agree with it.
        let factor = maxNorm / (norm + 1e-6)
        for gradient in gradients { gradient?.scale(by: factor) }
    }
}

/// Norms of the gradients of what writes the picture and of what writes the sound.
struct GradientNorms {
    private var squares = (video: 0.0, audio: 0.0)

    /// Nothing yet.
    init() {}

    /// The norms of some gradients.
    init(_ gradients: [Tensor?], writesAudio: [Bool]) {
        func square(_ audio: Bool) -> Double {
            let own = gradients.indices.compactMap {
                writesAudio[$0] == audio ? gradients[$0] : nil
            }
            let norm = own.isEmpty ? 0 : Tensor.totalNorm(own).item()
            return norm * norm
        }
        squares = (square(false), square(true))
    }

    var video: Double { squares.video.squareRoot() }
    var audio: Double { squares.audio.squareRoot() }
    var total: Double { (squares.video + squares.audio).squareRoot() }

    /// Takes in those of further parameters.
    mutating func add(_ other: GradientNorms) {
        squares.video += other.squares.video
        squares.audio += other.squares.audio
    }
}
