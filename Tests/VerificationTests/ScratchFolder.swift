import Foundation
import Safetensors
import Torch

@testable import Verification

/// A folder for changed copies of recordings; gone with the last reference.
final class ScratchFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "/likeness-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// A recording without its manifest.
    func copy(_ name: String) throws -> String {
        try changing("", of: name) { $0 }
    }

    /// A recording in which one tensor is another one, or is not there.
    func changing(
        _ name: String,
        of recording: String,
        _ change: (Tensor) -> Tensor?
    ) throws -> String {
        let file = try SafetensorsFile(path: Recordings.path(recording + ".safetensors"))
        let tensors = try withTorchErrors {
            try file.names.compactMap { stored -> (name: String, tensor: Tensor)? in
                let tensor = try Tensor(reading: stored, from: file)
                guard stored == name else { return (stored, tensor) }
                return change(tensor).map { (stored, $0.contiguous()) }
            }
        }
        let target = "\(path)/\(UUID().uuidString).safetensors"
        try TensorFile(tensors, metadata: file.metadata).write(to: target)
        return target
    }
}
