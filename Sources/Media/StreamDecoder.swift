internal import CFFmpeg

/// A decoder of one stream: packets in, frames out in presentation order.
final class StreamDecoder {
    private let context: UnsafeMutablePointer<AVCodecContext>

    /// Decodes pictures on all cores; sound on one, where a failure belongs to the packet just sent.
    init(_ stream: MediaStream, threads: Int32, path: String) throws(MediaError) {
        context = try Self.allocate(stream.parameters.pointee.codec_id, path)
        var status = avcodec_parameters_to_context(context, stream.parameters)
        context.pointee.pkt_timebase = stream.pointer.pointee.time_base
        context.pointee.thread_count = threads
        // With a thread per frame, H.264 may hand a picture out before the thread that decodes it has
        // marked it as damaged.
        if context.pointee.codec_id == AV_CODEC_ID_H264 {
            context.pointee.thread_type = FF_THREAD_SLICE
        }
        if status >= 0 { status = avcodec_open2(context, context.pointee.codec, nil) }
        guard status >= 0 else { throw Self.cannotOpen(context, status, path) }
    }

    /// Decodes one picture that comes without a container.
    init(still codec: AVCodecID, path: String) throws(MediaError) {
        context = try Self.allocate(codec, path)
        context.pointee.thread_count = 1
        context.pointee.err_recognition = AV_EF_EXPLODE
        let status = avcodec_open2(context, context.pointee.codec, nil)
        guard status >= 0 else { throw Self.cannotOpen(context, status, path) }
    }

    deinit {
        var context: UnsafeMutablePointer<AVCodecContext>? = context
        avcodec_free_context(&context)
    }

    /// Sends a packet, or the end of the stream; 0 or an error status.
    func send(_ packet: Packet?) -> Int32 { avcodec_send_packet(context, packet?.pointer) }

    /// Takes a frame; 0, "send more", "end" or an error status.
    func receive(into frame: Frame) -> Int32 { avcodec_receive_frame(context, frame.pointer) }

    /// Decodes the only packet of a picture file.
    func decode(_ packet: Packet, into frame: Frame) -> Bool {
        send(packet) >= 0 && send(nil) >= 0 && receive(into: frame) >= 0
    }

    private static func allocate(
        _ codec: AVCodecID,
        _ path: String
    ) throws(MediaError) -> UnsafeMutablePointer<AVCodecContext> {
        quietLog
        guard let decoder = avcodec_find_decoder(codec) else {
            let name = String(cString: avcodec_get_name(codec))
            throw MediaError(
                kind: .unsupported,
                file: path,
                problem: "this FFmpeg has no decoder for \(name)",
                fix: "install a full build of FFmpeg's libraries or convert the file to H.264 + AAC"
            )
        }
        guard let context = avcodec_alloc_context3(decoder) else { throw .outOfMemory(path) }
        return context
    }

    private static func cannotOpen(
        _ context: UnsafeMutablePointer<AVCodecContext>,
        _ status: Int32,
        _ path: String
    ) -> MediaError {
        let name = String(cString: avcodec_get_name(context.pointee.codec_id))
        return MediaError(
            kind: status == cffmpeg_error_memory ? .outOfMemory : .unsupported,
            file: path,
            problem: "the \(name) stream cannot be decoded (\(ffmpegMessage(status)))",
            fix: "convert the file to H.264 + AAC"
        )
    }
}
