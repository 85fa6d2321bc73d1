internal import CFFmpeg

/// Reads one stream of a file packet by packet and hands out its frames in presentation order.
final class FrameSource {
    /// What one step of decoding came to.
    enum Event {
        /// `frame` holds the next picture or piece of sound.
        case frame
        /// The decoder refused data; `seconds` is the file's time of the packet sent last.
        case damage(seconds: Double?, status: Int32)
        /// The stream is over.
        case end
    }

    let file: MediaFile
    let stream: MediaStream
    let frame: Frame
    private let decoder: StreamDecoder
    private let packet: Packet
    private var isDraining = false
    private var lastSeconds: Double?

    init(_ file: MediaFile, _ stream: MediaStream, threads: Int32) throws(MediaError) {
        self.file = file
        self.stream = stream
        decoder = try StreamDecoder(stream, threads: threads, path: file.path)
        packet = try Packet(path: file.path)
        frame = try Frame(path: file.path)
        file.select([stream])
    }

    /// Decodes until there is a frame, damage or the end.
    func next() throws(MediaError) -> Event {
        while true {
            let status = decoder.receive(into: frame)
            switch status {
            case 0: return .frame
            case cffmpeg_error_end: return .end
            case cffmpeg_error_memory: throw .outOfMemory(file.path)
            case cffmpeg_error_again:
                let sent = feed()
                if sent < 0 { return .damage(seconds: lastSeconds, status: sent) }
            default:
                return .damage(seconds: lastSeconds, status: status)
            }
        }
    }

    /// Sends the next packet, or the end of the stream after the last one.
    private func feed() -> Int32 {
        guard !isDraining else { return cffmpeg_error_end }
        while file.read(into: packet) >= 0 {
            guard packet.pointer.pointee.stream_index == stream.index else { continue }
            let ticks = packet.pointer.pointee
            let known = ticks.pts == cffmpeg_no_timestamp ? ticks.dts : ticks.pts
            if known != cffmpeg_no_timestamp { lastSeconds = Double(known) * stream.tick }
            return decoder.send(packet)
        }
        isDraining = true
        return decoder.send(nil)
    }
}
