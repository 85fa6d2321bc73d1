import Adapters
public import ArgumentParser
import Foundation
import Torch

/// `bench adapters`: what a step of each kind of adapter costs beside LoRA.
public struct BenchAdaptersCommand: ParsableCommand {
    /// Name, abstract and options.
    public static let configuration = CommandConfiguration(
        commandName: "adapters",
        abstract:
            "Training steps of all kinds of adapters on the linear layers of a block, in turns."
    )

    @Option(help: "Width of the stream.")
    var width = 1024

    @Option(help: "Tokens of a step.")
    var tokens = 1024

    @Option(help: "Rank of the adapters.")
    var rank = 32

    @Option(help: "Measured steps of each kind.")
    var rounds = 20

    @Option(help: "Where to compute: cpu, cuda:0.")
    var device = "cpu"

    @Flag(help: "Weights and activations in bfloat16 instead of float32.")
    var bf16 = false

    @Flag(help: "LoRA and DoRA alone.")
    var dora = false

    /// A command with default options.
    public init() {}

    /// Refuses sizes that mean nothing.
    public func validate() throws {
        guard [width, tokens, rank, rounds].allSatisfy({ $0 > 0 }) else {
            throw ValidationError("--width, --tokens, --rank and --rounds should be above 0")
        }
        guard Device(device).isAvailable else {
            let here = Device.available.map(\.name).joined(separator: ", ")
            throw ValidationError("--device is \(device), which is not here; there is \(here)")
        }
    }

    /// Measures and prints.
    public func run() throws {
        var benchmark = AdapterBenchmark()
        benchmark.width = width
        benchmark.tokens = tokens
        benchmark.rank = rank
        benchmark.rounds = rounds
        benchmark.device = Device(device)
        benchmark.dtype = bf16 ? .bfloat16 : .float32
        let results = try benchmark.run(dora ? [.lora, .dora] : AdapterKind.allCases)
        print("kind      median ms  of LoRA  shortest ms  of LoRA")
        for result in results { print(row(result, beside: results[0])) }
    }

    private func row(_ result: AdapterBenchmark.Result, beside lora: AdapterBenchmark.Result)
        -> String
    {
        func cell(_ value: Double, _ digits: Int, _ width: Int) -> String {
            let text = value.formatted(.number.precision(.fractionLength(digits)).grouping(.never))
            return String(repeating: " ", count: max(0, width - text.count)) + text
        }
        return result.kind.rawValue.padding(toLength: 9, withPad: " ", startingAt: 0)
            + cell(result.median * 1000, 1, 10) + cell(result.median / lora.median, 3, 9)
            + cell(result.shortest * 1000, 1, 13) + cell(result.shortest / lora.shortest, 3, 9)
    }
}
