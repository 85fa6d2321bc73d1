import Foundation
import NIOHTTP1
import Testing

@testable import ModelHub

@Suite struct RefusalTests {
    private func complaint(
        _ status: HTTPResponseStatus,
        _ code: String?,
        id: String = "org/repo",
        token: String = "hf_secret"
    ) async throws -> String? {
        var text: String?
        try await HubScene.run {
            $0.refusals = Array(repeating: ("/", status, code), count: 9)
        } _: { scene in
            text = await scene.complaint(id, ["HF_TOKEN": token])
        }
        return text
    }

    @Test("401 asks for a token, or for a better one")
    func unauthorized() async throws {
        #expect(
            try await complaint(.unauthorized, "RepoNotFound", token: "") == """
                org/repo: is private or does not exist (401), should be public or come with a \
                token; check the spelling, or set HF_TOKEN to a token from HUB/settings/tokens
                """
        )
        #expect(
            try await complaint(.unauthorized, nil) == """
                org/repo: is not open to your token (401), should be a repository that it may \
                read; check the spelling, or set HF_TOKEN to a token from HUB/settings/tokens
                """
        )
    }

    @Test("a licence that was not accepted names the page to open")
    func gated() async throws {
        #expect(
            try await complaint(.forbidden, "GatedRepo", id: "org/repo/a/b.safetensors") == """
                org/repo/a/b.safetensors: may not be downloaded yet, should have its licence \
                accepted; open HUB/org/repo and accept the licence with the account of your token
                """
        )
        #expect(
            try await complaint(.unauthorized, "GatedRepo", token: "") == """
                org/repo: may not be downloaded yet, should have its licence accepted; open \
                HUB/org/repo and accept the licence, and create a token for HF_TOKEN at \
                HUB/settings/tokens
                """
        )
    }

    @Test("404 says what is missing")
    func notFound() async throws {
        #expect(
            try await complaint(.notFound, "RevisionNotFound", id: "org/repo@v9") == """
                org/repo@v9: is not on HUB (404), should be a revision there; \
                check the spelling at HUB/org/repo
                """
        )
        #expect(
            try await complaint(.notFound, "EntryNotFound", id: "org/repo/x.safetensors") == """
                org/repo/x.safetensors: is not on HUB (404), should be a file there; \
                check the spelling at HUB/org/repo
                """
        )
    }

    @Test("a hub that stays broken is named after the last try")
    func serverError() async throws {
        #expect(
            try await complaint(.badGateway, nil) == """
                org/repo: was answered with 502 Bad Gateway by HUB, should be 200; \
                try again later; if it stays, check HF_ENDPOINT
                """
        )
    }

    @Test("something that is no hub is recognised")
    func noHub() async throws {
        #expect(
            try await complaint(.ok, nil)?.hasSuffix(
                "answers unlike a hub, should tell a list of files; "
                    + "check HF_ENDPOINT and any proxy on the way"
            ) == true
        )
    }

    @Test("offline, the hub is never asked")
    func offline() async throws {
        try await HubScene.run { scene in
            for value in ["1", "true", "YES"] {
                #expect(
                    await scene.complaint("org/repo", ["HF_HUB_OFFLINE": value]) == """
                        org/repo: is not on this machine and HF_HUB_OFFLINE forbids to ask the \
                        hub, should be in HOME/.cache/huggingface/hub; unset HF_HUB_OFFLINE, or \
                        copy the model there
                        """
                )
            }
            #expect(scene.hub.hub.requests.isEmpty)
        }
    }

    @Test("a repository that has only pickles is refused with the reason")
    func onlyPickles() async throws {
        try await HubScene.run {
            $0.files["vae/model.safetensors"] = nil
        } _: { scene in
            #expect(
                await scene.complaint() == """
                    org/repo: lacks vae/*.safetensors (it has vae/pytorch_model.bin, a pickle, \
                    which is never loaded), should have them; check that it is the right model, \
                    or name its .safetensors file
                    """
            )
            #expect(scene.hub.storage.requests.isEmpty)
        }
    }

    @Test("a pickle is refused by its name", arguments: ["org/repo/a.bin", "org/repo/b/c.ckpt"])
    func pickle(id: String) async throws {
        try await HubScene.run { scene in
            let file = id.dropFirst("org/repo/".count)
            #expect(
                await scene.complaint(id) == """
                    \(file): is a pickle, which can run any code when loaded, should be \
                    safetensors; name the .safetensors file of the same model
                    """
            )
            #expect(scene.hub.hub.requests.isEmpty)
        }
    }
}
