import ArgumentParser
import Foundation
import Logging
import Media
import Studio
import Torch
import TrainingRun

/// `studio`: the local web pages.
struct StudioCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "studio",
        abstract: "Open the web studio on this machine.",
        discussion: """
            Serves pages at http://127.0.0.1:7860/ until Ctrl-C; jobs that run go on. Another --host asks \
            browsers for a token, which is printed here.
            """
    )

    @Option(help: "Address to listen at; others than this machine's own need a token.")
    var host = "127.0.0.1"

    @Option(help: "Port to listen at; 0 takes a free one.")
    var port = 7860

    @Option(help: "Where the studio keeps its own files.")
    var home = StudioConfiguration.defaultHome

    @Option(help: "A folder that pages may read and write in; may be given several times.")
    var root: [String] = []

    @Option(help: "A further name under which browsers may open it, as behind a proxy.")
    var allowedHost: [String] = []

    @Flag(help: "Do not open a browser.")
    var noBrowser = false

    @Flag(help: "Print each request.")
    var verbose = false

    func validate() throws {
        guard (0...65_535).contains(port) else {
            throw ValidationError("--port: got \(port), expected 0 to 65535")
        }
    }

    func run() async throws {
        try await reportingErrors {
            var settings = StudioConfiguration(
                roots: root.isEmpty ? [FileManager.default.currentDirectoryPath] : root,
                home: home,
                version: Likeness.version
            )
            settings.host = host
            settings.port = port
            settings.allowedHosts = allowedHost
            settings.parts = ["LibTorch": LibTorch.version]
            for library in MediaLibraries.versions {
                let words = library.split(separator: " ").map(String.init)
                settings.parts[words[0]] = words.last
            }
            let jobs = try StudioJobs(settings)
            let server = try StudioServer(settings) { _ in jobs.routes }
            var logger = Logger(
                label: "studio",
                factory: { StreamLogHandler.standardError(label: $0) }
            )
            logger.logLevel = verbose ? .debug : .warning
            try await server.run(logger: logger, services: [jobs]) { address in
                announce(address, server.token)
            }
        }
    }

    private func announce(_ address: String, _ token: String?) {
        show("Studio: \(address)")
        if let token { show("Token: \(token)") }
        show("Ctrl-C ends it.")
        let hasScreen = ["DISPLAY", "WAYLAND_DISPLAY"].contains {
            ProcessInfo.processInfo.environment[$0]?.isEmpty == false
        }
        guard !noBrowser, hasScreen else { return }
        let opener = Process()
        opener.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        opener.arguments = ["xdg-open", address]
        opener.standardOutput = FileHandle.nullDevice
        opener.standardError = FileHandle.nullDevice
        do { try opener.run() } catch { show("Open the address above in a browser.") }
    }
}
