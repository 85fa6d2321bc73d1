import Adapters
import ArgumentParser
import Foundation
import Media
import ModelHub
import RunConfig
import Sampling
import Torch
import Training
import TrainingRun

/// `sample`: makes clips with a model and adapters.
struct SampleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sample",
        abstract: "Make clips, pictures or sounds with a model and LoRAs.",
        discussion: """
            A strength stands behind the file of a LoRA: FILE:0.8, or by pathway, \
            FILE:face=1,voice=0.5. The pathways are video, audio, audio_to_video, video_to_audio and \
            other; face is video with audio_to_video, voice is audio with video_to_audio.

            A prompt may hold flags, as in a run file: "a woman speaks --w 768 --h 448 --seed 3". \
            With several prompts the files are numbered: out_1.mp4, out_2.mp4.
            """
    )

    @OptionGroup(title: "Model") var model: SampleModelOptions

    @Option(
        help: ArgumentHelp(
            "A LoRA with its strength; may be given several times.",
            valueName: "file[:strength]"
        )
    )
    var lora: [String] = []

    @Option(help: "What is seen and said; may be given several times.")
    var prompt: [String] = []

    @Option(
        help: ArgumentHelp(
            "A text file with a prompt in each line; # begins a remark.",
            valueName: "file"
        )
    )
    var prompts: String?

    @Option(
        name: [.short, .long],
        help: "The file: mp4, or wav, m4a, png, jpg, webp for one modality."
    )
    var output = "sample.mp4"

    @OptionGroup(title: "Sample") var look: SampleLookOptions

    @Flag(help: "Also make each by the base model from the same noise, and both side by side.")
    var compare = false

    @Flag(help: "Also write the sound as it is, as wav.")
    var wav = false

    @Flag(help: "Also write the pictures one by one, as png, into a folder.")
    var png = false

    @Flag(help: "Show where the time went.")
    var profile = false

    func run() async throws {
        try await reportingErrors {
            let device = try model.chosenDevice()
            var job = SampleJob(
                model: try model.section(on: device),
                items: try items(),
                device: device
            )
            job.adapters = try lora.map { try AdapterChoice(parsing: $0) }
            job.compares = compare
            if let fault = job.fault { throw ValidationError(fault) }
            try checkFiles(job)
            try await make(job)
        }
    }

    private func make(_ job: SampleJob) async throws {
        let locator = ModelLocator()
        let console = SampleReporter()
        var files = try ModelFiles.locate(job.model, locator: locator)
        if !files.isComplete {
            files = try await files.fetched(locator) { console.show(.downloading($0)) }
        }
        let stop = StopRequest()
        let signals = SignalWatch(stop)
        defer { signals.cancel() }
        let run = try SampleRun(job, models: files, stop: stop)
        run.onEvent = { console.show($0) }
        run.measuresExactly = profile
        _ = try await run.run()
        console.end()
        if profile { show(run.profile.text) }
    }

    /// A file that is not there is said before any weight is read.
    private func checkFiles(_ job: SampleJob) throws {
        let media = [("--image", look.image), ("--sound", look.sound), ("--clip", look.clip)]
        let files = media + job.adapters.map { ("--lora", $0.path) }
        for case (let option, let path?) in files
        where !FileManager.default.fileExists(atPath: path) {
            throw ValidationError("\(option) \(path): there is no such file; check the path")
        }
        let folder = (output as NSString).deletingLastPathComponent
        if !folder.isEmpty {
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true
            )
        }
    }

    // MARK: - Prompts

    private func items() throws -> [SampleJob.Item] {
        let lines = try prompt.map { (place: "--prompt", text: $0) } + promptFile()
        guard !lines.isEmpty else {
            throw ValidationError("nothing to make: give --prompt TEXT or --prompts FILE")
        }
        return try lines.enumerated().map { number, line in
            try item(line.text, at: line.place, number: number, of: lines.count)
        }
    }

    private func promptFile() throws -> [(place: String, text: String)] {
        guard let prompts else { return [] }
        guard let text = try? String(contentsOfFile: prompts, encoding: .utf8) else {
            throw ValidationError("--prompts \(prompts): cannot be read as text; check the path")
        }
        return text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
            .map { (place: "\(prompts):\($0 + 1)", text: $1.trimmingCharacters(in: .whitespaces)) }
            .filter { !$0.text.isEmpty && !$0.text.hasPrefix("#") }
    }

    private func item(
        _ text: String,
        at place: String,
        number: Int,
        of count: Int
    ) throws -> SampleJob.Item {
        var defaults = look.defaults
        if look.walkSeed { defaults.seed += number }
        let line = SampleItem.line(text, defaults: defaults)
        if let fault = line.faults.first {
            throw ValidationError("\(place): \(fault); correct or remove the flag")
        }
        for note in line.notes { standardError.write("\(place): \(note)\n") }
        var request = look.request(line.item, flags: line.flags)
        var target = SampleTarget(path: count > 1 ? numbered(number, of: count) : output)
        // The file's name says what is made, unless an option does.
        if look.only == nil, let output = target.output { request.output = output }
        if request.output == .picture, target.output == .picture { request.frameCount = 1 }
        target.writesWave = wav
        target.writesPictures = png
        target.metadata = request.metadata(
            adapter: lora.isEmpty ? "none" : lora.joined(separator: " "),
            checkpoint: model.checkpoint
        )
        return SampleJob.Item(request, to: target)
    }

    private func numbered(_ number: Int, of count: Int) -> String {
        let width = String(count).count
        let place = String(number + 1)
        let zeros = String(repeating: "0", count: max(0, width - place.count))
        let path = output as NSString
        return "\(path.deletingPathExtension)_\(zeros)\(place).\(path.pathExtension)"
    }
}

extension SampleProfile {
    /// A table of the parts.
    fileprivate var text: String {
        let rows = parts.filter { $0.seconds > 0 }.map { part in
            String(format: "  %8.2f s  %4.1f %%  ", part.seconds, part.seconds / total * 100)
                + part.name
        }
        return ([String(format: "%.2f s in all:", total)] + rows).joined(separator: "\n")
            + String(
                format: "\n  %8.2f s          writing files, beside the decoding",
                rendering.writing
            )
    }
}
