import Torch

/// How long the parts of sampling took, in seconds of the clock.
public struct SampleSeconds: Sendable, Equatable {
    /// Passes of the transformer.
    public var passes = 0.0
    /// Guidance and Euler steps.
    public var arithmetic = 0.0

    /// Adds the time that `body` takes to a part.
    ///
    /// On a GPU, work is only asked for; with `waitingFor` a device the clock stops when it is done.
    mutating func measure<R>(
        _ part: WritableKeyPath<SampleSeconds, Double>,
        waitingFor device: Device?,
        _ body: () throws -> R
    ) rethrows -> R {
        let start = ContinuousClock.now
        defer {
            device?.synchronize()
            self[keyPath: part] += (ContinuousClock.now - start) / .seconds(1)
        }
        return try body()
    }
}
