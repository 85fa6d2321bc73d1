import Foundation

/// A `*.safetensors.index.json`: which shard holds which tensor.
struct ShardIndex {
    /// Names of the shards, sorted.
    let files: [String]
    private let path: String
    private let weightMap: [String: String]

    private struct Content: Decodable {
        let weight_map: [String: String]  // the key as the format writes it
    }

    init(folder: String, file: String) throws(SafetensorsError) {
        path = "\(folder)/\(file)"
        do {
            let data = try Data(contentsOf: URL(fileURLWithPath: path))
            weightMap = try JSONDecoder().decode(Content.self, from: data).weight_map
        } catch {
            throw Self.malformed(path, "is no index, should be JSON with a weight_map")
        }
        files = Set(weightMap.values).sorted()
        for name in files where name.contains("/") || !name.hasSuffix(".safetensors") {
            throw Self.malformed(path, "names \(name), should name .safetensors files beside it")
        }
    }

    /// Every tensor of the index must be in the shard that the index names.
    func check(_ weights: WeightFiles) throws(SafetensorsError) {
        let wrong = weightMap.keys.sorted().filter { name in
            let owner = weights.file(for: name).map { URL(fileURLWithPath: $0.path) }
            return owner?.lastPathComponent != weightMap[name]
        }
        guard let first = wrong.first, let shard = weightMap[first] else { return }
        throw Self.malformed(
            path,
            "names \(wrong.count) tensors that its files lack, such as \(first), "
                + "should be in \(shard)"
        )
    }

    private static func malformed(_ path: String, _ problem: String) -> SafetensorsError {
        SafetensorsError(.malformed, at: path, problem, fix: "download the folder again")
    }
}
