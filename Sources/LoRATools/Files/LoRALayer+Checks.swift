import Adapters
import Safetensors
import Torch

extension LoRALayer {
    /// Puts a layer together from its stored tensors; shapes are checked, values other than alpha not read.
    ///
    /// - Throws: `LoRAError` for parts that are missing, of no known kind, or do not multiply.
    init(place: LayerNames.Place, parts: [LoRAPart], file: SafetensorsFile) throws {
        let shapes = PartShapes(path: place.path, parts: parts, file: file.path)
        let kind = try shapes.kind()
        let sizes = try shapes.sizes(of: kind)
        path = place.path
        pathway = Self.pathway(of: place.path)
        block = place.block
        self.kind = kind
        (rank, inputCount, outputCount) = (sizes.rank, sizes.input, sizes.output)
        alpha = try shapes.alpha(in: file)
        self.parts = parts
        self.file = file
    }

    /// Layers around the blocks belong to no stream, as in `PathwayStrengths`.
    static func pathway(of path: String) -> Pathway {
        let pathway = Pathway(path)
        return path.hasPrefix("transformer_blocks.") || pathway.isConnector ? pathway : .other
    }
}

/// Shapes of the parts of one layer, before they are believed.
private struct PartShapes {
    let path: String
    let parts: [LoRAPart]
    let file: String

    typealias Sizes = (rank: Int?, input: Int, output: Int)

    func kind() throws(LoRAError) -> AdapterKind {
        if let kind = AdapterKind(parts: parts.map(\.name)) { return kind }
        throw fault("has \(parts.map(\.name).joined(separator: ", ")) alone, should have factors")
    }

    func sizes(of kind: AdapterKind) throws(LoRAError) -> Sizes {
        switch kind {
        case .lora: return try product("lora_B", "lora_A")
        case .dora:
            let sizes = try product("lora_B", "lora_A")
            try checkMagnitudes(sizes.output, sizes.input)
            return sizes
        case .loha:
            try checkPlain(kind)
            let (first, second) = (
                try product("hada_w1_a", "hada_w1_b"), try product("hada_w2_a", "hada_w2_b")
            )
            guard (first.input, first.output) == (second.input, second.output) else {
                throw fault(
                    "has products \([first.output, first.input]) and "
                        + "\([second.output, second.input]), should have two of one shape"
                )
            }
            return first
        case .lokr:
            try checkPlain(kind)
            let (first, second) = (try factor("lokr_w1"), try factor("lokr_w2"))
            let rank = second.rank ?? first.rank
            return (rank, first.input * second.input, first.output * second.output)
        case .fullrank:
            let shape = try matrix("diff")
            return (nil, shape[1], shape[0])
        }
    }

    func alpha(in file: SafetensorsFile) throws -> Double? {
        guard let part = parts.first(where: { $0.name == "alpha" }) else { return nil }
        guard part.stored.elementCount == 1 else {
            throw fault("has an alpha of shape \(part.stored.shape), should be one number")
        }
        let value = try file.floats(part.stored.name).first ?? .nan
        guard value.isFinite else { throw fault("has alpha \(value), should be a number") }
        return Double(value)
    }

    private func shape(_ name: String) -> [Int]? {
        parts.first { $0.name == name }?.stored.shape
    }

    private func matrix(_ name: String) throws(LoRAError) -> [Int] {
        guard let shape = shape(name) else {
            let there = Set(parts.map(\.name)).subtracting(["alpha"]).sorted()
            throw fault(
                "has \(there.joined(separator: ", ")) without \(name), should have all parts"
            )
        }
        guard shape.count == 2, !shape.contains(0) else {
            throw fault("has \(name) \(shape), should be a matrix")
        }
        return shape
    }

    /// Left `[out, r]` times right `[r, in]`.
    private func product(_ left: String, _ right: String) throws(LoRAError) -> Sizes {
        let (a, b) = (try matrix(left), try matrix(right))
        guard a[1] == b[0] else {
            throw fault("has \(left) \(a) and \(right) \(b), should be [out, r] and [r, in]")
        }
        return (a[1], b[1], a[0])
    }

    /// A factor of a LoKr, whole or as a product.
    private func factor(_ name: String) throws(LoRAError) -> Sizes {
        guard shape(name) != nil else { return try product(name + "_a", name + "_b") }
        let whole = try matrix(name)
        return (nil, whole[1], whole[0])
    }

    private func checkMagnitudes(_ output: Int, _ input: Int) throws(LoRAError) {
        for part in magnitudes where ![[output], [output, 1]].contains(part.stored.shape) {
            guard part.stored.shape != [1, input] else {
                throw LoRAError(
                    at: "\(file), \(path)",
                    "has \(part.name) \(part.stored.shape), a length for each column, should be one for each "
                        + "row, [\(output), 1]",
                    fix: "train it with lengths of rows (wd_on_output=True in LyCORIS)"
                )
            }
            throw fault(
                "has \(part.name) \(part.stored.shape), should be one number per row, [\(output)]"
            )
        }
    }

    private var magnitudes: [LoRAPart] {
        parts.filter { $0.name == "magnitude" || $0.name == "dora_scale" }
    }

    /// Magnitudes of kinds that are read without any would be dropped silently.
    private func checkPlain(_ kind: AdapterKind) throws(LoRAError) {
        guard let part = magnitudes.first else { return }
        throw LoRAError(
            at: "\(file), \(path)",
            "is a \(kind.title) with \(part.name), should be one without, or a LoRA with it",
            fix: "train it without weight decomposition (dora_wd=False in LyCORIS), or as DoRA"
        )
    }

    private func fault(_ problem: String) -> LoRAError {
        LoRAError(at: "\(file), \(path)", problem, fix: "download or export the file again")
    }
}
