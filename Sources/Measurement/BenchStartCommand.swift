public import ArgumentParser
import Foundation
import LTXModel
import Torch
import Training

/// `bench start`: from a checkpoint on the disk to the end of the first training step.
public struct BenchStartCommand: ParsableCommand {
    /// Name, abstract and options.
    public static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Time from a checkpoint to the end of the first training step.",
        discussion: """
            The transformer is read and its blocks kept in a narrow format, adapters are attached, and one step is \
            made on a drawn clip. One line of JSON: seconds of reading, of everything, and the most memory of the \
            process.
            """
    )

    @Argument(help: "A single file or a diffusers folder.") var checkpoint: String
    @Option(help: "How the blocks' layers are kept: float8, int8, int4, nf4; else in dtype.")
    var qtype = "float8"
    @Option(help: "Device, such as cpu or cuda:0.") var device = "cpu"

    /// A command with default options.
    public init() {}

    private struct Answer: Encodable {
        let readingSeconds: Double
        let seconds: Double
        let processBytes: Int
        let loss: Double
    }

    /// Measures and prints.
    public func run() throws {
        let begun = ContinuousClock.now
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
        let reading = (ContinuousClock.now - begun) / .seconds(1)
        let report = try StepScene(shape, transformer: transformer).run()
        let answer = Answer(
            readingSeconds: reading,
            seconds: (ContinuousClock.now - begun) / .seconds(1),
            processBytes: ProcessMemory.peak,
            loss: report.videoLoss + (report.audioLoss ?? 0)
        )
        let line = try JSONEncoder().encode(answer) + Data("\n".utf8)
        FileHandle.standardOutput.write(line)
    }
}
