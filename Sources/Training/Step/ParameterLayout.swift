public import Adapters
import LTXModel
import Torch

/// Which trained parameters belong to which part of the model, by their numbers.
public struct ParameterLayout {
    private var layers: [ObjectIdentifier: [(Int, Tensor)]] = [:]
    private var blocks: [Int: [(Int, Tensor)]] = [:]
    private var others: [(Int, Tensor)] = []

    /// The parameters of a network of adapters, numbered as in `network.parameters`; of the pathways that
    /// are to learn, where not all are.
    public init(_ network: AdapterNetwork, where learns: (Pathway) -> Bool = { _ in true }) {
        var next = 0
        for member in network.members {
            for parameter in member.adapter.parameters {
                if learns(member.pathway) {
                    layers[ObjectIdentifier(member.layer), default: []].append((next, parameter))
                }
                next += 1
            }
        }
    }

    /// Weights of the model itself: by the number of their block, and those outside the blocks.
    init(blocks: [Int: [(Int, Tensor)]], ends: [(Int, Tensor)]) {
        self.blocks = blocks
        others = ends
    }

    /// The parameters of some layers, in the blocks or elsewhere, by their number.
    func parameters(of linears: [Linear]) -> [Int: Tensor] {
        Self.byNumber(linears.flatMap { layers[ObjectIdentifier($0)] ?? [] })
    }

    /// The parameters of a block, by their number.
    func parameters(ofBlock index: Int, in transformer: Transformer) -> [Int: Tensor] {
        Self.byNumber(blocks[index] ?? [])
            .merging(parameters(of: transformer.blocks[index].linears)) { own, _ in own }
    }

    /// The parameters before, beside and behind the blocks, by their number.
    var ends: [Int: Tensor] { Self.byNumber(others) }

    private static func byNumber(_ found: [(Int, Tensor)]) -> [Int: Tensor] {
        Dictionary(found.map { ($0.0, $0.1) }, uniquingKeysWith: { first, _ in first })
    }
}
