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
        try database.samples.all(of: job).compactMap { try answer($0, of: job) }
    }

    /// A preview; nil if its file is gone or outside the roots.
    func answer(_ sample: Sample, of job: String) throws -> Answer? {
        let folder = try database.jobs.job(job).folder
        guard let path = address(sample.path, folder) else { return nil }
        let base = try database.samples.all(of: job).first {
            $0.step == 0 && $0.prompt == sample.prompt && $0.seed == sample.seed
        }
        return Answer(
            step: sample.step,
            promptIndex: sample.promptIndex,
            kind: sample.kind,
            path: path,
            prompt: sample.prompt,
            seed: sample.seed,
            voiceDistance: sample.voiceDistance,
            base: sample.step == 0 ? nil : base.flatMap { address($0.path, folder) },
            heldOut: sample.voiceClip.flatMap { address($0, folder) }
        )
    }

    private func address(_ path: String, _ folder: String) -> String? {
        let whole = path.hasPrefix("/") ? path : "\(folder)/\(path)"
        return Roots.real(whole).flatMap(roots.address(of:))
    }
}
