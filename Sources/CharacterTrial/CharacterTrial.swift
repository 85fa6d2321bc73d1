import Foundation
import RunConfig
import Torch
import Training
import TrainingRun

/// Two characters, each with a picture and a sound of its own, trained on a tiny model as any run trains, merged
/// in every way, and sampled: whose picture and whose sound comes out under whose trigger.
///
/// The weights of the tiny model are drawn, its decoders show nothing: samples are compared with the clips where
/// the model works, as latents.
public struct CharacterTrial {
    /// How long it trains, and how much it samples.
    public struct Sizes: Sendable {
        /// Steps of training of the base model.
        public var worldSteps = 1500
        /// Steps of training of each character.
        public var steps = 500
        /// Rank of the adapters.
        public var rank = 8
        /// Clips of each character.
        public var clips = 4
        /// Noises for each prompt and way.
        public var seeds = 24
        /// Denoising steps of a sample; 1 is a prediction from pure noise.
        public var denoising = 8

        /// The whole trial, a minute or two.
        public init() {}
    }

    /// Names somebody whom only the base model knows.
    static let neutral = TrialCharacter.world[0].caption
    private let folder: String
    private let sizes: Sizes

    /// A trial in a folder, which it fills.
    public init(folder: String, sizes: Sizes = Sizes()) {
        (self.folder, self.sizes) = (folder, sizes)
    }

    private func train(_ file: RunFile) async throws {
        let plan = try await RunPlanner(file).plan()
        _ = try await RunExecutor(plan, stop: StopRequest()).run()
    }

    /// Trains, merges, samples and compares.
    ///
    /// - Parameter progress: told what begins.
    /// - Returns: a row for each way.
    /// - Throws: what training, merging and sampling throw.
    public func run(progress: (String) -> Void = { _ in }) async throws -> CharacterScores {
        // So small a model is computed fastest by one thread.
        let threads = LibTorch.threadCount
        LibTorch.threadCount = 1
        defer { LibTorch.threadCount = threads }
        let stage = try TrialStage(folder: folder, clips: sizes.clips)
        progress("training a base model")
        try await train(try stage.worldFile(steps: sizes.worldSteps))
        for character in TrialCharacter.both {
            progress("training \(character.trigger)")
            try await train(try stage.runFile(character, steps: sizes.steps, rank: sizes.rank))
        }
        progress("merging")
        let ways = try await TrialMerges(stage).make()
        progress("sampling")
        let sampler = TrialSampler(
            stage: stage,
            adapters: ways.map(\.path),
            seeds: sizes.seeds,
            steps: sizes.denoising
        )
        let names = TrialCharacter.both.map(\.trigger)
        let samples = try await sampler.samples(
            of: TrialCharacter.both.map(\.caption)
                + [TrialCharacter.caption(names), Self.neutral]
        )
        let targets = try TrialTargets(stage)
        return try withTorchErrors {
            CharacterScores(samples, ways: [CharacterScores.base] + ways.map(\.name), targets)
        }
    }
}
