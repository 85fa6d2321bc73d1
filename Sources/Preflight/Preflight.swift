import ClipData
import Foundation
import LTXModel
import RunConfig
public import TrainingRun

/// Looks at everything that a run will use, before the first step: `likeness check`.
public struct Preflight: Sendable {
    private let limits: CheckThresholds
    private let draws: Bool

    /// A look with these limits; `draws` where pictures for a page are wanted.
    public init(limits: CheckThresholds = CheckThresholds(), draws: Bool = false) {
        self.limits = limits
        self.draws = draws
    }

    /// What was found, and the pictures of it.
    public struct Result: Sendable {
        /// The review.
        public let review: RunReview
        /// The clips, with pictures where these were wanted.
        public let clips: [ExaminedClip]
    }

    /// Examines a plan's clips, several at a time, then model, time and memory.
    ///
    /// - Parameters:
    ///   - plan: of the run; nothing is written or downloaded.
    ///   - progress: told after each clip: how many are done, and of how many.
    /// - Returns: the review, and what a page shows.
    /// - Throws: what reading the model's headers or measuring the device throws.
    public func run(
        _ plan: RunPlan,
        progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
    ) async throws -> Result {
        var clips = await examine(plan, progress)
        markDuplicates(&clips)
        let review = try review(plan, clips.map(\.review))
        return Result(review: review, clips: clips)
    }

    private func examine(
        _ plan: RunPlan,
        _ progress: @escaping @Sendable (Int, Int) -> Void
    ) async -> [ExaminedClip] {
        let examinations = PlannedClips(plan).all.map {
            ClipExamination(
                items: $0.items,
                role: $0.role,
                notes: $0.notes,
                limits: limits,
                draws: draws
            )
        }
        return await withTaskGroup(of: (Int, ExaminedClip?).self) { tasks in
            var found: [(Int, ExaminedClip)] = []
            var done = 0
            func take(_ result: (Int, ExaminedClip?)) {
                done += 1
                progress(done, examinations.count)
                if let clip = result.1 { found.append((result.0, clip)) }
            }
            for (number, examination) in examinations.enumerated() {
                if number >= 4, let result = await tasks.next() { take(result) }
                tasks.addTask { (number, examination.examine()) }
            }
            for await result in tasks { take(result) }
            return found.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    /// Clips with the same bytes; the first of them counts.
    private func markDuplicates(_ clips: inout [ExaminedClip]) {
        var first: [String: String] = [:]
        for index in clips.indices {
            let clip = clips[index]
            if let other = first[clip.contentHash] {
                clips[index].review.duplicateOf = other
                clips[index].review.remarks = ClipRemarks(limits: limits).remarks(
                    on: clips[index].review
                )
            } else {
                first[clip.contentHash] = clip.review.name
            }
        }
    }

    private func review(_ plan: RunPlan, _ clips: [ClipReview]) throws -> RunReview {
        let trained = clips.filter { $0.role == .training }
        let resources = try ResourcePlan(plan)
        let about = RunRemarks(plan: plan, clips: trained, limits: limits, resources: resources)
        let decoded = try decodeBack(plan, hears: about.hears)
        let remarks = about.all + self.remarks(on: decoded)
        return RunReview(
            run: plan.file.name,
            model: "\(plan.version?.title ?? "LTX-2"), \(plan.models.checkpoint.id)",
            textEncoder: plan.models.textEncoder.id,
            modelsAreHere: plan.models.isComplete,
            device: "\(plan.device)",
            usableSpeechSeconds: about.speech,
            clipsWithSound: trained.count { $0.sound != nil },
            clipCount: trained.count,
            heldOutCount: clips.count { $0.role == .heldOut },
            transcriptShare: about.transcriptShare,
            memoryBytes: resources?.device.total,
            deviceBytes: resources?.deviceSize,
            time: resources?.time,
            decodeBack: decoded,
            face: about.learnsFace ? remarks.verdict(on: .face) : .notAsked,
            voice: about.hears ? remarks.verdict(on: .voice) : .notAsked,
            remarks: remarks,
            clips: clips,
            refused: plan.clips.refused.map { "\($0.name): \($0.reason)" }
        )
    }

    private func decodeBack(_ plan: RunPlan, hears: Bool) throws -> DecodeBack? {
        guard hears, let extras = try plan.models.openExtras() else { return nil }
        return DecodeBackTest(plan: plan, checkpoint: extras, count: limits.decodedClips).run()
    }

    private func remarks(on decoded: DecodeBack?) -> [Remark] {
        guard let median = decoded?.median, median < limits.decodedSNR else { return [] }
        return [
            Remark(
                .voice,
                .doubtful,
                "the sound comes back from the audio VAE with \(median.text(1)) dB signal to noise (log-mel); "
                    + "below \(Int(limits.decodedSNR)) dB it is robotic, so check the checkpoint's audio VAE"
            )
        ]
    }
}
