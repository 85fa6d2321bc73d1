import LTXModel
import RunConfig
import Torch

/// What the run file asks of frozen weights, as the models take it.
extension ModelSection {
    /// `quantize` and `qtype`.
    var transformerRules: QuantizationRules? {
        quantize.map { .transformer(WeightFormat($0.format)) }
    }

    /// `quantize_te` and `qtype_te`.
    var encoderRules: QuantizationRules? {
        quantizeTE.map { .textEncoder(WeightFormat($0.format)) }
    }
}

extension WeightFormat {
    init(_ format: QuantizationFormat) {
        switch format {
        case .float8: self = .float8
        case .int8: self = .int8
        case .int4: self = .int4
        case .nf4: self = .nf4
        }
    }
}
