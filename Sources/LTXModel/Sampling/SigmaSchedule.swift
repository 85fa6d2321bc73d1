import Foundation

/// Noise levels that sampling goes through, from 1 (noise) to 0 (clean).
public struct SigmaSchedule: Sendable, Equatable {
    /// The levels, one more than steps.
    public let sigmas: [Double]

    /// The schedule of the undistilled models: even steps, moved towards noise by the number of tokens
    /// and stretched so that the last level above 0 is 0.1.
    ///
    /// - Parameters:
    ///   - steps: 1 or more.
    ///   - tokens: video tokens; the official pipelines always take 4,096, diffusers the real number.
    /// - Source: diffusers' `FlowMatchEulerDiscreteScheduler` with the settings of LTX-2.
    public init(steps: Int, tokens: Int = 4096) {
        let count = max(steps, 1)
        let shift = exp(0.95 + (2.05 - 0.95) * Double(tokens - 1024) / (4096 - 1024))
        let shifted = (0..<count).map { index in
            let even = 1 - (1 - 1 / Double(count)) * Double(index) / Double(max(count - 1, 1))
            return min(1, shift / (shift + (1 / even - 1)))
        }
        let stretch = (1 - (shifted.last ?? 1)) / (1 - 0.1)
        sigmas = shifted.map { stretch > 0 ? 1 - (1 - $0) / stretch : $0 } + [0]
    }

    /// A schedule of given levels.
    public init(sigmas: [Double]) { self.sigmas = sigmas }

    /// The eight steps of the distilled models, which take no guidance.
    public static let distilled = SigmaSchedule(
        sigmas: [1, 0.99375, 0.9875, 0.98125, 0.975, 0.909375, 0.725, 0.421875, 0]
    )
}
