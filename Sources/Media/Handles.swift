internal import CFFmpeg

// Owners of FFmpeg objects: each frees what it holds when its last reference goes.

/// A packet: compressed data of one stream.
final class Packet {
    let pointer: UnsafeMutablePointer<AVPacket>

    init(path: String) throws(MediaError) {
        guard let pointer = av_packet_alloc() else { throw .outOfMemory(path) }
        self.pointer = pointer
    }

    /// Holds a copy of `bytes`, with the padding that decoders read past the end.
    convenience init(_ bytes: [UInt8], path: String) throws(MediaError) {
        try self.init(path: path)
        guard let size = Int32(exactly: bytes.count), av_new_packet(pointer, size) == 0 else {
            throw .outOfMemory(path)
        }
        for (index, byte) in bytes.enumerated() { pointer.pointee.data[index] = byte }
    }

    deinit {
        var pointer: UnsafeMutablePointer<AVPacket>? = pointer
        av_packet_free(&pointer)
    }

    func hasFlag(_ flag: Int32) -> Bool { pointer.pointee.flags & flag != 0 }

    /// Gives the data back; the packet can then be filled again.
    func clear() { av_packet_unref(pointer) }
}

/// A frame: one decoded picture or a piece of decoded sound.
final class Frame {
    let pointer: UnsafeMutablePointer<AVFrame>

    init(path: String) throws(MediaError) {
        guard let pointer = av_frame_alloc() else { throw .outOfMemory(path) }
        self.pointer = pointer
    }

    /// Takes over a frame that C code made.
    init(adopting pointer: UnsafeMutablePointer<AVFrame>) {
        self.pointer = pointer
    }

    /// Holds room for an RGB picture, with rows that vector code may overrun.
    convenience init(rgbWidth width: Int, height: Int, path: String) throws(MediaError) {
        try self.init(path: path)
        pointer.pointee.format = AV_PIX_FMT_RGB24.rawValue
        pointer.pointee.width = Int32(width)
        pointer.pointee.height = Int32(height)
        guard av_frame_get_buffer(pointer, 0) == 0 else { throw .outOfMemory(path) }
    }

    /// Holds a copy of one RGB picture of a buffer.
    convenience init(_ pictures: FrameBuffer, index: Int, path: String) throws(MediaError) {
        try self.init(rgbWidth: pictures.width, height: pictures.height, path: path)
        pictures.bytes.withUnsafeBufferPointer { bytes in
            guard let start = bytes.baseAddress, index < pictures.frameCount else { return }
            copyRows(from: start + index * pictures.width * pictures.height * 3)
        }
    }

    /// Copies RGB rows that lie one behind the other into this RGB picture.
    func copyRows(from picture: UnsafePointer<UInt8>) {
        guard let rows = pointer.pointee.data.0 else { return }
        let (stride, width) = (Int(pointer.pointee.linesize.0), Int(pointer.pointee.width) * 3)
        // Safe because the frame has room for all rows of `stride` bytes, at least `width` each.
        for row in 0..<Int(pointer.pointee.height) {
            (rows + row * stride).update(from: picture + row * width, count: width)
        }
    }

    deinit {
        var pointer: UnsafeMutablePointer<AVFrame>? = pointer
        av_frame_free(&pointer)
    }

    /// Whether the decoder had to guess parts of it.
    var isDamaged: Bool {
        pointer.pointee.decode_error_flags != 0
            || pointer.pointee.flags & AV_FRAME_FLAG_CORRUPT != 0
    }

    /// Whether it was coded without reference to others.
    var isIntra: Bool { pointer.pointee.pict_type == AV_PICTURE_TYPE_I }

    /// Its time in ticks of the stream; nil if unknown.
    var timestamp: Int64? {
        let ticks = pointer.pointee.best_effort_timestamp
        return ticks == cffmpeg_no_timestamp ? nil : ticks
    }
}

/// Keeps FFmpeg from printing warnings to the terminal; what matters is thrown instead.
///
/// Read before the first call of FFmpeg.
let quietLog: Void = av_log_set_level(AV_LOG_QUIET)

/// What FFmpeg says about a status code, such as `Invalid data found when processing input`.
func ffmpegMessage(_ status: Int32) -> String {
    var text = [CChar](repeating: 0, count: 256)
    guard av_strerror(status, &text, text.count) == 0 else { return "status \(status)" }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
