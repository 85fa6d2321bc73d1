import ArgumentParser
import Foundation
import JobControl

/// `keep`: stands between the studio and a job's process; not for people.
struct KeepCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keep",
        abstract: "Run a command of likeness and write down how it ended.",
        shouldDisplay: false
    )

    @Argument(help: "The job's folder: gets process.json, log.txt and ended.json.")
    var folder: String

    @Option(help: "Another program to run.")
    var program: String?

    @Argument(parsing: .postTerminator, help: "The command and its arguments.")
    var command: [String] = []

    func run() throws {
        let program = program ?? JobLauncher.thisProgram
        try Keeper(folder: JobFolder(path: folder), program: program, arguments: command).run()
    }
}
