import Foundation

/// One tensor of a checkpoint: numbers, or codes with a scale beside them.
enum StoredTensor {
    /// Numbers, on the CPU, as stored, perhaps in the memory of the file.
    case numbers(Tensor)
    /// Codes of a matrix, on the device.
    case codes(any PackedWeight)
}

/// How a file keeps one tensor in 8 bits, told by types and by the names beside it, never by its own.
///
/// Scales are `P.weight_scale` (released files, ComfyUI) or `P.scale_weight` (older ones) beside
/// `P.weight`, and `P.bias_scale`. Left aside are `P.input_scale` and `P.scale_input`: they are for
/// products in 8 bits, while here activations keep their type.
struct StoredEntry {
    /// A tensor without content in older fp8 files.
    static let marker = "scaled_fp8"

    let name: String
    let source: any WeightSource

    /// `P` of `P.weight`; empty for names of one word.
    private var layer: Substring { name.lastIndex(of: ".").map { name[..<$0] } ?? "" }
    private var isWeight: Bool { name.hasSuffix(".weight") }

    private var scaleNames: [String] {
        [name + "_scale"] + (isWeight ? ["\(layer).scale_weight"] : [])
    }

    /// Names beside the tensor that are read with it or left aside.
    var companions: [String] {
        guard isWeight else { return scaleNames }
        return scaleNames + ["input_scale", "scale_input", "comfy_quant"].map { "\(layer).\($0)" }
    }

    /// Refuses formats that are not read, before their shapes look wrong.
    func checkFormat() throws(UnreadableCodes) {
        if source.shape(of: name + "_scale_2") != nil { throw unread("nvfp4") }
        guard let format = try description?.format else { return }
        guard ["float8_e4m3fn", "float8_e5m2", "int8_tensorwise"].contains(format) else {
            throw unread(format)
        }
    }

    /// Loads the tensor; the codes of a matrix go to `device`.
    func load(_ shape: [Int], device: Device) throws -> StoredTensor {
        let stored = try source.lend(name, expecting: shape)
        let scale = try scaleNames.first { source.shape(of: $0) != nil }.map(source.load)
        switch stored.dtype {
        case .float8E4M3, .float8E5M2:
            guard shape.count == 2 else { return .numbers(scaled(stored, scale)) }
            let factor = try rowScale(scale ?? .full([], 1), shape, device)
            return .codes(Float8Weight(codes: stored.copied(on: device), scale: factor))
        case .int8:
            guard let scale else {
                throw UnreadableCodes(
                    "\(name): is stored in int8 without a scale, should have \(scaleNames[0]) beside it; "
                        + "use another file of this model"
                )
            }
            guard shape.count == 2 else { return .numbers(scaled(stored, scale)) }
            return .codes(try int8(stored.copied(on: device), rowScale(scale, shape, device)))
        default: return .numbers(stored)
        }
    }

    private func scaled(_ codes: Tensor, _ scale: Tensor?) -> Tensor {
        guard let scale else { return codes }
        return codes.to(.float32) * scale.to(.float32)
    }

    private func int8(_ codes: Tensor, _ scale: Tensor) throws(UnreadableCodes)
        -> any PackedWeight
    {
        guard let description = try description, description.isRotated else {
            return Int8Weight(codes: codes, scale: scale)
        }
        let size = RotatedInt8Weight.groupSize
        guard description.rotationSize == size, codes.size(1).isMultiple(of: size) else {
            throw UnreadableCodes(
                "\(name): is rotated in groups of \(description.rotationSize) columns of \(codes.size(1)), "
                    + "should be whole groups of \(size); use another file of this model"
            )
        }
        return RotatedInt8Weight(codes: codes, scale: scale)
    }

    /// One number for all rows or one for each, as a column.
    private func rowScale(_ scale: Tensor, _ shape: [Int], _ device: Device) throws(UnreadableCodes)
        -> Tensor
    {
        let isPerRow = scale.shape == [shape[0]] || scale.shape == [shape[0], 1]
        guard scale.count == 1 || isPerRow else {
            throw UnreadableCodes(
                "\(name): has scales of shape \(scale.shape), should have one, or one for each of "
                    + "\(shape[0]) rows; use another file of this model"
            )
        }
        return scale.to(.float32, on: device).reshape(-1, 1)
    }

    private func unread(_ format: String) -> UnreadableCodes {
        UnreadableCodes(
            "\(name): is stored as \(format), which this program does not read; "
                + "use the bf16, fp8 or int8 file of this model"
        )
    }
}

// MARK: - ComfyUI's description of a layer

extension StoredEntry {
    /// `P.comfy_quant`: JSON in bytes.
    private struct Description: Decodable {
        let format: String
        private let convrot: Bool?
        private let convrotGroupsize: Int?

        var isRotated: Bool { convrot ?? false }
        var rotationSize: Int { convrotGroupsize ?? RotatedInt8Weight.groupSize }
    }

    private var description: Description? {
        get throws(UnreadableCodes) {
            let place = "\(layer).comfy_quant"
            guard isWeight, source.shape(of: place) != nil else { return nil }
            do {
                let bytes = try source.load(place).bytes()
                let decoder = JSONDecoder()
                decoder.keyDecodingStrategy = .convertFromSnakeCase
                return try decoder.decode(Description.self, from: Data(bytes))
            } catch {
                throw UnreadableCodes(
                    "\(place): is no description of a layer, should be JSON with a format; "
                        + "the file is damaged, fetch it again"
                )
            }
        }
    }
}

/// Codes that cannot be read: where, what is, what should be, what to do.
struct UnreadableCodes: Error {
    let description: String

    init(_ description: String) { self.description = description }
}
