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
    /// What `StepTimeProbe` says a step takes; nil if it was not asked.
    public var predictedSeconds: Double?
    /// Sum of both losses of the last step.
    public var loss: Double

    /// Median time of the last tenth of the steps over that of the first; nil with fewer than twenty steps.
    public var drift: Double? {
        let count = seconds.count / 10
        guard count > 1 else { return nil }
        let (first, last) = (seconds.prefix(count).sorted(), seconds.suffix(count).sorted())
        return last[count / 2] / max(first[count / 2], 1e-9)
    }

    /// The middle one of the sorted times.
    public var median: Double { seconds.sorted()[seconds.count / 2] }

    /// The middle one of the ratios of steps that were measured next to each other, so that a slow
    /// minute of the machine slows both.
    public func ratio(to other: StepFigures) -> Double {
        Self.middle(zip(seconds, other.seconds).map { $0 / max($1, 1e-9) }) ?? 1
    }

    /// The same of the differences.
    public func difference(to other: StepFigures) -> Double {
        Self.middle(zip(seconds, other.seconds).map { $0 - $1 }) ?? 0
    }

    private static func middle(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : values.sorted()[values.count / 2]
    }
}

/// Measures training steps of some shapes, taking turns, so that whatever slows the machine slows all of them.
public struct StepBenchmark {
    private let scenes: [StepScene]

    /// Builds the scenes; all of them are in memory at once.
    public init(_ shapes: StepShape...) throws { try self.init(shapes) }

    /// Builds the scenes; all of them are in memory at once.
    public init(_ shapes: [StepShape]) throws { scenes = try shapes.map(StepScene.init) }

    /// Runs `warmups` steps of each that do not count, then `steps`; figures in the order of the shapes.
    public func run(steps: Int, warmups: Int = 1) throws -> [StepFigures] {
        for _ in 0..<warmups { for scene in scenes { try scene.run() } }
        var figures = scenes.map(StepFigures.init)
        for _ in 0..<max(1, steps) {
            for (index, scene) in scenes.enumerated() { try figures[index].add(scene) }
        }
        return figures
    }
}

extension StepFigures {
    fileprivate init(_ scene: StepScene) {
        self.init(
            seconds: [],
            residentBytes: scene.residentBytes,
            peakBytes: 0,
            hostBytes: scene.hostBytes,
            processBytes: 0,
            loss: 0
        )
    }

    fileprivate mutating func add(_ scene: StepScene) throws {
        let device = scene.shape.device
        device.resetPeakMemory()
        // What other scenes hold is not this one's.
        let others = device.usedMemory - residentBytes
        let begun = ContinuousClock.now
        let report = try scene.run()
        seconds.append((ContinuousClock.now - begun) / .seconds(1))
        peakBytes = max(peakBytes, device.peakMemory - others)
        processBytes = ProcessMemory.peak
        loss = report.videoLoss + (report.audioLoss ?? 0)
    }
}
