internal import Foundation

/// Writes sound as a WAV file.
public enum WaveWriter {
    /// How samples are stored.
    public enum Format: Sendable, Equatable {
        /// 16 bits; what is beyond full scale is clipped, and counted.
        case integer16
        /// 32-bit floats: the very samples.
        case float32

        var bytes: Int { self == .integer16 ? 2 : 4 }
        /// The format's number in the file.
        var tag: Int { self == .integer16 ? 1 : 3 }
    }

    /// Writes all of a sound.
    ///
    /// - Parameters:
    ///   - waveform: of any rate, with 1 to 8 channels.
    ///   - path: of the file; an existing one is replaced.
    ///   - format: how samples are stored.
    ///   - metadata: `title` gets a field of its own; with other keys, all are kept as JSON in the
    ///     file's comment.
    /// - Returns: number of samples beyond full scale that were clipped (or are no numbers and
    ///   became 0); always 0 for floats.
    /// - Throws: `notWritable` where the file cannot be written, or would have more than 4 GB.
    @discardableResult
    public static func write(
        _ waveform: Waveform,
        to path: String,
        format: Format = .integer16,
        metadata: MovieMetadata = [:]
    ) throws(MediaError) -> Int {
        let draft = try DraftFile(path)
        try metadata.check(for: path)
        let count = waveform.samples.first?.count ?? 0
        let size = count * waveform.channelCount * format.bytes
        guard (1...8).contains(waveform.channelCount), waveform.sampleRate > 0, size < 4_000_000_000
        else {
            throw .cannotWrite(
                path,
                "\(waveform.channelCount) channels of \(count) samples do not fit into a WAV file",
                "use 1 to 8 channels and less than 4 GB"
            )
        }
        var bytes = header(waveform, format, size: size, info: information(metadata))
        bytes.reserveCapacity(bytes.count + size)
        var clipped = 0
        for index in 0..<count {
            for channel in waveform.samples {
                clipped += append(channel[index], format, to: &bytes)
            }
        }
        try draft.write(bytes)
        return clipped
    }

    /// Appends a sample; 1 if it had to be changed.
    private static func append(_ sample: Float, _ format: Format, to bytes: inout [UInt8]) -> Int {
        guard format == .integer16 else {
            bytes.append(sample.bitPattern, count: 4)
            return 0
        }
        let scaled = sample.isFinite ? (sample * 32768).rounded() : 0
        let kept = min(32767, max(-32768, scaled))
        bytes.append(UInt32(truncatingIfNeeded: Int32(kept)), count: 2)
        // Full scale itself misses the highest integer by one step, which nobody hears.
        return sample.isFinite && scaled <= 32768 && scaled >= -32768 ? 0 : 1
    }

    private static func header(
        _ waveform: Waveform,
        _ format: Format,
        size: Int,
        info: [UInt8]
    ) -> [UInt8] {
        let block = waveform.channelCount * format.bytes
        var bytes = Array("RIFF".utf8)
        bytes.append(UInt32(36 + size + info.count), count: 4)
        bytes += "WAVEfmt ".utf8
        bytes.append(16, count: 4)
        bytes.append(UInt32(format.tag), count: 2)
        bytes.append(UInt32(waveform.channelCount), count: 2)
        bytes.append(UInt32(waveform.sampleRate), count: 4)
        bytes.append(UInt32(waveform.sampleRate * block), count: 4)
        bytes.append(UInt32(block), count: 2)
        bytes.append(UInt32(8 * format.bytes), count: 2)
        bytes += info
        bytes += "data".utf8
        bytes.append(UInt32(size), count: 4)
        return bytes
    }

    /// A list of the fields INAM (title) and ICMT (comment); empty without metadata.
    private static func information(_ metadata: MovieMetadata) -> [UInt8] {
        var fields: [UInt8] = []
        func add(_ name: String, _ text: String?) {
            guard let text else { return }
            let value = Array(text.utf8) + [0]
            fields += name.utf8
            fields.append(UInt32(value.count), count: 4)
            fields += value + (value.count % 2 == 0 ? [] : [0])
        }
        add("INAM", metadata.values["title"])
        add("ICMT", metadata.comment)
        guard !fields.isEmpty else { return [] }
        var list = Array("LIST".utf8)
        list.append(UInt32(4 + fields.count), count: 4)
        return list + "INFO".utf8 + fields
    }
}

extension MovieMetadata {
    /// The comment alone, or all texts as JSON if there are others than it and the title.
    fileprivate var comment: String? {
        let others = values.keys.contains { $0 != "title" && $0 != "comment" }
        guard others else { return values["comment"] }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Texts by key can always be encoded.
        return (try? encoder.encode(values)).map { String(decoding: $0, as: UTF8.self) }
    }
}

extension [UInt8] {
    /// Appends the lower bytes of a number, the lowest first.
    fileprivate mutating func append(_ value: UInt32, count: Int) {
        for byte in 0..<count { append(UInt8(truncatingIfNeeded: value >> (8 * UInt32(byte)))) }
    }
}
