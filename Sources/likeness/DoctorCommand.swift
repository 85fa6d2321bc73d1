import ArgumentParser
import Foundation
import Media
import ModelHub
import Torch
import TrainingRun

/// `doctor`: what this machine has, and a one-line fix for what it lacks.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check toolchain, libraries, LibTorch, devices and disk.",
        discussion: "Exit status 1 if something that training needs is missing."
    )

    func run() throws {
        let checks = Checkup().all
        for check in checks { print(check.line) }
        guard checks.allSatisfy({ $0.state != .missing }) else { throw ExitCode(1) }
    }
}

/// One thing that was looked at.
struct Check {
    enum State: String { case fine = "ok", note = "note", missing = "missing" }

    let state: State
    let name: String
    let found: String
    var fix = ""

    var line: String {
        let mark = state.rawValue.padding(toLength: 8, withPad: " ", startingAt: 0)
        let title = name.padding(toLength: 12, withPad: " ", startingAt: 0)
        return mark + title + found + (fix.isEmpty ? "" : "; " + fix)
    }
}

/// Looks at the machine.
struct Checkup {
    var all: [Check] {
        [program, toolchain, torch] + devices + [media, ffmpeg, cores, memory] + [disk, hub]
    }

    private var program: Check {
        Check(state: .fine, name: "likeness", found: Likeness.version)
    }

    private var toolchain: Check {
        guard let text = output(of: "swift", "--version")?.split(separator: "\n").first else {
            return Check(
                state: .note,
                name: "swift",
                found: "not found",
                fix: "needed only to build: swift.org/install"
            )
        }
        return Check(state: .fine, name: "swift", found: String(text))
    }

    private var torch: Check {
        let version = LibTorch.version
        let minor = version.split(separator: ".").dropFirst().first.flatMap { Int($0) } ?? 0
        let isKnown = version.hasPrefix("2.") && (11...15).contains(minor)
        return Check(
            state: isKnown ? .fine : .note,
            name: "LibTorch",
            found: "\(version), \(LibTorch.threadCount) threads",
            fix: isKnown ? "" : "2.11 to 2.15 are supported: TORCH_VERSION=2.13 make setup"
        )
    }

    private var devices: [Check] {
        let found = Device.available.filter { $0 != .cpu }.map {
            Check(state: .fine, name: "device", found: $0.name)
        }
        guard found.isEmpty else { return found }
        return [
            Check(
                state: .note,
                name: "device",
                found: "cpu only",
                fix: "real models need a GPU: build against a CUDA LibTorch (README, \"On a GPU\")"
            )
        ]
    }

    private var media: Check {
        Check(state: .fine, name: "FFmpeg", found: MediaLibraries.versions.joined(separator: ", "))
    }

    private var ffmpeg: Check {
        let found = output(of: "ffmpeg", "-version")?.split(separator: "\n").first.map(String.init)
        return Check(
            state: found == nil ? .note : .fine,
            name: "ffmpeg",
            found: found.map { String($0.prefix(40)) } ?? "program not found",
            fix: found == nil ? "needed only by the tests: apt-get install ffmpeg" : ""
        )
    }

    private var cores: Check {
        Check(
            state: .fine,
            name: "processor",
            found: "\(ProcessInfo.processInfo.activeProcessorCount) cores"
        )
    }

    private var memory: Check {
        let bytes = Int(ProcessInfo.processInfo.physicalMemory)
        let isSmall = bytes < 32_000_000_000
        return Check(
            state: isSmall ? .note : .fine,
            name: "memory",
            found: bytes.inBytes,
            fix: isSmall ? "real models are read through 32 GB and more" : ""
        )
    }

    private var disk: Check {
        let free =
            (try? FileManager.default.attributesOfFileSystem(forPath: "."))?[.systemFreeSize]
            as? Int ?? 0
        let isSmall = free < 60_000_000_000
        return Check(
            state: isSmall ? .note : .fine,
            name: "disk",
            found: "\(free.inBytes) free here",
            fix: isSmall ? "a model and its text encoder take about 70 GB" : ""
        )
    }

    private var hub: Check {
        let environment = ProcessInfo.processInfo.environment
        let home = environment["HF_HOME"] ?? NSHomeDirectory() + "/.cache/huggingface"
        let hasToken =
            environment["HF_TOKEN"] != nil
            || FileManager.default.fileExists(atPath: home + "/token")
        return Check(
            state: hasToken ? .fine : .note,
            name: "hub",
            found: hasToken ? "a token is there" : "no token",
            fix: hasToken
                ? "" : "gated models need one: export HF_TOKEN=… (huggingface.co/settings/tokens)"
        )
    }
}
