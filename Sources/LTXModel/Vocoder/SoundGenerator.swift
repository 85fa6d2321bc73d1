import Torch

// Axes: B batch, C channels, N samples, T spectra.

/// For each dilation two convolutions behind activations, added to what came in.
final class SoundResidualBlock {
    private let steps: [Step]

    private struct Step {
        let before: any SoundActivation
        let dilated: SoundConvolution
        let between: any SoundActivation
        let plain: SoundConvolution
    }

    /// Reads `convs1`, `convs2` and, for snakes, `acts1`, `acts2`.
    init(
        _ weights: WeightScope,
        channels: Int,
        kernel: Int,
        dilations: [Int],
        _ activation: (WeightScope, Int) -> any SoundActivation
    ) {
        func convolution(_ place: WeightScope, _ dilation: Int) -> SoundConvolution {
            SoundConvolution(place, channels, channels, kernel: kernel, dilation: dilation)
        }
        steps = dilations.enumerated().map { index, dilation in
            Step(
                before: activation(weights / "acts1" / index, channels),
                dilated: convolution(weights / "convs1" / index, dilation),
                between: activation(weights / "acts2" / index, channels),
                plain: convolution(weights / "convs2" / index, 1)
            )
        }
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        steps.reduce(x) { x, step in
            x + step.plain(step.between(step.dilated(step.before(x))))
        }
    }
}

/// Spectra to a waveform, by stages that raise the rate.
///
/// - Source: "HiFi-GAN", Kong et al., 2020; with snakes "BigVGAN", Lee et al., 2023.
final class SoundGenerator {
    private let configuration: GeneratorConfiguration
    private let input: SoundConvolution
    private let before: LeakyActivation?  // snakes stand inside the blocks only
    private let stages: [Stage]
    private let last: any SoundActivation
    private let output: SoundConvolution

    private struct Stage {
        let larger: SoundUpsampling
        let blocks: [SoundResidualBlock]
    }

    private static let innerSlope = 0.1
    private static let finalSlope = 0.01

    /// Reads `conv_pre`, `ups`, `resblocks`, `act_post` and `conv_post`.
    init(_ weights: WeightScope, _ configuration: GeneratorConfiguration) {
        self.configuration = configuration
        let (first, isSnake) = (configuration.channels, configuration.activation == .snake)
        let inner = LeakyActivation(slope: Self.innerSlope)
        before = isSnake ? nil : inner
        input = SoundConvolution(
            weights / "conv_pre",
            configuration.inputChannels,
            first,
            kernel: 7
        )
        stages = configuration.rates.indices.map { index in
            Self.stage(weights, index, configuration) { place, width in
                if isSnake { SnakeActivation(place, channels: width) } else { inner }
            }
        }
        let width = first >> configuration.rates.count
        last =
            if isSnake {
                SnakeActivation(weights / "act_post", channels: width)
            } else {
                LeakyActivation(slope: Self.finalSlope)
            }
        output = SoundConvolution(
            weights / "conv_post",
            width,
            configuration.soundChannels,
            kernel: 7,
            hasBias: configuration.hasFinalBias
        )
    }

    private static func stage(
        _ weights: WeightScope,
        _ index: Int,
        _ configuration: GeneratorConfiguration,
        _ activation: (WeightScope, Int) -> any SoundActivation
    ) -> Stage {
        let width = configuration.channels >> (index + 1)
        let larger = SoundUpsampling(
            weights / "ups" / index,
            configuration.channels >> index,
            width,
            rate: configuration.rates[index],
            kernel: configuration.kernels[index]
        )
        let count = configuration.blockKernels.count
        let blocks = (0..<count).map { block in
            SoundResidualBlock(
                weights / "resblocks" / (index * count + block),
                channels: width,
                kernel: configuration.blockKernels[block],
                dilations: configuration.dilations[block],
                activation
            )
        }
        return Stage(larger: larger, blocks: blocks)
    }

    /// Where it computes.
    var device: Device { input.device }

    /// Spectrograms `[B, channels, bands, T]` to waveforms `[B, 2, N]`.
    func callAsFunction(_ spectra: Tensor) -> Tensor {
        let flat = spectra.reshape(
            spectra.size(0),
            spectra.size(1) * spectra.size(2),
            spectra.size(3)
        )
        var x = input(flat)
        for stage in stages {
            x = stage.larger(before?(x) ?? x)
            let sum = stage.blocks.dropFirst().reduce(stage.blocks[0](x)) { $0 + $1(x) }
            x = sum / Double(stage.blocks.count)
        }
        let wave = output(last(x))
        switch configuration.ending {
        case .tanh: return wave.tanh()
        case .clamp: return wave.clamped(-1, 1)
        case .none: return wave
        }
    }
}

extension GeneratorConfiguration {
    /// Spectra on each side that a sample depends on, or a few more.
    var reach: Int {
        let snake = activation == .snake ? SnakeActivation.reach : 0
        var samples = 3 + snake  // the last convolution is 7 wide
        for (rate, kernel) in zip(rates, kernels).reversed() {
            let blocks = zip(blockKernels, dilations).map { width, dilations in
                dilations.reduce(0) { $0 + ($1 + 1) * (width - 1) / 2 + 2 * snake }
            }
            samples = (samples + (blocks.max() ?? 0) + kernel) / rate + 1
        }
        return samples + 3
    }
}
