public import ArgumentParser
public import ClipCutting
import Foundation
import SoundAnalysis

/// `clip`: cuts clips.
struct ClipCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clip",
        abstract: "Trim a clip, or split it by silence or scene.",
        discussion: """
            New files lie beside the clip, with a copy of its caption (leave in it what is said there); the clip stays. They hold the clip's own \
            pictures, upright, and the sound of the same time to a sample: H.264 (x264 at a rate factor of 14) \
            and AAC (up to 192 kbit/s for each channel) in mp4.
            """,
        subcommands: [ClipTrimCommand.self, ClipSplitCommand.self]
    )
}

/// What both ways to cut have.
struct CuttingOptions: ParsableArguments {
    @Argument(help: "A video file.", completion: .file())
    var file: String

    @Flag(help: "Move the clip into .originals beside it; nothing is deleted.")
    var replace = false

    @Flag(help: "Print JSON.")
    var json = false

    /// Prints what was done, as text or JSON.
    func show(_ report: CutReport, _ progress: ToolProgress) throws {
        guard json else { return progress.write(report.text) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        progress.write(String(decoding: try encoder.encode(report), as: UTF8.self))
    }
}

extension ToolProgress {
    /// Progress of pieces that are written; ends the work at Ctrl-C.
    func ofPieces(_ number: Int, _ count: Int, _ share: Double) throws {
        try Task.checkCancellation()
        show("piece \(number) of \(count)", Int(share * 1000), of: 1000)
    }
}

/// `clip trim`: a part of a clip.
struct ClipTrimCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trim",
        abstract: "Keep a part of a clip.",
        discussion: """
            Both times are taken to the nearest edge of a picture.

            Example: likeness clip trim anna.mp4 --from 1.5 --to 6
            """
    )

    @OptionGroup var options: CuttingOptions

    @Option(help: ArgumentHelp("Seconds after the first picture.", valueName: "seconds"))
    var from = 0.0

    @Option(
        help: ArgumentHelp("Seconds after the first picture; the clip's end.", valueName: "seconds")
    )
    var to: Double?

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("The file to write; CLIP-trim.mp4.", valueName: "file"),
        completion: .file(extensions: ["mp4"])
    )
    var output: String?

    func run() async throws {
        let (options, from, to, output) = (options, from, to, output)
        try await runningTool { progress in
            let report = try ClipCutter(path: options.file).trim(
                from: from,
                to: to,
                output: output,
                replaces: options.replace,
                progress: progress.ofPieces
            )
            try options.show(report, progress)
        }
    }
}

/// `clip split`: a clip as several.
struct ClipSplitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "split",
        abstract: "Split a clip in its pauses, or where the scene changes.",
        discussion: """
            By silence, cuts go through the middle of pauses: those of 0.6 s or more wherever --min allows it, \
            shorter ones where a piece would be longer than --max, and through sound only where it has no pause.

            By scene, each hard cut splits the clip. A scene longer than --max is split as by silence; one \
            shorter than --min becomes no file, which is told. Fades are not found.

            Example: likeness clip split talk.mp4 --by silence --min 3 --dry-run
            """
    )

    @OptionGroup var options: CuttingOptions

    @Option(help: "silence or scene.")
    var by: SplitRule

    @Option(help: ArgumentHelp("Shortest piece.", valueName: "seconds"))
    var min = 2.0

    @Option(help: ArgumentHelp("Longest piece.", valueName: "seconds"))
    var max = 8.0

    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "What names begin with, STEM-01.mp4; the clip's own name.",
            valueName: "stem"
        )
    )
    var output: String?

    @Flag(help: "Show the pieces and write nothing.")
    var dryRun = false

    func validate() throws {
        guard min > 0, max >= min else {
            throw ValidationError(
                "--min and --max: got \(min.secondsText) and \(max.secondsText), expected 0 s < min <= max"
            )
        }
    }

    func run() async throws {
        let (options, rule, lengths, output, dryRun) = (options, by, min...max, output, dryRun)
        try await runningTool { progress in
            let cutter = try ClipCutter(path: options.file)
            let splitting = try ClipSplitting(cutter.reader, by: rule, lengths: lengths)
            let plan = try splitting.plan()
            var report = cutter.report(on: plan, speech: splitting.pauses?.speechShare)
            if !dryRun {
                let written = try cutter.split(
                    plan,
                    stem: output,
                    replaces: options.replace,
                    progress: progress.ofPieces
                )
                report.take(filesOf: written)
            }
            try options.show(report, progress)
        }
    }
}

extension SplitRule: ExpressibleByArgument {}
