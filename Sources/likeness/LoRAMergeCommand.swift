import Adapters
public import ArgumentParser
import Foundation
public import LoRATools
import RunConfig
import Torch
import TrainingRun

/// `lora merge`: several LoRAs in one file, and a report of what that costs.
struct LoRAMergeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Merge LoRAs: exact sum, face of one with the voice of another, or kept apart.",
        discussion: """
            A strength stands behind the file: FILE:0.8, or by pathway, FILE:face=1,voice=0. The ways:

            sum         the exact sum; at strength 1 no bit of the factors changes
            pick:2      the second file alone, no rank is added
            isolate     each adapter answers less to what others read; from 0, the sum, to 1
            protect:1   the first file goes first, the others give way
            damp        what one says far louder than the others is made quieter; damp:0.5:file compares whole files
            calibrated  isolated by what layers really read: measured by likeness lora calibrate, or saved by \
            the runs (save: {merge_statistics: true})

            --pathway sets a way for a part of the model: face=pick:1,voice=pick:2. Parts are video, audio, \
            audio_to_video, video_to_audio, other; face is video with audio_to_video, voice is audio with \
            video_to_audio. Instead of files, a merge job (job: MergeJob) can be named.
            """
    )

    @Argument(help: "LoRA files of any spelling and rank, or one merge job.", completion: .file())
    var files: [String]

    @Option(name: [.short, .long], help: "The file that is written.")
    var output: String?

    @Option(help: "sum, pick:N, isolate, protect:N, damp or calibrated.")
    var mode = "sum"

    @Option(help: "How far isolate, protect and damp go, from 0, the exact sum, to 1.")
    var strength: Double?

    @Option(help: ArgumentHelp("Strengths of a file by pathway.", valueName: "file:strengths"))
    var weights: [String] = []

    @Option(help: ArgumentHelp("Ways by pathway: video=isolate,audio=pick:2.", valueName: "ways"))
    var pathway: [String] = []

    @Option(help: "How isolate weighs directions: energy or flat.")
    var weighing = IsolateMethod.Kind.energy

    @Option(help: "What isolate keeps apart: input, output or both.")
    var side = IsolateMethod.Side.input

    @Option(help: "What damp compares: column, module, pathway or file.")
    var granularity = DampMethod.Granularity.pathway

    @Option(
        help: ArgumentHelp(
            "Measured inputs, from likeness lora calibrate; without it OUT.calibration.safetensors.",
            valueName: "file"
        )
    )
    var calibration: String?

    @Option(
        help: ArgumentHelp(
            "Statistics that a run saved of its adapter, once for each file; without it those beside the files.",
            valueName: "file"
        )
    )
    var statistics: [String] = []

    @Option(help: "How much calibrated leaves prompts alone that name nobody, 0 to 1.")
    var anchor = 0.1

    @Option(help: "The base model, needed to add DoRAs.")
    var base: String?

    @Option(help: "Rank for a LoKr whose second factor is whole.")
    var lokrRank: Int?

    @Option(help: "Type of the factors: bf16, fp16, fp32; without it that of the files.")
    var dtype: ComputeDType?

    @Option(
        help: "Spelling of the names: comfyui, diffusers, kohya, peft; without it the first file's."
    )
    var dialect: KeyDialect?

    @Option(help: "Also write the report as a page.")
    var report: String?

    @Option(help: "Layers worked on at the same time.")
    var threads: Int?

    @Flag(help: "Print the report as JSON and nothing else.")
    var json = false

    func run() async throws {
        try await reportingErrors {
            for order in try orders() { try await merge(order) }
        }
    }

    // MARK: - What is asked

    private struct Order {
        var request: MergeRequest
        var report: String?
    }

    private func orders() throws -> [Order] {
        guard files.count == 1,
            ["yaml", "yml", "json"].contains((files[0] as NSString).pathExtension)
        else { return [Order(request: try request(), report: report)] }
        let text = try String(contentsOfFile: files[0], encoding: .utf8)
        let job = try MergeFile.parse(
            text: text,
            fileName: files[0],
            environment: ProcessInfo.processInfo.environment
        )
        for diagnostic in job.diagnostics { standardError.write("\(diagnostic)\n") }
        return try job.merges.map {
            var request = try MergeRequest($0, threads: threads)
            request.calibrateCommand = "likeness lora calibrate \(files[0])"
            return Order(request: request, report: $0.report ?? report)
        }
    }

    private func request() throws -> MergeRequest {
        guard let output else {
            throw LoRAError(at: "--output", "is missing, should name a file", fix: "give -o OUT")
        }
        var inputs = try files.map { try AdapterChoice(parsing: $0) }
        for text in weights {
            let choice = try AdapterChoice(parsing: text)
            guard let place = inputs.firstIndex(where: { $0.path == choice.path }) else {
                throw LoRAError(
                    at: "--weights \(text)",
                    "names none of the files, should name one of \(inputs.map(\.path))",
                    fix: "write the file as it is among the arguments"
                )
            }
            inputs[place].strengths = choice.strengths
        }
        var request = MergeRequest(inputs, to: output)
        if let threads { request.threads = threads }
        request.modes = MergeModes(try MergeMode(parsing: mode, at: "--mode"))
        for text in pathway { try request.modes.set(parsing: text, at: "--pathway") }
        (request.strength, request.kind, request.side) = (strength, weighing, side)
        (request.granularity, request.anchor) = (granularity, anchor)
        (request.calibration, request.statistics) = (calibration, statistics)
        (request.base, request.kroneckerRank) = (base, lokrRank)
        (request.dtype, request.dialect) = (dtype?.stored, dialect)
        return request
    }

    // MARK: - Merging

    private func merge(_ order: Order) async throws {
        if let page = order.report { try checkReport(page) }
        var request = order.request
        request.measuresAll = order.report != nil
        if let notice = request.findMeasuredInputs() { standardError.write(notice + "\n") }
        let run = try MergeRun(request)
        let started = ContinuousClock.now
        let work = Task { try await Self.running(run) }
        let signals = CancelWatch { work.cancel() }
        defer { signals.end() }
        let result: MergeReport
        do {
            result = try await work.value
        } catch is CancellationError {
            standardError.write("Cancelled; nothing was written.\n")
            throw ExitCode(130)
        }
        if let page = order.report {
            try writePage(MergeReportPage(result).html, to: page)
        }
        guard !json else { return show(try result.json()) }
        show(result.text)
        show(
            "\(request.output): \(run.layerCount) layers, \(run.sharedCount) of more than one file, "
                + "\(run.byteCount.inBytes), \(String(format: "%.1f", (ContinuousClock.now - started).inSeconds)) s"
        )
    }
}

extension LoRAMergeCommand {
    /// Runs a merge and shows how far it is.
    fileprivate static func running(_ run: MergeRun) async throws -> MergeReport {
        let line = LiveLine()
        defer { line.end() }
        var shown = ContinuousClock.now
        func show(_ text: @autoclosure () -> String) {
            guard ContinuousClock.now - shown > .milliseconds(100) else { return }
            shown = .now
            line.live(text())
        }
        return try await run.run(
            measuring: { show("measuring how loud the files are: layer \($0) of \($1)") },
            progress: { show("merging: \($0.inBytes) of \($1.inBytes)") }
        )
    }
}

extension Duration {
    fileprivate var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}

extension IsolateMethod.Kind: ExpressibleByArgument {}
extension IsolateMethod.Side: ExpressibleByArgument {}
extension DampMethod.Granularity: ExpressibleByArgument {}
