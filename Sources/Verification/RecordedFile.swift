import Foundation
import Safetensors
import Torch

/// A recording: inputs and outputs of one component, each output with its tolerance.
struct RecordedFile {
    let path: String
    let component: RecordedComponent
    private let file: SafetensorsFile
    private let tolerances: [(pattern: String, value: Double)]

    /// Opens a recording; tolerances are those of a `manifest.json` beside it, if that lists the file.
    init(path: String) throws {
        let file = try SafetensorsFile(path: path)
        guard let component = RecordedComponent(keys: file.names) else {
            let first = file.names.prefix(3).joined(separator: ", ")
            throw VerificationError(
                "\(path): holds \(first.isEmpty ? "nothing" : first), should hold the inputs and "
                    + "outputs of a component (in.*, out.*); use a file that tools/record-fixtures wrote"
            )
        }
        self.path = path
        self.file = file
        self.component = component
        tolerances = Self.listed(path) ?? component.defaultTolerances
    }

    /// File name without its ending.
    var name: String {
        URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    }

    /// Everything that was recorded as a result.
    var outputs: [String] {
        let given = ["in.", "dec.latent", "dec.timestep", "train.target.", "train.loss_mask."]
        return file.names.sorted().filter { name in !given.contains { name.hasPrefix($0) } }
    }

    func has(_ name: String) -> Bool { file.info(name) != nil }

    func text(_ key: String) -> String? { file.metadata[key] }

    /// A tensor that must have so many axes, all of them with elements.
    func tensor(_ name: String, axes: Int, on device: Device = .cpu) throws -> Tensor {
        guard let info = file.info(name) else {
            throw VerificationError(
                "\(path): lacks \(name), which the other tensors need; record it again"
            )
        }
        guard info.shape.count == axes, !info.shape.contains(0) else {
            throw VerificationError(
                "\(path): \(name) is \(info.shape), should have \(axes) axes; record it again"
            )
        }
        return try Tensor(reading: name, from: file).to(on: device)
    }

    /// A recorded result of any shape.
    func result(_ name: String) throws -> Tensor { try Tensor(reading: name, from: file) }

    func tolerance(_ name: String) -> Double {
        let matching = tolerances.first { pattern, _ in
            pattern.hasSuffix("*") ? name.hasPrefix(pattern.dropLast()) : name == pattern
        }
        return matching?.value ?? 1e-5
    }

    private static func listed(_ path: String) -> [(pattern: String, value: Double)]? {
        let url = URL(fileURLWithPath: path)
        let manifest = url.deletingLastPathComponent().appendingPathComponent("manifest.json")
        guard let data = try? Data(contentsOf: manifest),
            let top = try? JSONSerialization.jsonObject(with: data) as? [String: Any],
            let files = top["files"] as? [String: Any],
            let entry = files[url.lastPathComponent] as? [String: Any],
            let pairs = entry["tolerances"] as? [[Any]]
        else { return nil }
        return pairs.compactMap { pair in
            guard pair.count == 2, let pattern = pair[0] as? String,
                let value = pair[1] as? NSNumber
            else { return nil }
            return (pattern, value.doubleValue)
        }
    }
}
