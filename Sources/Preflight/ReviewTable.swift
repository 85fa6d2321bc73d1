import SoundAnalysis

/// All clips of a review in one table, each a link to its card.
struct ReviewTable {
    let clips: [ClipReview]

    var html: String {
        let titles = ["", "Clip", "Becomes", "Length", "Loudness", "Speech", "Remarks"]
        let head = titles.map { "<th>\($0)</th>" }.joined()
        return """
            <div class="table"><table><thead><tr>\(head)</tr></thead>
            <tbody>\(clips.indices.map(row).joined(separator: "\n"))</tbody></table></div>
            """
    }

    private func row(_ number: Int) -> String {
        let clip = clips[number]
        let remarks = (clip.tags + clip.remarks.map(\.text)).joined(separator: "; ").escaped
        return """
            <tr class="\(clip.face.worse(clip.voice).rawValue)"><td class="mark">\(clip.mark)</td>\
            <td><a href="#clip-\(number)">\(clip.name.escaped)</a></td>\
            <td class="number">\(clip.becomes.escaped)</td>\
            <td class="number">\(clip.isImage ? "image" : "\(clip.seconds.text(1)) s")</td>\
            <td class="number">\(clip.sound?.loudness.map { "\($0.text(0)) LUFS" } ?? "–")</td>\
            <td class="number">\(clip.sound.map { "\($0.speechSeconds.text(1)) s" } ?? "–")</td>\
            <td>\(remarks)</td></tr>
            """
    }
}
