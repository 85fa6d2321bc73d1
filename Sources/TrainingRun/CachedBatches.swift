import ClipCache
import ClipData
import Foundation
import LTXModel
import RunConfig
import Training

/// Batches from the cache: latents of the planned windows with the contexts of their captions.
final class CachedBatches: BatchSource {
    private let plan: ClipPlan
    private let fingerprint: String
    private let prompts: PromptChoice
    private let contexts: [String: TextContext]
    private var sampler: BatchSampler
    private var kept: [Int: EncodedClip] = [:]
    private var keptBytes = 0
    private let keptLimit = 2 << 30  // latents are small: most data sets stay in memory whole

    init(
        _ plan: ClipPlan,
        fingerprint: String,
        prompts: PromptChoice,
        contexts: [String: TextContext],
        batchSize: Int,
        seed: UInt64
    ) {
        self.plan = plan
        self.fingerprint = fingerprint
        self.prompts = prompts
        self.contexts = contexts
        sampler = BatchSampler(plan.batchItems, batchSize: batchSize, seed: seed)
    }

    func next() throws -> TrainingBatch {
        let place = sampler.position
        return try batch(of: sampler.next(), place: place)
    }

    var position: String {
        get throws { String(decoding: try JSONEncoder().encode(sampler.position), as: UTF8.self) }
    }

    func restore(_ position: String) throws {
        let place = try JSONDecoder().decode(
            BatchSampler.Position.self,
            from: Data(position.utf8)
        )
        sampler = try BatchSampler(
            plan.batchItems,
            batchSize: sampler.batchSize,
            resuming: place
        )
    }

    /// One batch of a single item each, with full captions: what is measured before and after.
    func measured(_ count: Int) throws -> [TrainingBatch] {
        let numbers = plan.items.indices.filter {
            !plan.datasets[plan.items[$0].dataset].isRegularisation
        }
        let step = max(1, numbers.count / max(count, 1))
        return try stride(from: 0, to: numbers.count, by: step).prefix(count).map { place in
            let number = numbers[place]
            let text = plan.items[number].clip.caption.full
            let item = try item(number, text: prompts.texts[number].first ?? text)
            return TrainingBatch(items: [item], fps: plan.items[number].window.rate, epoch: 0)
        }
    }

    private func batch(of dealt: Batch, place: BatchSampler.Position) throws -> TrainingBatch {
        var generator = SeededGenerator(
            seed: place.seed,
            stream: UInt64(place.epoch) << 32 | UInt64(place.batch)
        )
        let items = try dealt.items.map { number in
            try item(number, text: prompts.draw(number, using: &generator))
        }
        return TrainingBatch(
            items: items,
            fps: plan.items[dealt.items[0]].window.rate,
            epoch: dealt.epoch
        )
    }

    private func item(_ number: Int, text: String) throws -> TrainingItem {
        let planned = plan.items[number]
        let clip = try encoded(number)
        let rules = plan.datasets[planned.dataset]
        guard let context = contexts[text] else {
            throw ModelInputError(
                "\(planned.clip.name): its caption was not encoded; start the run again"
            )
        }
        return TrainingItem(
            name: planned.clip.name,
            video: clip.video,
            audio: planned.audio == nil ? nil : clip.audio,
            text: context,
            lossMultiplier: rules.lossMultiplier,
            firstFrameProbability: rules.imageToVideoProbability
        )
    }

    private func encoded(_ number: Int) throws -> EncodedClip {
        if let clip = kept[number] { return clip }
        let item = plan.items[number]
        let key = item.cacheKey(encoderFingerprint: fingerprint)
        // Sound that failed is no obstacle here: whether that is allowed was decided before.
        let needs = CacheNeeds(firstFrame: item.needsFirstFrame)
        guard case .hit(let clip) = item.cache.load(key, needs: needs) else {
            throw ModelInputError(
                "\(item.cache.path(for: key)): is gone or damaged since the run began; "
                    + "go on with --resume, which makes it again"
            )
        }
        let bytes = (clip.video.values.count + (clip.audio?.values.count ?? 0)) * 4
        if keptBytes + bytes <= keptLimit {
            kept[number] = clip
            keptBytes += bytes
        }
        return clip
    }

    /// Preparation ends the run at sound that cannot be decoded, unless the run file allows it: an entry
    /// that says so is one to train without sound.
    private func stored(_ item: PlannedItem, _ key: CacheKey) -> EncodedClip? {
        if case .hit(let clip) = item.cache.load(key, needs: item.needs) { return clip }
        let pictures = CacheNeeds(firstFrame: item.needsFirstFrame)
        guard case .hit(let clip) = item.cache.load(key, needs: pictures),
            clip.audioStatus == .failed
        else { return nil }
        return clip
    }
}

/// Which texts an item may get, and which it gets in a step.
struct PromptChoice {
    /// Variants that are drawn up front where captions change from step to step.
    static let variants = 8

    /// Texts of each planned item, without the dropped one.
    let texts: [[String]]
    private let dropped: [String]
    private let dropout: [Double]

    init(_ plan: RunPlan) {
        let captions = plan.clips.items.map(\.clip.caption)
        // With `unload_text_encoder` the trigger word stands for every caption.
        let ignoresCaptions = plan.file.train.unloadTextEncoder
        texts = captions.enumerated().map { number, caption in
            ignoresCaptions
                ? [caption.dropped] : Self.texts(caption, number: number, seed: plan.seed)
        }
        dropped = captions.map(\.dropped)
        dropout = captions.map(\.variation.captionDropoutRate)
    }

    /// Everything that has to be encoded, sorted.
    var all: [String] {
        let used = zip(dropped, dropout).filter { $1 > 0 }.map(\.0)
        return Set(texts.joined() + used).sorted()
    }

    func draw(_ number: Int, using generator: inout SeededGenerator) -> String {
        if dropout[number] > 0, generator.unit() < dropout[number] { return dropped[number] }
        return texts[number][generator.below(texts[number].count)]
    }

    private static func texts(_ caption: Caption, number: Int, seed: UInt64) -> [String] {
        guard caption.fixedTexts == nil else { return [caption.full] }
        var kept = caption.variation
        kept.captionDropoutRate = 0
        let varied = Caption(
            raw: caption.raw,
            trigger: caption.trigger,
            variation: kept,
            isRegularisation: caption.isRegularisation
        )
        var generator = SeededGenerator(seed: seed, stream: 0xCA_0000 + UInt64(number))
        return (0..<variants).map { _ in varied.text(using: &generator) }
    }
}
