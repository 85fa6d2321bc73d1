import Foundation
import Torch
import Training

/// Does a training step whenever another program asks for one, and says what it took.
struct StepService {
    private let scene: StepScene
    private let operations: Double

    init(_ shape: StepShape) throws {
        scene = try StepScene(shape)
        operations = StepArithmetic(shape).operations
    }

    /// What is told of a step.
    private struct Answer: Encodable {
        let seconds: Double
        let loss: Double
        let processBytes: Int
        let operations: Double
    }

    /// Runs until there is nothing more to read.
    func run() throws {
        while readLine() != nil {
            let begun = ContinuousClock.now
            let report = try scene.run()
            let answer = Answer(
                seconds: (ContinuousClock.now - begun) / .seconds(1),
                loss: report.videoLoss + (report.audioLoss ?? 0),
                processBytes: ProcessMemory.peak,
                operations: operations
            )
            let line = try JSONEncoder().encode(answer) + Data("\n".utf8)
            FileHandle.standardOutput.write(line)
        }
    }
}
