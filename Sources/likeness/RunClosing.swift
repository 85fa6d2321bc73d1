import Foundation
import RunConfig
import RunFiles
import Training
import TrainingRun

/// What a run says at its end: what was made, where it is, what to do next.
struct RunClosing {
    let plan: RunPlan
    let result: TrainingResult
    let runFile: String

    /// The program as it was called: it need not be on the search path.
    private var program: String { CommandLine.arguments.first ?? "likeness" }

    var text: String {
        (result.wasStopped ? stopped : finished).joined(separator: "\n")
    }

    private var stopped: [String] {
        [
            "",
            "Stopped after step \(result.step) of \(plan.file.train.steps); everything is saved.",
            "  \(kind)  \(result.adapter)",
            "Go on with: \(program) train \(runFile) --resume",
        ]
    }

    /// What was written.
    private var kind: String { plan.trainsWeights ? "model  " : "adapter" }

    private var finished: [String] {
        var lines = [
            "", "Done: \(result.step) steps.", "  \(kind)  \(result.adapter) (\(adapterSize))",
        ]
        if let before = result.before, let after = result.after {
            lines.append("  losses at fixed noise     before    after")
            lines.append(row("video", before.video, after.video))
            if let first = before.audio, let last = after.audio {
                lines.append(row("audio", first, last))
            }
        }
        lines += heldOut
        lines.append("  metrics  \(plan.folder.metrics)")
        return lines
    }

    private var heldOut: [String] {
        guard let last = result.heldOut else { return [] }
        let voice = last.voiceGain.map { String(format: ", voice gain %.1f %%", $0 * 100) } ?? ""
        return [
            "  held-out clips: " + String(format: "face gain %.1f %%", last.faceGain * 100) + voice,
            best("face", result.bestFace, plan.folder.bestFace),
            best("voice", result.bestVoice, plan.folder.bestVoice),
        ].compactMap(\.self)
    }

    private func best(_ name: String, _ best: BestGain?, _ path: String) -> String? {
        best.map {
            String(
                format: "  best %@  %@ (step %d, gain %.1f %%)",
                name,
                path,
                $0.step,
                $0.gain * 100
            )
        }
    }

    private func row(_ name: String, _ before: Double, _ after: Double) -> String {
        String(
            format: "    %@                  %8.4f %8.4f  (%+.1f %%)",
            name,
            before,
            after,
            (after / before - 1) * 100
        )
    }

    private var adapterSize: String {
        let attributes = try? FileManager.default.attributesOfItem(atPath: result.adapter)
        return (attributes?[.size] as? Int ?? 0).inBytes
    }
}
