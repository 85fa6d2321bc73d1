import Crypto
import Foundation
import NIOHTTP1
import Testing

@testable import ModelHub

@Suite struct BrokenDownloadTests {
    @Test("a connection that breaks goes on where it stopped")
    func resumes() async throws {
        try await HubScene.run {
            $0.breaks = [100_000, 50_000, 10]
        } _: { scene in
            let location = try await scene.fetch()
            #expect(scene.content(location.paths[1]) == HubScene.weights)
            let starts = scene.hub.contentStarts
            #expect(starts.count == 4)
            #expect(starts.first == 0)
            #expect(starts.dropFirst().allSatisfy { (1...150_010).contains($0) })
            #expect(starts == starts.sorted())
            #expect(scene.hub.storage.requests.allSatisfy { $0.token == nil })
        }
    }

    @Test("what an earlier run left is not fetched again")
    func resumesOtherRun() async throws {
        try await HubScene.run { scene in
            try scene.write("\(scene.blob).incomplete", Array(HubScene.weights.prefix(123_456)))
            let location = try await scene.fetch()
            #expect(scene.content(location.paths[1]) == HubScene.weights)
            #expect(scene.hub.contentStarts == [123_456])
        }
    }

    @Test("a server that does not resume sends the file from the start")
    func restarts() async throws {
        try await HubScene.run {
            $0.breaks = [100_000]
            $0.ignoresRange = true
        } _: { scene in
            let location = try await scene.fetch()
            #expect(scene.content(location.paths[1]) == HubScene.weights)
            #expect(scene.hub.contentStarts.count == 2)
            #expect(scene.hub.contentStarts.last != 0)
        }
    }

    @Test("a connection that only breaks ends with an error and keeps what came")
    func givesUp() async throws {
        try await HubScene.run {
            $0.breaks = [1_000] + Array(repeating: 0, count: 20)
        } _: { scene in
            let text = await scene.complaint()
            #expect(text?.hasPrefix("HUB: cannot be reached or broke off (") == true)
            #expect(
                text?.hasSuffix(
                    """
                    ), should answer; check the network and start again, what is here is kept; \
                    HF_HUB_OFFLINE=1 uses only models that are here
                    """
                ) == true
            )
            let kept = try #require(scene.content("\(scene.blob).incomplete"))
            #expect((1...1_000).contains(kept.count))
            #expect(HubScene.weights.starts(with: kept))
            #expect(scene.content("\(scene.cache)/refs/main") == nil)
            let found = try scene.locator().locate("org/repo", files: HubScene.wanted)
            #expect(found == nil)
        }
    }

    @Test("content with another hash is refused and removed")
    func wrongHash() async throws {
        try await HubScene.run {
            $0.sent["vae/model.safetensors"] = HubScene.weights.reversed()
        } _: { scene in
            let text = await scene.complaint()
            #expect(
                text == """
                    vae/model.safetensors: has the hash \
                    \(SHA256.hash(data: Array(HubScene.weights.reversed())).hexadecimal), \
                    should have \((scene.blob as NSString).lastPathComponent); \
                    start again, the damaged part was removed; if it stays, try another network
                    """
            )
            #expect(scene.content(scene.blob) == nil)
            #expect(scene.content("\(scene.blob).incomplete") == nil)
        }
    }

    @Test("more bytes than announced are refused")
    func tooLong() async throws {
        try await HubScene.run {
            $0.sent["vae/model.safetensors"] = HubScene.weights + [0]
        } _: { scene in
            #expect(
                await scene.complaint() == """
                    vae/model.safetensors: sends more than 300000 bytes, should end there; \
                    start again, the damaged part was removed; if it stays, try another network
                    """
            )
        }
    }

    @Test("a damaged part of an earlier run is found out, and the next run is clean")
    func damagedPart() async throws {
        try await HubScene.run { scene in
            try scene.write("\(scene.blob).incomplete", Array(repeating: 9, count: 1_000))
            #expect(await scene.complaint()?.contains("has the hash") == true)
            let location = try await scene.fetch()
            #expect(scene.content(location.paths[1]) == HubScene.weights)
        }
    }

    @Test("a file that cannot fit is refused before a byte of it is fetched")
    func fullDisk() async throws {
        try await HubScene.run {
            $0.announcedSize = 1_000_000_000_000_000
        } _: { scene in
            let text = await scene.complaint()
            let pattern =
                /HOME.*models--org--repo: has [\d.]+ GB free, should have 1000000\.0 GB for the model; free some space, or set HF_HOME or MODELS_PATH to a folder on another disk/
            #expect(text?.wholeMatch(of: pattern) != nil)
            #expect(scene.hub.storage.requests.isEmpty)
        }
    }

    @Test("a disk that fills up while writing is a kind of its own")
    func fullDiskWhileWriting() throws {
        let descriptor = open("/dev/full", O_WRONLY | O_CLOEXEC)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        let error = #expect(throws: ModelHubError.self) {
            try [UInt8](repeating: 0, count: 10).withUnsafeBytes {
                try PartialFile.writeAll($0, to: descriptor, file: "x.incomplete")
            }
        }
        #expect(error?.kind == .diskFull)
        #expect(
            error?.description == """
                x.incomplete: does not fit on the disk (No space left on device), should fit; \
                free some space, or set HF_HOME or MODELS_PATH to a folder on another disk
                """
        )
    }

    @Test("a hub that is busy is asked again")
    func retries() async throws {
        try await HubScene.run {
            $0.refusals = [
                ("/api/models", .serviceUnavailable, nil), ("/org/repo", .tooManyRequests, nil),
            ]
        } _: { scene in
            let location = try await scene.fetch()
            #expect(location.files.count == 2)
        }
    }
}
