/// What the loss is made of.
extension TrainSection {
    mutating func readLoss(from section: inout ConfigSection) {
        section.about("How the predicted velocity is compared with its target.")
        section.read("loss_type", into: &lossType)
        var target = "noise"
        section.about("What is predicted; with flow matching it is the velocity.")
        section.read(
            "loss_target",
            into: &target,
            .that("\"noise\", which stands for the velocity") { $0 == "noise" },
            fix: "remove the key; the others belong to other model families"
        )
        section.about("The loss is clamped to this.")
        section.read("max_loss", into: &maxLoss, .above(0))
        section.about("Factor of the loss of regularisation batches.")
        section.read("reg_weight", into: &regWeight, .atLeast(0))
        section.about("Outside an item's mask, keep to the prediction of the frozen model.")
        section.read("inverted_mask_prior", into: &invertedMaskPrior)
        section.about("Factor of that loss.")
        section.read(
            "inverted_mask_prior_multiplier",
            into: &invertedMaskPriorMultiplier,
            .atLeast(0)
        )
        section.ignore(
            ["min_snr_gamma": 0, "snr_gamma": 0, "learnable_snr_gos": false],
            because:
                "flow matching has no signal-to-noise table; timestep_type balances noise levels",
            severity: .warning
        )
    }

    mutating func readPreservation(from section: inout ConfigSection) {
        section.about(
            "Keep what the frozen model does when the trigger word is replaced by a class."
        )
        section.read("diff_output_preservation", into: &diffOutputPreservation)
        section.about("Factor of that loss.")
        section.read(
            "diff_output_preservation_multiplier",
            into: &diffOutputPreservationMultiplier,
            .atLeast(0)
        )
        section.about("The class that replaces the trigger word, such as person.")
        section.read("diff_output_preservation_class", into: &diffOutputPreservationClass)
        section.about("Keep what the frozen model does without a prompt.")
        section.read("blank_prompt_preservation", into: &blankPromptPreservation)
        section.about("Factor of that loss.")
        section.read(
            "blank_prompt_preservation_multiplier",
            into: &blankPromptPreservationMultiplier,
            .atLeast(0)
        )
        checkPreservation(section)
    }

    private func checkPreservation(_ section: ConfigSection) {
        guard diffOutputPreservation else { return }
        if blankPromptPreservation {
            section.error(
                "blank_prompt_preservation",
                "cannot be on together with diff_output_preservation",
                fix: "keep one"
            )
        }
        if diffOutputPreservationClass.isEmpty {
            section.warn(
                "diff_output_preservation",
                "has no class, so the trigger word is replaced by nothing",
                fix: "set diff_output_preservation_class, such as person"
            )
        }
        if trainTextEncoder {
            section.error(
                "diff_output_preservation",
                "cannot be on together with train_text_encoder",
                fix: "keep one"
            )
        }
    }

    mutating func readGuidance(from section: inout ConfigSection) {
        section.about("Train towards a guided prediction.")
        section.read("do_guidance_loss", into: &doGuidanceLoss)
        var target = OneOrMany(guidanceLossTarget)
        section.about("Guidance scale of that loss, or its lowest and highest value.")
        section.read(
            "guidance_loss_target",
            into: &target,
            .that("(two in the list)") { $0.elements.count == 1 || $0.elements.count == 2 }
        )
        guidanceLossTarget = target.elements
        section.about("How that scale depends on sigma.")
        section.read("guidance_loss_schedule", into: &guidanceLossSchedule)
        section.about("Scale the unconditional prediction to fit before it is used.")
        section.read("do_guidance_loss_cfg_zero", into: &doGuidanceLossCFGZero)
        section.about("Prompt of the unconditional prediction.")
        section.read("unconditional_prompt", into: &unconditionalPrompt)
        section.about("Push the target away from the prediction: larger steps where it is wrong.")
        section.read("do_differential_guidance", into: &doDifferentialGuidance)
        section.about("How far it is pushed.")
        section.read("differential_guidance_scale", into: &differentialGuidanceScale, .above(0))
        section.about("Guide the prediction while training; not with sound.")
        section.read("do_cfg", into: &doCFG)
        section.about("The same at a scale drawn between cfg_scale and max_cfg_scale.")
        section.read("do_random_cfg", into: &doRandomCFG)
        section.about("Guidance scale of do_cfg.")
        section.read("cfg_scale", into: &cfgScale, .atLeast(0))
        maxCFGScale = cfgScale
        section.about("Highest guidance scale of do_random_cfg.")
        section.read("max_cfg_scale", into: &maxCFGScale, .atLeast(0), otherwise: "cfg_scale")
    }
}
