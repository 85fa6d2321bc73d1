import LTXModel
import RunConfig
import Torch
import TrainingRun

/// How long a run takes, from the number of its multiplications and the speed of this device.
///
/// It counts matrix products only and believes that all of them run as fast as a large one: real steps are
/// slower by what reading, norms and waiting take, on GPUs by a quarter to a half as a rule.
public struct TimeEstimate: Codable, Sendable, Equatable {
    /// Multiplications and additions of a step with the largest window.
    public var flopsPerStep: Double
    /// Measured multiplications and additions per second.
    public var flopsPerSecond: Double
    /// Steps still to do.
    public var steps: Int

    /// Seconds of one step.
    public var secondsPerStep: Double { flopsPerStep / max(flopsPerSecond, 1) }

    /// Seconds of the run.
    public var seconds: Double { secondsPerStep * Double(steps) }

    /// Measures the device with products of the model's own size; some seconds at most.
    init(_ plan: RunPlan, _ config: TransformerConfiguration) throws {
        let train = plan.file.train
        // Forward, once more where activations are recomputed, and backward to the inputs: weights are frozen.
        let passes = train.gradientCheckpointing ? 3.0 : 2.0
        let batch = Double(train.batchSize * train.gradientAccumulation)
        flopsPerStep = Self.forward(plan.largestTokens, config) * passes * batch
        flopsPerSecond = try Self.speed(plan.device, plan.dtype, width: config.video.width)
        steps = train.steps - (plan.resumed?.step ?? 0)
    }

    /// Linears by their tokens, attentions by the product of theirs.
    static func forward(
        _ tokens: (video: Int, audio: Int),
        _ config: TransformerConfiguration
    ) -> Double {
        let (video, audio) = (Double(tokens.video), Double(tokens.audio))
        let linears = config.blockLinearShapes.reduce(0.0) { sum, layer in
            let rows = layer.path.contains("audio") ? audio : video
            return sum + 2 * rows * Double(layer.input) * Double(layer.output)
        }
        let own =
            video * video * Double(config.video.width) + audio * audio * Double(config.audio.width)
        let cross = 2 * video * audio * Double(config.audio.width)
        return linears + 4 * Double(config.blockCount) * (own + cross)
    }

    private static func speed(_ device: Device, _ dtype: DType, width: Int) throws -> Double {
        try withTorchErrors {
            let rows = 1024
            let x = Tensor.full([rows, width], 0.01, dtype: dtype, device: device)
            let weight = Tensor.full([width, width], 0.01, dtype: dtype, device: device)
            _ = x.linear(weight)
            device.synchronize()
            let begun = ContinuousClock.now
            var count = 0
            var seconds = 0.0
            repeat {
                _ = x.linear(weight)
                count += 1
                device.synchronize()
                let elapsed = (ContinuousClock.now - begun).components
                seconds = Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
            } while seconds < 0.5 && count < 200
            return 2 * Double(rows * width * width * count) / max(seconds, 1e-9)
        }
    }
}
