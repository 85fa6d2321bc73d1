internal import CFFmpeg

/// One sequential decode that picks the wanted pictures of a clip.
final class PictureReader {
    private let clip: ProbedClip
    private let path: String
    private let scaler: PictureScaler
    private var source: FrameSource
    /// Index of the picture that came last; nil before the first.
    private var lastIndex: Int?
    /// What broke a picture since the last intact one that stands alone.
    private var damage: String?

    init(_ clip: ProbedClip, geometry: FrameGeometry) throws(MediaError) {
        self.clip = clip
        path = clip.info.path
        source = try Self.open(path)
        scaler = try PictureScaler(geometry, source.stream.orientation, path: path)
    }

    private static func open(_ path: String) throws(MediaError) -> FrameSource {
        let file = try MediaFile(path: path)
        guard let stream = file.videoStream else { throw .noVideo(path) }
        return try FrameSource(file, stream, threads: 0)
    }

    /// Decodes the pictures of these indices, each of which is in the clip, in the order given.
    ///
    /// A further call goes on from there: none of its indices may be before the last one's largest.
    func read(_ wanted: [Int]) throws(MediaError) -> [UInt8] {
        let places = Dictionary(grouping: wanted.indices) { wanted[$0] }
        let order = places.keys.sorted()
        let size = scaler.pictureBytes
        var bytes = [UInt8](repeating: 0, count: wanted.count * size)
        guard let first = order.first else { return bytes }
        if lastIndex == nil { try seek(to: first) }
        for index in order {
            try advance(to: index)
            let offsets = (places[index] ?? []).map { $0 * size }
            guard let offset = offsets.first else { continue }
            try scaler.write(source.frame, isStill: false, into: &bytes, at: offset)
            for copy in offsets.dropFirst() {
                bytes.replaceSubrange(copy..<copy + size, with: bytes[offset..<offset + size])
            }
        }
        return bytes
    }

    /// Begins at the last key picture that is not after the wanted one, if that saves work.
    private func seek(to index: Int) throws(MediaError) {
        let wanted = clip.timeline.ticks[index]
        guard clip.isTimed, let key = clip.keys.last(where: { $0.shown <= wanted }),
            key.shown > clip.timeline.ticks[0]
        else { return }
        if !source.file.seek(source.stream, to: key.decoded) { source = try Self.open(path) }
    }

    /// Decodes up to a picture, and throws if it or one that it builds on is damaged.
    private func advance(to index: Int) throws(MediaError) {
        while lastIndex ?? -1 < index {
            switch try source.next() {
            case .frame:
                try take(wanted: index)
            case .damage(_, let status):
                if !clip.isTimed { damage = ffmpegMessage(status) }
            case .end:
                throw damaged(at: index, "it cannot be decoded")
            }
        }
        guard lastIndex == index else { throw damaged(at: index, "it cannot be decoded") }
        if let damage { throw damaged(at: index, damage) }
    }

    private func take(wanted: Int) throws(MediaError) {
        guard let index = indexOfFrame() else { return }
        if lastIndex == nil, index > wanted {
            // The container's index led too far; decoding from the start cannot.
            guard index != 0, !isFromStart else { throw damaged(at: wanted, "it is missing") }
            source = try Self.open(path)
            isFromStart = true
            return
        }
        if source.frame.isDamaged {
            damage = "the decoder had to guess parts of it"
        } else if source.frame.isIntra {
            damage = nil
        } else if let lastIndex, index > lastIndex + 1 {
            damage = "a picture that it builds on is damaged"
        }
        lastIndex = index
    }

    private var isFromStart = false

    private func indexOfFrame() -> Int? {
        guard clip.isTimed else {
            let next = (lastIndex ?? -1) + 1
            return next < clip.timeline.ticks.count ? next : nil
        }
        return source.frame.timestamp.flatMap { clip.timeline.index(ofTick: $0) }
    }

    private func damaged(at index: Int, _ problem: String) -> MediaError {
        MediaError(
            kind: .undecodable,
            file: path,
            seconds: clip.timeline.time(index),
            problem: "the picture is damaged (\(problem))",
            fix: "export the clip again or cut this part off"
        )
    }
}

extension MediaError {
    static func noVideo(_ path: String) -> MediaError {
        MediaError(
            kind: .noVideo,
            file: path,
            problem: "the file has no pictures",
            fix: "use a video or a picture file"
        )
    }
}
