import Foundation
import Torch

// Streams are numbered 0, the picture, and 1, the sound; characters as in `TrialCharacter.both`.

/// Whose picture and whose sound came out, by way of merging.
public struct CharacterScores: Sendable {
    /// What one way did.
    public struct Row: Sendable {
        /// The way.
        public let way: String
        /// Share of samples under both triggers that are nearer to the first character, by stream.
        public let firstOfBoth: [Double]
        /// Share of samples under a character's own trigger that are nearer to it, by character and stream.
        public let own: [[Double]]
        /// Squared distance to the nearest clip of a character under its own trigger, by character and stream; 1
        /// is that of the base model.
        public let errors: [[Double]]
        /// How far samples under one trigger went towards the other character, mean of both; 0 not at all.
        public let bleed: Double
        /// Change under a prompt that names nobody; 1 is that of each adapter alone, on average.
        public let drift: Double

        /// Share of samples under a character's own trigger that are nearer to it, over all.
        public var hits: Double { own.flatMap(\.self).reduce(0, +) / 4 }

        /// Mean error of both characters and streams.
        public var error: Double {
            let all = errors.flatMap(\.self)
            return all.reduce(0, +) / Double(all.count)
        }
    }

    /// The base model, each adapter alone, and the merges.
    public let rows: [Row]

    /// Compares samples, by prompt (of each character, both, nobody), way and seed, with the characters' clips.
    init(_ samples: [[[TrialLatents]]], ways: [String], _ targets: TrialTargets) {
        let comparison = Comparison(samples: samples, targets: targets)
        rows = ways.enumerated().map { comparison.row($1, $0) }
    }

    /// What must come out and does not; empty if all does.
    public var failures: [String] {
        guard let base = self[Self.base], let picked = self[Self.picked], let sum = self["sum"],
            let calibrated = self["calibrated"], let saved = self["saved statistics"]
        else { return ["a way is missing"] }
        let alone = TrialCharacter.both.enumerated().flatMap { number, character in
            let shares = self["\(character.trigger) alone"]?.own[number] ?? []
            return [
                ("\(character.trigger) alone has its picture", shares.first ?? 0, 0.9...1),
                ("\(character.trigger) alone has its sound", shares.last ?? 0, 0.9...1),
            ]
        }
        let bounds =
            alone + [
                // A model that knows neither of them cannot do better than guess.
                ("the base model is right by chance", base.hits, 0.25...0.75),
                ("face 1, voice 2 has the first one's picture", picked.firstOfBoth[0], 0.9...1),
                ("face 1, voice 2 has the first one's sound", picked.firstOfBoth[1], 0...0.1),
                ("calibrated error / sum's", calibrated.error / sum.error, 0...0.7),
                ("error from saved statistics / sum's", saved.error / sum.error, 0...0.7),
            ]
        return bounds.filter { !$0.2.contains($0.1) }.map {
            "\($0.0): \($0.1), should be from \($0.2.lowerBound) to \($0.2.upperBound)"
        }
    }

    /// The name of the base model's row.
    static let base = "nothing"
    /// The name of the row of one face with the other voice.
    static let picked = "face 1, voice 2"

    /// A row by its name.
    public subscript(_ way: String) -> Row? { rows.first { $0.way == way } }
}

/// The arithmetic of the rows.
private struct Comparison {
    let samples: [[[TrialLatents]]]
    let targets: TrialTargets

    func row(_ name: String, _ way: Int) -> CharacterScores.Row {
        CharacterScores.Row(
            way: name,
            firstOfBoth: likeness(samples[2][way], to: 0),
            own: [0, 1].map { likeness(samples[$0][way], to: $0) },
            errors: [0, 1].map { errors(of: $0, way) },
            bleed: mean(
                [0, 1].flatMap { character in
                    samples[character][way].flatMap { targets.bleed($0, of: character) }
                }
            ),
            drift: drift(way) / mean([drift(1), drift(2)])
        )
    }

    private func likeness(_ latents: [TrialLatents], to character: Int) -> [Double] {
        let nearer = latents.map { sample in
            zip(
                targets.distances(sample, to: character),
                targets.distances(sample, to: 1 - character)
            ).map { $0 < $1 ? 1.0 : 0 }
        }
        return [0, 1].map { stream in mean(nearer.map { $0[stream] }) }
    }

    private func errors(of character: Int, _ way: Int) -> [Double] {
        func distance(_ way: Int, _ stream: Int) -> Double {
            mean(samples[character][way].map { targets.distances($0, to: character)[stream] })
        }
        return [0, 1].map { distance(way, $0) / distance(0, $0) }
    }

    /// Over both streams, each as a share of the base model's own size.
    private func drift(_ way: Int) -> Double {
        mean(
            zip(samples[3][way], samples[3][0]).flatMap { changed, base in
                zip(changed.streams, base.streams).map {
                    $0.squaredDistance($1) / ($1 * $1).sum().item()
                }
            }
        )
    }

    private func mean(_ values: [Double]) -> Double {
        values.isEmpty ? .nan : values.reduce(0, +) / Double(values.count)
    }
}
