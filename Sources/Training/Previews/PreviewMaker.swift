/// Makes previews of a run as it stands; the training thread calls it between two steps.
public protocol PreviewMaker: AnyObject {
    /// Makes every preview that the run file asks for.
    ///
    /// A preview that cannot be made is a line in the report; nothing of the run may be changed, its
    /// random streams included.
    ///
    /// - Parameters:
    ///   - step: finished steps.
    ///   - isFirst: whether the run has not begun yet.
    /// - Returns: what was made.
    /// - Throws: if none can be made.
    func makePreviews(after step: Int, isFirst: Bool) throws -> PreviewReport
}

/// What was made, and what was not.
public struct PreviewReport: Codable, Sendable, Equatable {
    /// One clip, picture or sound.
    public struct Preview: Codable, Sendable, Equatable {
        /// Where it lies.
        public var path: String
        /// What it shows.
        public var prompt: String
        /// Start of its noise.
        public var seed: Int
        /// Spectral voice distance to the held-out voice; nil where there is nothing to compare.
        public var voiceDistance: Double?
        /// A clip with the voice that it is compared with; nil where there is none.
        public var voiceClip: String?

        /// A file and what it was made from.
        public init(
            path: String,
            prompt: String,
            seed: Int,
            voiceDistance: Double? = nil,
            voiceClip: String? = nil
        ) {
            self.path = path
            self.prompt = prompt
            self.seed = seed
            self.voiceDistance = voiceDistance
            self.voiceClip = voiceClip
        }
    }

    /// What was made.
    public var previews: [Preview] = []
    /// A sentence for each one that was not.
    public var failures: [String] = []
    /// Seconds it took.
    public var seconds = 0.0
    /// Most bytes in use on the device meanwhile.
    public var peakBytes = 0

    /// Nothing yet.
    public init() {}
}
