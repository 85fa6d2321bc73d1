public import ClipCache
public import ClipData
import Foundation
import LTXModel
import Torch

/// What a look before training asks of a plan.
extension RunPlan {
    /// Bytes of the machine's memory where the CPU trains; nil where LibTorch does not tell.
    public var deviceBytes: Int? {
        device.kind == "cpu" ? Int(ProcessInfo.processInfo.physicalMemory) : nil
    }

    /// Tokens of the largest window, by modality.
    public var largestTokens: (video: Int, audio: Int) { longestTokens }

    /// The audio latents `[T, C]` of an item that an earlier run cached; nil if there are none.
    public func cachedSound(of item: PlannedItem) throws -> FloatBuffer? {
        guard let extras = try models.openExtras() else { return nil }
        let key = item.cacheKey(encoderFingerprint: try extras.encoderFingerprint)
        guard case .hit(let clip) = item.cache.load(key) else { return nil }
        return clip.audio
    }
}
