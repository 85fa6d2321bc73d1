/// A number of a run after a step.
public struct MetricRow: Sendable, Equatable {
    /// Name of the curve, such as `held_out/voice_gain`.
    public var key: String
    /// Steps finished, from 0.
    public var step: Int
    /// Finite.
    public var value: Double

    /// Joins the three.
    public init(key: String, step: Int, value: Double) {
        self.key = key
        self.step = step
        self.value = value
    }
}

/// A place in a run's metrics file up to which everything is in the store, and how to know it again.
public struct MetricMark: Sendable, Equatable {
    /// Bytes before it; a line begins here.
    public var offset: Int
    /// Greatest step of the lines before it.
    public var step: Int
    /// Of the last line before it.
    public var digest: Int64
    /// Bytes of that line, its end included.
    public var length: Int

    /// Joins the four.
    public init(offset: Int, step: Int, digest: Int64, length: Int) {
        self.offset = offset
        self.step = step
        self.digest = digest
        self.length = length
    }
}

/// Whole lines of a run's metrics file, read: kept with their place in one transaction, or not at all.
public struct MetricBatch: Sendable, Equatable {
    /// Where the lines began; nil is the file's start.
    public var start: MetricMark?
    /// Where they ended.
    public var end: MetricMark
    /// Their numbers.
    public var rows: [MetricRow]
    /// Their previews.
    public var samples: [Sample]
    /// Lines that were no metrics.
    public var unreadable: Int

    /// Joins what was read.
    public init(
        start: MetricMark?,
        end: MetricMark,
        rows: [MetricRow],
        samples: [Sample] = [],
        unreadable: Int = 0
    ) {
        self.start = start
        self.end = end
        self.rows = rows
        self.samples = samples
        self.unreadable = unreadable
    }
}
