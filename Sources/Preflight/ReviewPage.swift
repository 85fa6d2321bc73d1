import Foundation
import TrainingRun

/// The review as one HTML file: nothing in it is fetched from anywhere.
public struct ReviewPage {
    private let review: RunReview
    private let clips: [ExaminedClip]

    /// A page for a result that was made with pictures.
    public init(_ result: Preflight.Result) {
        review = result.review
        clips = result.clips
    }

    /// The whole file.
    public var html: String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(review.run.escaped): before training</title>
        <style>\(Self.style)</style>
        </head>
        <body>
        <header>
        <p class="small">likeness check</p>
        <h1>\(review.run.escaped)</h1>
        <p>\(review.model.escaped) on \(review.device.escaped)</p>
        </header>
        <section class="verdicts">\(verdict("Face", review.face))\(verdict("Voice", review.voice))</section>
        \(facts)
        \(remarks(review.remarks, namesSubject: true))
        <h2>At a glance</h2>
        \(ReviewTable(clips: review.clips).html)
        <h2>\(clips.count) \(clips.count == 1 ? "clip" : "clips")</h2>
        <section class="clips">
        \(clips.indices.map(card).joined(separator: "\n"))
        </section>
        \(refused)
        </body>
        </html>

        """
    }

    private func verdict(_ name: String, _ verdict: Verdict) -> String {
        """
        <div class="verdict \(verdict.rawValue)"><span class="mark">\(verdict.mark)</span>\
        <div><p class="small">\(name)</p><p class="word">\(verdict.words)</p></div></div>
        """
    }

    private var facts: String {
        var rows = [
            (
                "Usable speech",
                "\(review.usableSpeechSeconds.spoken) (3 to 6 minutes are reported to work)"
            ),
            ("Clips with sound", "\(review.clipsWithSound) of \(review.clipCount)"),
            (
                "Captions with spoken words",
                "\(Int((review.transcriptShare * 100).rounded())) %"
            ),
        ]
        if let bytes = review.memoryBytes {
            let there = review.deviceBytes.map { " of \($0.inBytes)" } ?? ""
            rows.append(("Memory", "about \(bytes.inBytes)\(there)"))
        }
        if let time = review.time {
            rows.append(("Time", "about \(time)"))
        }
        if let decoded = review.decodeBack { rows.append(("Audio VAE", decoded.text)) }
        if review.heldOutCount > 0 { rows.append(("Held out", "\(review.heldOutCount)")) }
        rows.append(
            (
                "Text encoder",
                review.textEncoder + (review.modelsAreHere ? "" : " (models are downloaded first)")
            )
        )
        let cells = rows.map { "<dt>\($0.0)</dt><dd>\($0.1.escaped)</dd>" }
        return "<dl class=\"facts\">\(cells.joined())</dl>"
    }

    private func remarks(_ remarks: [Remark], namesSubject: Bool = false) -> String {
        guard !remarks.isEmpty else { return "" }
        let items = remarks.map { remark in
            let subject = namesSubject ? "<b>\(remark.subject.rawValue.capitalized)</b> " : ""
            return """
                <li class="\(remark.effect.rawValue)"><span class="mark">\(remark.mark)</span> \
                \(subject)\(remark.text.escaped)</li>
                """
        }
        return "<ul class=\"remarks\">\(items.joined())</ul>"
    }

    // MARK: - Clips

    private func card(_ number: Int) -> String {
        let clip = clips[number]
        let review = clip.review
        let tags = review.tags.map { " <span class=\"tag\">\($0)</span>" }.joined()
        return """
            <article id="clip-\(number)" class="\(review.face.worse(review.voice).rawValue)">
            <h3><span class="mark">\(review.mark)</span> \(review.name.escaped)\(tags)</h3>
            <div class="pictures">\(picture(clip))\(sound(clip))</div>
            \(ClipFactLines(clip: review, decoded: decoded(review)).html)
            \(remarks(review.remarks))
            \(caption(review.caption))
            </article>
            """
    }

    private func decoded(_ clip: ClipReview) -> DecodeBack.Sound? {
        review.decodeBack?.sounds.first { $0.name == clip.name }
    }

    private func picture(_ clip: ExaminedClip) -> String {
        guard let png = clip.thumbnail else { return "<div class=\"nothing\">no picture</div>" }
        return "<img class=\"thumb\" alt=\"\" src=\"\(ReviewPictures.address(png))\">"
    }

    private func sound(_ clip: ExaminedClip) -> String {
        guard !clip.envelope.isEmpty else { return "<div class=\"nothing\">no sound</div>" }
        let spectrogram = ReviewPictures.spectrogram(clip.spectrogram).map {
            "<img class=\"spectrum\" alt=\"spectrogram up to 8 kHz\" src=\"\(ReviewPictures.address($0))\">"
        }
        return
            "<div class=\"sound\">\(ReviewPictures.waveform(clip.envelope))\(spectrogram ?? "")</div>"
    }

    private func caption(_ caption: CaptionReview) -> String {
        guard caption.isThere else {
            return "<blockquote class=\"nothing\">no caption</blockquote>"
        }
        var text = caption.text.escaped
        if let words = caption.transcript?.escaped {
            text = text.replacing(words, with: "<mark>\(words)</mark>")
        }
        let note = caption.transcript == nil ? "<p class=\"small\">no spoken words found</p>" : ""
        let trigger =
            caption.hasTrigger == false
            ? "<p class=\"small\">the trigger word is put in front</p>" : ""
        return "<blockquote>\(text)</blockquote>\(note)\(trigger)"
    }

    private var refused: String {
        guard !review.refused.isEmpty else { return "" }
        let items = review.refused.map { "<li>\($0.escaped)</li>" }
        return "<h2>Not used</h2><ul>\(items.joined())</ul>"
    }
}

extension String {
    /// Safe inside HTML text and quoted attributes.
    var escaped: String {
        replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;").replacing("'", with: "&#39;")
    }
}
