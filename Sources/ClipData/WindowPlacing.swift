/// The most a clip's speed may be changed without being asked: a voice 3 % off is half a semitone.
private let unaskedStretch = 0.03

extension WindowRules {
    /// Cuts a clip into windows.
    ///
    /// Where ai-toolkit would spread the pictures over the whole clip, whatever its length, and so
    /// change the speed of face and voice by more than 3 %, the clip is cut in real time instead,
    /// unless the run file asks for stretching. Nothing shorter than 9 pictures is made from a
    /// video: a lone picture of it would teach neither motion nor voice.
    ///
    /// - Parameter clip: a video with at least one picture.
    /// - Returns: the windows in order and what is to be noted, or why there are none.
    public func windows(for clip: ClipFacts) -> WindowChoice {
        guard clip.frameCount > 0, clip.seconds > 0 else {
            return .refused("it has no pictures; remove it or export it again")
        }
        return takesWholeClip ? wholeClip(clip) : fixedLength(clip)
    }

    /// Pictures of the set's rate that a clip holds; half a picture short counts as whole.
    private func fittingFrames(_ clip: ClipFacts) -> Int { Int(clip.seconds * rate + 0.5) }

    private func tooShort(_ clip: ClipFacts) -> WindowChoice {
        .refused(
            """
            \(clip.seconds.text(2)) s is too short, 9 frames at \(rate.text(0)) fps need \
            \((9 / rate).text(2)) s; remove it or join it with its neighbour
            """
        )
    }

    private func wholeClip(_ clip: ClipFacts) -> WindowChoice {
        let pictures = Int(clip.seconds * rate + 1e-6)
        guard pictures >= 9 else { return tooShort(clip) }
        let realTime = Window(start: 0, frameCount: Self.snapped(pictures), rate: rate)
        guard !trimsTail else { return choice([realTime], of: clip) }
        let squeezed = stretched(to: pictures / 8 * 8 + 1, clip)
        return stretchIsAllowed(squeezed)
            ? WindowChoice(windows: [squeezed], notes: stretchNotes(squeezed))
            : choice([realTime], of: clip, notes: [.keptRealTime(squeezed.stretch)])
    }

    private func fixedLength(_ clip: ClipFacts) -> WindowChoice {
        let asked = snappedFrameCount
        let whole = stretched(to: asked, clip)
        if stretches { return WindowChoice(windows: [whole], notes: stretchNotes(whole)) }
        let fitting = fittingFrames(clip)
        if fitting >= asked { return realTime(clip, frames: asked) }
        if stretchIsAllowed(whole) {
            return WindowChoice(windows: [whole], notes: stretchNotes(whole))
        }
        let frames = Self.snapped(fitting)
        guard frames >= 9 else { return tooShort(clip) }
        let window = Window(start: 0, frameCount: frames, rate: rate)
        return choice([window], of: clip, notes: [.shorter(frames: frames, asked: asked)])
    }

    private func stretched(to frames: Int, _ clip: ClipFacts) -> Window {
        Window(start: 0, frameCount: frames, rate: rate, seconds: clip.seconds)
    }

    private func stretchIsAllowed(_ window: Window) -> Bool {
        stretches || abs(window.stretch - 1) <= unaskedStretch
    }

    private func stretchNotes(_ window: Window) -> [ClipNote] {
        abs(window.stretch - 1) > 0.001 ? [.stretched(window.stretch)] : []
    }
}

extension WindowRules {
    /// Windows one after the other; they overlap only to reach the clip's end.
    private func realTime(_ clip: ClipFacts, frames: Int) -> WindowChoice {
        let length = Double(frames) / rate
        let whole = Int((clip.seconds + 0.5 / rate) / length)
        let rest = clip.seconds - Double(whole) * length
        // An overlapping last window only where it shows more new pictures than old ones.
        let fitting = whole + (rest > length / 2 ? 1 : 0)
        let count = min(fitting, max(1, mostPerClip))
        let room = max(0, clip.seconds - length)
        let spreads = count < fitting || fitting > whole
        let step = spreads && count > 1 ? room / Double(count - 1) : length
        let windows = (0..<count).map { index in
            Window(start: onPicture(Double(index) * step, clip), frameCount: frames, rate: rate)
        }
        var notes: [ClipNote] = []
        if count < fitting { notes.append(.capped(windows: count, fitting: fitting)) }
        if !stretches, stretched(to: frames, clip).stretch < 1 - unaskedStretch {
            notes.append(.keptRealTime(stretched(to: frames, clip).stretch))
        }
        return choice(windows, of: clip, notes: notes)
    }

    /// The time of the picture shown at `time`, so that sound and picture start together.
    private func onPicture(_ time: Double, _ clip: ClipFacts) -> Double {
        guard !clip.isVariableRate, clip.frameRate > 0 else { return time }
        return (time * clip.frameRate + 1e-6).rounded(.down) / clip.frameRate
    }

    private func choice(
        _ windows: [Window],
        of clip: ClipFacts,
        notes: [ClipNote] = []
    ) -> WindowChoice {
        let end = windows.last.map { $0.start + $0.seconds } ?? 0
        let left = clip.seconds - end
        return WindowChoice(
            windows: windows,
            notes: notes + (left >= 0.5 ? [.unusedTail(left)] : [])
        )
    }
}
