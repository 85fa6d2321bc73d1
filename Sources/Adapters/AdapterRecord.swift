import Torch

/// What a file holds for one layer, under names that all spellings share.
public struct AdapterRecord {
    /// The layer's path in the model.
    public let path: String
    /// By part: `lora_A`, `lora_B`, `magnitude`, `lokr_w1`, …, `hada_w1_a`, …, `diff`.
    var tensors: [String: Tensor] = [:]
    /// Numerator of the scale, if the file says one.
    var alpha: Double?

    init(path: String) { self.path = path }

    /// What kind of adapter it is; nil if its parts make none.
    var kind: AdapterKind? {
        func has(_ start: String) -> Bool { tensors.keys.contains { $0.hasPrefix(start) } }
        if has("lokr_") { return .lokr }
        if has("hada_") { return .loha }
        if has("lora_") { return has("magnitude") ? .dora : .lora }
        return has("diff") ? .fullrank : nil
    }

    /// Scale of a LoKr: alpha counts only where a factor is a product; the second one's rank goes first.
    var kroneckerScale: Double {
        let rank = (tensors["lokr_w2_b"] ?? tensors["lokr_w1_b"])?.size(0)
        guard let alpha, let rank, rank > 0 else { return 1 }
        return alpha / Double(rank)
    }

    func tensor(_ part: String) throws(AdapterMismatch) -> Tensor {
        guard let tensor = tensors[part] else { throw mismatch("lacks \(part)", nil) }
        return tensor
    }

    /// A factor, whole or as the product of its two parts.
    func product(_ part: String) throws(AdapterMismatch) -> Tensor {
        if let whole = tensors[part] { return whole }
        guard let left = tensors[part + "_a"], let right = tensors[part + "_b"] else {
            throw mismatch("lacks \(part)", nil)
        }
        return left.to(.float32).matmul(right.to(.float32))
    }

    func expect(_ kinds: [AdapterKind], for wanted: AdapterKind) throws(AdapterMismatch) {
        guard let kind, !kinds.contains(kind) else { return }
        throw mismatch(
            "is a \(kind.title), this network has a \(wanted.title) there",
            "set network.type: \(kind.rawValue), or use another file"
        )
    }

    /// The rank of a part; a wider one would lose something.
    func rank(of tensor: Tensor, along axis: Int, atMost limit: Int)
        throws(AdapterMismatch) -> Int
    {
        let count = tensor.size(axis)
        guard count > limit else { return count }
        throw mismatch(
            "has rank \(count), this network has \(limit)",
            "set its rank to \(count), by network.linear, audio_linear or ranks"
        )
    }

    func check(_ part: String, _ tensor: Tensor, _ shape: [Int], fix: String? = nil)
        throws(AdapterMismatch)
    {
        guard tensor.shape != shape else { return }
        throw mismatch("has \(part) \(tensor.shape), should be \(shape)", fix)
    }

    func mismatch(_ problem: String, _ fix: String?) -> AdapterMismatch {
        AdapterMismatch(path: path, problem: problem, fix: fix)
    }
}

/// Why what a file holds for a layer cannot be taken.
public struct AdapterMismatch: Error, Equatable {
    let path: String
    let problem: String
    let fix: String?
}
