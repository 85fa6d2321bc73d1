import ClipData
import Foundation
import LTXModel
import Training

/// Batches of planned items, each with the caption drawn for this step.
///
/// Where there are regularisation sets, every second batch comes from them.
final class CachedBatches: BatchSource {
    private let items: TrainingItems
    private let prompts: PromptChoice
    private var dealers: [Dealer]
    private var dealt = 0

    init(_ items: TrainingItems, prompts: PromptChoice, batchSize: Int, seed: UInt64) {
        self.items = items
        self.prompts = prompts
        let all = items.plan.batchItems
        dealers = [false, true].compactMap { isRegularisation in
            let numbers = all.indices.filter { all[$0].isRegularisation == isRegularisation }
            guard !numbers.isEmpty else { return nil }
            let own = numbers.map { all[$0] }
            let sampler = BatchSampler(own, batchSize: batchSize, seed: seed)
            return Dealer(numbers: numbers, items: own, sampler: sampler)
        }
    }

    func next() throws -> TrainingBatch {
        let turn = dealt % dealers.count
        dealt += 1
        let place = dealers[turn].sampler.position
        return try batch(of: dealers[turn].next(), place: place, turn: turn)
    }

    private func batch(
        of dealt: (numbers: [Int], epoch: Int),
        place: BatchSampler.Position,
        turn: Int
    ) throws -> TrainingBatch {
        var generator = SeededGenerator(
            seed: place.seed &+ UInt64(turn),
            stream: UInt64(place.epoch) << 32 | UInt64(place.batch)
        )
        let drawn = try dealt.numbers.map { number in
            let text = prompts.draw(number, using: &generator)
            let preserved = prompts.preserved(number, beside: text)
            return try items.item(number, text: text, preserved: preserved)
        }
        let rate = items.plan.items[dealt.numbers[0]].window.rate
        return TrainingBatch(items: drawn, fps: rate, epoch: dealt.epoch)
    }

    // MARK: - Going on

    private struct Position: Codable {
        var dealt: Int
        var places: [BatchSampler.Position]
    }

    var position: String {
        get throws {
            let position = Position(dealt: dealt, places: dealers.map(\.sampler.position))
            return String(decoding: try JSONEncoder().encode(position), as: UTF8.self)
        }
    }

    func restore(_ position: String) throws {
        let position = try JSONDecoder().decode(Position.self, from: Data(position.utf8))
        guard position.places.count == dealers.count else {
            throw ModelInputError(
                "datasets: the saved run had \(position.places.count) kinds of sets (character, "
                    + "regularisation), this one has \(dealers.count); bring the run file back"
            )
        }
        for (turn, place) in position.places.enumerated() { try dealers[turn].restore(place) }
        dealt = position.dealt
    }
}

/// Deals from some items of a plan.
private struct Dealer {
    /// Numbers of the items in the plan.
    let numbers: [Int]
    let items: [BatchItem]
    var sampler: BatchSampler

    mutating func next() -> (numbers: [Int], epoch: Int) {
        let batch = sampler.next()
        return (batch.items.map { numbers[$0] }, batch.epoch)
    }

    mutating func restore(_ place: BatchSampler.Position) throws {
        sampler = try BatchSampler(items, batchSize: sampler.batchSize, resuming: place)
    }
}
