import Adapters
import Foundation
import LTXModel
import Media
import RunConfig
import RunFiles
import Sampling
import SoundAnalysis
import Torch
import Training

/// The previews of a run: made with the transformer that is being trained, shown with decoders that are
/// read for it and leave again.
final class RunPreviews: PreviewMaker {
    /// What previews are made of, gathered before the transformer takes the memory.
    struct Material {
        /// Previews before the first step.
        var first: [PreviewPlan]
        /// Previews while training.
        var later: [PreviewPlan]
        /// The voice that previews are compared with.
        var voice: TrueVoice?
    }

    /// The voice that is learned, as recorded.
    struct TrueVoice {
        /// What all of its clips sound like.
        let profile: VoiceProfile
        /// One of them, to be heard beside a preview.
        let clip: String
    }

    private let material: Material
    private let maker: LatentMaker
    private let network: any TrainedNetwork
    private let contexts: (String) throws -> TextContext
    private let parts: Checkpoint
    private let plan: RunPlan
    private let stop: StopRequest

    init(
        _ material: Material,
        transformer: Transformer,
        network: any TrainedNetwork,
        contexts: @escaping (String) throws -> TextContext,
        parts: Checkpoint,
        plan: RunPlan,
        stop: StopRequest
    ) {
        self.material = material
        maker = LatentMaker(transformer, version: parts.version, device: plan.device)
        self.network = network
        self.contexts = contexts
        self.parts = parts
        self.plan = plan
        self.stop = stop
    }

    func makePreviews(after step: Int, isFirst: Bool) throws -> PreviewReport {
        var report = PreviewReport()
        let plans = isFirst ? material.first : material.later
        // First all latents, then all files: transformer's work and decoders do not add up.
        let samples = plans.map { plan in
            attempt(plan, &report) { try self.latents(plan) }
        }
        let decoder = SampleDecoder(
            parts,
            device: plan.device,
            dtype: DType(plan.file.model.vaeDType)
        )
        for (plan, latents) in zip(plans, samples) {
            guard let latents else { continue }
            let made = attempt(plan, &report) {
                try self.render(plan, latents, with: decoder, after: step, of: plans.count)
            }
            if let made { report.previews.append(made) }
        }
        try decoder.release()
        return report
    }

    /// One preview that cannot be made is no reason to make none.
    private func attempt<R>(
        _ preview: PreviewPlan,
        _ report: inout PreviewReport,
        _ body: () throws -> R
    ) -> R? {
        guard !stop.isAsked else { return nil }
        do {
            return try body()
        } catch {
            report.failures.append("\(preview.title): \(error)")
            return nil
        }
    }

    private func latents(_ preview: PreviewPlan) throws -> SampleLatents {
        let before = network.strength
        network.strength = preview.strength
        defer { network.strength = before }
        return try maker.latents(
            of: preview.request,
            given: preview.given,
            prompt: contexts(preview.request.prompt),
            negative: contexts(preview.request.negative),
            afterStep: { _ in if stop.isAsked { throw RunInterrupted(stage: "previews") } }
        )
    }

    private func render(
        _ preview: PreviewPlan,
        _ latents: SampleLatents,
        with decoder: SampleDecoder,
        after step: Int,
        of count: Int
    ) throws -> PreviewReport.Preview {
        let folder = plan.folder.samples
        try FileManager.default.createDirectory(
            atPath: "\(folder)/.thumbs",
            withIntermediateDirectories: true
        )
        let name = preview.fileName(step: step, of: count)
        var target = SampleTarget(path: "\(folder)/\(name)")
        target.metadata = preview.request.metadata(
            adapter: "\(plan.file.name), step \(step), strength \(preview.strength)",
            checkpoint: plan.models.checkpoint.id
        )
        var made = try SampleRenderer(decoder).render(
            latents,
            given: preview.given,
            to: target,
            keepsFrames: true
        )
        _ = try made.settle()
        if let frames = made.frames {
            try PictureWriter.writeThumbnail(
                frames,
                index: frames.frameCount / 2,
                to: "\(folder)/.thumbs/\(name).jpg"
            )
        }
        return PreviewReport.Preview(
            path: target.path,
            prompt: preview.request.prompt,
            seed: Int(preview.request.seed),
            voiceDistance: distance(of: made.sound),
            voiceClip: made.sound == nil ? nil : material.voice?.clip
        )
    }

    private func distance(of sound: Waveform?) -> Double? {
        guard let voice = material.voice, let sound,
            let heard = try? VoiceProfile(sound)
        else { return nil }
        return VoiceComparison(voice.profile, heard).distance
    }
}
