import ArgumentParser
import LTXModel
import TinyModel

/// `tiny`: a checkpoint of the real formats, a few MB in all.
struct TinyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tiny",
        abstract: "Write a tiny random checkpoint in the real formats, to try things out.",
        discussion: "It has every part and key of a real one; what it generates is noise."
    )

    @Argument(help: "Folder to write to.", completion: .directory)
    var folder: String

    @Option(help: "Version to imitate: ltx2 or ltx2.3.")
    var arch = "ltx2.3"

    @Option(help: "Seed of the weights.")
    var seed: UInt64 = 1

    func validate() throws {
        guard ["ltx2", "ltx2.3"].contains(arch) else {
            throw ValidationError("--arch is \(arch), should be ltx2 or ltx2.3")
        }
    }

    func run() async throws {
        try await reportingErrors {
            let version = ModelVersion(rawValue: arch) ?? .ltx23
            let files = try TinyModel(version: version, seed: seed).write(to: folder)
            print(
                """
                Wrote a tiny \(version.title). In a run file:
                  model:
                    name_or_path: \(files.checkpoint)
                    te_name_or_path: \(files.textEncoder)
                """
            )
        }
    }
}
