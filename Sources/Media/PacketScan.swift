internal import CFFmpeg

/// What the packets of a file say, all read once and none decoded.
struct PacketScan {
    /// Presentation times of the pictures, sorted; decoding times if `isTimed` is false.
    private(set) var pictureTicks: [Int64] = []
    /// Whether every picture has a presentation time.
    private(set) var isTimed = true
    /// Ticks that the last picture stays on screen; 0 if the file does not say.
    private(set) var lastPictureTicks: Int64 = 0
    /// Pictures that decoding can begin with: presentation and decoding time.
    private(set) var keys: [(shown: Int64, decoded: Int64)] = []
    /// Begin and end of the sound in seconds, without priming and padding; nil without packets.
    private(set) var sound: Range<Double>?
    /// Where readable data ends, in seconds of the file's clock.
    private(set) var end = 0.0
    /// Why the file must be taken for cut short; nil if it is whole.
    private(set) var cut: String?

    init(_ file: MediaFile) throws(MediaError) {
        let (video, audio) = (file.videoStream, file.audioStream)
        file.select([video, audio].compactMap(\.self))
        let packet = try Packet(path: file.path)
        var status = file.read(into: packet)
        while status >= 0 {
            if packet.hasFlag(AV_PKT_FLAG_CORRUPT) {
                cut = cut ?? "a packet is incomplete"
            } else if let video, packet.pointer.pointee.stream_index == video.index {
                addPicture(packet, video)
            } else if let audio {
                addSound(packet, audio)
            }
            status = file.read(into: packet)
        }
        pictureTicks.sort()
        keys.sort { $0.shown < $1.shown }
        judgeEnd(file, status: status, streams: [video, audio].compactMap(\.self))
    }

    private mutating func addPicture(_ packet: Packet, _ stream: MediaStream) {
        let fields = packet.pointer.pointee
        let (shown, decoded) = (fields.pts, fields.dts)
        let time = shown == cffmpeg_no_timestamp ? decoded : shown
        guard time != cffmpeg_no_timestamp else {
            isTimed = false
            pictureTicks.append((pictureTicks.last ?? -1) + max(1, fields.duration))
            return
        }
        end = max(end, Double(time + fields.duration) * stream.tick)
        if packet.hasFlag(AV_PKT_FLAG_KEY) {
            keys.append((time, decoded == cffmpeg_no_timestamp ? time : decoded))
        }
        guard !packet.hasFlag(AV_PKT_FLAG_DISCARD), Self.isShown(packet, stream) else { return }
        if shown == cffmpeg_no_timestamp { isTimed = false }
        if time >= pictureTicks.last ?? time { lastPictureTicks = fields.duration }
        pictureTicks.append(time)
    }

    /// Whether a packet holds a picture to be shown: VP8 stores reference pictures alone as well.
    ///
    /// The bit is the fifth of the first byte (RFC 6386, 9.1). Other codecs hold one shown picture
    /// in each packet.
    private static func isShown(_ packet: Packet, _ stream: MediaStream) -> Bool {
        guard stream.parameters.pointee.codec_id == AV_CODEC_ID_VP8,
            packet.pointer.pointee.size > 0
        else { return true }
        return packet.pointer.pointee.data[0] >> 4 & 1 == 1
    }

    private mutating func addSound(_ packet: Packet, _ stream: MediaStream) {
        let fields = packet.pointer.pointee
        guard fields.stream_index == stream.index, !packet.hasFlag(AV_PKT_FLAG_DISCARD) else {
            return
        }
        let known = fields.pts == cffmpeg_no_timestamp ? fields.dts : fields.pts
        let begin =
            known == cffmpeg_no_timestamp ? sound?.upperBound ?? 0 : Double(known) * stream.tick
        let rate = Double(max(1, stream.parameters.pointee.sample_rate))
        var (priming, padding): (Int64, Int64) = (0, 0)
        cffmpeg_dropped_samples(packet.pointer, &priming, &padding)
        let finish = begin + Double(fields.duration) * stream.tick
        end = max(end, finish)
        let first = min(sound?.lowerBound ?? begin + Double(priming) / rate, finish)
        sound = first..<max(sound?.upperBound ?? first, first, finish - Double(padding) / rate)
    }

    private mutating func judgeEnd(_ file: MediaFile, status: Int32, streams: [MediaStream]) {
        if status != cffmpeg_error_end {
            cut = cut ?? "reading stopped (\(ffmpegMessage(status)))"
        }
        let indexed = streams.map { cffmpeg_index_end($0.pointer) }.max() ?? 0
        if file.size > 0, indexed > file.size {
            cut = cut ?? "its index goes on to byte \(indexed) and the file ends at \(file.size)"
        }
        if let promised = file.promisedDuration, promised > end + 0.25 {
            cut = cut ?? "its header promises \(MediaError.readable(promised)) s"
        }
    }
}
