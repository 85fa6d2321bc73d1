import Testing

@testable import Preflight

/// What is found in captions.
@Suite("Captions") struct CaptionReviewTests {
    @Test("a trigger word counts as written where a tag stands for it")
    func trigger() {
        func caption(_ raw: String, _ trigger: String) -> Bool? {
            CaptionReview(raw: raw, full: raw, trigger: trigger).hasTrigger
        }
        #expect(caption("ohwx waves", "ohwx") == true && caption("[trigger] waves", "ohwx") == true)
        #expect(caption("a man waves", "ohwx") == false && caption("a man", "") == nil)
    }

    @Test(
        "spoken words are found in quotes and behind marks",
        arguments: [
            (#"ohwx says "hello there" in rain"#, "hello there"),
            ("ohwx says “hello there”", "hello there"), ("sie sagt „guten Abend“", "guten Abend"),
            ("[VISUAL]: a man [SPEECH]: we sail at dawn [SOUNDS]: wind", "we sail at dawn"),
            ("A woman saying: never mind that", "never mind that"),
            ("in a big \"hat\" he says \"good evening\"", "good evening"),
            ("Transcript: all aboard", "all aboard"), ("她说：「今天天气很好」", "今天天气很好"),
        ]
    )
    func words(caption: String, words: String) {
        #expect(CaptionReview.transcript(in: caption) == words)
    }

    @Test(
        "a single quoted word, or none, is no transcript",
        arguments: [#"a "big" hat"#, "a man", ""]
    )
    func noWords(caption: String) {
        #expect(CaptionReview.transcript(in: caption) == nil)
    }
}
