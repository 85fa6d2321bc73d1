extension ClipReader {
    /// Seconds after the first picture at which each picture appears, and last the end of the last one.
    ///
    /// Pictures can be cut apart at these times and at no others. Empty for a sound file.
    public var pictureEdges: [Double] {
        guard !info.isImage, !clip.timeline.ticks.isEmpty else { return [] }
        return clip.timeline.ticks.indices.map(clip.timeline.time) + [clip.timeline.duration]
    }

    /// Decodes pictures forward and hands them out a few at a time, so that any length fits into memory.
    ///
    /// - Parameters:
    ///   - indices: numbers of pictures, 0 being the first shown; none smaller than the one before.
    ///   - geometry: how a shown picture is scaled, cropped and flipped.
    ///   - body: gets sRGB bytes `[T, H, W, 3]` with a T of at least 1.
    /// - Throws: as `frames(indices:geometry:)`, and what `body` throws.
    public func forEachStretch(
        of indices: [Int],
        geometry: FrameGeometry,
        _ body: (FrameBuffer) throws -> Void
    ) throws {
        // What is wrong with the request is told as for pictures in one piece.
        guard let first = indices.first, let last = indices.last else { return }
        guard !info.isImage, info.video != nil, first >= 0, last < clip.timeline.ticks.count else {
            _ = try frames(indices: indices, geometry: geometry)
            return
        }
        try geometry.check(for: info.path)
        let reader = try PictureReader(clip, geometry: geometry)
        let (height, width) = (geometry.cropHeight, geometry.cropWidth)
        let count = max(1, Self.stretchBytes / (height * width * 3))
        for start in stride(from: 0, to: indices.count, by: count) {
            let stretch = Array(indices[start..<min(start + count, indices.count)])
            let bytes = try reader.read(stretch)
            try body(
                FrameBuffer(frameCount: stretch.count, height: height, width: width, bytes: bytes)
            )
        }
    }

    private static var stretchBytes: Int { 64 << 20 }
}
