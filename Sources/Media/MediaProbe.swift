internal import CFFmpeg

/// Finds out what a file holds.
public enum MediaProbe {
    /// Reads all packets of a video or sound file, or decodes a picture file.
    ///
    /// - Returns: sizes as shown, and a picture count and times that the edit list agrees with.
    /// - Throws: `notFound`; `notMedia` for a file without pictures and sound; `truncated` if its
    ///   end is missing; `unsupported` without a decoder; `undecodable` for a damaged picture file.
    public static func probe(_ path: String) throws(MediaError) -> MediaInfo {
        try ProbedClip(path).info
    }
}

/// A file's description together with what decoding it needs.
struct ProbedClip: Sendable {
    let info: MediaInfo
    let timeline: PictureTimeline
    /// Where decoding can begin: picture index, and the decoding time to seek to.
    let keys: [KeyPicture]
    /// Whether pictures are told apart by their times; otherwise they are counted from the start.
    let isTimed: Bool
    /// The file's time, in seconds, that is zero for the callers: its first picture, or the begin
    /// of its sound if it has no pictures.
    let origin: Double

    struct KeyPicture: Sendable {
        let shown: Int64
        let decoded: Int64
    }

    init(_ path: String) throws(MediaError) {
        if let format = try StillPicture.format(of: path) {
            self.init(still: try StillPicture(path: path, format: format), path: path)
        } else {
            try self.init(file: try MediaFile(path: path))
        }
    }

    private init(still: StillPicture, path: String) {
        let frame = still.frame.pointer.pointee
        let (width, height) = (Int(frame.width), Int(frame.height))
        let isTransposed = still.orientation.isTransposed
        info = MediaInfo(
            path: path,
            video: VideoStreamInfo(
                codec: String(cString: avcodec_get_name(still.format.codec)),
                width: isTransposed ? height : width,
                height: isTransposed ? width : height,
                frameCount: 1,
                frameRate: 0,
                isVariableFrameRate: false,
                rotation: still.orientation.rotation,
                pixelFormat: pixelFormatName(frame.format),
                isHDR: isHighDynamicRange(frame.color_trc)
            ),
            audio: nil,
            duration: 0,
            isImage: true
        )
        timeline = PictureTimeline(ticks: [0], tick: 1, lastTicks: 0, declaredRate: 0)
        keys = []
        isTimed = true
        origin = 0
    }

    private init(file: MediaFile) throws(MediaError) {
        let scan = try PacketScan(file)
        let timeline = PictureTimeline(scan, file.videoStream)
        if let cut = scan.cut {
            throw MediaError(
                kind: .truncated,
                file: file.path,
                seconds: max(0, scan.end - timeline.origin),
                problem: "the file is cut off here: \(cut)",
                fix: "copy or download it again"
            )
        }
        let video = file.videoStream.flatMap { VideoStreamInfo($0, file, timeline) }
        let audio = file.audioStream.flatMap { AudioStreamInfo($0, scan) }
        guard video != nil || audio != nil else {
            throw MediaError(
                kind: .notMedia,
                file: file.path,
                problem: "there is neither a picture nor sound in the file",
                fix: "export it again, as mp4, mov, mkv, webm, avi, m4v, jpg, png or webp"
            )
        }
        info = MediaInfo(
            path: file.path,
            video: video,
            audio: audio,
            duration: video == nil ? audio?.duration ?? 0 : timeline.duration,
            isImage: false,
            metadata: file.metadata
        )
        self.timeline = timeline
        keys = scan.keys.map { KeyPicture(shown: $0.shown, decoded: $0.decoded) }
        isTimed = scan.isTimed
        origin = video == nil ? scan.sound?.lowerBound ?? 0 : timeline.origin
    }
}

extension PictureTimeline {
    init(_ scan: PacketScan, _ stream: MediaStream?) {
        guard let stream else {
            self.init(ticks: [], tick: 1, lastTicks: 0, declaredRate: 0)
            return
        }
        let rate = stream.pointer.pointee.avg_frame_rate
        self.init(
            ticks: scan.pictureTicks,
            tick: stream.tick,
            lastTicks: scan.lastPictureTicks,
            declaredRate: rate.num > 0 && rate.den > 0 ? av_q2d(rate) : 0
        )
    }
}

extension VideoStreamInfo {
    /// Nil for a stream without pictures.
    init?(_ stream: MediaStream, _ file: MediaFile, _ timeline: PictureTimeline) {
        let parameters = stream.parameters.pointee
        guard !timeline.ticks.isEmpty, parameters.width > 0, parameters.height > 0 else {
            return nil
        }
        let aspect = file.pixelAspect(of: stream)
        let width = max(1, Int((Double(parameters.width) * aspect).rounded()))
        let height = Int(parameters.height)
        let isTransposed = stream.orientation.isTransposed
        self.init(
            codec: stream.codecName,
            width: isTransposed ? height : width,
            height: isTransposed ? width : height,
            frameCount: timeline.ticks.count,
            frameRate: timeline.frameRate,
            isVariableFrameRate: timeline.isVariable,
            rotation: stream.orientation.rotation,
            pixelFormat: pixelFormatName(parameters.format),
            isHDR: isHighDynamicRange(parameters.color_trc)
        )
    }
}

extension AudioStreamInfo {
    /// Nil for a stream without packets.
    init?(_ stream: MediaStream, _ scan: PacketScan) {
        guard let sound = scan.sound else { return nil }
        var name = [CChar](repeating: 0, count: 128)
        cffmpeg_layout_name(stream.parameters, &name, Int32(name.count))
        let layout = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        self.init(
            codec: stream.codecName,
            sampleRate: Int(stream.parameters.pointee.sample_rate),
            channels: Int(cffmpeg_stream_channels(stream.parameters)),
            layout: String(decoding: layout, as: UTF8.self),
            duration: sound.upperBound - sound.lowerBound
        )
    }
}

/// FFmpeg's name of a pixel format, `unknown` for none.
func pixelFormatName(_ format: Int32) -> String {
    av_get_pix_fmt_name(AVPixelFormat(format)).map { String(cString: $0) } ?? "unknown"
}

/// Whether brightness is coded by one of the two curves for high dynamic range.
func isHighDynamicRange(_ transfer: AVColorTransferCharacteristic) -> Bool {
    transfer == AVCOL_TRC_SMPTE2084 || transfer == AVCOL_TRC_ARIB_STD_B67
}
