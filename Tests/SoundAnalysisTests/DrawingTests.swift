import Foundation
import Media
import Testing

@testable import SoundAnalysis

@Suite struct DrawingTests {
    @Test("the envelope has the lowest and highest sample of each stretch of time")
    func envelope() {
        let waveform = Waveform(sampleRate: 10, samples: [[0, 1, -1, 0.5], [0.25, 0, 0, -0.75]])

        #expect(SoundAnalysis.envelope(waveform, count: 2) == [0...1, -1...0.5])
        #expect(SoundAnalysis.envelope(waveform, count: 8).count == 8)
        #expect(SoundAnalysis.envelope(waveform, count: 0).isEmpty)
        let empty = Waveform(sampleRate: 10, samples: [[]])
        #expect(SoundAnalysis.envelope(empty, count: 2) == [0...0, 0...0])
    }

    @Test("a tone lies in its bin and its time, at its level", arguments: [16000, 22050, 48000])
    func spectrogram(rate: Int) throws {
        let path = try SoundTool.source(
            "late-tone-\(rate).wav",
            "aevalsrc='0.5*gte(t,1)*sin(2*PI*3050*t)':s=\(rate)",
            seconds: 2
        )

        let picture = SoundAnalysis.spectrogram(
            try SoundTool.waveform(path),
            columns: 10,
            bins: 80
        )

        #expect(picture.count == 10)
        #expect(picture.allSatisfy { $0.count == 80 })
        for column in picture[..<4] { #expect(column.allSatisfy { $0 < -60 }) }
        for column in picture[6...8] {
            // Bins are 100 Hz wide.
            let loudest = column.indices.max { column[$0] < column[$1] }
            #expect(loudest == 30)
            #expect((-7.6 ... -5.9).contains(column[30]))
            #expect(column[60] < -60)
        }
    }

    @Test("an empty sound is drawn as silence")
    func emptySpectrogram() {
        let empty = Waveform(sampleRate: 48000, samples: [[]])

        let picture = SoundAnalysis.spectrogram(empty, columns: 2, bins: 3)

        #expect(picture == [[-120, -120, -120], [-120, -120, -120]])
        #expect(SoundAnalysis.spectrogram(empty, columns: 0, bins: 3).isEmpty)
    }

    @Test("the Fourier transform is the sum that defines it")
    func fourierTransform() {
        let values = (0..<16).map { sin(Double($0 * $0)) }

        let power = FourierTransform(atLeast: 11).power(Array(values[..<11]))

        for frequency in 0...8 {
            var (real, imaginary) = (0.0, 0.0)
            for index in 0..<11 {
                let angle = 2 * Double.pi * Double(frequency * index) / 16
                real += values[index] * cos(angle)
                imaginary += values[index] * sin(angle)
            }
            #expect(abs(power[frequency] - real * real - imaginary * imaginary) < 1e-9)
        }
    }
}
