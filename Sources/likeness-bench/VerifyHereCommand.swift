import ArgumentParser
import Torch
import Verification

/// `verify`: before a figure counts, the numbers have to be right.
struct VerifyHereCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Compare the model with the recordings built into the program."
    )

    @Option(help: "Where to compute: cpu, cuda:0.") var device = "cpu"

    func run() throws {
        let report = try VerificationReport.builtIn(device: Device(device))
        print(report.text(everyTensor: false))
        guard report.hasPassed else { throw ExitCode(1) }
    }
}
