import Torch

/// Previews within a run: whatever goes wrong in one is told, and training goes on.
extension Trainer {
    func previewAtEnd(of steps: Int) throws {
        if previewTimes?.isDue(after: steps, of: steps) == true { try preview(isFirst: false) }
    }

    /// Shows what the adapters, or their averages, do now.
    func preview(isFirst: Bool) throws {
        guard let previews else {
            tell(.notice("no previews: the run file has no sample section with prompts"))
            return
        }
        try asideFromSteps {
            do {
                let begun = ContinuousClock.now
                network.prepareStep(random: nil)
                var report = try withAverages {
                    try previews.makePreviews(after: done, isFirst: isFirst)
                }
                report.seconds = (ContinuousClock.now - begun) / .seconds(1)
                report.peakBytes = try withTorchErrors { device.peakMemory }
                tell(.previewed(report, step: done))
            } catch {
                tell(.notice("no previews after step \(done): \(error); training goes on"))
            }
        }
    }

    /// Counts memory apart, and gives back what the steps will need.
    private func asideFromSteps(_ body: () -> Void) throws {
        try withTorchErrors {
            stepPeak = max(stepPeak, device.peakMemory)
            device.resetPeakMemory()
        }
        body()
        try withTorchErrors {
            device.releaseCachedMemory()
            device.resetPeakMemory()
        }
    }
}
