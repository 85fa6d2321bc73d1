import Foundation
import RunStore
import Testing

@testable import Studio

@Suite("Curves as JSON") struct SeriesTextTests {
    @Test("numbers are as they were to seven digits, and what JSON has no word for is a gap")
    func numbers() throws {
        let points = [
            SeriesPoint(step: 1.5, mean: 0.123456789, low: -3, high: 1e-9),
            SeriesPoint(step: 2, mean: .infinity, low: -.infinity, high: .nan),
            SeriesPoint(step: 300_000, mean: 12_345_678_901, low: 1e300, high: 1e-300),
        ]
        let text = SeriesText(
            series: ["a \"b\"": points, "c": []],
            keys: ["c", "a/b"],
            lastStep: 7
        )
        struct Found: Decodable {
            let series: [String: [[Double?]]]
            let keys: [String]
            let lastStep: Int
        }
        let found = try JSONDecoder().decode(Found.self, from: try text.json)
        let series = found.series
        #expect(series["c"]?.isEmpty == true)
        let curve = try #require(series["a \"b\""])
        #expect(curve[0][0] == 1.5 && curve[0][2] == -3)
        let (mean, high) = (try #require(curve[0][1]), try #require(curve[0][3]))
        #expect(abs(mean - 0.123456789) < 1e-8 && abs(high - 1e-9) < 1e-16)
        #expect(curve[1] == [2, nil, nil, nil])
        #expect(curve[2][1] == 12_345_678_901 && curve[2][2] == 1e300 && curve[2][3] == 1e-300)
        #expect(found.keys == ["c", "a/b"] && found.lastStep == 7)
    }
}
