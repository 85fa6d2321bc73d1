import Foundation
public import RunFiles

/// `metrics.jsonl`: one JSON object per step.
public final class MetricsLog: TrainingListener {
    /// A line of the file, with the names that readers of the file use.
    fileprivate struct Line: Codable {
        var step: Int
        var epoch: Int
        var loss: Double
        var loss_video: Double
        var loss_audio: Double?
        var audio_weight: Double
        var preservation: [String: Double]
        var error_video: [SigmaError]
        var error_audio: [SigmaError]
        var supervised_ratio: Double?
        var grad_norm: Double
        var grad_norm_video: Double
        var grad_norm_audio: Double
        var lr: Double
        var lr_audio: Double
        var seconds: Double
        var peak_bytes: Int
        var process_bytes: Int
        var clips: [String]
        var skipped: String?
        var skipped_blocks: Int?
    }

    /// A line about clips that are never trained on.
    private struct HeldOutLine: Codable {
        var step: Int
        var held_out: HeldOutResult
        var face_gain: Double
        var voice_gain: Double?
    }

    /// A line about how far the adapters have moved.
    private struct ChangeLine: Codable {
        var step: Int
        var adapter_change: [String: Double]
    }

    /// A line about previews.
    private struct PreviewLine: Codable {
        var step: Int
        var previews: PreviewReport
    }

    private struct StepOnly: Codable { var step: Int }

    private let path: String
    private let file: FileHandle
    private var hasFailed = false
    private let encoder = JSONEncoder()

    /// Opens the file and drops lines beyond `step`, which a resumed run will write again.
    public init(path: String, keepingUpTo step: Int) throws(RunStateError) {
        let old = FileManager.default.contents(atPath: path) ?? Data()
        let kept = step > 0 ? Self.lines(old, upTo: step) : Data()
        guard FileManager.default.createFile(atPath: path, contents: kept),
            let file = FileHandle(forWritingAtPath: path)
        else { throw .unwritable(path, "the folder refuses new files") }
        file.seekToEndOfFile()
        self.path = path
        self.file = file
        encoder.outputFormatting = [.sortedKeys]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf",
            negativeInfinity: "-inf",
            nan: "nan"
        )
    }

    deinit { file.closeFile() }

    private static func lines(_ data: Data, upTo step: Int) -> Data {
        var kept = Data()
        for line in data.split(separator: UInt8(ascii: "\n")) {
            guard let found = try? JSONDecoder().decode(StepOnly.self, from: line),
                found.step <= step
            else { continue }
            kept += line + [UInt8(ascii: "\n")]
        }
        return kept
    }

    /// Writes a line for a step, a measurement of held-out clips, previews, and the adapters' change.
    public func handle(_ event: TrainingEvent) {
        switch event {
        case .step(let report, _): write(Line(report))
        case .heldOut(let result, let step):
            write(
                HeldOutLine(
                    step: step,
                    held_out: result,
                    face_gain: result.faceGain,
                    voice_gain: result.voiceGain
                )
            )
        case .previewed(let report, let step): write(PreviewLine(step: step, previews: report))
        case .change(let change, let step) where !change.byPathway.isEmpty:
            write(ChangeLine(step: step, adapter_change: change.byPathway))
        default: break
        }
    }

    private func write(_ content: some Encodable) {
        guard let line = try? encoder.encode(content) else { return }
        do {
            try file.write(contentsOf: line + [UInt8(ascii: "\n")])
        } catch {
            tellOnce(
                "\(path): a line could not be written (\(error.localizedDescription)); the run goes on"
            )
        }
    }

    /// Without metrics a run is still worth going on with, but its user should know.
    private func tellOnce(_ text: String) {
        guard !hasFailed else { return }
        hasFailed = true
        try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8))
    }
}

extension MetricsLog.Line {
    fileprivate init(_ report: StepReport) {
        self.init(
            step: report.step,
            epoch: report.epoch,
            loss: report.videoLoss + report.audioWeight * (report.audioLoss ?? 0),
            loss_video: report.videoLoss,
            loss_audio: report.audioLoss,
            audio_weight: report.audioWeight,
            preservation: report.preservation,
            error_video: report.videoErrors,
            error_audio: report.audioErrors,
            supervised_ratio: report.supervisedRatio,
            grad_norm: report.gradientNorm,
            grad_norm_video: report.videoGradientNorm,
            grad_norm_audio: report.audioGradientNorm,
            lr: report.rate,
            lr_audio: report.audioRate,
            seconds: report.seconds,
            peak_bytes: report.peakBytes,
            process_bytes: report.processBytes,
            clips: report.clips,
            skipped: report.skipped,
            skipped_blocks: report.skippedBlocks
        )
    }
}
