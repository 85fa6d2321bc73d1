import LTXModel
import Testing

@testable import Sampling

/// What can be asked for.
@Suite("Requests for samples") struct SampleRequestTests {
    private func fault(_ change: (inout SampleRequest) -> Void) -> String? {
        var request = SampleRequest(prompt: "a woman")
        change(&request)
        return request.fault
    }

    @Test("the defaults can be made")
    func defaults() { #expect(fault { _ in } == nil) }

    @Test("sizes that the model cannot make are refused with the nearest that it can")
    func sizes() {
        #expect(
            fault { $0.width = 500 }
                == "width: is 500, should be a multiple of 32 from 32 to 8192; use 480"
        )
        #expect(
            fault { $0.height = 0 }
                == "height: is 0, should be a multiple of 32 from 32 to 8192; use 32"
        )
        #expect(
            fault { $0.frameCount = 80 }
                == "frames: is 80, should be 8k + 1 from 1 to 2001; use 73"
        )
        #expect(fault { $0.fps = 0 } == "fps: is 0.0, should be from 1 to 240")
    }

    @Test("inputs that leave nothing to make are refused")
    func inputs() {
        #expect(
            fault { ($0.givenSound, $0.givenPictures) = ("a.wav", "b.mp4") }
                == "both a sound and pictures are given, and nothing is left to be made; give one of them"
        )
        #expect(
            fault { ($0.firstPicture, $0.givenPictures) = ("a.png", "b.mp4") }
                == "a first picture and a whole clip are given; give one of them"
        )
        #expect(
            fault { ($0.output, $0.givenPictures) = (.picture, "b.mp4") }
                == "pictures are given and no sound shall be made; leave one of the two out"
        )
        #expect(
            fault { ($0.output, $0.givenSound) = (.sound, "a.wav") }
                == "only sound shall be made, which needs no sound; leave one of the two out"
        )
    }

    @Test("guidance is the version's, but for what is changed; distilled models have none")
    func guidance() {
        var request = SampleRequest(prompt: "")
        #expect(request.guidance(.ltx23, blockCount: 48) == .defaults(for: .ltx23))
        request.guidance.video = 1
        request.guidance.perturbation = 0
        let led = request.guidance(.ltx20, blockCount: 48)
        #expect(led.video.prompt == 1 && led.audio.prompt == 7)
        #expect(led.video.perturbation == 0 && led.audio.perturbation == 0)
        #expect(led.video.modality == 3 && led.perturbedBlocks == [29])
        request.schedule = .distilled
        #expect(request.guidance(.ltx23, blockCount: 48) == .none)
        #expect(request.stepCount(.ltx23) == 8)
    }

    @Test("sound lasts as long as the pictures")
    func lengths() {
        var request = SampleRequest(prompt: "")
        (request.frameCount, request.fps) = (97, 24)
        #expect(request.audioCount(LatentScale()) == 101)
        let grid = request.grid(LatentScale())
        #expect(grid.frames == 13 && grid.height == 10 && grid.width == 16)
    }
}
