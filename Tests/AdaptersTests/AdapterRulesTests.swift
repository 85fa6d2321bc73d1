import LTXModel
import Testing
import Torch

@testable import Adapters

/// Which layers get adapters.
@Suite("Adapter rules") struct AdapterRulesTests {
    private func paths(_ change: (inout AdapterRules) -> Void) throws -> [String] {
        var rules = AdapterRules()
        change(&rules)
        return try AdapterFixture.transformer().blockLinears.map(\.path).filter(rules.accept)
    }

    @Test("without rules every layer of the blocks has one")
    func all() throws {
        #expect(try paths { _ in }.count == 68)
    }

    @Test("only_if_contains keeps layers that contain any of its parts")
    func only() throws {
        let kept = try paths { $0.onlyIfContains = ["attn1.to_q", "ff.net.2"] }
        // Audio's names contain the video's.
        #expect(kept.count == 8)
        #expect(kept.contains("transformer_blocks.1.audio_ff.net.2"))
        #expect(try paths { $0.onlyIfContains = ["transformer_blocks.1."] }.count == 34)
    }

    @Test("ignore_if_contains drops layers, also those that are asked for")
    func ignore() throws {
        #expect(try paths { $0.ignoreIfContains = ["to_gate_logits"] }.count == 56)
        let kept = try paths {
            $0.onlyIfContains = ["attn1"]
            $0.ignoreIfContains = ["audio_"]
        }
        #expect(kept.count == 10)
        #expect(kept.allSatisfy { $0.contains(".attn1.") })
    }

    @Test("names match in ai-toolkit's spellings too")
    func spellings() {
        var rules = AdapterRules()
        rules.onlyIfContains = ["transformer_blocks$$0$$attn1"]
        #expect(rules.accept("transformer_blocks.0.attn1.to_q"))
        #expect(!rules.accept("transformer_blocks.1.attn1.to_q"))
        rules.onlyIfContains = ["transformer.transformer_blocks.1"]
        #expect(rules.accept("transformer_blocks.1.attn1.to_q"))
    }

    @Test("without sound nothing that sees or makes sound is adapted")
    func withoutAudio() throws {
        let kept = try paths { $0.includesAudio = false }
        #expect(kept.count == 24)
        #expect(kept.allSatisfy { !$0.contains("audio") })
    }

    @Test("pathways are told from names")
    func pathways() {
        let expected: [(String, Pathway, Bool)] = [
            ("transformer_blocks.0.attn1.to_q", .video, false),
            ("transformer_blocks.0.ff.net.2", .video, false),
            ("transformer_blocks.0.audio_attn2.to_k", .audio, true),
            ("transformer_blocks.0.audio_ff.net.2", .audio, true),
            ("transformer_blocks.0.audio_to_video_attn.to_q", .audioToVideo, false),
            ("transformer_blocks.0.video_to_audio_attn.to_q", .videoToAudio, true),
            ("patchify_proj", .other, false),
        ]
        for (path, pathway, writesAudio) in expected {
            #expect(Pathway(path) == pathway)
            #expect(pathway.writesAudio == writesAudio)
        }
    }

    @Test("rules that leave no layer are an error with what to do")
    func nothingLeft() throws {
        var rules = AdapterRules()
        rules.onlyIfContains = ["no_such_layer"]
        rules.ignoreIfContains = ["ff"]
        let layers = try AdapterFixture.transformer().blockLinears
        let error = #expect(throws: AdapterError.self) {
            try AdapterNetwork(layers: layers, rules: rules) { _ in
                LowRankAdapter(down: .zeros([1, 1]), up: .zeros([1, 1]))
            }
        }
        #expect(
            error?.description
                == "network: no layer matches only_if_contains [\"no_such_layer\"] without ignore_if_contains [\"ff\"]; use parts of names such as attn1, attn2, ff, audio_attn1, audio_to_video_attn"
        )
    }
}
