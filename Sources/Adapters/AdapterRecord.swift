package import Torch

/// What a file holds for one layer, under names that all spellings share.
public struct AdapterRecord {
    /// The layer's path in the model.
    public let path: String
    /// By part: `lora_A`, `lora_B`, `magnitude`, `lokr_w1`, …, `hada_w1_a`, …, `diff`.
    package private(set) var tensors: [String: Tensor] = [:]
    /// Numerator of the scale, if the file says one.
    package private(set) var alpha: Double?

    package init(path: String) { self.path = path }

    /// What kind of adapter it is; nil if its parts make none.
    package var kind: AdapterKind? { AdapterKind(parts: tensors.keys) }

    /// Keeps a part; a magnitude of the sum goes before ComfyUI's own form of it.
    package mutating func take(_ part: String, _ tensor: Tensor) {
        switch part {
        case "alpha": alpha = tensor.item()
        case "dora_scale": if tensors["magnitude"] == nil { tensors["magnitude"] = tensor }
        default: tensors[part] = tensor
        }
    }

    /// Scale of a LoKr: alpha counts only where a factor is a product; the second one's rank goes first.
    package var kroneckerScale: Double {
        let rank = (tensors["lokr_w2_b"] ?? tensors["lokr_w1_b"])?.size(0)
        guard let alpha, let rank, rank > 0 else { return 1 }
        return alpha / Double(rank)
    }

    package func tensor(_ part: String) throws(AdapterMismatch) -> Tensor {
        guard let tensor = tensors[part] else { throw mismatch("lacks \(part)", nil) }
        return tensor
    }

    /// A factor, whole or as the product of its two parts.
    package func product(_ part: String) throws(AdapterMismatch) -> Tensor {
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

extension AdapterKind {
    /// Tells it from the names of a layer's parts; nil if they make none.
    package init?(parts: some Collection<String>) {
        func has(_ start: String) -> Bool { parts.contains { $0.hasPrefix(start) } }
        if has("lokr_") {
            self = .lokr
        } else if has("hada_") {
            self = .loha
        } else if has("lora_") {
            self = has("magnitude") || has("dora_scale") ? .dora : .lora
        } else if has("diff") {
            self = .fullrank
        } else {
            return nil
        }
    }
}

/// Why what a file holds for a layer cannot be taken.
public struct AdapterMismatch: Error, Equatable {
    package let path: String
    package let problem: String
    package let fix: String?
}
