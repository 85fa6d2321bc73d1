public import Torch

/// Whether the sound has noise levels of its own, and from where.
public struct AudioSigmaPolicy: Sendable {
    /// What the sound's own levels are drawn from; nil if it always has the picture's.
    public var own: (any SigmaDistribution)?
    /// Share of items, 0 to 1, that have the picture's level after all.
    public var sharedPart: Double

    /// A policy; levels of its own, uniform between 0 and 1, unless something else is given.
    public init(own: (any SigmaDistribution)? = UniformSigmas(), sharedPart: Double = 0) {
        self.own = own
        self.sharedPart = sharedPart
    }

    /// The sound always has the picture's level.
    public static let shared = AudioSigmaPolicy(own: nil)

    /// Draws a noise level for the sound of each item.
    ///
    /// The own levels do not depend on `sharedPart`, only whether they are used.
    ///
    /// - Parameters:
    ///   - video: levels of the items' pictures.
    ///   - tokens: audio tokens of one item.
    ///   - random: where every random number comes from.
    /// - Returns: one sigma per item, each from 0 (clean) to 1 (noise).
    public func draw(video: [Double], tokens: Int, random: RandomGenerator) -> [Double] {
        guard let own else { return video }
        let levels = own.draw(video.count, tokens: tokens, random: random)
        guard sharedPart > 0 else { return levels }
        let choice = random.uniform([video.count]).floats()
        return video.indices.map { Double(choice[$0]) < sharedPart ? video[$0] : levels[$0] }
    }
}
