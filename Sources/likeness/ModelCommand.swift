import ArgumentParser
import LTXModel
import ModelHub
import TrainingRun

/// `model`: what a checkpoint is.
struct ModelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model",
        abstract: "Look at model files.",
        subcommands: [Inspect.self, Measure.self, Fetch.self]
    )

    struct Inspect: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print version, types, sizes and what is absent; reads headers only."
        )

        @Argument(
            help: "A checkpoint file, a diffusers folder, or a model id that is on this machine."
        )
        var path: String

        func run() async throws {
            try await reportingErrors {
                let found = try ModelFiles.checkpointPath(of: path, locator: ModelLocator())
                print(try CheckpointReport(Checkpoint(path: found)).description)
            }
        }
    }

    struct Fetch: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Download a model's files, or check that they are here.",
            discussion:
                "HF_TOKEN, HF_HOME, HF_ENDPOINT, HF_HUB_OFFLINE and MODELS_PATH are honoured."
        )

        @Argument(help: "A model id such as Lightricks/LTX-2 or org/repo/path/file.safetensors.")
        var id: String

        @Flag(help: "The id names a Gemma text encoder.")
        var textEncoder = false

        func run() async throws {
            try await reportingErrors {
                let console = ConsoleReporter(steps: 0, interval: 1)
                let place = try await ModelLocator().fetch(id, files: textEncoder ? .gemma : .ltx) {
                    console.show(.downloading($0))
                }
                print(place.path)
            }
        }
    }
}
