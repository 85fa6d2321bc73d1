import Testing

@testable import Torch

// Axes: B batch, C channels, T frames, H rows, W columns.

/// Steps of the video encoder in one pass on floats side by side, against plain operations in float64.
@Suite("Frames of a video encoder") struct FrameOperationTests {
    private let random: RandomGenerator

    init() throws { random = try RandomGenerator(seed: 5) }

    private func difference(_ found: Tensor, _ wanted: Tensor) throws -> Double {
        #expect(found.shape == wanted.shape)
        return try withTorchErrors { found.relativeDifference(from: wanted) }
    }

    @Test("channels side by side are the same values")
    func sideBySide() throws {
        let x = random.normal([2, 3, 4, 5, 6])
        #expect(try withTorchErrors { x.channelsSideBySide().floats() } == x.floats())
    }

    @Test(
        "norm and SiLU, behind the first frame or behind earlier ones",
        arguments: [4, 16, 19, 40],
        [1, 2]
    )
    func activated(channels: Int, batch: Int) throws {
        let x = random.normal([batch, channels, 3, 5, 7])
        let earlier = random.normal([batch, channels, 2, 5, 7])
        for before in [nil, earlier] {
            let found = try withTorchErrors {
                x.channelsSideBySide()
                    .activatedFrames(after: before?.channelsSideBySide(), lead: 2, epsilon: 1e-8)
            }
            let wanted = try withTorchErrors {
                let x = x.to(.float64)
                let active = (x * ((x * x).mean([1], keep: true) + 1e-8).reciprocalSquareRoot())
                    .silu()
                let first = active.narrow(2, from: 0, count: 1)
                let lead = before.map { [$0.to(.float64)] } ?? [first, first]
                return Tensor.concatenate(lead + [active], axis: 2)
            }
            #expect(try difference(found, wanted) < 1e-6)
            // Frames that are not side by side go another way to the same.
            let plain = try withTorchErrors {
                x.activatedFrames(after: before, lead: 2, epsilon: 1e-8)
            }
            #expect(try difference(plain, wanted) < 1e-6)
        }
    }

    @Test(
        "frames and pixels move into channels beside a mean",
        arguments: [(1, 2), (2, 1), (2, 2)],
        [1, 2]
    )
    func shrunk(sides: (time: Int, space: Int), batch: Int) throws {
        let (time, space) = sides
        let main = random.normal([batch, 6, 4, 6, 8])
        let other = random.normal([batch, 12, 4, 6, 8])
        func deep(_ x: Tensor) -> Tensor {
            let (f, r, c) = (x.size(2) / time, x.size(3) / space, x.size(4) / space)
            return x.reshape(batch, x.size(1), f, time, r, space, c, space)
                .permute(0, 1, 3, 5, 7, 2, 4, 6)
                .reshape(batch, x.size(1) * time * space * space, f, r, c)
        }
        let wanted = try withTorchErrors {
            let (a, b) = (deep(main.to(.float64)), deep(other.to(.float64)))
            return a + b.reshape(batch, a.size(1), 2, a.size(2), a.size(3), a.size(4)).mean([2])
        }
        let found = try withTorchErrors {
            main.channelsSideBySide().shrunk(
                time: time,
                space: space,
                adding: other.channelsSideBySide()
            )
        }
        #expect(try difference(found, wanted) < 1e-6)
        let plain = try withTorchErrors { main.shrunk(time: time, space: space, adding: other) }
        #expect(try difference(plain, wanted) < 1e-6)
    }

    @Test(
        "a convolution into few channels",
        arguments: [(48, 4), (4, 2), (8, 8), (3, 15)],
        [7, 25]
    )
    func few(channels: (input: Int, output: Int), columns: Int) throws {
        let x = random.normal([2, channels.input, 5, 6, columns])
        let weight = random.normal([channels.output, channels.input, 3, 3, 3])
        let bias = random.normal([channels.output])
        let found = try withTorchErrors {
            x.channelsSideBySide().convolution(weight, bias: bias, padding: [0, 1, 1])
        }
        let wanted = try withTorchErrors {
            x.to(.float64)
                .convolution(weight.to(.float64), bias: bias.to(.float64), padding: [0, 1, 1])
        }
        #expect(try difference(found, wanted) < 3e-6)
    }

    @Test("bytes of pictures become patches in -1...1")
    func patches() throws {
        let values = (0..<192).map { Float($0 * 7 % 256) }
        let pictures = Tensor(values, shape: [1, 2, 4, 8, 3]).to(.uint8)
        let channelsFirst = pictures.permute(0, 4, 1, 2, 3)
        let wanted = try withTorchErrors {
            let scaled = channelsFirst.to(.float64) / 127.5 - 1
            return scaled.reshape(1, 3, 2, 2, 2, 4, 2).permute(0, 1, 6, 4, 2, 3, 5)
                .reshape(1, 12, 2, 2, 4)
        }
        let found = try withTorchErrors { channelsFirst.patchified(2) }
        #expect(try difference(found, wanted) < 1e-6)
        let floats = try withTorchErrors {
            (channelsFirst.to(.float32) / 127.5 - 1).patchified(2)
        }
        #expect(try difference(floats, wanted) < 1e-6)
    }
}
