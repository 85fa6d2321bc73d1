import ArgumentParser
import ClipData
import Foundation
import Synchronization
import Torch
import TrainingRun

/// `bench cache`: clips per minute from the files to latents on disk.
struct BenchCacheCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cache",
        abstract: "Clips per minute through decoding, scaling, spectrogram, both VAEs and writing.",
        discussion: """
            The cache of a folder of clips is emptied and filled by the code that fills it for a run. One line of \
            JSON each time: seconds, clips, most memory of the process, seconds of each stage.
            """
    )

    @Argument(help: "A checkpoint with both VAEs: a single file or a diffusers folder.")
    var checkpoint: String
    @Argument(help: "Folder of clips with captions; their cache is written beside them.")
    var clips: String
    @Option(help: "Side in pixels of the square with the largest area of a picture.")
    var resolution = 405
    @Option(help: "Pictures of a clip.") var frames = 81
    @Option(help: "Pictures per second.") var fps = 25.0
    @Option(help: "How often the cache is filled.") var rounds = 3
    @Option(help: "Device, such as cpu or cuda:0.") var device = "cpu"
    @Flag(
        help: ArgumentHelp(
            "Once for each line that is read, so that programs can take turns.",
            visibility: .hidden
        )
    )
    var onRequest = false

    func run() async throws {
        try await reportingErrors {
            let benchmark = try await CachingBenchmark(
                checkpoint: checkpoint,
                rules: rules,
                device: Device(device)
            )
            let turns = Turns(onRequest ? nil : rounds)
            try await benchmark.run(while: { turns.next() }) {
                let line = try JSONEncoder().encode($0) + Data("\n".utf8)
                FileHandle.standardOutput.write(line)
            }
        }
    }

    private var rules: DatasetRules {
        var rules = DatasetRules(path: clips)
        rules.resolutions = [resolution]
        rules.windows = WindowRules(frameCount: frames, rate: fps, mostPerClip: 1)
        rules.wantsSound = true
        rules.defaultCaption = "a clip"
        return rules
    }
}

/// A number of turns, or as many as lines can be read.
private final class Turns: Sendable {
    private let left: Mutex<Int?>

    init(_ count: Int?) { left = Mutex(count) }

    func next() -> Bool {
        left.withLock { left in
            guard let some = left else { return readLine() != nil }
            left = some - 1
            return some > 0
        }
    }
}
