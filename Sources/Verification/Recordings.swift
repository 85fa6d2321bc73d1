import Foundation

/// The recordings of the reference implementation that come with the program.
public enum Recordings {
    /// Where a file of the recordings lies, by its path below their folder.
    public static func path(_ name: String) -> String { "\(folder)/\(name)" }

    /// A recording, and the weights that it was made with.
    struct Pair {
        let checkpoint: String?
        let recording: String
    }

    /// What `likeness verify` compares when nothing is named.
    static var builtIn: [Pair] {
        let versions = ["20", "23"].flatMap { version in
            ["transformer", "connectors", "vae", "audio_vae", "vocoder"].map { part in
                pair("ltx\(version)_single", "ltx\(version)_\(part)_io")
            }
        }
        return versions + [
            pair("ltx23_single", "ltx23_sampling_io"),
            pair("ltx20_single", "ltx20_guided_sampling_io"),
            pair("ltx23_single", "ltx23_guided_sampling_io"),
            pair("ltx25_transformer", "ltx25_transformer_io"), pair("gemma3", "gemma3_io"),
            pair(nil, "mel_io"), pair(nil, "schedule_io"),
        ]
    }

    private static func pair(_ checkpoint: String?, _ recording: String) -> Pair {
        Pair(
            checkpoint: checkpoint.map { path($0 + ".safetensors") },
            recording: path(recording + ".safetensors")
        )
    }

    /// The build puts resources into a folder beside the program; its name begins with the package's.
    private static let folder: String = {
        let program = Bundle.main.executableURL?.resolvingSymlinksInPath()
        let place = program?.deletingLastPathComponent().path ?? "."
        let ending = "_Verification.resources"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []
        let found = names.sorted().first { $0.hasSuffix(ending) }
        return "\(place)/\(found ?? "likeness" + ending)/Recordings"
    }()
}
