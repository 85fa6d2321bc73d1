extension StreamConfiguration {
    /// A stream of so many heads of a width.
    public init(heads: Int, headWidth: Int, channels: Int = 128, feedForwardBias: Bool = true) {
        self.heads = heads
        self.headWidth = headWidth
        self.channels = channels
        self.feedForwardBias = feedForwardBias
    }
}

extension TransformerConfiguration {
    /// The switches of a released version at any size; without sizes, those of the release.
    ///
    /// - Source: `config.transformer` of the released files.
    public init(
        version: ModelVersion,
        video: StreamConfiguration = StreamConfiguration(heads: 32, headWidth: 128),
        audio: StreamConfiguration = StreamConfiguration(heads: 32, headWidth: 64),
        blockCount: Int = 48
    ) {
        let isFirst = version == .ltx20
        self.video = video
        self.audio = audio
        self.blockCount = blockCount
        captionWidth = isFirst ? 3840 : nil
        gatedAttention = !isFirst
        modulatedTextAttention = !isFirst
        keyframeEmbedding = false
        crossGateScale = 1000
        crossModulation = isFirst ? .own : .official
    }
}
