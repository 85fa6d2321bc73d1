/// A clip, the resolution it is planned at, and what its dataset asks for.
struct ItemSize {
    let clip: Clip
    let resolution: Int
    let rules: DatasetRules

    /// The bucket; a random crop depends on the seed and the clip's content only.
    func bucket(divisor: Int, seed: UInt64) -> Bucket {
        var crop = CropRule(isSquare: rules.cropsSquare)
        if rules.cropsAtRandom {
            let content = UInt64(clip.contentHash.prefix(16), radix: 16) ?? 0
            var generator = SeededGenerator(seed: seed, stream: content)
            crop.horizontal = generator.unit()
            crop.vertical = generator.unit()
        }
        return Bucket(
            width: scaled(clip.facts.width),
            height: scaled(clip.facts.height),
            resolution: resolution,
            divisor: divisor,
            crop: crop
        )
    }

    private func scaled(_ side: Int) -> Int { max(1, Int(Double(side) * rules.scale)) }
}

extension WindowRules {
    /// The one window of an image.
    var still: Window { Window(start: 0, frameCount: 1, rate: rate) }
}

extension DatasetRules {
    /// The original, then a copy for each flip; with both flips four.
    var flips: [(x: Bool, y: Bool)] {
        let across = flipX ? [false, true] : [false]
        let down = flipY ? [false, true] : [false]
        return down.flatMap { y in across.map { x in (x, y) } }
    }
}

extension ClipFacts {
    /// What is to be noted about a clip wherever it is cut.
    func notes(wantsSound: Bool) -> [ClipNote] {
        var notes: [ClipNote] = []
        if wantsSound, !isImage, !hasSound { notes.append(.noSound) }
        if wantsSound, channels > 2 { notes.append(.mixedDown(channels: channels)) }
        if isHighDynamicRange { notes.append(.highDynamicRange) }
        if isVariableRate { notes.append(.variableRate) }
        return notes
    }
}

extension ClipIndex {
    /// What is to be said about the dataset as a whole.
    var remarks: [String] {
        var remarks = rules.remarks
        let asked = rules.windows.frameCount
        let taken = rules.windows.snappedFrameCount
        if rules.windows.isVideoSet, !rules.windows.takesWholeClip, asked != taken {
            remarks.append("num_frames \(asked) is not 8k + 1: \(taken) is used")
        }
        if ignoredVideos > 0 {
            remarks.append(
                "\(ignoredVideos) videos are not used: num_frames 1 makes an image set; set it to 81"
            )
        }
        return remarks.map { "\(rules.label): \($0)" }
    }

    func nothingUsable(refused: [RefusedFile]) -> ClipDataError {
        let first = refused.last.map { ": \($0.name): \($0.reason)" } ?? ""
        let kinds = rules.windows.isVideoSet ? "video or image" : "image"
        let count = clips.count + self.refused.count
        return ClipDataError(
            .noClips,
            at: rules.place,
            count == 0
                ? "holds no \(kinds), should hold one at least"
                : "none of its \(count) files can be used\(first)",
            fix: ignoredVideos > 0 ? "set num_frames to 81 to use its videos" : "add clips"
        )
    }
}
