public import Sampling

/// Where the time of a job went, in seconds.
public struct SampleProfile: Sendable, Equatable {
    /// Encoding prompts, reading the text encoder included.
    public var texts = 0.0
    /// Encoding pictures and sounds that were given.
    public var given = 0.0
    /// Reading the transformer and adapters.
    public var reading = 0.0
    /// Passes of the transformer.
    public var passes = 0.0
    /// Guidance and Euler steps.
    public var arithmetic = 0.0
    /// Decoding and writing.
    public var rendering = RenderingSeconds()
    /// From begin to end.
    public var total = 0.0

    /// The parts in their order; what is left of the total is `other`, writing beside decoding is not in it.
    public var parts: [(name: String, seconds: Double)] {
        let known = [
            ("prompts", texts), ("given files", given), ("reading the model", reading),
            ("transformer", passes), ("guidance, steps", arithmetic),
            ("decoding sound", rendering.sound), ("decoding pictures", rendering.pictures),
            ("waiting for files", rendering.waiting),
        ]
        let rest = total - known.reduce(0) { $0 + $1.1 }
        return known.map { (name: $0.0, seconds: $0.1) } + [(name: "other", seconds: max(0, rest))]
    }
}
