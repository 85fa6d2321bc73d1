import ArgumentParser
import Torch
import Verification

/// `verify`: proves on this machine that the model computes what the reference computes.
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Compare the model with recordings of the reference implementation.",
        discussion: """
            Without arguments the recordings built into the program run. Exit status 0: all agree; \
            1: something differs.
            """
    )

    @Option(help: ArgumentHelp("Checkpoint that the recording was made with.", valueName: "file"))
    var checkpoint: String?

    @Option(help: ArgumentHelp("Recording to compare with.", valueName: "file"))
    var recording: String?

    @Option(help: "Where to compute: cpu, cuda:0.")
    var device = "cpu"

    @Flag(help: "Print every tensor of the built-in recordings too, not only a line for each.")
    var all = false

    func validate() throws {
        guard checkpoint == nil || recording != nil else {
            throw ValidationError("--checkpoint needs --recording")
        }
        guard Device(device).isAvailable else {
            let here = Device.available.map(\.name).joined(separator: ", ")
            throw ValidationError("--device is \(device), which is not here; there is \(here)")
        }
    }

    func run() async throws {
        try await reportingErrors {
            let report =
                try recording.map {
                    try VerificationReport(
                        checkpoint: checkpoint,
                        recording: $0,
                        device: Device(device)
                    )
                } ?? VerificationReport.builtIn(device: Device(device))
            print(report.text(everyTensor: all || recording != nil))
            guard report.hasPassed else { throw ExitCode(1) }
        }
    }
}
