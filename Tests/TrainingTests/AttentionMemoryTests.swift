import Adapters
import LTXModel
import Measurement
import Testing
import Torch

@testable import Training

// Axes: B batch, H heads, T tokens: as many of the picture as of the sound and of the text.

/// No attention of a step makes a matrix of tokens by tokens, of whatever type.
///
/// There are so many tokens that such a matrix of one head, at a byte for each of its places, is larger than anything that
/// grows evenly with the tokens. Memory is counted for the whole process, so each test has one of its own; one thread,
/// because each has a workspace of its own in LibTorch's attention.
@Suite("Memory of attention") struct AttentionMemoryTests {
    private static let side = (rows: 32, columns: 48)
    private static let count = side.rows * side.columns  // T
    private static let matrix = count * count
    private static let checkpointings = [Checkpointing.all, .keepingResults, .none]

    private static var config: TransformerConfiguration {
        TransformerConfiguration(
            version: .ltx23,
            video: StreamConfiguration(heads: 2, headWidth: 16),
            audio: StreamConfiguration(heads: 2, headWidth: 8),
            blockCount: 2
        )
    }

    @Test("training steps make no matrix of tokens by tokens, whatever is computed twice")
    func steps() async {
        await #expect(processExitsWith: .success) {
            LibTorch.threadCount = 1
            for checkpointing in Self.checkpointings {
                let scene = try StepScene(Self.shape(checkpointing))
                let largest = try Self.largest { _ = try scene.run() }
                #expect(largest < Self.matrix, "\(checkpointing)")
            }
        }
    }

    private static func shape(_ checkpointing: Checkpointing) -> StepShape {
        var shape = StepShape(config: config)
        shape.grid = (1, side.rows, side.columns)
        (shape.audioCount, shape.textCount) = (count, count)
        shape.recipe.rank = 4
        shape.checkpointing = checkpointing
        return shape
    }

    @Test("nor do texts, pictures and sounds that are padded")
    func masks() async {
        await #expect(processExitsWith: .success) {
            LibTorch.threadCount = 1
            for dtype in [DType.float32, .bfloat16] {
                let transformer = try Self.transformer(dtype)
                let network = try TrainingFixture.network(transformer, filled: true)
                let input = try withTorchErrors { try Self.padded(dtype) }
                for checkpointing in Self.checkpointings {
                    let largest = try Self.largest {
                        try Self.goThrough(input, transformer, network, checkpointing)
                    }
                    #expect(largest < Self.matrix, "\(dtype), \(checkpointing)")
                }
            }
        }
    }

    private static func transformer(_ dtype: DType) throws -> Transformer {
        let reader = WeightReader(
            try DrawnWeights(seed: 3, dtype: dtype),
            named: "drawn",
            dtype: dtype
        )
        return try withTorchErrors {
            let made = Transformer(reader.root, config: config)
            try reader.finish()
            return made
        }
    }

    /// Both streams and both texts, of which the last third is padding.
    private static func padded(_ dtype: DType) throws -> TransformerInput {
        let random = try RandomGenerator(seed: 5)
        let real = count * 2 / 3
        let mask = Tensor.concatenate(
            [.full([1, real], 1), .zeros([1, count - real])],
            axis: 1
        )
        func modality(_ stream: StreamConfiguration) -> ModalityInput {
            ModalityInput(
                latent: random.normal([1, count, stream.channels]),
                sigma: Tensor.full([1], 0.5),
                text: random.normal([1, count, stream.width]).to(dtype),
                textMask: mask,
                tokenMask: mask
            )
        }
        return TransformerInput(
            video: modality(config.video),
            audio: modality(config.audio),
            grid: VideoGrid(frames: 1, height: side.rows, width: side.columns, fps: 24)
        )
    }

    private static func goThrough(
        _ input: TransformerInput,
        _ transformer: Transformer,
        _ network: AdapterNetwork,
        _ checkpointing: Checkpointing
    ) throws {
        let sums = GradientSums(count: network.parameters.count)
        let layout = ParameterLayout(network)
        try withTorchErrors {
            _ = BlockwisePass(transformer, layout: layout, checkpointing: checkpointing)
                .accumulate(input, into: sums) { velocities in
                    velocities.tensors.reduce(.zeros([])) { $0 + ($1 * $1).mean() }
                }
        }
        let reached = sums.values.compactMap(\.self)
        #expect(reached.count == network.parameters.count)
    }

    /// Bytes of the largest piece of memory that `body` asked for.
    private static func largest(_ body: () throws -> Void) throws -> Int {
        try withTorchErrors { Device.cpu.resetPeakMemory() }
        try body()
        return Device.largestCPUAllocation
    }

    @Test("attention that writes its scores down would be seen, forward and backward")
    func watch() async {
        await #expect(processExitsWith: .success) {
            LibTorch.threadCount = 1
            let random = try RandomGenerator(seed: 7)
            let parts = try withTorchErrors {
                (0..<3).map { _ in random.normal([1, 2, Self.count, 16]) }  // [B, H, T, d]
            }
            for part in parts { part.requiresGradient = true }
            func bytes(_ attention: () -> Tensor) throws -> (forward: Int, backward: Int) {
                var output = Tensor.zeros([])
                let forward = try Self.largest {
                    output = try withTorchErrors { recordingGradients(attention) }
                }
                let backward = try Self.largest {
                    try withTorchErrors {
                        let seed = Tensor.full(output.shape, 1)
                        let found = gradients(of: [output], seeds: [seed], for: parts)
                        #expect(found.allSatisfy { $0 != nil })
                    }
                }
                return (forward, backward)
            }
            let written = try bytes {
                let weights = parts[0].matmul(parts[1].transpose(2, 3)).exp()
                return (weights / weights.sum([3], keep: true)).matmul(parts[2])
            }
            #expect(written.forward >= 2 * 4 * Self.matrix)  // two heads in float32
            #expect(written.backward >= 2 * 4 * Self.matrix)
            let ours = try bytes {
                parts[0].attention(key: parts[1], value: parts[2], scale: 1)
            }
            #expect(ours.forward < Self.matrix && ours.backward < Self.matrix)
        }
    }
}
