internal import CFFmpeg

/// The AAC stream of a movie: holds sound back until it is known to belong to the movie.
final class MovieSoundTrack {
    let sound: MovieSound
    private let path: String
    private let encoder: StreamEncoder
    private let file: MovieFile
    private let stream: Int32
    /// Sound that is not encoded yet.
    private var waiting: [[Float]]  // [C][N]
    private var encodedCount = 0

    init(_ sound: MovieSound, _ file: MovieFile, path: String) throws(MediaError) {
        try sound.check(for: path)
        self.sound = sound
        self.path = path
        self.file = file
        encoder = try StreamEncoder(named: "aac", for: "sound in an mp4 or m4a", path: path)
        let context = encoder.context
        context.pointee.sample_rate = Int32(sound.sampleRate)
        context.pointee.sample_fmt = AV_SAMPLE_FMT_FLTP
        context.pointee.bit_rate = sound.bitRate
        context.pointee.time_base = AVRational(num: 1, den: Int32(sound.sampleRate))
        context.pointee.flags |= Int32(AV_CODEC_FLAG_GLOBAL_HEADER)
        cffmpeg_set_channels(context, Int32(sound.channels))
        try encoder.open()
        stream = try file.addStream(encoder)
        waiting = Array(repeating: [], count: sound.channels)
    }

    /// Samples that came so far.
    var receivedCount: Int { encodedCount + waitingCount }

    private var waitingCount: Int { waiting[0].count }

    /// Takes sound; nothing is encoded yet.
    func append(_ waveform: Waveform) throws(MediaError) {
        guard waveform.sampleRate == sound.sampleRate, waveform.channelCount == sound.channels
        else {
            throw .cannotWrite(
                path,
                "sound with \(waveform.channelCount) channels at \(waveform.sampleRate) Hz came "
                    + "for a file with \(sound.channels) at \(sound.sampleRate) Hz",
                "give all sound the file's rate and channels"
            )
        }
        guard waveform.samples.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
            throw .cannotWrite(
                path,
                "the sound has samples that are no numbers",
                "find out what made them; with a decoder it is often float16: use float32"
            )
        }
        for channel in waiting.indices { waiting[channel] += waveform.samples[channel] }
    }

    /// Encodes whole blocks of what has come, up to a number of samples from the beginning.
    func encode(upTo limit: Int) throws(MediaError) {
        let block = Int(encoder.context.pointee.frame_size)
        let count = min(limit - encodedCount, waitingCount) / block * block
        guard count > 0 else { return }
        try encode(count)
    }

    /// Ends the sound at exactly `count` samples: leaves out what is more, adds silence for less.
    func finish(count: Int) throws(MediaError) {
        let rest = max(0, count - encodedCount)
        for channel in waiting.indices {
            let missing = max(0, rest - waiting[channel].count)
            waiting[channel] = waiting[channel].prefix(rest) + Array(repeating: 0, count: missing)
        }
        try encode(rest)
        try encoder.encode(nil, into: write)
    }

    private func encode(_ count: Int) throws(MediaError) {
        let block = Int(encoder.context.pointee.frame_size)
        for start in stride(from: 0, to: count, by: block) {
            try encode(start..<min(count, start + block))
        }
        for channel in waiting.indices { waiting[channel].removeFirst(count) }
    }

    private func encode(_ range: Range<Int>) throws(MediaError) {
        let frame = try Frame(path: path)
        let status = cffmpeg_make_sound_frame(frame.pointer, encoder.context, Int32(range.count))
        guard status >= 0 else { throw .outOfMemory(path) }
        for channel in waiting.indices {
            guard let plane = frame.pointer.pointee.extended_data[channel] else { continue }
            // Safe because the frame was made for as many floats in each of its planes.
            plane.withMemoryRebound(to: Float.self, capacity: range.count) { samples in
                for index in range { samples[index - range.lowerBound] = waiting[channel][index] }
            }
        }
        frame.pointer.pointee.pts = Int64(encodedCount)
        encodedCount += range.count
        try encoder.encode(frame, into: write)
    }

    private func write(_ packet: Packet) throws(MediaError) {
        try file.write(packet, stream, encoder)
    }
}
