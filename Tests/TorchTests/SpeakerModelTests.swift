import Foundation
import Safetensors
import Testing

@testable import Torch

/// TorchScript speaker models, against what torch gives; `recorder/speaker.py` makes them.
@Suite struct SpeakerModelTests {
    private func fixture(_ name: String) throws -> String {
        let folder = try #require(Bundle.module.url(forResource: "Fixtures", withExtension: nil))
        return folder.appendingPathComponent(name).path
    }

    private func recorded(_ name: String) throws -> [Float] {
        let file = try SafetensorsFile(path: fixture("speaker_io.safetensors"))
        return try withTorchErrors { try Tensor(reading: name, from: file).floats() }
    }

    private func largestDifference(_ a: [Float], _ b: [Float]) -> Float? {
        guard a.count == b.count else { return nil }
        return zip(a, b).map { abs($0 - $1) }.max()
    }

    @Test("embeddings are torch's, without the dropout it was saved with", arguments: ["a", "b"])
    func embedding(name: String) throws {
        let model = try SpeakerModel(path: fixture("speaker.pt"))
        let embedding = try model.embedding(of: recorded("in.\(name)"))
        #expect(embedding.count == 8)
        #expect(try #require(largestDifference(embedding, recorded("out.\(name)"))) < 1e-6)
    }

    @Test("an embedding without an axis for the batch is fine")
    func flat() throws {
        let model = try SpeakerModel(path: fixture("flat.pt"))
        let embedding = try model.embedding(of: recorded("in.a"))
        #expect(embedding.count == 6)
        #expect(try #require(largestDifference(embedding, recorded("out.flat"))) < 1e-6)
    }

    @Test("similarity is the cosine; sounds of a folder count alike")
    func similarity() throws {
        let model = try SpeakerModel(path: fixture("speaker.pt"))
        let (a, b) = (try recorded("in.a"), try recorded("in.b"))
        let (one, other) = (try recorded("out.a"), try recorded("out.b"))
        let product = zip(one, other).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        func length(_ x: [Float]) -> Double {
            x.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        }
        let expected = product / length(one) / length(other)
        let got = SpeakerModel.similarity(
            try model.meanEmbedding(of: [a]),
            try model.meanEmbedding(of: [b])
        )
        #expect(abs(try #require(got) - expected) < 1e-5)
        let mean = try model.meanEmbedding(of: [a, b])
        for index in mean.indices {
            let of = (Double(one[index]) / length(one) + Double(other[index]) / length(other)) / 2
            #expect(abs(Double(mean[index]) - of) < 1e-5)
        }
        #expect(SpeakerModel.similarity([1, 2], [-1, -2]) == -1)
        #expect(SpeakerModel.similarity([0, 0], [1, 2]) == nil)
    }

    @Test("files that are no speaker models are refused with the reason")
    func failures() throws {
        func failure(_ name: String) throws -> String? {
            let path = try fixture(name)
            let error = #expect(throws: SpeakerModelError.self) {
                _ = try SpeakerModel(path: path).embedding(of: recorded("in.a"))
            }
            return error?.description.replacingOccurrences(of: path, with: name)
        }
        let other = try #require(try failure("speaker_io.safetensors"))
        #expect(
            other.hasPrefix(
                "speaker_io.safetensors: this is no TorchScript file that can be loaded ("
            ) && other.hasSuffix("); save the model with torch.jit.save")
        )
        let absent = try #require(try failure("nowhere.pt"))
        #expect(absent.hasPrefix("nowhere.pt: this is no TorchScript file that can be loaded ("))
        #expect(
            try failure("frames.pt")
                == "frames.pt: the speaker model gives [2, 2000], expected one embedding [1, D] or "
                + "[D] of the same size for every sound; wrap it so that its forward does"
        )
        #expect(
            try failure("not-finite.pt")
                == "not-finite.pt: the speaker model gives zeros, or numbers that are not finite; "
                + "check that it was saved in float32 and takes samples from -1 to 1"
        )
        #expect(
            try failure("pair.pt")
                == "pair.pt: the speaker model failed on a waveform [1, 4000] (forward gives Tuple "
                + "and not one tensor); its forward must take one float32 tensor [1, N] at 16 kHz "
                + "and give one tensor"
        )
        let short = #expect(throws: SpeakerModelError.self) {
            _ = try SpeakerModel(path: fixture("speaker.pt")).embedding(of: [0, 0])
        }
        #expect(
            short?.description.contains("the speaker model failed on a waveform [1, 2] (") == true
        )
    }
}
