import Torch

// Axes: B batch, T tokens of a stream, C latent channels.

/// One Euler step of a modality along the led prediction.
///
/// - Source: the guider and the Euler step of Lightricks' pipelines. Given tokens count in the spread that
///   rescaling compares, as clean as they are; diffusers lets them count with the velocity that the model
///   says for them.
struct GuidedStep {
    private let sigma: Double
    private let next: Double
    private let passes: [GuidancePass]

    init(from sigma: Double, to next: Double, passes: [GuidancePass]) {
        self.sigma = sigma
        self.next = next
        self.passes = passes
    }

    /// Tokens `[B, T, C]` after the step, from the velocities of each pass.
    func moved(
        _ tokens: Tensor?,
        _ velocities: [Tensor?],
        _ start: ModalityStart,
        _ scales: Guidance.Scales
    ) -> Tensor? {
        guard start.isMade, let tokens, let plain = velocities.first ?? nil else { return tokens }
        let velocity =
            scales.leads
            ? (tokens - led(tokens, velocities, start, scales)) / sigma
            : plain
        let moved = tokens + velocity * (next - sigma)
        return ModalityStart.replacingFront(of: moved, by: tokens, start.givenCount)
    }

    /// The led prediction of the clean tokens.
    private func led(
        _ tokens: Tensor,
        _ velocities: [Tensor?],
        _ start: ModalityStart,
        _ scales: Guidance.Scales
    ) -> Tensor {
        let clean = velocities.map { velocity in
            let predicted = velocity.map { tokens.adding($0, factor: -sigma) } ?? tokens
            return ModalityStart.replacingFront(of: predicted, by: tokens, start.givenCount)
        }
        var led = clean[0]
        for (pass, other) in zip(passes, clean) {
            guard let factor = scales.factor(of: pass) else { continue }
            led = led.adding(clean[0] - other, factor: factor)
        }
        guard scales.rescale != 0 else { return led }
        let ratio = spread(clean[0]) / spread(led)  // [B, 1, 1]
        return led * (ratio * scales.rescale + (1 - scales.rescale))
    }

    /// Standard deviation of each item, `[B, 1, 1]`; a factor common to all is left out.
    private func spread(_ tokens: Tensor) -> Tensor {
        let rest = tokens - tokens.mean([1, 2], keep: true)
        return (rest * rest).sum([1, 2], keep: true).squareRoot()
    }
}
