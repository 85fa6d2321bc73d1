public import ArgumentParser
import Foundation
import LTXModel
import ModelHub
import Torch
import TrainingRun

extension WeightFormat: ExpressibleByArgument {}

extension ModelCommand {
    /// `model measure`: what a transformer takes in a format, and what that costs in accuracy.
    struct Measure: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Read a transformer as a run would; print its bytes and the error of its codes."
        )

        @Argument(
            help: "A checkpoint file, a diffusers folder, or a model id that is on this machine."
        )
        var path: String

        @Option(help: "Format of the blocks' layers; without it they stay as they are.")
        var qtype: WeightFormat?

        @Option(help: "Where it is read to: cpu, cuda, cuda:1, mps.")
        var device = "cpu"

        @Flag(help: "Also compare the codes with the checkpoint, by kind of layer.")
        var errors = false

        func run() async throws {
            try await reportingErrors {
                let found = try ModelFiles.checkpointPath(of: path, locator: ModelLocator())
                let checkpoint = try Checkpoint(path: found)
                let model = try read(checkpoint)
                if errors { try printErrors(model, checkpoint) }
            }
        }

        private func read(_ checkpoint: Checkpoint) throws -> Transformer {
            let rules = qtype.map(QuantizationRules.transformer)
            let start = ContinuousClock.now
            let model = try checkpoint.transformer(
                dtype: .bfloat16,
                device: Device(device),
                quantization: rules
            )
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            let bytes = try checkpoint.transformerBytes(dtype: .bfloat16, quantization: rules)
            print("weights   \(bytes) bytes (\(bytes.inBytes))")
            print("memory    \(ProcessMemory.peak) bytes of this process at most")
            print("time      \(String(format: "%.1f", seconds)) s")
            return model
        }

        private func printErrors(_ model: Transformer, _ checkpoint: Checkpoint) throws {
            for row in try QuantizationReport(model, of: checkpoint).rows {
                let kind = row.kind.padding(toLength: 22, withPad: " ", startingAt: 0)
                let ratio = String(format: "%5.1f", row.decibels)
                print("\(kind)\(row.layers) layers, \(row.bytes.inBytes), \(ratio) dB")
            }
        }
    }
}
