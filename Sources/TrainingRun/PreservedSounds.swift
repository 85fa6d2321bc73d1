import Adapters
import ClipCache
import ClipData
import Foundation
import LTXModel
import RunConfig
import Safetensors
import Torch

/// The sounds that voice preservation compares with: how long, under which prompts, made how.
struct PreservedSounds: Equatable {
    /// Audio latents of the longest window.
    let length: Int
    /// Latent pictures beside them, `[F, h, w]`: few, for nobody looks at them.
    let grid: VideoGrid
    /// What the base model is asked to say; one sound for each.
    let prompts: [String]
    /// How the base model makes them.
    let rules: RunConfig.VoicePreservation

    /// Sides of the pictures that go with a sound, in latents, at most.
    private static let largestSide = 8

    /// Nil unless the voice is to be kept and there are clips without sound beside some with sound.
    init?(_ plan: RunPlan) {
        let rules = plan.file.train.voiceRules
        guard !plan.trainsWeights, rules.isOn, plan.hasSound, plan.isMixed else { return nil }
        self.rules = rules
        let items = plan.clips.items
        let lengths = items.map { plan.audioLength(of: $0) }
        guard let longest = items.indices.max(by: { lengths[$0] < lengths[$1] }) else { return nil }
        length = lengths[longest]
        let shape = items[longest].latentShape
        grid = VideoGrid(
            frames: shape[1],
            height: min(shape[2], Self.largestSide),
            width: min(shape[3], Self.largestSide),
            fps: items[longest].window.rate
        )
        prompts = Self.prompts(plan, count: rules.clips)
    }

    /// What has to be encoded for it: guidance needs the empty prompt too.
    var texts: [String] { prompts.isEmpty ? [] : prompts + [""] }

    /// Captions of clips with sound, evenly from all over the plan, about nobody in particular: the base
    /// model has never heard of the trigger word.
    private static func prompts(_ plan: RunPlan, count: Int) -> [String] {
        let named = plan.file.train.diffOutputPreservationClass
        let somebody = named.isEmpty ? "a person" : named
        let captions = plan.clips.items.filter(\.bringsSound).map(\.clip.caption).map { caption in
            caption.trigger.isEmpty
                ? caption.full : caption.full.replacing(caption.trigger, with: somebody)
        }
        let distinct = Array(Set(captions)).sorted()
        guard count > 0, !distinct.isEmpty else { return [] }
        return (0..<count).map { distinct[$0 * distinct.count / count % distinct.count] }
    }
}

extension RunPlan {
    /// What voice preservation needs; nil if there is none in this run.
    var preservedSounds: PreservedSounds? { PreservedSounds(self) }

    /// Whether some windows bring sound and some do not; silent tracks count once they are decoded.
    var isMixed: Bool { hasSound && (clips.isMixed || (unheardWindows ?? 0) > 0) }

    /// Audio latents of an item, or as many as its pictures would have.
    func audioLength(of item: PlannedItem) -> Int {
        item.audio?.latentCount
            ?? LatentScale().audioCount(pictures: item.window.frameCount, fps: item.window.rate)
    }
}
