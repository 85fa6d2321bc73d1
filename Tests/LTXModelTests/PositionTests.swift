import Testing
import Torch

@testable import LTXModel

/// Coordinates by the formulas of the model reference; `VerificationTests` compare them with diffusers.
@Suite("Positions") struct PositionTests {
    @Test("the first latent frame holds one picture, every other one eight")
    func time() {
        let grid = VideoGrid(frames: 3, height: 1, width: 2, fps: 25)
        let time = LatentScale().intervals(of: grid)[0]
        let edges: [Float] = [0, 0.04, 0.36, 0.68]  // 0, 1, 9, 17 pictures
        #expect(time.starts == [0, 0, 1, 1, 2, 2].map { edges[$0] })
        #expect(time.ends == [1, 1, 2, 2, 3, 3].map { edges[$0] })
    }

    @Test("rows and columns count in pixels, columns fastest")
    func space() {
        let grid = VideoGrid(frames: 1, height: 2, width: 3, fps: 25)
        let axes = LatentScale().intervals(of: grid)
        #expect(axes[1].starts == [0, 0, 0, 32, 32, 32])
        #expect(axes[2].starts == [0, 32, 64, 0, 32, 64])
        #expect(axes[2].ends == [32, 64, 96, 32, 64, 96])
        #expect(axes[2].middles == [16, 48, 80, 16, 48, 80])
    }

    @Test("audio latents last 40 ms but for the first one")
    func sound() {
        let time = LatentScale().intervals(ofAudio: 3)
        #expect(time.starts == [0, 0.01, 0.05])
        #expect(time.ends == [0.01, 0.05, 0.09])
    }

    @Test(
        "sound has 25 latents for each second of pictures",
        arguments: [(121, 24.0, 126), (97, 25, 97), (1, 24, 1)]
    )
    func audioCount(pictures: Int, fps: Double, count: Int) {
        #expect(LatentScale().audioCount(pictures: pictures, fps: fps) == count)
    }

    @Test("slots without a frequency turn nothing and come first")
    func identity() throws {
        try withTorchErrors {
            // Width 16 has 8 slots; three axes fill 6 of them.
            let table = RotaryTable(
                positions: [[1], [2], [3]],
                maximum: [20, 2048, 2048],
                width: 16,
                heads: 2,
                theta: 10000,
                doublePrecision: true,
                device: .cpu
            )
            #expect(table.cosines.shape == [2, 1, 4])
            #expect(Array(table.cosines.floats()[..<2]) == [1, 1])
            #expect(Array(table.sines.floats()[..<2]) == [0, 0])
            #expect(table.sines.floats()[2...].allSatisfy { $0 != 0 })
        }
    }

    @Test("turning keeps lengths and, for equal turns, products")
    func rotation() throws {
        try withTorchErrors {
            let table = RotaryTable(
                positions: [[0.5, 0.5]],
                maximum: [20],
                width: 8,
                heads: 1,
                theta: 10000,
                doublePrecision: true,
                device: .cpu
            )
            let x = try RandomGenerator(seed: 1).normal([1, 1, 2, 8])
            let turned = table.rotate(x)
            #expect(turned.relativeDifference(from: x) > 0.1)
            let (before, after) = (
                x.matmul(x.transpose(2, 3)), turned.matmul(turned.transpose(2, 3))
            )
            #expect(after.relativeDifference(from: before) < 1e-6)
        }
    }
}
