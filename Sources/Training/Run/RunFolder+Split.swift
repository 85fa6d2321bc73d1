import Foundation
import LoRATools
import RunFiles

extension RunFolder {
    /// Writes face, voice and the rest of a saved adapter beside it, as `likeness lora split` does.
    func split(adapter path: String) throws {
        try LoRASplit.write(LoRAFile(path: path), stem: Self.stem(of: path))
    }

    /// Deletes what `split` wrote beside an adapter, as far as it is there.
    func removeSplitFiles(of adapter: String) throws {
        for share in LoRAShare.allCases {
            let path = LoRASplit.path(stem: Self.stem(of: adapter), share)
            guard FileManager.default.fileExists(atPath: path) else { continue }
            try FileManager.default.removeItem(atPath: path)
        }
    }

    private static func stem(of adapter: String) -> String {
        String(adapter.dropLast(".safetensors".count))
    }
}
