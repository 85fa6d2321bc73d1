import Foundation
import Testing

@testable import ClipCache

@Suite struct SharedCacheTests {
    @Test("two processes that store the same entry leave a whole one, at every moment")
    func twoProcesses() async throws {
        let scratch = try ScratchFolder()
        let folder = scratch.path
        let cache = LatentCache(folder: folder)
        try cache.store(Samples.clip(), for: Samples.key())
        async let first: Void = storeInAnotherProcess(folder)
        async let second: Void = storeInAnotherProcess(folder)
        for _ in 0..<300 {
            #expect(cache.load(Samples.key()).value?.audioStatus == .present)
            try await Task.sleep(for: .milliseconds(2))
        }
        _ = await (first, second)
        #expect(cache.load(Samples.key()).value != nil)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(names == [Samples.key().fileName])
    }

    private func storeInAnotherProcess(_ folder: String) async {
        await #expect(processExitsWith: .success) { [folder] in
            let cache = LatentCache(folder: folder)
            for round in 1...100 {
                try cache.store(Samples.clip(scale: Float(round)), for: Samples.key())
            }
        }
    }
}
