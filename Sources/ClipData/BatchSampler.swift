/// What the sampler needs to know of an item.
public struct BatchItem: Sendable, Equatable {
    /// Size and length: only items that agree in it share a batch.
    public let bucketKey: String
    /// How often the item occurs in an epoch.
    public let repeats: Int
    /// Whether it belongs to a regularisation set; such items have batches of their own.
    public let isRegularisation: Bool
    /// What tells the item from all others, over runs: part of the fingerprint of the list.
    public let identity: String

    /// Describes an item.
    public init(
        bucketKey: String,
        repeats: Int = 1,
        isRegularisation: Bool = false,
        identity: String
    ) {
        self.bucketKey = bucketKey
        self.repeats = repeats
        self.isRegularisation = isRegularisation
        self.identity = identity
    }
}

/// Items that are trained on together: all of one bucket.
public struct Batch: Sendable, Equatable {
    /// Numbers of the items in the list that the sampler was made with.
    public let items: [Int]
    /// Size and length that they share.
    public let bucketKey: String
    /// Whether they are regularisation items.
    public let isRegularisation: Bool
    /// Which pass over the items this is, from 0.
    public let epoch: Int
}

/// Deals batches forever: each epoch gives every item as often as its repeats say.
///
/// Items are shuffled and dealt into groups anew in each epoch, and then the groups are shuffled.
/// A last group that is not full stays short: filling it up would train its items twice. An
/// epoch's order depends on seed and epoch only, so a position is two numbers.
public struct BatchSampler: Sendable {
    /// Where a sampler stands: enough to go on exactly there.
    public struct Position: Sendable, Equatable, Codable {
        /// The pass over the items, from 0.
        public var epoch: Int
        /// The next batch of it.
        public var batch: Int
        /// Seed of all orders.
        public var seed: UInt64
        /// What the list of items and the batch size were.
        public var fingerprint: String
    }

    private let items: [BatchItem]
    /// The most items of a batch.
    public let batchSize: Int
    private var order: [Batch]
    /// Where the sampler stands.
    public private(set) var position: Position

    /// Starts at the first batch of the first epoch.
    ///
    /// - Parameters:
    ///   - items: one at least, with one repeat at least.
    ///   - batchSize: the most items of a batch.
    ///   - seed: the same seed gives the same batches.
    public init(_ items: [BatchItem], batchSize: Int, seed: UInt64) {
        precondition(batchSize > 0, "BatchSampler: batch size \(batchSize), should be 1 or more")
        precondition(
            items.contains { $0.repeats > 0 },
            "BatchSampler: nothing to deal from, should be one item at least"
        )
        self.items = items
        self.batchSize = batchSize
        let fingerprint = Self.fingerprint(items, batchSize: batchSize)
        position = Position(epoch: 0, batch: 0, seed: seed, fingerprint: fingerprint)
        order = []
        order = dealtEpoch()
    }

    /// Goes on where another sampler stood.
    ///
    /// - Throws: `.otherClips` if the items or the batch size are not those of the position.
    public init(
        _ items: [BatchItem],
        batchSize: Int,
        resuming position: Position
    ) throws(ClipDataError) {
        self.init(items, batchSize: batchSize, seed: position.seed)
        guard position.fingerprint == self.position.fingerprint else {
            throw ClipDataError(
                .otherClips,
                at: "datasets",
                "clips, repeats or batch_size are not those of the saved run, should be the same",
                fix: "bring them back, or start a new run from its last adapter"
            )
        }
        self.position = position
        order = dealtEpoch()
    }

    /// Number of batches in each epoch.
    public var batchesPerEpoch: Int { order.count }

    /// Deals the next batch.
    public mutating func next() -> Batch {
        if position.batch >= order.count {
            position.epoch += 1
            position.batch = 0
            order = dealtEpoch()
        }
        defer { position.batch += 1 }
        return order[position.batch]
    }

    private func dealtEpoch() -> [Batch] {
        var generator = SeededGenerator(seed: position.seed, stream: UInt64(position.epoch))
        var batches: [Batch] = []
        for (_, numbers) in grouped() {
            var numbers = numbers
            generator.shuffle(&numbers)
            for start in stride(from: 0, to: numbers.count, by: batchSize) {
                batches.append(batch(Array(numbers[start..<min(start + batchSize, numbers.count)])))
            }
        }
        generator.shuffle(&batches)
        return batches
    }

    /// Numbers of the items by what must agree within a batch, repeats unrolled, in a fixed order.
    private func grouped() -> [(key: String, value: [Int])] {
        let unrolled = items.indices.flatMap { Array(repeating: $0, count: items[$0].repeats) }
        let groups = Dictionary(grouping: unrolled) {
            "\(items[$0].bucketKey) \(items[$0].isRegularisation)"
        }
        return groups.sorted { $0.key < $1.key }
    }

    private func batch(_ numbers: [Int]) -> Batch {
        let first = items[numbers[0]]
        return Batch(
            items: numbers,
            bucketKey: first.bucketKey,
            isRegularisation: first.isRegularisation,
            epoch: position.epoch
        )
    }

    private static func fingerprint(_ items: [BatchItem], batchSize: Int) -> String {
        let fields = items.map {
            "\($0.bucketKey)|\($0.repeats)|\($0.isRegularisation)|\($0.identity)"
        }
        return ContentHash.of(text: ([String(batchSize)] + fields).joined(separator: "\n"))
    }
}
