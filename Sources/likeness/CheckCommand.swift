import ArgumentParser
import Foundation
import ModelHub
import Preflight
import RunConfig
import RunFiles
import Training
import TrainingRun

/// `check`: what a run would learn, told before its first step.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Look at run file, model and every clip, and say what will be learned.",
        discussion: """
            Nothing is trained, downloaded or written but the report. The exit status is 0 where the run can \
            learn what it asks for, 2 where it will not, 64 for a faulty run file, 65 for a model or clips \
            that cannot be read.
            """
    )

    @OptionGroup var options: RunFileOptions

    @Flag(help: "Print the review as JSON and nothing else.")
    var json = false

    @Option(help: ArgumentHelp("Write a page with pictures of every clip.", valueName: "file.html"))
    var report: String?

    func run() async throws {
        try await reportingErrors {
            let plan = try await RunPlanner(try options.load(), overwrites: true).plan()
            let progress = CheckProgress(isShown: !json)
            let result = try await Preflight(draws: report != nil).run(plan) {
                progress.show($0, of: $1)
            }
            progress.end()
            try writeReport(result)
            show(json ? try result.review.json() : result.review.text)
            if result.review.isHopeless { throw ExitCode(2) }
        }
    }

    private func writeReport(_ result: Preflight.Result) throws {
        guard let report else { return }
        do {
            try ReviewPage(result).html.write(toFile: report, atomically: true, encoding: .utf8)
        } catch {
            throw RunStateError.unwritable(report, error.localizedDescription)
        }
        if !json { show("report    \(report)\n") }
    }
}

/// One live line while clips are looked at; nothing into a pipe.
private struct CheckProgress: Sendable {
    let isShown: Bool

    private var isLive: Bool { isShown && isatty(STDOUT_FILENO) != 0 }

    func show(_ done: Int, of count: Int) {
        if isLive { write("\r\u{1B}[2Klooking at clips: \(done) of \(count)") }
    }

    func end() {
        if isLive { write("\r\u{1B}[2K") }
    }

    private func write(_ text: String) {
        try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    }
}
