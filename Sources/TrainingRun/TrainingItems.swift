import ClipCache
import ClipData
import LTXModel
import Training

/// Prompts behind the text encoder.
struct EncodedTexts {
    /// Through the untrained connectors.
    let contexts: [String: TextContext]
    /// Before the connectors; empty unless these are trained.
    var features: [String: TextFeatures] = [:]
}

/// Makes what a step needs out of planned items: latents from the cache, contexts of their captions.
struct TrainingItems {
    let clips: EncodedClips
    let texts: EncodedTexts
    /// Factor on the losses of regularisation sets.
    let regularisationWeight: Double

    var plan: ClipPlan { clips.plan }

    func item(_ number: Int, text: String, preserved: String? = nil) throws -> TrainingItem {
        let planned = plan.items[number]
        let clip = try clips.clip(number)
        var item = TrainingItem(
            name: planned.clip.name,
            video: clip.video,
            audio: planned.audio == nil ? nil : clip.audio,
            text: try context(text, of: planned),
            settings: settings(planned),
            preservedText: try preserved.map { try context($0, of: planned) }
        )
        item.features = texts.features[text]
        item.preservedFeatures = preserved.flatMap { texts.features[$0] }
        return item
    }

    private func context(_ text: String, of item: PlannedItem) throws -> TextContext {
        guard let context = texts.contexts[text] else {
            throw ModelInputError(
                "\(item.clip.name): its caption was not encoded; start the run again"
            )
        }
        return context
    }

    private func settings(_ item: PlannedItem) -> TrainingItem.Settings {
        let rules = plan.datasets[item.dataset]
        var settings = TrainingItem.Settings()
        settings.lossMultiplier =
            rules.lossMultiplier * (rules.isRegularisation ? regularisationWeight : 1)
        settings.firstFrameProbability = rules.imageToVideoProbability
        settings.expectsSound = item.audio != nil
        settings.isRegularisation = rules.isRegularisation
        settings.learnsFromBase = rules.learnsFromBase
        settings.networkWeight = rules.networkWeight
        return settings
    }

    /// Batches of a single item each, evenly from all over the plan: what is measured.
    func measured(_ count: Int, prompts: PromptChoice) throws -> [TrainingBatch] {
        let numbers = plan.items.indices.filter {
            !plan.datasets[plan.items[$0].dataset].isRegularisation
        }
        let step = max(1, Int((Double(numbers.count) / Double(max(count, 1))).rounded(.up)))
        return try stride(from: 0, to: numbers.count, by: step).map { place in
            let number = numbers[place]
            let item = try item(number, text: prompts.first(number))
            return TrainingBatch(items: [item], fps: plan.items[number].window.rate, epoch: 0)
        }
    }
}
