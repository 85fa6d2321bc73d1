import Foundation
import Testing

@testable import ClipData

@Suite struct BatchSamplerTests {
    /// Two buckets, one with a repeated item, and a regularisation set.
    private let items =
        (0..<7).map { BatchItem(bucketKey: "64x64x9", identity: "a\($0)") }
        + (0..<3).map { BatchItem(bucketKey: "96x64x9", repeats: 2, identity: "b\($0)") }
        + (0..<2).map {
            BatchItem(bucketKey: "64x64x9", isRegularisation: true, identity: "r\($0)")
        }

    private func batches(_ sampler: inout BatchSampler, _ count: Int) -> [Batch] {
        (0..<count).map { _ in sampler.next() }
    }

    @Test("an epoch gives every item as often as its repeats say")
    func complete() {
        var sampler = BatchSampler(items, batchSize: 2, seed: 1)
        #expect(sampler.batchesPerEpoch == 4 + 3 + 1)
        for epoch in 0..<3 {
            let dealt = batches(&sampler, sampler.batchesPerEpoch)
            let expected = Array(0..<7) + [7, 7, 8, 8, 9, 9, 10, 11]
            #expect(dealt.flatMap(\.items).sorted() == expected)
            #expect(dealt.allSatisfy { $0.epoch == epoch })
        }
    }

    @Test("a batch has one bucket and one kind of set")
    func uniform() {
        var sampler = BatchSampler(items, batchSize: 3, seed: 2)
        for batch in batches(&sampler, 40) {
            for item in batch.items {
                #expect(items[item].bucketKey == batch.bucketKey)
                #expect(items[item].isRegularisation == batch.isRegularisation)
            }
        }
    }

    @Test("groups are dealt anew in each epoch, and depend on the seed")
    func redealt() {
        var sampler = BatchSampler(items, batchSize: 2, seed: 1)
        let epochs = (0..<6).map { _ in batches(&sampler, sampler.batchesPerEpoch).map(\.items) }
        #expect(Set(epochs).count == 6)
        let groups = Set(epochs.flatMap { $0 }.map { $0.sorted() })
        #expect(groups.count > sampler.batchesPerEpoch)
        var other = BatchSampler(items, batchSize: 2, seed: 2)
        #expect(batches(&other, other.batchesPerEpoch).map(\.items) != epochs[0])
    }

    @Test("a saved position goes on with the very same batches, wherever it was saved")
    func resumes() throws {
        var sampler = BatchSampler(items, batchSize: 2, seed: 5)
        for _ in 0..<30 {
            let saved = try JSONEncoder().encode(sampler.position)
            let position = try JSONDecoder().decode(BatchSampler.Position.self, from: saved)
            var resumed = try BatchSampler(items, batchSize: 2, resuming: position)
            var going = sampler
            #expect(batches(&going, 20) == batches(&resumed, 20))
            _ = sampler.next()
        }
    }

    @Test("a position of other clips is refused")
    func otherClips() {
        let position = BatchSampler(items, batchSize: 2, seed: 5).position
        let error = #expect(throws: ClipDataError.self) {
            try BatchSampler(Array(items.dropLast()), batchSize: 2, resuming: position)
        }
        #expect(
            error?.description == """
                datasets: clips, repeats or batch_size are not those of the saved run, should be \
                the same; bring them back, or start a new run from its last adapter
                """
        )
        #expect(throws: ClipDataError.self) {
            try BatchSampler(items, batchSize: 1, resuming: position)
        }
    }

    @Test("the generator is SplitMix64, the same on every machine")
    func generator() {
        // From the reference code of SplitMix64 with the seed 1234567.
        var generator = SeededGenerator(seed: 1_234_567)
        let drawn = (0..<5).map { _ in generator.next() }
        #expect(
            drawn == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
                4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
            ]
        )
    }

    @Test("a shuffle is fair")
    func fair() {
        var generator = SeededGenerator(seed: 11)
        var counts: [[Int]: Int] = [:]
        for _ in 0..<6000 {
            var elements = [0, 1, 2]
            generator.shuffle(&elements)
            counts[elements, default: 0] += 1
        }
        #expect(counts.count == 6)
        // 1000 expected each, standard deviation 29.
        #expect(counts.values.allSatisfy { abs($0 - 1000) < 150 })
    }
}
