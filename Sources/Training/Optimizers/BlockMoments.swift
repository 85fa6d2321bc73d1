import Torch

/// Moments in 8 bits, as bitsandbytes keeps them; those of small parameters in float32.
///
/// - Source: "8-bit optimizers via block-wise quantization", Dettmers et al., 2022.
final class BlockMoments: Moments {
    /// Parameters of fewer elements keep float32: bitsandbytes' `min_8bit_size`.
    static let smallest = 4096

    private enum Slot {
        case plain(Tensor)
        case blocks(codes: Tensor, scales: Tensor, shape: Tensor)
    }

    private let slots: [Slot]
    private let codes: BlockCodes

    /// Zeros; `composed` as in `BlockCodes`.
    init(of parameters: [Tensor], signed: Bool, composed: Bool = false) {
        codes = BlockCodes(
            signed: signed,
            device: parameters.first?.device ?? .cpu,
            composed: composed
        )
        slots = parameters.map { parameter in
            guard parameter.count >= Self.smallest else {
                return .plain(.zeros(parameter.shape, device: parameter.device))
            }
            let room = BlockCodes.room(for: parameter.count, on: parameter.device)
            return .blocks(codes: room.codes, scales: room.scales, shape: parameter.detach())
        }
    }

    func read(_ indices: [Int]) -> TensorList {
        let kept = indices.compactMap(block)
        let read = codes.read(
            kept.map(\.codes),
            scales: kept.map(\.scales),
            shapes: kept.map(\.shape)
        )
        var next = read.tensors.makeIterator()
        return TensorList(
            indices.compactMap { index in
                if case .plain(let values) = slots[index] { values } else { next.next() }
            }
        )
    }

    func write(_ values: TensorList, at indices: [Int]) {
        let kept = zip(indices, values.tensors).compactMap { index, value in
            block(index).map { (value, $0.codes, $0.scales) }
        }
        codes.write(TensorList(kept.map(\.0)), codes: kept.map(\.1), scales: kept.map(\.2))
    }

    private func block(_ index: Int) -> (codes: Tensor, scales: Tensor, shape: Tensor)? {
        guard case .blocks(let codes, let scales, let shape) = slots[index] else { return nil }
        return (codes, scales, shape)
    }

    func state(_ name: String) -> [(name: String, tensor: Tensor)] {
        slots.enumerated().flatMap { index, slot -> [(name: String, tensor: Tensor)] in
            switch slot {
            case .plain(let values): [("\(name).\(index)", values)]
            case .blocks(let codes, let scales, _):
                [("\(name).\(index).codes", codes), ("\(name).\(index).scales", scales)]
            }
        }
    }

    func restore(_ name: String, _ load: (String) throws -> Tensor) throws {
        for (index, slot) in slots.enumerated() {
            switch slot {
            case .plain(let values): values.copy(from: try load("\(name).\(index)"))
            case .blocks(let codes, let scales, _):
                codes.copy(from: try load("\(name).\(index).codes"))
                scales.copy(from: try load("\(name).\(index).scales"))
            }
        }
    }
}
