import SoundAnalysis

/// What is known of a clip, in small lines of its card.
struct ClipFactLines {
    let clip: ClipReview
    let decoded: DecodeBack.Sound?

    var html: String {
        [streams, becomes, sound, clip.notes.joined(separator: " · ")].filter { !$0.isEmpty }
            .map { "<p class=\"small\">\($0.escaped)</p>" }.joined(separator: "\n")
    }

    private var streams: String {
        let length = clip.isImage ? "image" : "\(clip.seconds.text(1)) s at \(clip.fps.text(2)) fps"
        return joined([
            "\(clip.width) x \(clip.height)", length, clip.pictureCodec, clip.soundCodec,
        ])
    }

    private var becomes: String {
        let latents = clip.windows.first.map { window in
            "latents \(window.videoLatents)"
                + (window.audioLatents > 0 ? " and \(window.audioLatents) of sound" : "")
        }
        let stretch = clip.windows.map(\.stretch).max { abs($0 - 1) < abs($1 - 1) } ?? 1
        let speed = stretch == 1 ? nil : "\((100 / stretch).text(1)) % speed"
        return joined(["becomes \(clip.becomes)", latents, speed])
    }

    private var sound: String {
        guard let facts = clip.sound else {
            if clip.isImage { return "" }
            return clip.channels == 0
                ? "no sound stream"
                : clip.soundProblem == nil ? "nothing to hear" : "sound cannot be decoded"
        }
        return joined([
            facts.channels.words, facts.loudness.map { "\($0.text(1)) LUFS" },
            facts.truePeak.map { "peak \($0.text(1)) dBTP" },
            facts.noiseFloor.map { "noise floor \($0.text(0)) dB" },
            "\((facts.speechShare * 100).text(0)) % speech",
            "\((facts.silenceShare * 100).text(0)) % silence",
            decoded.map { "\($0.snr.text(1)) dB after the audio VAE" },
        ])
    }

    private func joined(_ parts: [String?]) -> String {
        parts.compactMap(\.self).joined(separator: " · ")
    }
}
