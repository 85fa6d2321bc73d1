import Foundation
import Safetensors
import Testing
import Torch

@testable import LTXModel

/// Against sound recorded from diffusers' `LTX2Vocoder` and `LTX2VocoderWithBWE`.
@Suite("Vocoder") struct VocoderTests {
    private static func vocoder(_ version: String, diffusers: Bool = false) throws -> Vocoder {
        let name = diffusers ? "ltx\(version)_diffusers" : "ltx\(version)_single.safetensors"
        return try Checkpoint(path: "\(Fixture.folder)/\(name)").vocoder(device: .cpu)
    }

    @Test(
        "sound agrees with the reference in both layouts, at the rate that the file says",
        arguments: [("20", 24000), ("23", 48000)],
        [false, true]
    )
    func recorded(version: (name: String, rate: Int), diffusers: Bool) throws {
        let recording = try Recording("ltx\(version.name)_vocoder_io")
        let vocoder = try Self.vocoder(version.name, diffusers: diffusers)
        #expect(vocoder.sampleRate == version.rate)
        try running {
            let mel = try recording.tensor("in.mel")
            let sound = try vocoder.waveform(of: mel)
            #expect(sound.size(2) == 9 * version.rate / 100)
            try recording.expect(sound, agreesWith: "out.waveform")
        }
    }

    @Test("what lies between the stages agrees with the reference")
    func intermediates() throws {
        let recording = try Recording("ltx23_vocoder_io")
        try running {
            let mel = try recording.tensor("in.mel")
            let inner = try #require(try Self.vocoder("23").intermediates(of: mel))
            try recording.expect(inner.sound, agreesWith: "mid.low_rate_waveform")
            try recording.expect(inner.logMel, agreesWith: "mid.bwe_log_mel")
            try recording.expect(inner.resampled, agreesWith: "mid.resampled")
            #expect(try Self.vocoder("20").intermediates(of: mel) == nil)
        }
    }

    @Test("the file of LTX-2.5's audio VAE holds the vocoder of LTX-2.3")
    func splitFile() throws {
        let recording = try Recording("ltx23_vocoder_io")
        let checkpoint = try Checkpoint(
            anyPartOf: "\(Fixture.folder)/ltx25_audio_vae.safetensors"
        )
        #expect(checkpoint.version == .ltx25)
        #expect(checkpoint.hasVocoder && checkpoint.hasAudioDecoder)
        #expect(!checkpoint.hasVideoDecoder)
        let vocoder = try checkpoint.vocoder(device: .cpu)
        try running {
            let sound = try vocoder.waveform(of: recording.tensor("in.mel"))
            #expect(vocoder.sampleRate == 48000)
            #expect(sound.shape == [1, 2, 4320])
        }
    }

    @Test("both layouts have the same sizes", arguments: ["20", "23"])
    func configurations(version: String) throws {
        let found = try Self.vocoder(version).configuration
        #expect(try found == Self.vocoder(version, diffusers: true).configuration)
        #expect(found.generator.ending == (version == "20" ? .tanh : .clamp))
        #expect(
            found.bandwidth?.generator.ending
                == (version == "20" ? nil : GeneratorConfiguration.Ending.none)
        )
    }

    @Test(
        "the first stage never leaves -1...1, where the second would hear what nobody trained it on"
    )
    func clamped() throws {
        let vocoder = try Self.vocoder("23")
        try running {
            let loud = try RandomGenerator(seed: 3).normal([1, 2, 20, 16]) * 40
            let inner = try #require(try vocoder.intermediates(of: loud))
            #expect(inner.sound.absolute().largest().item() == 1)
            #expect(try vocoder.waveform(of: loud).absolute().largest().item() <= 1)
        }
    }

    @Test("a long sound in pieces is the sound of the whole", arguments: ["20", "23"])
    func pieces(version: String) throws {
        let vocoder = try Self.vocoder(version)
        try running {
            let mel = try RandomGenerator(seed: 4).normal([2, 2, 300, 16]) - 4
            let whole = try vocoder.waveform(of: mel)
            for count in [1000, 150, 97] {
                let pieces = try vocoder.waveform(of: mel, spectraAtOnce: count)
                #expect(pieces.relativeDifference(from: whole) < 1e-5)
            }
        }
    }

    @Test("what a sample depends on is not overstated by much", arguments: ["20", "23"])
    func reach(version: String) throws {
        let vocoder = try Self.vocoder(version)
        let reach = vocoder.configuration.reach
        try running {
            let mel = try RandomGenerator(seed: 5).normal([1, 2, 2 * reach + 41, 16]) - 4
            let changed = mel.clone()
            changed.narrow(2, from: reach + 20, count: 1).scale(by: 0)
            let samples = vocoder.configuration.samplesPerSpectrum
            let difference = try (vocoder.waveform(of: changed) - vocoder.waveform(of: mel))
                .absolute().largest([0, 1]).floats()
            let touched = difference.indices.filter { difference[$0] > 0 }
            let first = try #require(touched.first) / samples
            let last = try #require(touched.last) / samples
            #expect(first >= 20 && last <= 2 * reach + 20)
            #expect(last - first > reach)  // of 2 · reach + 1
        }
    }

    @Test("spectrograms that do not fit are refused", arguments: [[1, 2, 9, 64], [2, 9, 16]])
    func sizes(shape: [Int]) throws {
        let vocoder = try Self.vocoder("23")
        #expect(
            throws: ModelInputError(
                "vocoder: got \(shape), should be [B, 2, spectra, 16]; use spectrograms of this "
                    + "checkpoint's audio decoder"
            )
        ) { try vocoder.waveform(of: Tensor.zeros(shape)) }
    }

    private static func peak(spectra: Int) throws -> Int {
        let vocoder = try vocoder("23")
        let mel = try withTorchErrors { Tensor.full([1, 2, spectra, 16], -4) }
        Device.cpu.resetPeakMemory()
        let before = Device.cpu.usedMemory
        _ = try vocoder.waveform(of: mel, spectraAtOnce: 50)
        return Device.cpu.peakMemory - before
    }

    @Test("memory grows with the sound itself alone")
    func memory() async {
        await #expect(processExitsWith: .success) {
            let (short, long) = try (Self.peak(spectra: 300), Self.peak(spectra: 1500))
            let sound = 1200 * 480 * 2 * 4
            // The pieces and the whole that they are joined to.
            #expect(long - short <= 2 * sound + sound / 10)
        }
    }
}
