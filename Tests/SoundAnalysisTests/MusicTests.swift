import Foundation
import Media
import SoundAnalysis
import Testing

@Suite struct MusicTests {
    @Test(
        "music is suspected, with the reason",
        arguments: [
            ("pad", "stay at their pitch"), ("arpeggio", "stay at their pitch"),
            ("strings", "without pauses or syllables"), ("drums", "beat that repeats every 500 ms"),
        ]
    )
    func music(kind: String, reason: String) throws {
        let facts = SoundAnalysis.measure(try SoundTool.waveform(try TestSounds.music(kind)))

        #expect(facts.looksLikeMusic)
        #expect(facts.musicReason?.contains(reason) == true)
    }

    @Test("the hum of the mains is not suspected")
    func hum() throws {
        let path = try SoundTool.source(
            "hum.wav",
            "aevalsrc=0.02*sin(2*PI*50*t)+0.01*sin(2*PI*100*t)+0.005*sin(2*PI*150*t):s=16000"
        )

        #expect(SoundAnalysis.measure(try SoundTool.waveform(path)).musicReason == nil)
    }

    @Test("chords under a voice are suspected, noise under a voice is not")
    func underVoice() throws {
        let chords = try TestSounds.voice(
            over: "aevalsrc='0.03*(\(TestSounds.chord))':s=16000",
            "voice-chord.wav"
        )
        let noise = try TestSounds.voice(over: "anoisesrc=a=0.02:r=16000:seed=2", "voice-noise.wav")

        let overChords = SoundAnalysis.measure(try SoundTool.waveform(chords))
        let overNoise = SoundAnalysis.measure(try SoundTool.waveform(noise))

        #expect(overChords.looksLikeMusic)
        #expect(overNoise.musicReason == nil)
        #expect(overNoise.speechShare > 0.5)
    }
}
