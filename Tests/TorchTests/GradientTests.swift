import Testing

@testable import Torch

/// Derivatives against formulas.
@Suite("Gradients") struct GradientTests {
    @Test("the derivative of a product sum is the other factor")
    func product() throws {
        try withTorchErrors {
            let x = Tensor([1, 2, 3] as [Float])
            let y = Tensor([4, 5, 6] as [Float])
            let other = Tensor([7] as [Float])
            x.requiresGradient = true
            other.requiresGradient = true
            let sum = recordingGradients { (x * y * x).sum() }
            let found = gradients(of: [sum], seeds: [Tensor.full([], 1)], for: [x, other])
            #expect(found[0]?.floats() == [8, 20, 36])
            // It has no part in the sum.
            #expect(found[1] == nil)
        }
    }

    @Test("a seed weighs the outputs, and several outputs add up")
    func seeds() throws {
        try withTorchErrors {
            let x = Tensor([2, 3] as [Float])
            x.requiresGradient = true
            let (square, cube) = recordingGradients { (x.power(2), x.power(3)) }
            let found = gradients(
                of: [square, cube],
                seeds: [Tensor([1, 10] as [Float]), Tensor([0, 1] as [Float])],
                for: [x]
            )
            #expect(found[0]?.floats() == [4, 60 + 27])
        }
    }

    @Test("matrix products give transposed products")
    func matrices() throws {
        try withTorchErrors {
            let random = try RandomGenerator(seed: 2)
            let x = random.normal([4, 3])
            let weight = random.normal([5, 3])
            let seed = random.normal([4, 5])
            weight.requiresGradient = true
            x.requiresGradient = true
            let y = recordingGradients { x.linear(weight) }
            let found = gradients(of: [y], seeds: [seed], for: [x, weight]).compactMap(\.self)
            #expect(found[0].relativeDifference(from: seed.matmul(weight.detach())) < 1e-6)
            let expected = seed.transpose(0, 1).matmul(x.detach())
            #expect(found[1].relativeDifference(from: expected) < 1e-6)
        }
    }

    @Test("nothing is recorded without being asked for")
    func unrecorded() throws {
        try withTorchErrors {
            let x = Tensor([2] as [Float])
            x.requiresGradient = true
            let y = withoutGradients { x * 2 }
            #expect(!y.requiresGradient)
            let z = withoutGradients { recordingGradients { x * 2 } }
            #expect(z.requiresGradient)
            #expect(!z.detach().requiresGradient)
        }
    }

    @Test("asking for gradients of what was not recorded is an error")
    func notRecorded() {
        #expect(throws: TorchError.self) {
            try withTorchErrors {
                let x = Tensor([2] as [Float])
                return gradients(of: [x * 2], seeds: [Tensor([1] as [Float])], for: [x]).count
            }
        }
    }
}
