/// Which files, how often, how strongly; sizes and crops.
extension DatasetSection {
    mutating func readFiles(from section: inout ConfigSection) {
        var folder: String?
        var dataset: String?
        section.about("Folder of clips or images, with those in folders below it.")
        section.read("folder_path", into: &folder, .notEmpty)
        section.about("A folder, or a JSON file of captions by file path; wins over folder_path.")
        section.read("dataset_path", into: &dataset, .notEmpty)
        if !section.has("folder_path"), !section.has("dataset_path"), !section.report.isSchemaPass {
            section.error(
                "folder_path",
                "missing, expected a folder",
                fix: "say where the clips are"
            )
        }
        folderPath = dataset ?? folder ?? ""
        section.about("How often each item occurs in an epoch.")
        section.read("num_repeats", into: &numRepeats, .within(1...100_000))
        section.about("Items per micro-batch of this set.")
        section.read(
            "batch_size",
            into: &batchSize,
            .within(1...1024),
            otherwise: "train.batch_size"
        )
        section.about("A regularisation set: no trigger word, loss times train.reg_weight.")
        section.read("is_reg", into: &isReg)
        section.about("The target is the frozen model's own prediction.")
        section.read("prior_reg", into: &priorReg)
        section.about("Strength of the adapter for these items.")
        section.read("network_weight", into: &networkWeight, .within(-10...10))
        section.about("Factor of the loss of these items, picture and sound.")
        section.read("loss_multiplier", into: &lossMultiplier, .atLeast(0))
    }

    mutating func readPicture(from section: inout ConfigSection) {
        var sides = OneOrMany(resolution)
        let rule = Rule<OneOrMany<Int>>.that("from 32 to 8192") { sides in
            !sides.elements.isEmpty && sides.elements.allSatisfy { (32...8192).contains($0) }
        }
        section.about(
            "Side of the square whose area a bucket may fill; each value adds a copy of the set."
        )
        section.read("resolution", into: &sides, rule, fix: "use 512 or [512, 768]")
        resolution = sides.elements
        section.about("Factor of the source size before its bucket is chosen.")
        section.read("scale", into: &scale, .within(0.01...100))
        section.about("Keep the aspect ratio by buckets of sizes.")
        section.read("buckets", into: &buckets)
        section.about("Crop squares of the resolution.")
        section.read("square_crop", into: &squareCrop)
        section.about("Draw the place of the crop.")
        section.read("random_crop", into: &randomCrop)
        section.about("Draw the size before the crop.")
        section.read("random_scale", into: &randomScale)
        section.about("Add a copy of each item mirrored left to right, stereo sound included.")
        section.read("flip_x", into: &flipX)
        section.about("Add a copy of each item upside down.")
        section.read("flip_y", into: &flipY)
    }

    mutating func readMasks(from section: inout ConfigSection) {
        section.about("Folder of loss masks with the items' names.")
        section.read("mask_path", into: &maskPath, .notEmpty)
        section.about("An image's alpha channel is its loss mask.")
        section.read("alpha_mask", into: &alphaMask)
        section.about("The loss counts where the mask is dark.")
        section.read("invert_mask", into: &invertMask)
        section.about("Lowest weight of the loss mask.")
        section.read("mask_min_value", into: &maskMinValue, .within(0...1))
    }

    func readUnused(from section: inout ConfigSection) {
        section.ignore(
            [
                "type": "image", "bucket_tolerance": 64, "extra_values": [], "debug": false,
                "fast_image_size": false, "replay_transforms": nil, "replacements": [],
                "cache_clip_vision_to_disk": false, "load_image_when_caching_latents": false,
                "standardize_images": false, "diff_output_preservation": false,
                "diff_output_preservation_class": nil,
            ],
            because: "it does nothing for LTX-2 in ai-toolkit either"
        )
        section.ignore(
            [
                "num_workers": 2, "prefetch_factor": 2, "pin_memory": false,
                "persistent_workers": false, "cache_latents_num_workers": nil,
                "cache_tensors_to_disk": false,
            ],
            because: "decoding runs ahead by itself"
        )
        section.ignore(
            ["augments": [], "augmentations": [], "shuffle_augmentations": false],
            because: "changed pictures would no longer fit the cached latents",
            severity: .warning
        )
        section.ignore(
            [
                "unconditional_path": nil, "control_path": nil, "control_path_1": nil,
                "control_path_2": nil, "control_path_3": nil,
                "control_from_same_folder": false, "num_controls_from_same_folder": 1,
                "full_size_control_images": true, "control_transparent_color": [0, 0, 0],
                "inpaint_path": nil, "controls": [], "clip_image_path": nil,
                "clip_image_from_same_folder": false, "clip_image_augmentations": [],
                "clip_image_shuffle_augmentations": false, "guidance_type": "targeted",
            ],
            because: "LTX-2 takes no control images in training",
            severity: .warning
        )
        section.refuse(["poi"], because: "ai-toolkit has removed it", fix: "remove the key")
    }
}
