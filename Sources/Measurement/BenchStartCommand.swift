public import ArgumentParser
import Foundation
import LTXModel
import Torch
import Training

/// `bench start`: from a checkpoint on the disk to the moment before the first training step, then that step.
public struct BenchStartCommand: ParsableCommand {
    /// Name, abstract and options.
    public static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Time from a checkpoint to the first training step.",
        discussion: """
            The transformer is read and its blocks kept in a narrow format; adapters, optimizer and a drawn clip are \
            made: a line of JSON tells the seconds of reading and of all of it, and the most memory of the process \
            until then. Then one step is made: a second line tells its seconds, loss, and the memory with it.
            """
    )

    @Argument(help: "A single file or a diffusers folder.") var checkpoint: String
    @Option(help: "How the blocks' layers are kept: float8, int8, int4, nf4; else in dtype.")
    var qtype = "float8"
    @Option(help: "Device, such as cpu or cuda:0.") var device = "cpu"

    /// A command with default options.
    public init() {}

    /// All is there, no step was made.
    private struct Ready: Encodable {
        let readingSeconds: Double
        let seconds: Double
        let processBytes: Int
    }

    private struct FirstStep: Encodable {
        let stepSeconds: Double
        let stepProcessBytes: Int
        let loss: Double
    }

    /// Measures and prints.
    public func run() throws {
        let begun = ContinuousClock.now
        let (shape, transformer) = try transformer()
        let reading = Self.seconds(since: begun)
        let scene = try StepScene(shape, transformer: transformer)
        let ready = ContinuousClock.now
        try Self.tell(
            Ready(
                readingSeconds: reading,
                seconds: Self.seconds(since: begun),
                processBytes: ProcessMemory.peak
            )
        )
        let report = try scene.run()
        try Self.tell(
            FirstStep(
                stepSeconds: Self.seconds(since: ready),
                stepProcessBytes: ProcessMemory.peak,
                loss: report.videoLoss + (report.audioLoss ?? 0)
            )
        )
    }

    private func transformer() throws -> (StepShape, Transformer) {
        let file = try Checkpoint(path: checkpoint)
        var shape = StepShape(config: try file.transformerConfiguration)
        shape.grid = (1, 8, 8)
        shape.textCount = 32
        shape.dtype = .bfloat16
        shape.device = Device(device)
        shape.quantization = .transformer(try BenchStepCommand.format(qtype))
        let transformer = try file.transformer(
            dtype: shape.dtype,
            device: shape.device,
            quantization: shape.quantization
        )
        return (shape, transformer)
    }

    private static func seconds(since start: ContinuousClock.Instant) -> Double {
        (ContinuousClock.now - start) / .seconds(1)
    }

    private static func tell(_ answer: some Encodable) throws {
        FileHandle.standardOutput.write(try JSONEncoder().encode(answer) + Data("\n".utf8))
    }
}
