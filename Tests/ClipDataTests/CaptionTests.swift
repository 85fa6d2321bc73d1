import Testing

@testable import ClipData

@Suite struct CaptionTests {
    @Test("a caption stays untouched, commas, spaces and line ends included")
    func untouched() {
        #expect(Caption(raw: " a man,  smiling ,\nhello\n").full == " a man,  smiling ,\nhello\n")
    }

    @Test(
        "the trigger comes in once",
        arguments: [
            ("a man speaking", "ohwx a man speaking"),
            ("ohwx speaking", "ohwx speaking"),
            ("[trigger] and [name] speaking", "ohwx and ohwx speaking"),
            ("a photo of [name]", "a photo of ohwx"),
            ("", "ohwx"),
        ]
    )
    func trigger(raw: String, expected: String) {
        #expect(Caption(raw: raw, trigger: "ohwx").full == expected)
    }

    @Test("without a trigger the tags vanish and nothing is added")
    func noTrigger() {
        #expect(Caption(raw: "[trigger] a man").full == " a man")
    }

    @Test("a regularisation caption fills its tags but gets no trigger in front")
    func regularisation() {
        let caption = Caption(raw: "a man", trigger: "ohwx", isRegularisation: true)
        #expect(caption.full == "a man")
        #expect(caption.dropped == "")
    }

    @Test("a dropped caption is the trigger alone, as often as asked")
    func dropout() {
        let variation = CaptionVariation(captionDropoutRate: 0.25)
        let caption = Caption(raw: "a man", trigger: "ohwx", variation: variation)
        var generator = SeededGenerator(seed: 3)
        let texts = (0..<4000).map { _ in caption.text(using: &generator) }
        #expect(Set(texts) == ["ohwx a man", "ohwx"])
        // 1000 expected, standard deviation 27.
        #expect(abs(texts.filter { $0 == "ohwx" }.count - 1000) < 140)
        #expect(caption.fixedTexts == ["ohwx a man", "ohwx"])
    }

    @Test("kept tokens stay in front, the others drop out or change places")
    func tokens() {
        let variation = CaptionVariation(tokenDropoutRate: 0.5, keepTokens: 1, shufflesTokens: true)
        let caption = Caption(raw: "ohwx, a,b, c", trigger: "ohwx", variation: variation)
        var generator = SeededGenerator(seed: 4)
        let texts = Set((0..<500).map { _ in caption.text(using: &generator) })
        #expect(texts.allSatisfy { $0.hasPrefix("ohwx") })
        #expect(texts.contains("ohwx"))
        // Of three tokens: 1 + 3 + 3 · 2 + 6 ordered choices.
        #expect(texts.count == 16)
        #expect(caption.fixedTexts == nil)
    }

    @Test("extra tags are put behind the text, none of them twice")
    func extraTags() {
        let one = CaptionVariation(extraTags: ["x", "y"])
        let several = CaptionVariation(extraTags: ["x", "y"], mostExtraTags: 2)
        var generator = SeededGenerator(seed: 5)
        let texts = { (variation: CaptionVariation) in
            let caption = Caption(raw: "a,  b", trigger: "t", variation: variation)
            return Set((0..<200).map { _ in caption.text(using: &generator) })
        }
        #expect(texts(one) == ["t a,  b, x", "t a,  b, y"])
        #expect(texts(several) == texts(one).union(["t a,  b", "t a,  b, x, y", "t a,  b, y, x"]))
        #expect(Caption(raw: "a", variation: one).fixedTexts == nil)
    }

    @Test("the same seed draws the same texts")
    func repeatable() {
        let variation = CaptionVariation(captionDropoutRate: 0.3, shufflesTokens: true)
        let caption = Caption(raw: "a, b, c, d", variation: variation)
        var first = SeededGenerator(seed: 9)
        var second = SeededGenerator(seed: 9)
        for _ in 0..<50 { #expect(caption.text(using: &first) == caption.text(using: &second)) }
    }

    @Test("a caption that never varies has one text")
    func fixed() {
        #expect(Caption(raw: "a", trigger: "t").fixedTexts == ["t a"])
    }
}
