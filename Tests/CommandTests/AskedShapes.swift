import LTXModel
import Safetensors
import Torch

/// Weights that exist only as names and shapes: remembers what a model asks for.
final class AskedShapes: WeightSource {
    private var asked: [(name: String, shape: [Int])] = []

    let names: [String] = []

    func shape(of name: String) -> [Int]? { nil }

    func shape(of name: String, expecting shape: [Int]) -> [Int]? { shape }

    func load(_ name: String) throws -> Tensor { throw CheckpointError(missing: [name]) }

    func load(_ name: String, expecting shape: [Int]) throws -> Tensor {
        asked.append((name, shape))
        return Tensor.zeros([1]).expand(shape)
    }

    /// Names and shapes of all weights of a transformer, in the order in which they are read.
    static func of(_ config: ConfigObject) throws -> [(name: String, shape: [Int])] {
        let source = AskedShapes()
        let sizes = try TransformerConfiguration(
            original: config.object("transformer"),
            hasCaptionProjection: false
        )
        try withTorchErrors {
            _ = Transformer(WeightReader(source, named: "shapes", dtype: nil).root, config: sizes)
        }
        return source.asked
    }

    /// The configuration in a checkpoint's header.
    static func config(of path: String) throws -> String {
        try WeightFiles(path: path).metadata["config"] ?? "{}"
    }
}
