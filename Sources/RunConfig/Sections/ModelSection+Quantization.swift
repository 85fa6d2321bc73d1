/// `quantize` says whether, `qtype` says how; a word in `quantize` says both.
extension ModelSection {
    mutating func readQuantization(from section: inout ConfigSection) {
        var transformer = SwitchOrWord(isOn: false)
        section.about(
            "Store the transformer's weights in fewer bits: true, false, or the qtype itself."
        )
        section.read("quantize", into: &transformer)
        var qtype = QuantizationName(transformer.word ?? "qfloat8")
        section.about("How the transformer's weights are stored when quantize is true.")
        section.read("qtype", into: &qtype, fix: Self.fix)
        quantize = resolve(transformer, qtype, "quantize", "qtype", section)

        var encoder = transformer
        section.about(
            "Store the text encoder's weights in fewer bits: true, false, or the qtype itself."
        )
        section.read("quantize_te", into: &encoder, otherwise: "quantize")
        let encoderWord = section.has("quantize_te") ? encoder.word : nil
        var encoderType = QuantizationName(encoderWord ?? transformer.word ?? "qfloat8")
        section.about("How the text encoder's weights are stored when quantize_te is true.")
        section.read("qtype_te", into: &encoderType, fix: Self.fix)
        let key = section.has("quantize_te") ? "quantize_te" : nil
        quantizeTE = resolve(encoder, encoderType, key, "qtype_te", section)
    }

    private static let fix = "use qfloat8, int8, int4 or nf4"

    /// `switchKey` is the key that `from` was read from; `nil` if it was inherited.
    private func resolve(
        _ from: SwitchOrWord,
        _ name: QuantizationName,
        _ switchKey: String?,
        _ typeKey: String,
        _ section: ConfigSection
    ) -> Quantization? {
        guard from.isOn, !name.name.isEmpty else { return nil }
        let key = section.has(typeKey) ? typeKey : switchKey
        guard let format = name.format else {
            if let key { reportUnknown(name, key, section) }
            return nil
        }
        if name.hasRecoveryAdapter, let key {
            section.warn(
                key,
                "\"\(name.text)\" asks for an accuracy recovery adapter, which is left out",
                fix: "write \(name.name)"
            )
        }
        if !name.isExact, let key {
            section.warn(
                key,
                "\(name.name) is not here, so the nearest is used, \(format.rawValue)",
                fix: "write \(format.rawValue)"
            )
        }
        return Quantization(qtype: name.name, format: format)
    }

    private func reportUnknown(
        _ name: QuantizationName,
        _ key: String,
        _ section: ConfigSection
    ) {
        let isRefused = Quantization.refused.contains(name.name)
        let meant = Suggestion.nearest(to: name.name, among: Quantization.names)
        section.error(
            key,
            isRefused
                ? "got \"\(name.name)\", which is too coarse to train on"
                : "got \"\(name.name)\", expected \(QuantizationName.noun)",
            fix: isRefused ? Self.fix : meant.map { "did you mean \"\($0)\"?" } ?? Self.fix
        )
    }
}
