import Foundation
import Hummingbird
import RunStore
import Safetensors

/// Adapters below the roots.
struct LoRARoutes: StudioRoutes {
    private let roots: Roots
    private let jobs: JobStore?

    /// Routes over folders; adapters in a job's folder name the job.
    init(roots: Roots, jobs: JobStore? = nil) {
        self.roots = roots
        self.jobs = jobs
    }

    private struct Entry: Encodable {
        let path: String
        let name: String
        let bytes: Int
        let modifiedAt: Date
        let job: String?
        let step: Int?
        let kind: String
        let rank: Int?
        let base: String?
        let pathways: [String]
    }

    /// Adds the addresses.
    func add(to router: Router<StudioContext>) {
        router.get("/api/loras") { _, _ in
            try await SlowWork.do { try Response.json(["loras": all()]) }
        }
    }

    private func all() throws -> [Entry] {
        let owners = try owners()
        var found: [Entry] = []
        FolderWalk(roots: roots).visit { folder, files in
            let adapters = files.filter { $0.hasSuffix(".safetensors") }
            found += adapters.compactMap { entry("\(folder)/\($0)", job: owners[folder]) }
        }
        return found.sorted { $0.modifiedAt > $1.modifiedAt }
    }

    /// Jobs by the folders of their runs, as their run files name them: no link is looked through.
    private func owners() throws -> [String: String] {
        let pairs = try jobs?.all().map { ($0.folder, $0.id) }
        return Dictionary(pairs ?? [], uniquingKeysWith: { newest, _ in newest })
    }

    private func entry(_ path: String, job: String?) -> Entry? {
        guard let address = roots.address(of: path), let file = try? SafetensorsFile(path: path),
            let adapter = AdapterFacts(file)
        else { return nil }
        let facts = try? FileManager.default.attributesOfItem(atPath: path)
        return Entry(
            path: address,
            name: (path as NSString).lastPathComponent,
            bytes: facts?[.size] as? Int ?? 0,
            modifiedAt: facts?[.modificationDate] as? Date ?? .distantPast,
            job: job,
            step: adapter.step,
            kind: adapter.kind,
            rank: adapter.rank,
            base: adapter.base,
            pathways: adapter.pathways
        )
    }
}
