import Foundation
import RunStore

/// Curves as JSON, written number by number: a general encoder takes five times as long for tens of thousands.
struct SeriesText {
    let series: [String: [SeriesPoint]]
    let keys: [String]
    let lastStep: Int

    /// `{"series": {key: [[step, mean, low, high], …]}, "keys": […], "lastStep": n}`.
    var json: Data {
        get throws {
            var text = "{\"series\":{"
            text.reserveCapacity(series.values.reduce(256) { $0 + $1.count * 44 })
            for (index, curve) in series.sorted(by: { $0.key < $1.key }).enumerated() {
                text += "\(index == 0 ? "" : ",")\(try Self.quoted(curve.key)):["
                Self.write(curve.value, to: &text)
                text += "]"
            }
            text += "},\"keys\":\(try Self.quoted(keys)),\"lastStep\":\(lastStep)}"
            return Data(text.utf8)
        }
    }

    private static func write(_ points: [SeriesPoint], to text: inout String) {
        for (index, point) in points.enumerated() {
            text += index == 0 ? "[" : ",["
            text += number(point.step)
            for value in [point.mean, point.low, point.high] {
                text += ","
                text += number(value)
            }
            text += "]"
        }
    }

    /// Whole numbers as they are, others as a curve needs them, to seven digits; null for what JSON has no word for.
    private static func number(_ value: Double) -> String {
        guard value.isFinite else { return "null" }
        if let whole = Int(exactly: value) { return String(whole) }
        let short = Float(value)
        return short.isFinite && short != 0 ? short.description : value.description
    }

    private static func quoted(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
