import Foundation
import RunFiles
import RunStore

/// Previews as pages see them, each with what to compare it with.
struct SampleAnswers: Sendable {
    struct Answer: Encodable {
        let step: Int
        let promptIndex: Int
        let kind: Sample.Kind
        let path: String
        let prompt: String
        let seed: Int
        let voiceDistance: Double?
        let base: String?
        let heldOut: String?
    }

    let database: RunDatabase
    let roots: Roots

    /// All previews of a job whose files are there.
    func all(of job: String) throws -> [Answer] {
        let folder = try database.jobs.job(job).folder
        let samples = try database.samples.all(of: job)
        let bases = Dictionary(
            samples.filter { $0.step == 0 }.map { (Noise($0), $0.path) },
            uniquingKeysWith: { first, _ in first }
        )
        return samples.compactMap { answer($0, base: bases[Noise($0)], folder) }
    }

    /// A preview; nil if its file is gone or outside the roots.
    func answer(_ sample: Sample, of job: String) throws -> Answer? {
        let folder = try database.jobs.job(job).folder
        let base = try database.samples.all(of: job).first {
            $0.step == 0 && Noise($0) == Noise(sample)
        }
        return answer(sample, base: base?.path, folder)
    }

    private func answer(_ sample: Sample, base: String?, _ folder: String) -> Answer? {
        guard let path = address(sample.path, folder) else { return nil }
        return Answer(
            step: sample.step,
            promptIndex: sample.promptIndex,
            kind: sample.kind,
            path: path,
            prompt: sample.prompt,
            seed: sample.seed,
            voiceDistance: sample.voiceDistance,
            base: sample.step == 0 ? nil : base.flatMap { address($0, folder) },
            heldOut: sample.voiceClip.flatMap { address($0, folder) }
        )
    }

    /// What a preview and the base's have in common.
    private struct Noise: Hashable {
        let prompt: String
        let seed: Int

        init(_ sample: Sample) { (prompt, seed) = (sample.prompt, sample.seed) }
    }

    private func address(_ path: String, _ folder: String) -> String? {
        let whole = path.hasPrefix("/") ? path : "\(folder)/\(path)"
        return Roots.real(whole).flatMap(roots.address(of:))
    }
}
