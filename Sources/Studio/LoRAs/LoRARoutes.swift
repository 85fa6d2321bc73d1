import Foundation
import Hummingbird
import Safetensors

/// Adapters below the roots.
struct LoRARoutes: StudioRoutes {
    private let roots: Roots

    /// Routes over folders.
    init(roots: Roots) { self.roots = roots }

    private struct Entry: Encodable {
        let path: String
        let name: String
        let bytes: Int
        let modifiedAt: Date
        let rank: Int?
        let base: String?
    }

    /// Adds the addresses.
    func add(to router: Router<StudioContext>) {
        router.get("/api/loras") { _, _ in
            try await SlowWork.do { try Response.json(["loras": all()]) }
        }
    }

    private func all() -> [Entry] {
        var found: [Entry] = []
        FolderWalk(roots: roots).visit { folder, files in
            let adapters = files.filter { $0.hasSuffix(".safetensors") }
            found += adapters.compactMap { entry("\(folder)/\($0)") }
        }
        return found.sorted { $0.modifiedAt > $1.modifiedAt }
    }

    /// Nil for what holds no low-rank matrices: checkpoints, states, caches.
    private func entry(_ path: String) -> Entry? {
        guard let address = roots.address(of: path), let file = try? SafetensorsFile(path: path),
            let down = file.names.first(where: Self.isDown)
        else { return nil }
        let facts = try? FileManager.default.attributesOfItem(atPath: path)
        return Entry(
            path: address,
            name: (path as NSString).lastPathComponent,
            bytes: facts?[.size] as? Int ?? 0,
            modifiedAt: facts?[.modificationDate] as? Date ?? .distantPast,
            rank: file.info(down)?.shape.min(),
            base: file.metadata["ss_base_model_version"]
        )
    }

    private static func isDown(_ name: String) -> Bool {
        [".lora_A.", ".lora_down.", ".hada_w1_a", ".lokr_w1"].contains { name.contains($0) }
    }
}
