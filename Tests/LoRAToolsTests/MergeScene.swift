import Adapters
import Foundation
import Safetensors
import Testing
import Torch

@testable import LoRATools

extension AdapterScene {
    /// A LoRA of all layers.
    func adapter(
        _ name: String,
        rank: Int = 3,
        dialect: KeyDialect = .comfyUI,
        dtype: DType = .float32,
        louder factors: [Pathway: Double] = [:]
    ) throws -> String {
        var tensors = try lowRank(Self.layers, rank: rank, dialect: dialect, dtype: dtype)
        try withTorchErrors {
            for (number, layer) in Self.layers.enumerated() {
                let factor = factors[LoRALayer.pathway(of: layer.path)] ?? 1
                tensors[number * 2 + 1].tensor = tensors[number * 2 + 1].tensor * factor
            }
        }
        return try write(name, tensors)
    }

    /// Merges files, each with its strength behind a colon, and gives the report too.
    @discardableResult
    func merge(
        _ inputs: [String],
        to name: String = "out",
        _ change: (inout MergeRequest) throws -> Void = { _ in }
    ) async throws -> (file: LoRAFile, report: MergeReport) {
        var request = MergeRequest(
            try inputs.map { try AdapterChoice(parsing: $0) },
            to: path(name)
        )
        try change(&request)
        let report = try await MergeRun(request).run()
        return (try LoRAFile(path: request.output), report)
    }

    /// Bytes of a part of a layer.
    func bytes(_ layer: LoRALayer, _ part: String) throws -> [UInt8] {
        let stored = try #require(layer.part(part)).stored
        return layer.file.withBytes(of: stored.name) { Array($0) } ?? []
    }
}
