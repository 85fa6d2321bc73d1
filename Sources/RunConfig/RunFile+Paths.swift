import Foundation

extension RunFile {
    /// An error for each path of the file that is not there; reads folders, but no clip.
    ///
    /// Model names are left to whoever finds models: they may be repositories.
    public func validatePaths() -> [Diagnostic] {
        processes.enumerated().flatMap { index, process in
            let prefix = processes.count > 1 ? "process[\(index)]." : ""
            return datasetFaults(process, prefix) + heldOutFaults(process, prefix)
                + fileFaults(process, prefix)
        }.sortedByLine()
    }

    private func datasetFaults(_ process: ProcessSection, _ prefix: String) -> [Diagnostic] {
        process.datasets.indices.compactMap { index in
            let section = "\(prefix)datasets[\(index)]"
            let isPath = lines["\(section).dataset_path"] != nil
            let dataset = process.datasets[index]
            guard let (message, fix) = datasetFault(dataset, mayBeFile: isPath) else { return nil }
            let key = isPath ? "dataset_path" : "folder_path"
            return fault("\(section).\(key)", dataset.folderPath, message, fix)
        }
    }

    /// A folder of held-out clips must be there, and apart from what is trained on.
    private func heldOutFaults(_ process: ProcessSection, _ prefix: String) -> [Diagnostic] {
        guard case .folder(let path) = process.train.heldOut else { return [] }
        let key = "\(prefix)train.validation_folder"
        let learned = process.datasets.filter { !$0.isReg }
        var heldOut = learned.first ?? DatasetSection()
        heldOut.folderPath = path
        if let (message, fix) = datasetFault(heldOut, mayBeFile: false) {
            return [fault(key, path, message, fix)]
        }
        let parent = learned.first { Self.isFolder(path, within: $0.folderPath) }
        return parent.map {
            let message = "is trained on too, as a part of \"\($0.folderPath)\""
            return [fault(key, path, message, "move it out of the dataset's folder")]
        } ?? []
    }

    private static func isFolder(_ path: String, within parent: String) -> Bool {
        let parts = [path, parent].map {
            URL(fileURLWithPath: $0).resolvingSymlinksInPath().standardizedFileURL.pathComponents
        }
        return parts[0].starts(with: parts[1])
    }

    private func datasetFault(
        _ dataset: DatasetSection,
        mayBeFile: Bool
    ) -> (message: String, fix: String)? {
        let path = dataset.folderPath
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            return ("does not exist", "check the path")
        }
        guard isFolder.boolValue else {
            let isList = mayBeFile && path.hasSuffix(".json")
            return isList ? nil : ("is a file, expected a folder", "name the folder that it is in")
        }
        guard !holdsMedia(dataset) else { return nil }
        return dataset.isVideo
            ? ("holds no clips and no images", "check the path")
            : ("holds no images", "check the path; for clips set num_frames, such as 81")
    }

    private func fileFaults(_ process: ProcessSection, _ prefix: String) -> [Diagnostic] {
        var files: [(path: String, file: String?)] = [
            ("network.pretrained_lora_path", process.network?.pretrainedLoraPath)
        ]
        for (index, dataset) in process.datasets.enumerated() {
            files.append(("datasets[\(index)].mask_path", dataset.maskPath))
        }
        for (key, section) in [("sample", process.sample), ("first_sample", process.firstSample)] {
            for (index, sample) in (section?.samples ?? []).enumerated() {
                files.append(("\(key).samples[\(index)].ctrl_img", sample.ctrlImg))
            }
        }
        return files.compactMap { path, file in
            guard let file, !FileManager.default.fileExists(atPath: file) else { return nil }
            return fault(prefix + path, file, "does not exist", "check the path")
        }
    }

    private func holdsMedia(_ dataset: DatasetSection) -> Bool {
        let images: Set = ["jpg", "jpeg", "png", "webp"]
        let clips: Set = ["mp4", "avi", "mov", "webm", "mkv", "wmv", "m4v", "flv"]
        let wanted = dataset.isVideo ? images.union(clips) : images
        let folder = URL(fileURLWithPath: dataset.folderPath)
        let files = FileManager.default.enumerator(
            at: folder,
            includingPropertiesForKeys: nil,
            options: [.skipsHiddenFiles]
        )
        while let file = files?.nextObject() as? URL {
            if wanted.contains(file.pathExtension.lowercased()) { return true }
        }
        return false
    }

    private func fault(
        _ path: String,
        _ file: String,
        _ message: String,
        _ fix: String
    ) -> Diagnostic {
        let section = path.split(separator: ".").dropLast().joined(separator: ".")
        return Diagnostic(
            severity: .error,
            file: fileName,
            line: lines[path] ?? lines[section] ?? 1,
            path: path,
            message: "\"\(file)\" \(message)",
            fix: fix
        )
    }
}
