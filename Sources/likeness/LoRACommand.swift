import Adapters
import ArgumentParser
import Foundation
import LoRATools
import Torch
import TrainingRun

/// `lora`: looks at adapter files and makes others of them.
struct LoRACommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lora",
        abstract:
            "Look at LoRA files, merge them, take them apart, scale, convert, shrink and extract.",
        discussion: """
            Reads LoRA, DoRA, LoKr, LoHa and full differences in the names of ComfyUI, diffusers, peft, \
            kohya and LyCORIS. A file that is written replaces an older one of its name, whole or not \
            at all; an input is never overwritten.
            """,
        subcommands: [
            LoRAInspectCommand.self, LoRASplitCommand.self, LoRAStripCommand.self,
            LoRAScaleCommand.self, LoRAConvertCommand.self, LoRAResizeCommand.self,
            LoRAExtractCommand.self, LoRAMergeCommand.self, LoRACalibrateCommand.self,
        ]
    )
}

/// Where the result of a tool goes.
struct LoRAOutputOptions: ParsableArguments {
    @Option(
        name: [.short, .long],
        help: ArgumentHelp("The file to write.", valueName: "file"),
        completion: .file(extensions: ["safetensors"])
    )
    var output: String
}

/// Runs a tool so that Ctrl-C ends it without a trace; what it throws becomes a sentence.
///
/// Thin matrices are faster on one thread than on several that wait for each other, by far on a busy machine;
/// `usesAllThreads` is for whole matrices.
func runningTool(
    usesAllThreads: Bool = false,
    _ body: @escaping @Sendable (ToolProgress) throws -> Void
) async throws {
    try await reportingErrors {
        let work = Task {
            if !usesAllThreads { LibTorch.threadCount = 1 }
            let progress = ToolProgress()
            defer { progress.end() }
            try body(progress)
        }
        let signals = CancelWatch { work.cancel() }
        defer { signals.end() }
        do {
            try await work.value
        } catch is CancellationError {
            standardError.write("Cancelled; nothing was written.\n")
            throw ExitCode(130)
        }
    }
}

/// The live line of a tool: what it does and how far it is.
final class ToolProgress {
    private let line = LiveLine()
    private var shown = ContinuousClock.now

    /// Ten times a second at most.
    func show(_ doing: String, _ done: Int, of total: Int) {
        guard ContinuousClock.now - shown > .milliseconds(100) else { return }
        shown = .now
        line.live("\(doing): \(done * 100 / max(total, 1)) %")
    }

    /// A line that stays.
    func write(_ text: String) { line.write(text) }

    func end() { line.end() }

    /// Progress of a file that is written.
    var ofBytes: LoRAProgress {
        { written, total in self.show("writing \(total.inBytes)", written, of: total) }
    }
}

/// Calls a closure at Ctrl-C instead of ending the program.
final class CancelWatch {
    private let sources: [any DispatchSourceSignal]

    init(_ cancel: @escaping @Sendable () -> Void) {
        sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler(handler: cancel)
            source.resume()
            return source
        }
    }

    func end() { for source in sources { source.cancel() } }
}

extension String {
    /// Reads `wrote out.safetensors, 12 MB`.
    static func wrote(_ path: String) -> String {
        let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
        return "wrote \(path)" + (size.map { ", \($0.inBytes)" } ?? "")
    }

    /// Reads `1 layer` or `12 layers`.
    static func layers(_ count: Int) -> String { "\(count) layer\(count == 1 ? "" : "s")" }
}
