/// Writes stretches of one clip as clips of their own: H.264 and AAC in mp4.
///
/// Pictures are those of the clip, none doubled or left out, and sound begins and ends with them to a sample.
/// Both are encoded anew, finely enough to be encoded once more: x264 at a rate factor of 14, AAC at up to
/// 192 kbit/s for each channel. Pictures are written upright; those that are not evenly spaced become so at
/// the clip's average rate, more than 8 bits become 8, and a last odd row or column is left out.
public struct ClipPieceWriter: Sendable {
    /// What differs between a clip and its pieces, in words; empty for most clips.
    public let remarks: [String]
    private let reader: ClipReader
    private let pictures: MoviePictures
    private let rate: ExactRate
    private let sound: MovieSound?
    private let edges: [Double]
    private let isVariable: Bool

    private static let quality = 14
    private static let aacRates = [
        96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350,
    ]

    /// Looks whether a clip can be cut.
    ///
    /// - Throws: `noVideo` for sound files, `unsupported` for still pictures and high dynamic range,
    ///   `notWritable` for sizes that H.264 does not take.
    public init(_ reader: ClipReader) throws(MediaError) {
        guard let video = reader.info.video else { throw .noVideo(reader.info.path) }
        try Self.check(reader.info, video)
        self.reader = reader
        edges = reader.pictureEdges
        isVariable = video.isVariableFrameRate
        pictures = MoviePictures(
            width: video.width / 2 * 2,
            height: video.height / 2 * 2,
            frameRate: video.frameRate,
            quality: Self.quality
        )
        rate = try pictures.check(for: reader.info.path)
        sound = reader.info.audio.map { audio in
            let rate = Self.aacRates.contains(audio.sampleRate) ? audio.sampleRate : 48000
            var sound = MovieSound(sampleRate: rate, channels: min(2, audio.channels))
            sound.isMaster = true
            return sound
        }
        remarks = Self.remarks(reader.info, video, rate, sound)
    }

    /// Writes a stretch.
    ///
    /// - Parameters:
    ///   - piece: made of this clip's edges.
    ///   - path: of the file, ending in mp4; an existing one is replaced.
    ///   - progress: gets the share that is done.
    /// - Returns: what the file holds.
    /// - Throws: `MediaError` for damage in the stretch and for what cannot be written; no file stays then.
    @discardableResult
    public func write(
        _ piece: ClipPiece,
        to path: String,
        progress: (Double) throws -> Void = { _ in }
    ) throws -> MovieResult {
        let writer = try MovieWriter(
            path: path,
            pictures: pictures,
            sound: sound,
            metadata: metadata(of: piece)
        )
        do {
            let indices = indices(of: piece)
            let seconds = Double(indices.count) / rate.value
            if let wave = try waveform(from: piece.start, seconds: seconds) {
                try writer.append(sound: wave)
            }
            var done = 0
            try reader.forEachStretch(of: indices, geometry: geometry) { frames in
                try writer.append(frames: frames)
                done += frames.frameCount
                try progress(Double(done) / Double(indices.count))
            }
            return try writer.finish()
        } catch {
            writer.cancel()
            throw error
        }
    }

    private var geometry: FrameGeometry {
        FrameGeometry(
            scaledWidth: reader.info.video?.width ?? pictures.width,
            scaledHeight: reader.info.video?.height ?? pictures.height,
            cropX: 0,
            cropY: 0,
            cropWidth: pictures.width,
            cropHeight: pictures.height
        )
    }

    /// The pictures themselves, or where they are not evenly spaced, those on screen at even times.
    private func indices(of piece: ClipPiece) -> [Int] {
        guard isVariable else { return Array(piece.pictures) }
        let count = max(1, Int((piece.seconds * rate.value).rounded()))
        return (0..<count).map { number in
            let time = piece.start + Double(number) / rate.value
            let index = reader.clip.timeline.index(at: time) ?? piece.pictures.upperBound - 1
            return min(max(index, piece.pictures.lowerBound), piece.pictures.upperBound - 1)
        }
    }

    private func waveform(from start: Double, seconds: Double) throws(MediaError) -> Waveform? {
        guard let sound else { return nil }
        let found = try reader.sound(from: start, duration: seconds, sampleRate: sound.sampleRate)
        switch found {
        case .absent: return nil
        case .silent(let wave), .sound(let wave):
            // One channel comes as two equal ones.
            return Waveform(
                sampleRate: wave.sampleRate,
                samples: Array(wave.samples.prefix(sound.channels))
            )
        }
    }

    /// The clip's own texts, and where it is from.
    private func metadata(of piece: ClipPiece) -> MovieMetadata {
        let containers = [
            "major_brand", "minor_version", "compatible_brands", "encoder", "duration",
        ]
        var values = reader.info.metadata.filter { !containers.contains($0.key.lowercased()) }
        values["cut_from"] = reader.info.path.split(separator: "/").last.map(String.init)
        values["cut_start"] = MediaError.readable(piece.start)
        values["cut_end"] = MediaError.readable(piece.end)
        return MovieMetadata(values)
    }
}

extension ClipPieceWriter {
    private static func check(_ info: MediaInfo, _ video: VideoStreamInfo) throws(MediaError) {
        if info.isImage {
            throw MediaError(
                kind: .unsupported,
                file: info.path,
                problem: "this is a still picture, and only moving ones can be cut",
                fix: "name a video"
            )
        }
        if video.isHDR {
            throw MediaError(
                kind: .unsupported,
                file: info.path,
                problem:
                    "its brightness has high dynamic range (PQ or HLG), which a cut clip of 8 bits "
                    + "cannot hold",
                fix: "convert it to BT.709 with a tone mapper first, then cut that file"
            )
        }
    }

    private static func remarks(
        _ info: MediaInfo,
        _ video: VideoStreamInfo,
        _ rate: ExactRate,
        _ sound: MovieSound?
    ) -> [String] {
        var remarks: [String] = []
        if video.isVariableFrameRate {
            remarks.append(
                "pictures are not evenly spaced; they become \(MediaError.readable(rate.value)) per second"
            )
        }
        if video.width % 2 != 0 || video.height % 2 != 0 {
            remarks.append(
                "\(video.width)x\(video.height) becomes \(video.width / 2 * 2)x\(video.height / 2 * 2): "
                    + "H.264 needs even sides"
            )
        }
        if ["10", "12", "14", "16"].contains(where: { video.pixelFormat.contains("p\($0)") }) {
            remarks.append("\(video.pixelFormat) becomes 8 bits")
        }
        if let audio = info.audio, let sound, audio.channels > 2 {
            remarks.append("\(audio.channels) channels become \(sound.channels)")
        }
        if let audio = info.audio, let sound, audio.sampleRate != sound.sampleRate {
            remarks.append("sound of \(audio.sampleRate) Hz becomes \(sound.sampleRate) Hz")
        }
        return remarks
    }
}
