// swift-tools-version: 6.2
import PackageDescription

// Arrows point down only: see docs/architecture.md. `make setup` brings LibTorch to `.deps/torch`.

/// Warnings are errors where changes are checked, not where a newer compiler may know more of them.
let isChecked = Context.environment["CI"] != nil

let strict: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
    ] + (isChecked ? [.treatAllWarnings(as: .error)] : [])

func module(
    _ name: String,
    _ dependencies: [Target.Dependency] = [],
    resources: [Resource] = []
) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

func tests(
    of name: String,
    _ more: [Target.Dependency] = [],
    resources: [Resource] = []
) -> Target {
    .testTarget(
        name: name + "Tests",
        dependencies: [.byName(name: name)] + more,
        resources: resources,
        swiftSettings: strict
    )
}

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let server: [Target.Dependency] = [
    .product(name: "HummingbirdCore", package: "hummingbird"),
    .product(name: "HTTPTypes", package: "swift-http-types"),
    .product(name: "Logging", package: "swift-log"),
    .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
    .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
    .product(name: "UnixSignals", package: "swift-service-lifecycle"),
]
let nio = ["NIOCore", "NIOHTTP1"].map { Target.Dependency.product(name: $0, package: "swift-nio") }

let package = Package(
    name: "likeness",
    products: [.executable(name: "likeness", targets: ["likeness"])],
    dependencies: [
        .package(path: "Packages/TorchBridge"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // Files and clips: no LibTorch.
        .target(name: "CFileWriting"),
        module("Safetensors", ["CFileWriting"]),
        module("RunConfig", ["Yams"]),
        module("RunFiles"),
        .systemLibrary(name: "CFFmpeg", pkgConfig: "libavformat"),
        module("Media", ["CFFmpeg"]),
        .systemLibrary(name: "CLoudness", pkgConfig: "libebur128"),
        module("SoundAnalysis", ["Media", "CLoudness"]),
        module("ClipCutting", ["Media", "SoundAnalysis"]),
        module("ClipCache", ["Safetensors", crypto]),
        module("ClipData", ["Media", "ClipCache", "RunConfig", "Safetensors", crypto]),
        .target(name: "CSentencePiece", linkerSettings: [.linkedLibrary("sentencepiece")]),
        module("Tokenizer", ["CSentencePiece", crypto]),
        module(
            "ModelHub",
            [
                .product(name: "AsyncHTTPClient", package: "async-http-client"), crypto,
                .product(name: "NIOFoundationCompat", package: "swift-nio"),
            ] + nio
        ),

        // The studio: no LibTorch.
        module("RunStore", [.product(name: "GRDB", package: "GRDB.swift")]),
        .target(name: "CProcess"),
        module("JobControl", ["RunStore", "RunConfig", "RunFiles", "CProcess"]),
        module(
            "Studio",
            [
                "JobControl", "RunStore", "RunFiles", "RunConfig", "Media", "SoundAnalysis",
                "ClipData",
                "Safetensors", crypto,
                .product(name: "Hummingbird", package: "hummingbird"),
            ] + server,
            resources: [.copy("Pages")]
        ),

        // The model and its training: no FFmpeg.
        module("Torch", ["Safetensors", .product(name: "TorchBridge", package: "TorchBridge")]),
        module("LTXModel", ["Torch", "Safetensors"]),
        module("Adapters", ["Torch", "Safetensors"]),
        module("LoRATools", ["Adapters", "LTXModel", "Torch", "Safetensors", crypto]),
        module("Sampling", ["LTXModel", "Media", "Torch"]),
        module(
            "Training",
            [
                "LTXModel", "Adapters", "LoRATools", "ClipCache", "RunFiles", "Torch",
                "Safetensors",
            ]
        ),
        module(
            "Measurement",
            [
                "Training", "LTXModel", "Adapters", "ClipCache", "Torch",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),
        .executableTarget(
            name: "likeness-bench",
            dependencies: [
                "Measurement", "Torch", "Verification",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict
        ),
        module(
            "Verification",
            ["LTXModel", "Torch", "Safetensors"],
            resources: [.copy("Recordings")]
        ),

        module("TinyModel", ["LTXModel", "Torch", "Safetensors", "Verification"]),

        // Everything together.
        module(
            "TrainingRun",
            [
                "Measurement", "Training", "Sampling", "LTXModel", "Adapters", "LoRATools", "Torch",
                "ClipData", "ClipCache", "Media", "SoundAnalysis", "ModelHub", "Tokenizer",
                "RunConfig", "RunFiles",
                "Safetensors", crypto,
            ]
        ),
        module(
            "CharacterTrial",
            [
                "TrainingRun", "Training", "Sampling", "LTXModel", "Adapters", "LoRATools", "Torch",
                "Media", "ModelHub", "RunConfig", "TinyModel",
            ]
        ),
        module(
            "Preflight",
            [
                "TrainingRun", "Sampling", "SoundAnalysis", "ClipData", "ClipCache", "Media",
                "RunConfig",
                "LTXModel", "Adapters", "Torch",
            ]
        ),
        .executableTarget(
            name: "likeness",
            dependencies: [
                "Measurement", "TrainingRun", "CharacterTrial", "Preflight", "Training", "Sampling",
                "Adapters", "LoRATools", "ClipData", "ClipCache", "Media", "SoundAnalysis",
                "ModelHub", "RunConfig", "RunFiles", "LTXModel", "Torch", "TinyModel",
                "Verification", "JobControl", "Studio", "ClipCutting",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),

        tests(of: "Safetensors", resources: [.copy("Fixtures")]),
        tests(of: "RunConfig", resources: [.copy("Fixtures")]),
        tests(of: "Media", resources: [.copy("Fixtures")]),
        tests(of: "SoundAnalysis", ["Media"], resources: [.copy("Fixtures")]),
        tests(of: "ClipCutting", ["Media", "SoundAnalysis"]),
        tests(of: "ClipCache", ["Safetensors"]),
        tests(of: "ClipData", ["Media", "ClipCache", "RunConfig", "Safetensors"]),
        tests(of: "Tokenizer", [crypto]),
        tests(
            of: "ModelHub",
            [crypto, .product(name: "NIOPosix", package: "swift-nio")] + nio
        ),
        tests(of: "Torch", ["Safetensors"], resources: [.copy("Fixtures")]),
        tests(of: "LTXModel", ["Torch", "Safetensors"]),
        tests(of: "Adapters", ["LTXModel", "Torch", "Safetensors"]),
        tests(of: "Sampling", ["LTXModel", "Media"]),
        tests(of: "LoRATools", ["Adapters", "LTXModel", "Torch", "Safetensors"]),
        tests(
            of: "Training",
            [
                "Measurement", "LTXModel", "Adapters", "ClipCache", "RunFiles", "Torch",
                "Safetensors",
            ]
        ),
        tests(of: "Verification", ["LTXModel", "Torch", "Safetensors"]),
        tests(
            of: "TrainingRun",
            [
                "CharacterTrial", "Training", "LTXModel", "Adapters", "ClipData", "ClipCache",
                "Media",
                "RunConfig", "RunFiles", "TinyModel", "Verification", "Torch", "Safetensors",
            ]
        ),
        tests(
            of: "Preflight",
            [
                "TrainingRun", "ClipCache", "SoundAnalysis", "ClipData", "Media", "RunConfig",
                "LTXModel",
                "TinyModel", "Torch",
            ]
        ),
        tests(of: "RunStore", [.product(name: "GRDB", package: "GRDB.swift")]),
        tests(
            of: "JobControl",
            ["RunStore", "RunConfig", "RunFiles", .target(name: "likeness")]
        ),
        tests(
            of: "Studio",
            [
                "JobControl", "RunStore", "RunConfig", "Safetensors", "Adapters",
                .product(name: "HummingbirdTesting", package: "hummingbird"),
            ] + server
        ),
        // The program as a user runs it.
        .testTarget(
            name: "CommandTests",
            dependencies: [.target(name: "likeness"), "LTXModel", "Torch", "Safetensors"],
            swiftSettings: strict
        ),
    ],
    swiftLanguageModes: [.v6]
)
