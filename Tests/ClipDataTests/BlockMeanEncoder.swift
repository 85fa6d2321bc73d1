import ClipCache
import Media

@testable import ClipData

/// An encoder with the shapes of the real ones whose latents are means: simple enough to tell by
/// hand what they must be.
final class BlockMeanEncoder: ClipEncoder {
    static let factors = {
        var factors = LatentFactors()
        factors.channels = 3
        return factors
    }()

    let fingerprint: String
    private(set) var encodedWindows = 0
    private(set) var encodedSounds = 0

    init(fingerprint: String = "block-mean") { self.fingerprint = fingerprint }

    /// Mean colour, 0...1, of blocks of 32 x 32 pixels over the first picture, then eight each.
    func encode(frames: FrameBuffer) throws -> FloatBuffer {
        encodedWindows += 1
        let shape = [3, (frames.frameCount - 1) / 8 + 1, frames.height / 32, frames.width / 32]
        var sums = [Float](repeating: 0, count: shape.reduce(1, *))
        for frame in 0..<frames.frameCount {
            let group = (frame + 7) / 8
            let weight = 1 / (255 * 1024 * Float(group == 0 ? 1 : 8))
            for y in 0..<frames.height {
                for x in 0..<frames.width {
                    let pixel = ((frame * frames.height + y) * frames.width + x) * 3
                    for channel in 0..<3 {
                        let row = (channel * shape[1] + group) * shape[2] + y / 32
                        sums[row * shape[3] + x / 32] +=
                            Float(frames.bytes[pixel + channel]) * weight
                    }
                }
            }
        }
        return FloatBuffer(shape: shape, values: sums)
    }

    /// Mean magnitude of left and right over equal stretches.
    func encode(sound: Waveform, latentCount: Int) throws -> FloatBuffer {
        encodedSounds += 1
        let count = sound.samples[0].count
        let values = (0..<latentCount).flatMap { latent in
            sound.samples.map { channel in
                let range = count * latent / latentCount..<count * (latent + 1) / latentCount
                return channel[range].reduce(0) { $0 + abs($1) } / Float(range.count)
            }
        }
        return FloatBuffer(shape: [latentCount, sound.channelCount], values: values)
    }
}
