import ClipData
import Foundation
import ModelHub
import Training
import TrainingRun

/// Shows a run: one live line on a terminal, plain lines now and then elsewhere.
final class ConsoleReporter: TrainingListener, @unchecked Sendable {
    // Safe because the lock is held around all state.
    private let lock = NSLock()
    private let output = LiveLine()
    private let steps: Int
    private let interval: Int
    private var recent = RecentLosses()
    private var seen = SigmaQuarters()
    private var heard = SigmaQuarters()
    private var soundSteps = 0

    init(steps: Int, interval: Int) {
        self.steps = steps
        self.interval = max(1, interval)
    }

    // MARK: - Before training

    func show(_ event: PreparationEvent) {
        lock.withLock {
            switch event {
            case .downloading(let progress): output.live(progress.text)
            case .encodingText(let number, let count):
                output.live("encoding caption \(number) of \(count)")
            case .encodingClip(let number, let count, let name):
                output.live("encoding clip \(number) of \(count): \(name)")
            case .encoded(let report): line("\(report)")
            case .encodedHeldOut(let report):
                line("Held-out clips:\n  " + "\(report)".replacing("\n", with: "\n  "))
            case .preservingSound(let number, let count):
                output.live("sound of the base model to preserve: \(number) of \(count)")
            case .loadingModel(let path): output.live("reading \(path)")
            case .attached(let layers, let values):
                line("Adapters on \(layers) layers, \(values) trained values")
            case .unfrozen(let weights, let values):
                line("Training the transformer itself: \(weights) weights, \(values) values")
            case .begun(let file, let layers, let fresh):
                line("Beginning with \(file): \(layers) layers")
                if !fresh.isEmpty { line("  \(freshText(fresh))") }
            }
        }
    }

    private func freshText(_ layers: [String]) -> String {
        let shown = layers.prefix(3).joined(separator: ", ")
        let rest = layers.count > 3 ? " and \(layers.count - 3) more" : ""
        return "it has nothing for these, which begin at the base model: \(shown)\(rest)"
    }

    // MARK: - While training

    func handle(_ event: TrainingEvent) {
        lock.withLock {
            switch event {
            case .started(let done, let steps):
                line(
                    done == 0
                        ? "Training \(steps) steps" : "Going on after step \(done) of \(steps)"
                )
            case .measured(let losses, let step):
                line("Losses at fixed noise after step \(step): \(losses.text)")
            case .step(let report, let steps): show(report, of: steps)
            case .heldOut(let result, let step): line(result.text(step: step))
            case .change(let change, _): showChange(change)
            case .saved(let path, _): line("saved \(path)")
            case .previewed(let report, let step): line(report.text(step: step))
            case .notice(let text): line(text)
            }
        }
    }

    private func show(_ report: StepReport, of steps: Int) {
        recent.add(report)
        seen.add(report.videoErrors)
        heard.add(report.audioErrors)
        if let reason = report.skipped {
            line(
                "step \(report.step) changed nothing: \(reason) (\(report.clips.joined(separator: ", ")))"
            )
        }
        if let count = report.skippedBlocks {
            line(
                "step \(report.step) left \(count) blocks as they were: gradients that are no finite numbers "
                    + "(\(report.clips.joined(separator: ", ")))"
            )
        }
        tellAudio(report)
        let text = recent.line(report, of: steps)
        if output.isTerminal {
            output.live(text)
        } else if report.step.isMultiple(of: interval) || report.step == steps || report.step == 1 {
            line(text)
        }
    }

    /// What was learned at which noise levels, and how far the adapters have moved for it.
    private func showChange(_ change: AdapterChange) {
        let sound = heard.text
        line("[sigma] video \(seen.text)" + (sound.isEmpty ? "" : "  audio \(sound)"))
        let parts = change.byPathway.sorted { $0.key < $1.key }.map {
            String(format: "%@ %.1e", $0.key, $0.value)
        }
        if !parts.isEmpty { line("[change] " + parts.joined(separator: "  ")) }
        line(recent.gradients)
    }

    /// The line that users look for to see that the voice is being learned.
    private func tellAudio(_ report: StepReport) {
        guard let raw = report.audioLoss else { return }
        soundSteps += 1
        guard soundSteps % 10 == 1 else { return }
        line(
            String(
                format: "[audio] raw=%.5f, scaled=%.5f, video=%.5f, dyn_mult=%.2f",
                raw,
                raw * report.audioWeight,
                report.videoLoss,
                report.audioWeight
            )
        )
    }

    /// Takes the live line away, so that other text can follow.
    func endLiveLine() { lock.withLock { output.end() } }

    private func line(_ text: String) { output.write(text) }
}

extension LossMeasure {
    /// Reads `video 0.8123, audio 1.0012`.
    var text: String {
        String(format: "video %.4f", video)
            + (audio.map { String(format: ", audio %.4f", $0) } ?? "")
    }
}

extension SigmaQuarters {
    /// Means of the four quarters, clean to noise; empty if there are none.
    fileprivate var text: String {
        guard means.contains(where: { $0 != nil }) else { return "" }
        return means.map { $0.map { String(format: "%.3f", $0) } ?? "-" }.joined(separator: " ")
    }
}

extension PreviewReport {
    /// A line for each file, and one for each that could not be made.
    fileprivate func text(step: Int) -> String {
        var lines = [
            "previews after step \(step): \(previews.count) in "
                + String(format: "%.1f s, at most ", seconds) + "\(peakBytes.inBytes) on the device"
        ]
        lines += previews.map { preview in
            let distance = preview.voiceDistance.map {
                String(format: "  spectral voice distance %.1f dB", $0)
            }
            return "  \(preview.path)\(distance ?? "")"
        }
        return (lines + failures.map { "  not made: \($0)" }).joined(separator: "\n")
    }
}

extension HeldOutResult {
    /// Reads `[held-out] step 100: face gain 3.2 %, voice gain 1.4 %`.
    fileprivate func text(step: Int) -> String {
        let voice = voiceGain.map { String(format: ", voice gain %.1f %%", $0 * 100) } ?? ""
        return "[held-out] step \(step): " + String(format: "face gain %.1f %%", faceGain * 100)
            + voice
    }
}
