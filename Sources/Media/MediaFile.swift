internal import CFFmpeg

/// An open container: its streams and a cursor that packets are read from.
final class MediaFile {
    let path: String
    private let context: UnsafeMutablePointer<AVFormatContext>

    /// Demuxers that hold pictures and sound themselves; playlists and device inputs are left out.
    private static let formats =
        "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,asf,flv,mpegts,mpeg,ogg,wav,mp3,aac,flac"

    init(path: String) throws(MediaError) {
        quietLog
        var opened: UnsafeMutablePointer<AVFormatContext>?
        let status = cffmpeg_open(&opened, path, Self.formats)
        guard status >= 0, let opened else { throw Self.openError(status, path) }
        context = opened
        self.path = path
        // A failure here leaves streams without parameters, which are told apart later.
        _ = avformat_find_stream_info(context, nil)
    }

    deinit {
        var context: UnsafeMutablePointer<AVFormatContext>? = context
        avformat_close_input(&context)
    }

    private static func openError(_ status: Int32, _ path: String) -> MediaError {
        switch status {
        case cffmpeg_error_no_entry, cffmpeg_error_access:
            .notReadable(path, isFolder: false)
        case cffmpeg_error_memory:
            .outOfMemory(path)
        default:
            MediaError(
                kind: .notMedia,
                file: path,
                problem: "this is not a video, sound or picture file, or its header is damaged or "
                    + "cut off (\(ffmpegMessage(status)))",
                fix: "copy or export it again, as mp4, mov, mkv, webm, avi, m4v, jpg, png or webp"
            )
        }
    }

    // Streams

    private var streams: [UnsafeMutablePointer<AVStream>] {
        (0..<Int(context.pointee.nb_streams)).compactMap { context.pointee.streams[$0] }
    }

    /// The best stream with moving pictures; the cover of a sound file is none.
    var videoStream: MediaStream? {
        let index = av_find_best_stream(context, AVMEDIA_TYPE_VIDEO, -1, -1, nil, 0)
        guard index >= 0 else { return nil }
        let stream = MediaStream(streams[Int(index)])
        return stream.isCover ? nil : stream
    }

    /// The best sound stream, by preference one that belongs to the pictures.
    var audioStream: MediaStream? {
        let related = videoStream?.index ?? -1
        let index = av_find_best_stream(context, AVMEDIA_TYPE_AUDIO, -1, related, nil, 0)
        return index < 0 ? nil : MediaStream(streams[Int(index)])
    }

    /// Makes reading skip all streams but these.
    func select(_ chosen: [MediaStream]) {
        for stream in streams {
            let isChosen = chosen.contains { $0.index == stream.pointee.index }
            stream.pointee.discard = isChosen ? AVDISCARD_DEFAULT : AVDISCARD_ALL
        }
    }

    /// The shown size of a pixel of the stream, width by height; 1 if square or unknown.
    func pixelAspect(of stream: MediaStream) -> Double {
        let aspect = av_guess_sample_aspect_ratio(context, stream.pointer, nil)
        guard aspect.num > 0, aspect.den > 0 else { return 1 }
        return Double(aspect.num) / Double(aspect.den)
    }

    /// The duration in the header, in seconds; nil if it is absent or only estimated.
    var promisedDuration: Double? {
        let isMatroska = String(cString: context.pointee.iformat.pointee.name).contains("matroska")
        let ticks = context.pointee.duration
        guard isMatroska, ticks != cffmpeg_no_timestamp else { return nil }
        let start = context.pointee.start_time
        let known = start == cffmpeg_no_timestamp ? 0 : start
        return Double(ticks + known) / Double(AV_TIME_BASE)
    }

    /// Texts that the container carries, by key.
    var metadata: [String: String] {
        var values: [String: String] = [:]
        var entry: UnsafeMutablePointer<AVDictionaryEntry>?
        while let next = av_dict_get(context.pointee.metadata, "", entry, AV_DICT_IGNORE_SUFFIX) {
            values[String(cString: next.pointee.key)] = String(cString: next.pointee.value)
            entry = next
        }
        return values
    }

    /// Bytes of the file, 0 if unknown.
    var size: Int64 { max(0, avio_size(context.pointee.pb)) }

    // Packets

    /// Reads the next packet of a selected stream; 0, or a negative status at the end of the file.
    func read(into packet: Packet) -> Int32 {
        packet.clear()
        return av_read_frame(context, packet.pointer)
    }

    /// Moves the cursor to the last key packet that is not after `ticks` of the stream.
    func seek(_ stream: MediaStream, to ticks: Int64) -> Bool {
        av_seek_frame(context, stream.index, ticks, AVSEEK_FLAG_BACKWARD) >= 0
    }
}

/// One stream of an open file; valid as long as its `MediaFile` is.
struct MediaStream {
    let pointer: UnsafeMutablePointer<AVStream>
    /// Seconds per tick.
    let tick: Double

    init(_ pointer: UnsafeMutablePointer<AVStream>) {
        self.pointer = pointer
        tick = av_q2d(pointer.pointee.time_base)
    }

    var index: Int32 { pointer.pointee.index }
    var parameters: UnsafeMutablePointer<AVCodecParameters> { pointer.pointee.codecpar }
    var isCover: Bool { pointer.pointee.disposition & AV_DISPOSITION_ATTACHED_PIC != 0 }
    var codecName: String { String(cString: avcodec_get_name(parameters.pointee.codec_id)) }

    /// How the stored pictures must be laid.
    var orientation: Orientation {
        guard let matrix = cffmpeg_display_matrix(pointer) else { return Orientation() }
        return Orientation(displayMatrix: Array(UnsafeBufferPointer(start: matrix, count: 9)))
    }
}
