import Adapters
import LTXModel
import Testing
import Torch

@testable import Training

/// Weights in host memory change where bytes are, and no number.
@Suite("Offloaded pass") struct OffloadedPassTests {
    private static func gradients(
        _ transformer: Transformer,
        checkpointing: Checkpointing,
        dropout: AdapterDropout = .none
    ) throws -> [[UInt8]?] {
        try withTorchErrors {
            let network = try TrainingFixture.network(transformer, dropout: dropout, filled: true)
            network.prepareStep(random: try RandomGenerator(seed: 6))
            let batch = try FlowMatching(options: FlowMatching.Options(), device: .cpu, seed: 4)
                .noisy(
                    TrainingFixture.batch([
                        TrainingFixture.item("a", seed: 1), TrainingFixture.item("b", seed: 2),
                    ]),
                    at: FlowMatching.Place(step: 0, part: 0)
                )
            let sums = GradientSums(count: network.parameters.count)
            let pass = BlockwisePass(
                transformer,
                layout: ParameterLayout(network),
                checkpointing: checkpointing
            )
            // Twice: the second round begins with other blocks in the slots.
            for _ in 0..<2 {
                pass.accumulate(batch.input, into: sums) { velocities in
                    let video = velocities.video.map {
                        batch.video.loss(batch.video.errors(of: $0))
                    }
                    let audio = zip(batch.audio, velocities.audio) { $0.loss($0.errors(of: $1)) }
                    return (video ?? .zeros([])) + (audio ?? .zeros([]))
                }
                network.detached { withoutGradients { _ = transformer(batch.input) } }
            }
            return sums.values.map { $0?.bytes() }
        }
    }

    private static func zip<A, B, R>(_ first: A?, _ second: B?, _ body: (A, B) -> R) -> R? {
        guard let first, let second else { return nil }
        return body(first, second)
    }

    @Test(
        "gradients are the same bit for bit",
        arguments: [0.2, 0.5, 1.0],
        [Checkpointing.all, .none, .every(2)]
    )
    func sameBits(share: Double, checkpointing: Checkpointing) throws {
        let dropout = AdapterDropout(rank: 0.3, element: 0.2)
        let expected = try Self.gradients(
            TrainingFixture.drawnTransformer(share: 0),
            checkpointing: .all,
            dropout: dropout
        )
        #expect(expected.contains { $0 != nil })
        for slots in [2, 4] {
            let found = try Self.gradients(
                TrainingFixture.drawnTransformer(share: share, slots: slots),
                checkpointing: checkpointing,
                dropout: dropout
            )
            #expect(found == expected)
        }
    }

    /// Most bytes of tensors, counted for the whole process: only where nothing else runs.
    private static func peak(share: Double, _ checkpointing: Checkpointing) throws -> Int {
        let model = try TrainingFixture.drawnTransformer(share: share)
        Device.cpu.resetPeakMemory()
        _ = try gradients(model, checkpointing: checkpointing)
        return Device.cpu.peakMemory
    }

    @Test("less of the device is used, the more lives in host memory")
    func peaks() async {
        await #expect(processExitsWith: .success) {
            let peaks = try [1.0, 0.5, 0].map { try Self.peak(share: $0, .all) }
            #expect(peaks == peaks.sorted() && Set(peaks).count == 3)
        }
    }

    @Test("every n-th block is computed again, so memory lies between all and none")
    func intervals() async {
        #expect((0..<4).map(Checkpointing.every(2).recomputes) == [true, false, true, false])
        await #expect(processExitsWith: .success) {
            let peaks = try [Checkpointing.all, .every(2), .none].map {
                try Self.peak(share: 0, $0)
            }
            #expect(peaks == peaks.sorted() && Set(peaks).count == 3)
        }
    }
}
