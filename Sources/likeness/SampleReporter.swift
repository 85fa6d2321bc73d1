import Foundation
import TrainingRun

/// Shows how samples come about: a bar that moves on a terminal, plain lines elsewhere.
final class SampleReporter: @unchecked Sendable {
    // Safe because the lock is held around all state.
    private let lock = NSLock()
    private let line = LiveLine()
    private var begun = ContinuousClock.now

    func show(_ event: SampleEvent) {
        lock.withLock {
            switch event {
            case .downloading(let progress): line.live(progress.text)
            case .encodingText(let number, let count):
                line.live("encoding prompt \(number) of \(count)")
            case .reading(let path): line.live("reading \(path)")
            case .applied(let layers): line.write("LoRAs on \(layers) layers")
            case .step(let step, let steps, let sample): showStep(step, steps, sample)
            case .decoded(let count, let all, let sample):
                line.live("\(sample.text)decoding \(bar(count, all)) \(count) of \(all) pictures")
            case .written(let paths, let sample):
                for path in paths { line.write("\(sample.text)\(path)") }
            case .notice(let text): line.write(text)
            }
        }
    }

    private func showStep(_ step: Int, _ steps: Int, _ sample: SamplePlace) {
        if step == 1 { begun = .now }
        // The first step is where the clock starts.
        let seconds = (ContinuousClock.now - begun) / .seconds(1)
        let rate = step > 1 ? String(format: "  %.2f s/step", seconds / Double(step - 1)) : ""
        line.live("\(sample.text)step \(bar(step, steps)) \(step) of \(steps)\(rate)")
    }

    private func bar(_ done: Int, _ all: Int) -> String {
        let width = 24
        let filled = all > 0 ? min(width, width * done / all) : 0
        return "[" + String(repeating: "#", count: filled)
            + String(repeating: ".", count: width - filled) + "]"
    }

    func end() { lock.withLock { line.end() } }
}

extension SamplePlace {
    /// Nothing where there is but one.
    fileprivate var text: String {
        (count > 1 ? "\(number) of \(count): " : "") + (isBase ? "base model: " : "")
    }
}
