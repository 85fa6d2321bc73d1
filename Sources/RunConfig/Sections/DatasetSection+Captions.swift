/// Captions and caches.
extension DatasetSection {
    mutating func readCaptions(from section: inout ConfigSection, defaults: DatasetDefaults) {
        readExtension(from: &section)
        section.about("Caption of items that have none.")
        section.read("default_caption", into: &defaultCaption)
        section.about("Take the short captions of a JSON dataset.")
        section.read("use_short_captions", into: &useShortCaptions)
        triggerWord = defaults.trigger
        section.about("The word that stands for the character in these captions.")
        section.read("trigger_word", into: &triggerWord, otherwise: "the process's trigger_word")
        if isReg || triggerWord?.isEmpty == true { triggerWord = nil }
        readRandomTriggers(from: &section)
        captionDropoutRate = defaults.train.captionDropoutRate ?? 0
        section.about("Share of captions that are left out, from 0 to 1.")
        section.read(
            "caption_dropout_rate",
            into: &captionDropoutRate,
            .within(0...1),
            fix: "use 0.05, or 0 for none",
            otherwise: "train.caption_dropout_rate, else 0"
        )
        section.about("Share of a caption's comma-separated pieces that are left out.")
        section.read("token_dropout_rate", into: &tokenDropoutRate, .within(0...1))
        section.about("Pieces at the start of a caption that always stay.")
        section.read("keep_tokens", into: &keepTokens, .within(0...10_000))
        section.about("Shuffle a caption's comma-separated pieces.")
        section.read("shuffle_tokens", into: &shuffleTokens)
    }

    private mutating func readExtension(from section: inout ConfigSection) {
        section.about("Ending of caption files, with or without its dot.")
        section.read("caption_ext", into: &captionExt, .notEmpty)
        section.about("Older name of `caption_ext`, which it wins over.")
        section.read("caption_type", into: &captionExt, .notEmpty, otherwise: "caption_ext")
        if !captionExt.hasPrefix(".") { captionExt = ".\(captionExt)" }
    }

    private mutating func readRandomTriggers(from section: inout ConfigSection) {
        var triggers = OneOrMany(randomTriggers)
        section.about("Words of which some are appended to a caption, or a file of them.")
        section.read("random_triggers", into: &triggers)
        randomTriggers = triggers.elements
        section.about("How many of them at most.")
        section.read("random_triggers_max", into: &randomTriggersMax, .within(1...1000))
    }

    mutating func readCaches(from section: inout ConfigSection, defaults: DatasetDefaults) {
        section.about("Keep latents in memory: done as far as 2 GB reach.")
        section.read("cache_latents", into: &cacheLatents)
        section.about("Keep latents on disk, in _latent_cache beside the clips: always done.")
        section.read("cache_latents_to_disk", into: &cacheLatentsToDisk)
        cacheTextEmbeddings = defaults.train.cacheTextEmbeddings
        section.about("Keep encoded captions on disk, in _t_e_cache: always done.")
        section.read(
            "cache_text_embeddings",
            into: &cacheTextEmbeddings,
            otherwise: "train.cache_text_embeddings"
        )
        if defaults.train.cacheTextEmbeddings, !cacheTextEmbeddings {
            section.note("cache_text_embeddings", "is true, as train.cache_text_embeddings is")
            cacheTextEmbeddings = true
        }
    }
}
