// swift-tools-version: 6.1
import PackageDescription

// LibTorch behind a C ABI, as a dynamic library of its own: a program built against it runs on
// another LibTorch (CUDA) when this one library is swapped. `make setup` puts `.deps/torch` there.
let torch = Context.environment["LIKENESS_TORCH"] ?? "\(Context.packageDirectory)/../../.deps/torch"

let package = Package(
    name: "TorchBridge",
    products: [.library(name: "TorchBridge", type: .dynamic, targets: ["TorchBridge"])],
    targets: [
        .target(
            name: "TorchBridge",
            cxxSettings: [
                .unsafeFlags([
                    "-isystem", "\(torch)/include",
                    "-isystem", "\(torch)/include/torch/csrc/api/include",
                    "-fvisibility=hidden", "-O2",
                ])
            ],
            linkerSettings: [
                .unsafeFlags([
                    "-L\(torch)/lib", "-Xlinker", "-rpath", "-Xlinker", "\(torch)/lib",
                    "-ltorch_cpu", "-lc10",
                ])
            ]
        )
    ],
    cxxLanguageStandard: .cxx20
)
