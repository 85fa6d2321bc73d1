public import Adapters
public import Safetensors
public import Torch

/// A stored tensor of a layer's adapter.
public struct LoRAPart: Sendable, Equatable {
    /// What it is called in all dialects: `lora_A`, `lora_B`, `alpha`, `magnitude`, `lokr_w1`, …, `diff`.
    public let name: String
    /// Its name, type, shape and place in the file.
    public let stored: TensorInfo
    /// Whether the same part stands in the file under another name before; that one is read.
    public let isAlias: Bool
}

/// What an adapter file holds for one layer; tensors are read when they are asked for.
public struct LoRALayer: Sendable {
    /// The layer's name in the checkpoint, such as `transformer_blocks.0.attn1.to_q`.
    public let path: String
    /// The part of the model: that of the blocks or of a connector; layers around the blocks are `.other`.
    public let pathway: Pathway
    /// Number of the block in its row; nil outside of blocks.
    public let block: Int?
    /// What kind of adapter it is.
    public let kind: AdapterKind
    /// Width of the low-rank product; nil for kinds that have none.
    public let rank: Int?
    /// Columns of the layer's matrix.
    public let inputCount: Int
    /// Rows of the layer's matrix.
    public let outputCount: Int
    /// Numerator of the scale as the file says it; nil if it says none, which means a scale of 1.
    public let alpha: Double?
    /// All stored tensors in the order of the file.
    public let parts: [LoRAPart]
    /// The file.
    public let file: SafetensorsFile

    /// alpha / rank; 1 where the file says no alpha or the layer has no rank.
    public var scale: Double {
        guard let alpha, let rank else { return 1 }
        return alpha / Double(rank)
    }

    /// Number of stored values that are not an alpha or told twice.
    public var valueCount: Int {
        parts.filter { !$0.isAlias && $0.name != "alpha" }
            .reduce(0) { $0 + $1.stored.elementCount }
    }

    /// Types of the stored tensors but alpha.
    var storedTypes: Set<String> {
        Set(parts.filter { $0.name != "alpha" }.map(\.stored.dtype.rawValue))
    }

    /// The stored tensor of a part; nil if there is none.
    public func part(_ name: String) -> LoRAPart? { parts.first { $0.name == name } }

    /// Reads A and B of a LoRA or DoRA; the file's pages are given back at once.
    ///
    /// - Parameter dtype: type to read into; nil for the stored one.
    /// - Returns: both matrices and the scale.
    /// - Throws: `LoRAError` for other kinds and for values that are not finite.
    public func factors(as dtype: DType? = nil) throws -> LowRankFactors {
        guard kind == .lora || kind == .dora else {
            throw fault("is a \(kind.title), should be a LoRA", fix: "use a LoRA file")
        }
        let (down, up) = (try read("lora_A"), try read("lora_B"))
        return try withTorchErrors {
            LowRankFactors(down: down.to(dtype), up: up.to(dtype), scale: scale)
        }
    }

    /// Reads all that the file holds for the layer, of any kind.
    ///
    /// - Throws: `LoRAError` for values that are not finite.
    public func record() throws -> AdapterRecord {
        var record = AdapterRecord(path: path)
        for part in parts where !part.isAlias {
            let tensor = try read(part.name)
            try withTorchErrors { record.take(part.name, tensor) }
        }
        return record
    }

    /// Reads one part as it is stored.
    ///
    /// - Throws: `LoRAError` if it is absent or not finite.
    public func read(_ name: String) throws -> Tensor {
        let tensor = try readUnchecked(name)
        guard try withTorchErrors({ tensor.isFinite }) else {
            throw fault(
                "has values in \(name) that are not finite, should have none",
                fix: "use a checkpoint from before the run went wrong, or remove the layer with "
                    + "likeness lora strip"
            )
        }
        return tensor
    }

    /// Reads one part whatever its values.
    func readUnchecked(_ name: String) throws -> Tensor {
        guard let part = part(name) else {
            throw fault("lacks \(name)", fix: "use the whole file")
        }
        let tensor = try Tensor(reading: part.stored.name, from: file)
        file.dropFromMemory(part.stored.name)
        return tensor
    }

    func fault(_ problem: String, fix: String) -> LoRAError {
        LoRAError(at: "\(file.path), \(path)", problem, fix: fix)
    }
}
