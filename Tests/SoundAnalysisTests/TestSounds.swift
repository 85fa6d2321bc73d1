import Media

/// Sounds whose nature is known, because they are made for it.
enum TestSounds {
    static let sentence =
        "Hello there, this is a longer sentence that goes on for a while. Then it stops, "
        + "and counts."

    static func voice(_ name: String = "en-us") throws -> String {
        try SoundTool.voice(name, sentence)
    }

    /// A sentence between two pauses, twice, and where the pauses are, in seconds.
    static func voiceWithPauses() throws -> (path: String, pauses: [ClosedRange<Double>]) {
        let voice = try SoundTool.voice("en-us", "We went to the market in the morning.")
        let path = try SoundTool.sound(
            "pauses.wav",
            [
                "-i", voice, "-filter_complex",
                "[0:a]adelay=1000:all=1,apad=pad_dur=1.5,asplit[a][b];[a][b]concat=n=2:v=0:a=1",
                "-c:a", "pcm_f32le",
            ]
        )
        let spoken = try SoundTool.waveform(voice)
        let length = Double(spoken.samples[0].count) / Double(spoken.sampleRate)
        let half = 2.5 + length
        return (path, [0...1, 1 + length...half + 1, half + 1 + length...2 * half])
    }

    /// Noise of constant power: `white`, `pink` or `brown`.
    static func noise(_ color: String, amplitude: Double = 0.3) throws -> String {
        try SoundTool.source(
            "\(color)-\(amplitude).wav",
            "anoisesrc=c=\(color):a=\(amplitude):r=16000:seed=5"
        )
    }

    /// A voice with another sound under it.
    static func voice(over source: String, _ name: String) throws -> String {
        try SoundTool.sound(
            name,
            [
                "-i", try voice(), "-f", "lavfi", "-i", source, "-filter_complex",
                "amix=inputs=2:duration=first:normalize=0", "-c:a", "pcm_f32le",
            ]
        )
    }

    static let chord = "sin(2*PI*261.6*t)+sin(2*PI*329.6*t)+sin(2*PI*392*t)"

    /// Music by its kind, as formulas.
    static let music = [
        "pad": "0.2*(\(chord))*(0.7+0.3*sin(2*PI*0.5*t))",
        "arpeggio": "0.4*exp(-4*mod(t,0.25))*sin(2*PI*t*220*pow(2,mod(floor(t*4)*5,12)/12))",
        "strings": "0.2*(sin(2*PI*262*t+4*sin(2*PI*5.5*t))+0.5*sin(2*PI*524*t+8*sin(2*PI*5.5*t))"
            + "+sin(2*PI*330*t+5*sin(2*PI*5.2*t))+0.4*sin(2*PI*784*t+12*sin(2*PI*5.8*t)))",
        "drums": "0.8*exp(-18*mod(t,0.5))*sin(2*PI*60*mod(t,0.5))"
            + "+0.3*exp(-30*mod(t+0.25,0.5))*(random(0)*2-1)",
    ]

    static func music(_ kind: String) throws -> String {
        try SoundTool.source("\(kind).wav", "aevalsrc='\(music[kind] ?? "")':s=16000")
    }
}
