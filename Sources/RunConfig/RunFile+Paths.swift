import Foundation

extension RunFile {
    /// An error for each path of the file that is not there; reads folders, but no clip.
    ///
    /// Model names are left to whoever finds models: they may be repositories.
    public func validatePaths() -> [Diagnostic] {
        processes.enumerated().flatMap { index, process in
            let prefix = processes.count > 1 ? "process[\(index)]." : ""
            return datasetFaults(process, prefix) + fileFaults(process, prefix)
        }.sortedByLine()
    }

    private func datasetFaults(_ process: ProcessSection, _ prefix: String) -> [Diagnostic] {
        process.datasets.indices.compactMap { index in
            let path = "\(prefix)datasets[\(index)]"
            let key = lines["\(path).dataset_path"] == nil ? "folder_path" : "dataset_path"
            let dataset = process.datasets[index]
            var isFolder: ObjCBool = false
            let exists = FileManager.default.fileExists(
                atPath: dataset.folderPath,
                isDirectory: &isFolder
            )
            guard exists else {
                return fault(
                    "\(path).\(key)",
                    dataset.folderPath,
                    "does not exist",
                    "check the path"
                )
            }
            guard isFolder.boolValue else {
                let isList = key == "dataset_path" && dataset.folderPath.hasSuffix(".json")
                return isList
                    ? nil
                    : fault(
                        "\(path).\(key)",
                        dataset.folderPath,
                        "is a file, expected a folder",
                        "name the folder that it is in"
                    )
            }
            return holdsMedia(dataset)
                ? nil
                : fault(
                    "\(path).\(key)",
                    dataset.folderPath,
                    dataset.isVideo ? "holds no clips and no images" : "holds no images",
                    dataset.isVideo
                        ? "check the path" : "check the path; for clips set num_frames, such as 81"
                )
        }
    }

    private func fileFaults(_ process: ProcessSection, _ prefix: String) -> [Diagnostic] {
        var files: [(path: String, file: String?)] = [
            ("network.pretrained_lora_path", process.network?.pretrainedLoraPath)
        ]
        for (index, dataset) in process.datasets.enumerated() {
            files.append(("datasets[\(index)].mask_path", dataset.maskPath))
        }
        for (index, sample) in (process.sample?.samples ?? []).enumerated() {
            files.append(("sample.samples[\(index)].ctrl_img", sample.ctrlImg))
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
