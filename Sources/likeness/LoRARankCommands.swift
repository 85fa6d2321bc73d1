import Adapters
import ArgumentParser
import Foundation
import LoRATools
import Torch

/// `lora resize`: smaller ranks.
struct LoRAResizeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resize",
        abstract: "Shrink the rank with the least possible loss, and show the loss.",
        discussion: """
            Each layer's change is cut at its largest singular values; nothing of that rank is nearer to \
            it. --energy 0.99 takes for each layer the smallest rank that keeps 99 % of the squared norm.

            Example: likeness lora resize anna.safetensors --rank 16 -o anna-16.safetensors
            """
    )

    @Argument(help: "A LoRA file.", completion: .file(extensions: ["safetensors"]))
    var file: String

    @Option(help: "Rank of every layer that has a larger one.")
    var rank: Int?

    @Option(help: "Share of the squared norm to keep, below 1.")
    var energy: Double?

    @OptionGroup var options: LoRAOutputOptions

    func validate() throws {
        switch (rank, energy) {
        case (let rank?, nil):
            guard rank >= 1 else { throw ValidationError("--rank is \(rank), should be 1 or more") }
        case (nil, let energy?):
            guard energy > 0, energy < 1 else {
                throw ValidationError(
                    "--energy is \(energy), should be between 0 and 1, such as 0.99"
                )
            }
        default: throw ValidationError("give either --rank or --energy")
        }
    }

    func run() async throws {
        let (file, output) = (file, options.output)
        let target: LoRAResize.Target = rank.map { .rank($0) } ?? .energy(energy ?? 0.99)
        try await runningTool { progress in
            let outcome = try LoRAResize(target).write(
                LoRAFile(path: file),
                to: output,
                progress: progress.ofBytes
            )
            let (least, most) = (outcome.ranks.lowerBound, outcome.ranks.upperBound)
            progress.write(
                "\(String.wrote(output)), rank \(least == most ? "\(most)" : "\(least) to \(most)")"
            )
            if outcome.kept > 0 {
                progress.write("  \(String.layers(outcome.kept)) small enough, copied as they are")
            }
            if outcome.otherKinds > 0 {
                progress.write(
                    "  \(String.layers(outcome.otherKinds)) of other kinds, copied as they are"
                )
            }
            progress.write(outcome.error.lines)
        }
    }
}

/// `lora extract`: the difference of two checkpoints.
struct LoRAExtractCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "extract",
        abstract: "Write what a fine-tuned checkpoint changed in its base as a LoRA.",
        discussion: """
            Takes the matrices of the transformer's blocks, one at a time, and shows what the rank loses. \
            What else differs (norms, biases, layers around the blocks) cannot be in a LoRA of the blocks \
            and is listed.

            Example: likeness lora extract ltx-2.3.safetensors anna-full.safetensors --rank 64 -o anna.safetensors
            """
    )

    @Argument(help: "The checkpoint before fine-tuning.", completion: .file())
    var base: String

    @Argument(help: "The checkpoint after it.", completion: .file())
    var tuned: String

    @Option(help: "Rank of every layer.")
    var rank: Int

    @OptionGroup var options: LoRAOutputOptions

    func validate() throws {
        guard rank >= 1 else { throw ValidationError("--rank is \(rank), should be 1 or more") }
    }

    func run() async throws {
        let (base, tuned, rank, output) = (base, tuned, rank, options.output)
        try await runningTool(usesAllThreads: true) { progress in
            let outcome = try LoRAExtract(rank: rank).write(
                base: base,
                tuned: tuned,
                to: output,
                progress: progress.ofBytes
            )
            progress.write("\(String.wrote(output)), \(String.layers(outcome.layers))")
            if outcome.equal > 0 {
                progress.write(
                    "  \(String.layers(outcome.equal)) of the blocks are equal, left out"
                )
            }
            progress.write(outcome.error.lines)
            let others = outcome.othersThatDiffer
            guard !others.isEmpty else { return }
            let rest = others.count > 10 ? " and \(others.count - 10) more" : ""
            progress.write(
                "  \(others.count) tensors outside of the blocks' matrices differ too, which this file "
                    + "does not have: " + others.prefix(10).joined(separator: ", ") + rest
            )
        }
    }
}

extension TruncationError {
    /// Reads `lost: 1.2 % of the change; video 1.1 %, audio 2.0 %`.
    var lines: String {
        func percent(_ share: Double) -> String { String(format: "%.2f %%", share * 100) }
        let parts = byPathway.map { "\($0.pathway.rawValue) \(percent($0.error))" }
        return "  lost: \(percent(total)) of the change (norm of the difference over norm): "
            + parts.joined(separator: ", ")
    }
}
