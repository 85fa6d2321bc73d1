internal import CFFmpeg

/// A container that is written: streams are added, then packets, then the index goes in front.
final class MovieFile {
    private let draft: DraftFile
    private let context: UnsafeMutablePointer<AVFormatContext>
    /// Whether it can still be written: neither finished nor given up.
    private(set) var isOpen = true

    /// Opens the draft; `format` is `mp4`, or `ipod` for sound alone.
    init(path: String, format: String) throws(MediaError) {
        quietLog
        draft = try DraftFile(path)
        var made: UnsafeMutablePointer<AVFormatContext>?
        // With its scheme, so that no name can be taken for an address.
        let url = "file:" + draft.draftPath
        let status = avformat_alloc_output_context2(&made, nil, format, url)
        guard status >= 0, let made else {
            throw MediaError(
                kind: .unsupported,
                file: path,
                problem: "this FFmpeg cannot write \(format) files",
                fix: "install FFmpeg's libraries with their usual muxers"
            )
        }
        context = made
        let opened = avio_open(&context.pointee.pb, url, AVIO_FLAG_WRITE)
        guard opened >= 0 else {
            isOpen = false
            throw .writing(path, opened)
        }
    }

    deinit {
        giveUp()
        avformat_free_context(context)
    }

    /// Removes the draft, unless it has become the file.
    func giveUp() {
        guard isOpen else { return }
        isOpen = false
        avio_closep(&context.pointee.pb)
        draft.discard()
    }

    /// Adds a stream of an open encoder.
    func addStream(_ encoder: StreamEncoder) throws(MediaError) -> Int32 {
        guard let stream = avformat_new_stream(context, nil) else { throw .outOfMemory(draft.path) }
        stream.pointee.time_base = encoder.context.pointee.time_base
        stream.pointee.avg_frame_rate = encoder.context.pointee.framerate
        let status = avcodec_parameters_from_context(stream.pointee.codecpar, encoder.context)
        guard status >= 0 else { throw .writing(draft.path, status) }
        return stream.pointee.index
    }

    /// Writes the header; no stream can be added from here on.
    func begin(_ metadata: MovieMetadata) throws(MediaError) {
        // In one order, so that equal content makes equal files.
        for (key, value) in metadata.values.sorted(by: { $0.key < $1.key }) {
            av_dict_set(&context.pointee.metadata, key, value, 0)
        }
        // One stream may come long after the other: packets wait for it as long as it takes.
        context.pointee.max_interleave_delta = 0
        var options: OpaquePointer?
        defer { av_dict_free(&options) }
        av_dict_set(&options, "movflags", "+faststart+use_metadata_tags", 0)
        av_dict_set(&options, "movie_timescale", "\(clock)", 0)
        let status = avformat_write_header(context, &options)
        guard status >= 0 else { throw failure(status) }
    }

    /// Ticks per second in which the lengths of all streams are whole, as far as that is possible.
    ///
    /// The edit list counts in them. In its usual milliseconds a stream may seem to end before its
    /// last samples, which are then not played.
    private var clock: Int {
        let rates = (0..<Int(context.pointee.nb_streams)).compactMap { index in
            context.pointee.streams[index].map { Int($0.pointee.time_base.den) }
        }
        let common = rates.reduce(1) { $0 / greatestCommonDivisor($0, $1) * $1 }
        return common <= 10_000_000 ? common : rates.max() ?? 1000
    }

    /// Writes a packet whose times are in ticks of its encoder; takes its data.
    func write(_ packet: Packet, _ stream: Int32, _ encoder: StreamEncoder) throws(MediaError) {
        guard let target = context.pointee.streams[Int(stream)] else { return }
        av_packet_rescale_ts(
            packet.pointer,
            encoder.context.pointee.time_base,
            target.pointee.time_base
        )
        packet.pointer.pointee.stream_index = stream
        let status = av_interleaved_write_frame(context, packet.pointer)
        guard status >= 0 else { throw failure(status) }
    }

    /// Writes the index, moves it to the front, and puts the file into its place.
    func finish() throws(MediaError) {
        let status = av_write_trailer(context)
        guard status >= 0 else { throw failure(status) }
        let written = context.pointee.pb.pointee.error
        let closed = avio_closep(&context.pointee.pb)
        guard written >= 0, closed >= 0 else { throw failure(min(written, closed)) }
        try draft.commit()
        isOpen = false
    }

    private func failure(_ status: Int32) -> MediaError { .writing(draft.path, status) }
}
