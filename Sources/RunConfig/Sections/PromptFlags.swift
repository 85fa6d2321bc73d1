/// The options within a prompt, as in `a woman speaks --w 512 --seed 3 --n blurry`.
///
/// Only a flag from the list that stands behind white space is an option; other `--` is text.
struct PromptFlags {
    /// What is left of the prompt.
    var text = ""
    /// Flags in their order with what follows them.
    var options: [(flag: String, value: String)] = []

    static let known: Set<String> = [
        "n", "w", "h", "d", "seed", "l", "cfg", "s", "steps", "m", "network_multiplier", "gr",
        "p2", "n2", "a", "ref", "ev", "extra_values", "frames", "num_frames", "fps", "ctrl_img",
        "ctrl_idx",
    ]

    init(_ prompt: String) {
        var current: [Substring] = []
        var flag: String?
        // White space stays with the word before it, so that text comes back as it was.
        for word in Self.words(of: prompt) {
            let bare = word.prefix { !$0.isWhitespace }
            if bare.hasPrefix("--"), Self.known.contains(String(bare.dropFirst(2))),
                !isFirst(word, prompt)
            {
                close(flag, current)
                (flag, current) = (String(bare.dropFirst(2)), [])
            } else {
                current.append(word)
            }
        }
        close(flag, current)
    }

    private func isFirst(_ word: Substring, _ prompt: String) -> Bool {
        word.startIndex == prompt.startIndex
    }

    private mutating func close(_ flag: String?, _ words: [Substring]) {
        let text = words.joined().trimmingWhitespace()
        if let flag { options.append((flag, text)) } else { self.text = text }
    }

    private static func words(of prompt: String) -> [Substring] {
        var words: [Substring] = []
        var start = prompt.startIndex
        var previousIsSpace = false
        for index in prompt.indices {
            let isSpace = prompt[index].isWhitespace
            if previousIsSpace, !isSpace {
                words.append(prompt[start..<index])
                start = index
            }
            previousIsSpace = isSpace
        }
        return words + [prompt[start...]]
    }
}

extension String {
    fileprivate func trimmingWhitespace() -> String {
        var text = self[...]
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text.drop(while: \.isWhitespace))
    }
}

extension SampleItem {
    /// Moves the flags of the prompt into the values; faults are reported at `key`.
    mutating func applyFlags(in section: ConfigSection, key: String) {
        let flags = PromptFlags(prompt)
        prompt = flags.text
        for (flag, value) in flags.options where !apply(flag, value) {
            section.error(
                key,
                Self.complaint(flag, value),
                fix: "correct or remove the flag"
            )
        }
        snapFrames { section.note(key, "--num_frames: \($0)") }
        snapSides { section.note(key, "--\($0): \($1)") }
    }

    private static func complaint(_ flag: String, _ value: String) -> String {
        "got \"\(value.prefix(40))\" after --\(flag), expected \(expectation(of: flag))"
    }

    /// Reads one line of a file of prompts, with its flags.
    ///
    /// - Returns: the values, the flags that were given, and a sentence for each that cannot be taken or
    ///   was changed.
    public static func line(
        _ text: String,
        defaults: SampleItem
    ) -> (item: SampleItem, flags: Set<String>, faults: [String], notes: [String]) {
        var item = defaults
        let flags = PromptFlags(text)
        item.prompt = flags.text
        var notes: [String] = []
        let faults = flags.options.filter { !item.apply($0.flag, $0.value) }
            .map { complaint($0.flag, $0.value) }
        item.snapFrames { notes.append("--num_frames: \($0)") }
        item.snapSides { notes.append("--\($0): \($1)") }
        return (item, Set(flags.options.map(\.flag)), faults, notes)
    }

    private static func expectation(of flag: String) -> String {
        switch flag {
        case "w", "h": "a whole number from 32 to 8192"
        case "frames", "num_frames": "a whole number from 1 to 2001"
        case "fps": "a number from 1 to 240"
        case "ctrl_img": "the path of an image"
        default: "a number of at least 0"
        }
    }

    /// - Returns: whether the value was of the right kind.
    private mutating func apply(_ flag: String, _ value: String) -> Bool {
        switch flag {
        case "n": neg = value
        case "w": return set(\.width, value, 32...8192)
        case "h": return set(\.height, value, 32...8192)
        case "d", "seed": return set(\.seed, value, 0...Int(UInt32.max))
        case "s", "steps": return set(\.sampleSteps, value, 1...10_000)
        case "frames", "num_frames": return set(\.numFrames, value, 1...2001)
        case "fps": return set(\.fps, value, 1...240)
        case "l", "cfg": return set(\.guidanceScale, value, 0...1000)
        case "gr":
            guidanceRescale = Self.number(value, within: 0...1)
            return guidanceRescale != nil
        case "m", "network_multiplier": return set(\.networkMultiplier, value, -100...100)
        case "ctrl_img":
            ctrlImg = value
            return !value.isEmpty
        default: break  // Flags of other model families are taken out of the text.
        }
        return true
    }

    private mutating func set(
        _ path: WritableKeyPath<SampleItem, Int>,
        _ value: String,
        _ range: ClosedRange<Int>
    ) -> Bool {
        guard let number = YAMLScalar.number(value)?.integer, range.contains(number) else {
            return false
        }
        self[keyPath: path] = number
        return true
    }

    private mutating func set(
        _ path: WritableKeyPath<SampleItem, Double>,
        _ value: String,
        _ range: ClosedRange<Double>
    ) -> Bool {
        guard let number = Self.number(value, within: range) else { return false }
        self[keyPath: path] = number
        return true
    }

    private static func number(_ value: String, within range: ClosedRange<Double>) -> Double? {
        YAMLScalar.number(value)?.double.flatMap { range.contains($0) ? $0 : nil }
    }
}
