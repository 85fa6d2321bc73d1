import Foundation
public import RunStore

/// Reads what is new in a run's `metrics.jsonl`, also after a resumed run has written it anew.
public struct MetricsTail: Sendable {
    private let path: String
    private let folder: String
    private let chunk: Int

    /// Names a file; nothing is read yet.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - folder: what its relative paths are relative to.
    ///   - chunk: bytes to read at a time; a longer line is read whole.
    public init(path: String, folder: String, chunk: Int = 512 << 10) {
        self.path = path
        self.folder = folder
        self.chunk = chunk
    }

    /// The next whole lines; nil if there are none, or no file.
    ///
    /// - Parameter marks: places up to which lines were read, last first. The last one that the file still has
    ///   is where reading goes on: what follows an earlier one has been written anew.
    /// - Returns: their numbers and previews, and where they ended.
    /// - Throws: if the file is there and cannot be read.
    public func next(after marks: [MetricMark]) throws -> MetricBatch? {
        guard let file = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? file.close() }
        let size = Int(try file.seekToEnd())
        let start = try marks.first { try $0.isKnown(in: file, size: size) }
        let lines = try wholeLines(of: file, from: start?.offset ?? 0, size: size)
        guard !lines.isEmpty else { return nil }
        return batch(lines, after: start)
    }

    /// Half a line waits until it is whole.
    private func wholeLines(of file: FileHandle, from offset: Int, size: Int) throws -> Data {
        var wanted = chunk
        while true {
            try file.seek(toOffset: UInt64(offset))
            let data = try file.read(upToCount: wanted) ?? Data()
            if let end = data.lastIndex(of: UInt8(ascii: "\n")) {
                return data[data.startIndex...end]
            }
            guard data.count == wanted, offset + wanted < size else { return Data() }
            wanted *= 2
        }
    }

    private func batch(_ lines: Data, after start: MetricMark?) -> MetricBatch {
        var rows: [MetricRow] = []
        var samples: [Sample] = []
        var step = start?.step ?? -1
        var unreadable = 0
        for line in lines.split(separator: UInt8(ascii: "\n")) {
            guard let read = MetricsLine(line) else {
                unreadable += 1
                continue
            }
            rows += read.rows
            samples += read.samples.map(placed)
            step = max(step, read.step)
        }
        let last = lines.dropLast().lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 }
        let line = lines[(last ?? lines.startIndex)...]
        let end = MetricMark(
            offset: (start?.offset ?? 0) + lines.count,
            step: step,
            digest: MetricMark.digest(of: line),
            length: line.count
        )
        return MetricBatch(
            start: start,
            end: end,
            rows: rows,
            samples: samples,
            unreadable: unreadable
        )
    }

    private func placed(_ sample: Sample) -> Sample {
        var sample = sample
        sample.path = placed(sample.path)
        sample.voiceClip = sample.voiceClip.map(placed)
        return sample
    }

    private func placed(_ path: String) -> String {
        path.hasPrefix("/") ? path : "\(folder)/\(path)"
    }
}

extension MetricMark {
    /// Whether a file still has the line that ended here.
    fileprivate func isKnown(in file: FileHandle, size: Int) throws -> Bool {
        guard offset <= size, length > 0, offset >= length else { return false }
        try file.seek(toOffset: UInt64(offset - length))
        return Self.digest(of: try file.read(upToCount: length) ?? Data()) == digest
    }

    /// FNV-1a: tells lines apart that differ by chance, which is all that is needed.
    fileprivate static func digest(of line: Data) -> Int64 {
        var value: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in line { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return Int64(bitPattern: value)
    }
}
