import ArgumentParser
import ClipCache
import Foundation
import LTXModel
import ModelHub
import Preflight
import Torch
import Training
import TrainingRun

/// `cache`: fills the caches of a run, and shows what is in them.
struct CacheCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cache",
        abstract: "Encode the clips and captions of a run file; look at what was encoded.",
        subcommands: [CacheFillCommand.self, CacheViewCommand.self],
        defaultSubcommand: CacheFillCommand.self
    )
}

/// `cache fill`: encodes without training.
struct CacheFillCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fill",
        abstract: "Encode the clips and captions of a run file, without training."
    )

    @OptionGroup var options: RunFileOptions

    func run() async throws {
        try await reportingErrors {
            let file = try options.load()
            let locator = ModelLocator()
            let planner = RunPlanner(file, overwrites: true, locator: locator)
            let console = ConsoleReporter(steps: 0, interval: 1)
            let run = PlannedRun(planner: planner, locator: locator, console: console)
            let plan = try await run.complete(run.shown())
            let stop = StopRequest()
            let signals = SignalWatch(stop)
            defer { signals.cancel() }
            let executor = try RunExecutor(plan, stop: stop)
            executor.onPreparation = { console.show($0) }
            try await executor.prepare()
        }
    }
}

/// `cache view`: decodes what was encoded.
struct CacheViewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "view",
        abstract: "Decode the cached latents of a clip back to mp4, and say how much was lost.",
        discussion: """
            Picture PSNR compares decoded with encoded pictures: above 30 dB is good, below 25 dB faces \
            lose detail. Log-mel SNR does so for the sound: below 6 dB a voice sounds robotic.
            """
    )

    @Argument(help: "A clip of a dataset, or a file of its _latent_cache folder.")
    var clip: String

    @Option(help: "The model whose decoders are used; without it the one that encoded the clip.")
    var checkpoint: String?

    @Option(name: [.short, .long], help: ArgumentHelp("Where the movies go.", valueName: "folder"))
    var output = "."

    @Option(help: "auto, cpu, cuda, cuda:1.")
    var device = "auto"

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        try await reportingErrors {
            let (entries, source) = try found()
            let model = try checkpoint ?? CachedClip(path: entries[0]).checkpoint
            let path = try ModelFiles.checkpointPath(of: model, locator: ModelLocator())
            try FileManager.default.createDirectory(
                atPath: output,
                withIntermediateDirectories: true
            )
            let place = device == "auto" ? Device.available.first ?? .cpu : Device(device)
            let view = try CacheView(Checkpoint(path: path), device: place, folder: output)
            let findings = try entries.map { try view.look(at: $0, clip: source) }
                .sorted { $0.start < $1.start }
            json ? try showJSON(findings) : findings.forEach { show($0.text) }
        }
    }

    /// The entries that are meant, and their clip.
    private func found() throws -> (entries: [String], clip: String?) {
        if clip.hasSuffix(".safetensors") { return ([clip], try source(of: clip)) }
        let entries = LatentCache.entries(ofClip: clip)
        guard !entries.isEmpty else {
            throw ValidationError(
                "\(clip): has nothing in its \(LatentCache.folderName) folder; encode it first: "
                    + "likeness cache run.yaml"
            )
        }
        return (entries, clip)
    }

    /// The clip beside the cache folder that an entry is named after.
    private func source(of entry: String) throws -> String? {
        let stem = try CachedClip(path: entry).key.stem
        let cache = (entry as NSString).deletingLastPathComponent
        let folder = cache.isEmpty ? ".." : (cache as NSString).deletingLastPathComponent
        let names =
            (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder))
            ?? []
        let texts: Set = ["txt", "json", "caption"]
        return names.first { name in
            let path = name as NSString
            return path.deletingPathExtension == stem && !texts.contains(path.pathExtension)
        }.map { folder.isEmpty ? $0 : "\(folder)/\($0)" }
    }

    private func showJSON(_ findings: [CacheView.Finding]) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        show(String(decoding: try encoder.encode(findings), as: UTF8.self))
    }
}

extension CacheView.Finding {
    /// A few lines for people.
    fileprivate var text: String {
        var lines = [
            movie, String(format: "  window   %.2f s to %.2f s", start, start + seconds),
        ]
        if let psnr { lines.append(String(format: "  picture  PSNR %.1f dB", psnr)) }
        if let snr { lines.append(String(format: "  sound    log-mel SNR %.1f dB", snr)) }
        return (lines + remarks.map { "  note     \($0)" }).joined(separator: "\n")
    }
}
