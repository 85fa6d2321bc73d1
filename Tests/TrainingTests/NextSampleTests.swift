import ClipCache
import LTXModel
import Testing
import Torch

@testable import Training

/// Training on what one sampling step makes.
@Suite("Next sample") struct NextSampleTests {
    @Test(
        "the picture is where the model's own step leads, and its target leads on to the clean one"
    )
    func step() throws {
        try withTorchErrors {
            var options = FlowMatching.Options()
            options.sigmas = NextSampleSigmas()
            let noise = FlowMatching(options: options, device: .cpu, seed: 5)
            let items = try [
                TrainingFixture.item("a", seed: 1, firstFrame: 1),
                TrainingFixture.item("b", seed: 2),
            ]
            let batch = TrainingFixture.batch(items)
            let place = FlowMatching.Place(step: 3, part: 0)
            let transformer = try TrainingFixture.transformer()
            let mixed = try noise.noisy(batch, at: place)
            var asked: TransformerInput?
            let moved = try noise.stepped(mixed, of: batch, at: place) { input in
                asked = input
                return withoutGradients { transformer(input) }
            }
            let input = try #require(asked)
            #expect(input.audio?.latent.bytes() == mixed.input.audio?.latent.bytes())
            let sigma = mixed.video.sigmas[1]
            let before = NextSampleSigmas().before(sigma, tokens: 12)
            #expect(before > sigma)
            // The same noise at the earlier level, one Euler step, and back to the clean latent.
            let clean = Tensor(items[1].video.values, shape: [4, 12]).transpose(0, 1)  // [T, C]
            let start = try #require(input.video).latent.select(0, 1)
            let noiseThere = mixed.video.target.select(0, 1) + clean
            #expect(
                start.relativeDifference(from: clean * (1 - before) + noiseThere * before) < 1e-5
            )
            let velocity = try #require(withoutGradients { transformer(input) }.video).select(0, 1)
            let reached = start - velocity * (before - sigma)
            #expect(moved.video.tokens.select(0, 1).relativeDifference(from: reached) < 1e-5)
            let led = moved.video.tokens.select(0, 1) - moved.video.target.select(0, 1) * sigma
            #expect(led.relativeDifference(from: clean) < 1e-4)
            // A given first picture stays as it is.
            let given = moved.video.tokens.select(0, 0).narrow(0, from: 0, count: 4)
            #expect(
                given.bytes()
                    == mixed.video.tokens.select(0, 0).narrow(0, from: 0, count: 4).bytes()
            )
            #expect(moved.input.video?.latent.bytes() == moved.video.tokens.bytes())
        }
    }

    @Test("a run trains with it, and other distributions are left alone")
    func run() throws {
        try withTorchErrors {
            let noise = FlowMatching(options: FlowMatching.Options(), device: .cpu, seed: 5)
            let batch = TrainingFixture.batch([try TrainingFixture.item("a", seed: 1)])
            let place = FlowMatching.Place(step: 3, part: 0)
            let mixed = try noise.noisy(batch, at: place)
            let same = try noise.stepped(mixed, of: batch, at: place) { _ in
                Issue.record("nothing to predict")
                return StreamState(video: nil, audio: nil)
            }
            #expect(same.video.tokens.bytes() == mixed.video.tokens.bytes())
        }
    }
}
