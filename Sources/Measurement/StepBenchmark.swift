import Torch
import Training

/// What some steps of a shape took.
public struct StepFigures: Codable, Sendable {
    /// Seconds of each step after the first ones.
    public var seconds: [Double]
    /// Bytes of tensors on the device before the first step.
    public var residentBytes: Int
    /// Most bytes of tensors on the device during a step.
    public var peakBytes: Int
    /// Bytes of weights in host memory.
    public var hostBytes: Int
    /// Most bytes of the whole process.
    public var processBytes: Int
    /// What `ActivationProbe` says the step needs beside what stays; nil if it was not asked.
    public var predictedBytes: Int?
    /// Sum of both losses of the last step.
    public var loss: Double

    /// The shortest time: what the step takes where nothing else runs.
    public var fastest: Double { seconds.min() ?? 0 }

    /// The middle one of the sorted times.
    public var median: Double { seconds.sorted()[seconds.count / 2] }
}

/// Measures training steps of one shape.
public struct StepBenchmark {
    private let scene: StepScene

    /// Builds the scene.
    public init(_ shape: StepShape) throws { scene = try StepScene(shape) }

    /// Runs `warmups` steps that do not count, then `steps`.
    public func run(steps: Int, warmups: Int = 1) throws -> StepFigures {
        for _ in 0..<warmups { try scene.run() }
        scene.shape.device.resetPeakMemory()
        var loss = 0.0
        let seconds = try (0..<max(1, steps)).map { _ in
            let begun = ContinuousClock.now
            let report = try scene.run()
            loss = report.videoLoss + (report.audioLoss ?? 0)
            return (ContinuousClock.now - begun).inSeconds
        }
        return StepFigures(
            seconds: seconds,
            residentBytes: scene.residentBytes,
            peakBytes: scene.shape.device.peakMemory,
            hostBytes: scene.hostBytes,
            processBytes: ProcessMemory.peak,
            loss: loss
        )
    }
}

extension Duration {
    /// As a number of seconds.
    public var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
