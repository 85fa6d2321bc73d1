internal import CFFmpeg

/// An encoder of one stream: frames in, packets out.
final class StreamEncoder {
    let context: UnsafeMutablePointer<AVCodecContext>
    private let packet: Packet
    private let path: String

    /// Makes an encoder that is set up by the caller before it is opened.
    init(named name: String, for what: String, path: String) throws(MediaError) {
        quietLog
        self.path = path
        packet = try Packet(path: path)
        guard let codec = avcodec_find_encoder_by_name(name) else {
            throw MediaError(
                kind: .unsupported,
                file: path,
                problem: "this FFmpeg has no encoder \(name), which \(what) needs",
                fix: "install FFmpeg's libraries with \(name)"
            )
        }
        guard let context = avcodec_alloc_context3(codec) else { throw .outOfMemory(path) }
        self.context = context
    }

    deinit {
        var context: UnsafeMutablePointer<AVCodecContext>? = context
        avcodec_free_context(&context)
    }

    /// Sets an option of the encoder itself, such as x264's `crf`.
    func set(_ option: String, _ value: String) {
        av_opt_set(context.pointee.priv_data, option, value, 0)
    }

    /// Ends the setting up.
    func open() throws(MediaError) {
        try check(
            avcodec_open2(context, context.pointee.codec, nil),
            "refuses these settings",
            fix: "use another size, rate or number of channels"
        )
    }

    /// Encodes a frame, or what the encoder holds back at the end, and hands out the packets.
    func encode(
        _ frame: Frame?,
        into write: (Packet) throws(MediaError) -> Void
    ) throws(MediaError) {
        try check(avcodec_send_frame(context, frame?.pointer))
        while true {
            let status = avcodec_receive_packet(context, packet.pointer)
            if status == cffmpeg_error_again || status == cffmpeg_error_end { return }
            try check(status)
            try write(packet)
        }
    }

    private func check(
        _ status: Int32,
        _ problem: String = "failed",
        fix: String = "write it again; if it fails again, use another size or rate"
    ) throws(MediaError) {
        guard status < 0 else { return }
        let name = String(cString: avcodec_get_name(context.pointee.codec_id))
        throw MediaError(
            kind: status == cffmpeg_error_memory ? .outOfMemory : .unsupported,
            file: path,
            problem: "the \(name) encoder \(problem) (\(ffmpegMessage(status)))",
            fix: fix
        )
    }
}
