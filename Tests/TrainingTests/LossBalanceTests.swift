import Testing
import Torch

@testable import Training

/// How strongly the sound counts, and how differences are measured.
@Suite("Losses") struct LossBalanceTests {
    @Test("the audio weight follows running means of both losses")
    func audioWeight() {
        var weight = AudioWeight()
        #expect(weight.factor(.runningMeans) == 1)
        var means = (video: 0.0, audio: 0.0)
        for (index, losses) in [(0.4, 1.0), (0.5, 0.8), (0.3, 2.0)].enumerated() {
            weight.update(video: losses.0, audio: losses.1)
            means =
                index == 0
                ? losses : (0.99 * means.0 + 0.01 * losses.0, 0.99 * means.1 + 0.01 * losses.1)
            #expect(abs(weight.factor(.runningMeans) - 0.33 * means.video / means.audio) < 1e-12)
        }
        #expect(weight.count == 3)
        #expect(weight.factor(.fixed(2.5)) == 2.5)

        var loud = AudioWeight()
        loud.update(video: 0.001, audio: 10)
        #expect(loud.factor(.runningMeans) == 0.05)
        var quiet = AudioWeight()
        quiet.update(video: 10, audio: 0.001)
        #expect(quiet.factor(.runningMeans) == 20)
        var silent = AudioWeight()
        silent.update(video: 1, audio: 0)
        #expect(silent.factor(.runningMeans) == 1)
    }

    @Test("balanced by gradients, both losses end up with gradients of one norm, from both sides")
    func gradientNorms() {
        let balance = LossBalance.gradientNorms(every: 10)
        for (video, audio) in [(0.2, 0.05), (0.05, 0.2)] {
            var weight = AudioWeight()
            #expect(weight.factor(balance) == 1)
            for _ in 0..<30 { weight.update(videoNorm: video, audioNorm: audio) }
            #expect(abs(weight.factor(balance) * audio - video) < 1e-9)
        }
        var loud = AudioWeight()
        loud.update(videoNorm: 1e-6, audioNorm: 10)
        #expect(loud.factor(balance) == 0.05)
        loud.update(videoNorm: .nan, audioNorm: .infinity)
        #expect(loud.factor(balance) == 0.05)
    }

    @Test("gradients are taken apart in every tenth micro-batch with sound, from the first on")
    func turns() {
        let balance = LossBalance.gradientNorms(every: 10)
        var weight = AudioWeight()
        var turns: [Int] = []
        for number in 0..<25 {
            if weight.wantsNorms(balance) { turns.append(number) }
            weight.update(video: 1, audio: 1)
        }
        #expect(turns == [0, 10, 20])
        #expect(!weight.wantsNorms(.fixed(1)) && !weight.wantsNorms(.runningMeans))
    }

    @Test("the three measures are what their formulas say")
    func measures() throws {
        try withTorchErrors {
            let (prediction, target) = (Tensor([1, -0.5, 0]), Tensor([0.5, 0.5, 0]))
            func values(_ measure: LossFunction.Measure) -> [Float] {
                LossFunction(measure).values(prediction, target).floats()
            }
            #expect(values(.mse) == [0.25, 1, 0])
            #expect(values(.mae) == [0.5, 1, 0])
            let huber = values(.pseudoHuber(c: 0.01))
            for (value, difference) in zip(huber, [0.5, -1.0, 0.0]) {
                let expected = (difference * difference + 1e-4).squareRoot() - 0.01
                #expect(abs(Double(value) - expected) < 1e-6)
            }
        }
    }

    @Test("differential guidance scales the gradient by its factor and the loss by its square")
    func guidance() throws {
        try withTorchErrors {
            let target = Tensor([0.5, 0.5, 0])
            func look(_ guidance: Double) -> (loss: Double, gradient: Tensor?) {
                let prediction = Tensor([1, -0.5, 0.25])
                prediction.requiresGradient = true
                let loss = recordingGradients {
                    LossFunction(.mse, guidance: guidance).values(prediction, target).sum()
                }
                let found = gradients(of: [loss], seeds: [Tensor.full([], 1)], for: [prediction])
                return (loss.detach().item(), found[0])
            }
            let (plain, guided) = (look(1), look(3))
            #expect(abs(guided.loss - 9 * plain.loss) < 1e-5)
            let (expected, found) = try (#require(plain.gradient), #require(guided.gradient))
            #expect(found.relativeDifference(from: expected * 3) < 1e-6)
        }
    }
}
