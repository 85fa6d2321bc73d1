/// A model of the user's that turns speech into a speaker's embedding.
///
/// A TorchScript file with `forward(waveform)`: `[1, N]` float32 at 16 kHz, one channel, full scale
/// -1...1, to `[1, D]` or `[D]`. Load only files that you trust: see ``ScriptModule``.
public final class SpeakerModel {
    /// Samples per second that the model is given.
    public static let sampleRate = 16000

    private let path: String
    private let module: ScriptModule

    /// Reads a file.
    ///
    /// - Throws: `SpeakerModelError` for a file that is no TorchScript.
    public init(path: String) throws {
        self.path = path
        do {
            module = try ScriptModule(path: path)
        } catch let error as TorchError {
            throw SpeakerModelError.notScript(path, error.reason)
        }
    }

    /// The embedding of one sound.
    ///
    /// - Parameter samples: one channel at 16 kHz.
    /// - Returns: the model's numbers as they are.
    /// - Throws: `SpeakerModelError` for a model that fails, or gives another shape than `[1, D]` or
    ///   `[D]`, or numbers that are not finite.
    public func embedding(of samples: [Float]) throws -> [Float] {
        let (shape, values): ([Int], [Float])
        do {
            (shape, values) = try withTorchErrors {
                let result = module(Tensor(samples, shape: [1, samples.count]))
                return (result.shape, result.to(.float32).floats())
            }
        } catch let error as TorchError {
            throw SpeakerModelError.failed(path, samples: samples.count, error.reason)
        }
        let isVector = shape.count == 1 || (shape.count == 2 && shape[0] == 1)
        guard isVector, values.count > 1 else { throw SpeakerModelError.shape(path, shape) }
        guard values.allSatisfy(\.isFinite) else { throw SpeakerModelError.notFinite(path) }
        return values
    }

    /// The mean of several sounds' embeddings, each of length 1.
    ///
    /// - Throws: as `embedding(of:)`; also if embeddings differ in size, or are all zero.
    public func meanEmbedding(of sounds: [[Float]]) throws -> [Float] {
        var sum: [Float] = []
        for sound in sounds {
            let one = try embedding(of: sound)
            if sum.isEmpty { sum = [Float](repeating: 0, count: one.count) }
            guard one.count == sum.count else { throw SpeakerModelError.shape(path, [one.count]) }
            let length = one.reduce(0) { $0 + $1 * $1 }.squareRoot()
            guard length > 0 else { throw SpeakerModelError.notFinite(path) }
            for index in sum.indices { sum[index] += one[index] / length }
        }
        return sum.map { $0 / Float(max(1, sounds.count)) }
    }

    /// The cosine of the angle between two embeddings of one size, -1 to 1; nil if one is zero.
    public static func similarity(_ a: [Float], _ b: [Float]) -> Double? {
        guard a.count == b.count else { return nil }
        var (product, first, second) = (0.0, 0.0, 0.0)
        for (x, y) in zip(a, b) {
            product += Double(x) * Double(y)
            first += Double(x) * Double(x)
            second += Double(y) * Double(y)
        }
        guard first > 0, second > 0 else { return nil }
        return max(-1, min(1, product / (first * second).squareRoot()))
    }
}

/// Why a speaker model cannot be used.
public enum SpeakerModelError: Error, Equatable, CustomStringConvertible {
    /// A file that cannot be loaded, and LibTorch's reason.
    case notScript(String, String)
    /// `forward` failed for a sound of some samples, and LibTorch's reason.
    case failed(String, samples: Int, String)
    /// A result of another shape.
    case shape(String, [Int])
    /// A result that is no number, infinite or zero.
    case notFinite(String)

    /// Says what is, what should be, and what to do.
    public var description: String {
        switch self {
        case .notScript(let path, let reason):
            "\(path): this is no TorchScript file that can be loaded (\(reason)); save the model "
                + "with torch.jit.save"
        case .failed(let path, let samples, let reason):
            "\(path): the speaker model failed on a waveform [1, \(samples)] (\(reason)); its "
                + "forward must take one float32 tensor [1, N] at 16 kHz and give one tensor"
        case .shape(let path, let shape):
            "\(path): the speaker model gives \(shape), expected one embedding [1, D] or [D] of the "
                + "same size for every sound; wrap it so that its forward does"
        case .notFinite(let path):
            "\(path): the speaker model gives zeros, or numbers that are not finite; check that it "
                + "was saved in float32 and takes samples from -1 to 1"
        }
    }
}
