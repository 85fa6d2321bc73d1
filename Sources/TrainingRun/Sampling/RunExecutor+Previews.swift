import Adapters
import ClipData
import LTXModel
import Media
import Sampling
import SoundAnalysis
import Torch
import Training

/// Previews of a run.
extension RunExecutor {
    /// How many windows of the true voice previews are compared with, at most.
    private static let voiceWindows = 24

    /// Encodes what previews begin with; before the transformer takes the memory.
    func previewMaterial() throws -> RunPreviews.Material? {
        guard plan.previewTimes != nil, extras.hasVideoDecoder else { return nil }
        let media = GivenMedia(extras, device: plan.device)
        func given(_ previews: [PreviewPlan]) throws -> [PreviewPlan] {
            try previews.map { preview in
                var preview = preview
                if !extras.canMakeSound { preview.request.output = .picture }
                preview.given = try media.latents(for: preview.request).inHostMemory
                return preview
            }
        }
        return RunPreviews.Material(
            first: try given(plan.firstPreviews),
            later: try given(plan.previews),
            voice: try trueVoice()
        )
    }

    /// The held-out voice; that of the clips that are trained on where none is held out.
    private func trueVoice() throws -> RunPreviews.TrueVoice? {
        let items = (plan.heldOut ?? plan.clips).items.filter(\.bringsSound)
        let heard = items.prefix(Self.voiceWindows).compactMap { item -> (String, Waveform)? in
            guard let reader = try? ClipReader(path: item.clip.path),
                case .sound(let waveform)? = try? reader.sound(
                    from: item.window.start,
                    duration: item.window.seconds,
                    sampleRate: 24_000
                )
            else { return nil }
            return (item.clip.path, waveform)
        }
        guard let clip = heard.first?.0, let profile = try? VoiceProfile(heard.map(\.1)) else {
            return nil
        }
        return RunPreviews.TrueVoice(profile: profile, clip: clip)
    }
}

extension GivenLatents {
    /// The same, out of the device's memory.
    var inHostMemory: GivenLatents {
        get throws {
            var copy = self
            try withTorchErrors {
                copy.opening = opening?.to(on: .cpu)
                copy.video = video?.to(on: .cpu)
                copy.audio = audio?.to(on: .cpu)
            }
            return copy
        }
    }
}

extension Checkpoint {
    /// Whether latents of sound can be heard.
    var canMakeSound: Bool { hasAudioDecoder && hasVocoder }
}
