public import Media

extension ClipFacts {
    /// Takes from a probe what planning needs.
    ///
    /// - Throws: `.undecodable` if the file has no pictures.
    public init(_ info: MediaInfo) throws(ClipDataError) {
        guard let video = info.video else {
            throw ClipDataError(
                .undecodable,
                at: info.path,
                "has no pictures, should be a video or an image",
                fix: "remove it from the folder"
            )
        }
        self.init(
            width: video.width,
            height: video.height,
            frameCount: video.frameCount,
            frameRate: video.frameRate,
            seconds: info.isImage ? 0 : info.duration,
            isImage: info.isImage,
            hasSound: info.audio != nil,
            channels: info.audio?.channels ?? 0,
            isVariableRate: video.isVariableFrameRate,
            isHighDynamicRange: video.isHDR
        )
    }
}

extension ClipIndex {
    /// Finds, hashes and probes the files of a dataset, several at a time.
    ///
    /// - Throws: `.noDataset` if folder or list is absent or unreadable.
    public static func scan(_ rules: DatasetRules) async throws -> ClipIndex {
        try await scan(rules) { try ClipFacts(MediaProbe.probe($0)) }
    }
}
