import RunConfig
import Testing

/// Each message of a fault, word for word.
@Suite("What a faulty run file is told")
struct MessageTests {
    @Test(
        "the train section",
        arguments: [
            (
                "lr: abc",
                "train.lr: got \"abc\", expected a number from 0 to 10; use 1e-4 with adamw8bit"
            ),
            (
                "lr: .nan",
                "train.lr: got \".nan\", expected a number from 0 to 10; use 1e-4 with adamw8bit"
            ),
            (
                "lr: 1e999",
                "train.lr: got \"1e999\", expected a number from 0 to 10; use 1e-4 with adamw8bit"
            ),
            (
                "optimizer_params: {betas: [.nan, 0]}",
                "train.optimizer_params.betas: got a list, expected a list of numbers from 0 to below 1, two of them; write [0.9, 0.999]"
            ),
            (
                "lr: [1e-4]",
                "train.lr: got a list, expected a number from 0 to 10; use 1e-4 with adamw8bit"
            ),
            (
                "lr: {a: 1}",
                "train.lr: got a mapping of keys, expected a number from 0 to 10; use 1e-4 with adamw8bit"
            ),
            (
                "steps: 0",
                "train.steps: got 0, expected a whole number from 1 to 100000000; use 2000 to 4000"
            ),
            (
                "steps: 2.5",
                "train.steps: got 2.5, expected a whole number from 1 to 100000000; use 2000 to 4000"
            ),
            (
                "steps: 99999999999999999999999",
                "train.steps: got 99999999999999999999999, expected a whole number from 1 to 100000000; use 2000 to 4000"
            ),
            (
                "optimizer: lion\noptimizer_params: {betas: [0.9, 0.99], d_coef: 2}",
                "train.optimizer_params.d_coef: lion has no such parameter; it has betas, weight_decay"
            ),
            (
                "optimizer: prodigy\noptimizer_params: {d0: 0}",
                "train.optimizer_params.d0: got 0, expected a number above 0; drop the key if in doubt"
            ),
            (
                "optimizer: ademamix8bit\noptimizer_params: {betas: [0.9, 0.999]}",
                "train.optimizer_params.betas: got a list, expected a list of numbers from 0 to below 1, three of them; write [0.9, 0.999, 0.9999]"
            ),
            (
                "optimizer: adamw_schedulefree\noptimizer_params: {betas: [0, 0.999]}",
                "train.optimizer_params.betas: got a list, expected a list of numbers from 0 to below 1, two of them, the first above 0; write [0.9, 0.999]"
            ),
            (
                "optimizer: adamw_schedulefree\nema_config: {use_ema: true}",
                "train.ema_config: adamw_schedulefree saves a mean of the weights already; remove ema_config, or use adamw"
            ),
            ("max_grad_norm: 0", "train.max_grad_norm: got 0, expected a number above 0; use 1.0"),
            (
                "noise_multiplier: 0",
                "train.noise_multiplier: got 0, expected a number above 0; leave 1"
            ),
            (
                "reg_weight: -1",
                "train.reg_weight: got -1, expected a number of at least 0; drop the key for its default, 1.0"
            ),
            (
                "do_cfg: maybe",
                "train.do_cfg: got \"maybe\", expected true or false; drop the key for its default, false"
            ),
            (
                "lr_schedular: cosine",
                "train.lr_schedular: unknown key; did you mean \"lr_scheduler\"?"
            ),
            (
                "rank_dropout: 0.1",
                "train.rank_dropout: unknown key; it belongs to \"network.rank_dropout\""
            ),
            (
                "zebra: 1",
                "train.zebra: unknown key; remove it, or run with --lenient to go on without it"
            ),
            (
                "optimizer: adamw8bits",
                "train.optimizer: got \"adamw8bits\", expected an optimizer such as adamw, adamw8bit, prodigy, adafactor, lion or automagic; did you mean \"adamw8bit\"?"
            ),
            (
                "lr_scheduler: cosin",
                "train.lr_scheduler: got \"cosin\", expected one of constant, constant_with_warmup, linear, cosine, cosine_with_restarts, polynomial, step; did you mean \"cosine\"?"
            ),
            (
                "lr_scheduler: step",
                "train.lr_scheduler: step needs lr_scheduler_params.step_size; write step_size: 500"
            ),
            (
                "loss_type: wavelet",
                "train.loss_type: got \"wavelet\", expected one of mse, mae, pseudo_huber, stepped; drop the key for its default, \"mse\""
            ),
            (
                "loss_target: source",
                "train.loss_target: got \"source\", expected text \"noise\", which stands for the velocity; remove the key; the others belong to other model families"
            ),
            (
                "optimizer_params: {betas: [1, 2]}",
                "train.optimizer_params.betas: got a list, expected a list of numbers from 0 to below 1, two of them; write [0.9, 0.999]"
            ),
            (
                "optimizer_params: {weight_decy: 0}",
                "train.optimizer_params.weight_decy: unknown key; did you mean \"weight_decay\"?"
            ),
            (
                "optimizer_params: 3",
                "train.optimizer_params: got 3, expected a mapping of keys; indent its keys below it"
            ),
            (
                "standardize_latents: true",
                "train.standardize_latents: not supported: it is made for the latents of image models; remove the key"
            ),
            (
                "steps: 5\nstart_step: 5",
                "train.start_step: got 5, expected less than steps, 5; raise steps"
            ),
            (
                "held_out: 1.5",
                "train.held_out: got 1.5, expected a list of clips or a number above 0 and below 1; drop the key if in doubt"
            ),
            (
                "voice_preservation: {every: 0}",
                "train.voice_preservation.every: got 0, expected a whole number from 1 to 1000000; drop the key for its default, 1"
            ),
            (
                "voice_preservation: {evry: 2}",
                "train.voice_preservation.evry: unknown key; did you mean \"every\"?"
            ),
            (
                "voice_preservation: often",
                "train.voice_preservation: got \"often\", expected true, false or a mapping with every and multiplier; write {every: 1, multiplier: 1.0}"
            ),
            (
                "voice_preservation: {clips: 65}",
                "train.voice_preservation.clips: got 65, expected a whole number from 0 to 64; drop the key for its default, 4"
            ),
            (
                "voice_preservation: {guidance: 0.5}",
                "train.voice_preservation.guidance: got 0.5, expected a number from 1 to 100; drop the key for its default, 4.0"
            ),
            (
                "validation_split: 1",
                "train.validation_split: got 1, expected a number above 0 and below 1; use 0.1"
            ),
            (
                "validation_folder: ''",
                "train.validation_folder: got \"\", expected text that is not empty; drop the key if in doubt"
            ),
            (
                "keep_best: 3",
                "train.keep_best: got 3, expected true or false; drop the key for its default, true"
            ),
            (
                "video_loss_multiplier: -1",
                "train.video_loss_multiplier: got -1, expected a number of at least 0; drop the key for its default, 1.0"
            ),
            (
                "video_loss_multiplier: 0\naudio_loss_multiplier: 0",
                "train.video_loss_multiplier: is 0, and so is audio_loss_multiplier: nothing would be learned; raise one of them"
            ),
            (
                "diff_output_preservation: true\ndiff_output_preservation_class: person",
                "train.diff_output_preservation: needs a trigger word to replace by the class; set trigger_word, or use blank_prompt_preservation"
            ),
            (
                "do_cfg: true",
                "train.do_cfg: cannot be used with sound: it doubles the batch for the picture alone; remove the key, or set do_audio: false on every dataset"
            ),
            (
                "do_random_cfg: true",
                "train.do_random_cfg: cannot be used with sound: it doubles the batch for the picture alone; remove the key, or set do_audio: false on every dataset"
            ),
            (
                "min_denoising_steps: 9\nmax_denoising_steps: 3",
                "train.min_denoising_steps: got 9, expected at most max_denoising_steps, 3; exchange the two"
            ),
            (
                "gradient_accumulation: 2\ngradient_accumulation_steps: 2",
                "train.gradient_accumulation_steps: above 1 beside gradient_accumulation above 1; keep gradient_accumulation alone"
            ),
            (
                "blank_prompt_preservation: true\ndiff_output_preservation: true\ndiff_output_preservation_class: a\nsteps: x",
                "train.blank_prompt_preservation: cannot be on together with diff_output_preservation; keep one"
            ),
        ]
    )
    func train(keys: String, message: String) {
        var file = RunFileText()
        file.train = Self.lines(keys)
        #expect(file.messages.contains(message), "\(file.messages)")
    }

    @Test(
        "the other sections",
        arguments: [
            (
                "network", "linear: 0",
                "network.linear: got 0, expected a whole number from 1 to 4096; use 16, 32 or 64"
            ),
            ("network", "linaer: 8", "network.linaer: unknown key; did you mean \"linear\"?"),
            (
                "network", "type: locon",
                "network.type: got \"locon\", expected one of lora, dora, lokr, loha, fullrank; drop the key for its default, \"lora\""
            ),
            (
                "network", "pathways: [sound]",
                "network.pathways: got a list, expected a list of one of video, audio, audio_to_video, video_to_audio that is not empty; name some, or drop the key for all"
            ),
            (
                "network", "pathways: []",
                "network.pathways: got a list, expected a list of one of video, audio, audio_to_video, video_to_audio that is not empty; name some, or drop the key for all"
            ),
            (
                "network", "dropout: 1",
                "network.dropout: got 1, expected a number from 0 to below 1; use 0 unless it overfits"
            ),
            (
                "network", "lokr_factor: 0",
                "network.lokr_factor: got 0, expected a whole number that is -1 or above 0; drop the key for its default, -1"
            ),
            (
                "network", "ranks: {ff: 0}",
                "network.ranks: got a mapping of keys, expected a mapping of keys, each to a rank from 1 to 4096; write {audio_attn1: 64, ff: 16}"
            ),
            (
                "network", "ranks: 8",
                "network.ranks: got 8, expected a mapping of keys, each to a rank from 1 to 4096; write {audio_attn1: 64, ff: 16}"
            ),
            (
                "network", "lorm: {a: 1}",
                "network.lorm: not supported: it belongs to other model families; remove the key"
            ),
            (
                "network", "network_kwargs: {only_if_contains: audio}",
                "network.network_kwargs.only_if_contains: got \"audio\", expected a list of texts that is not empty; drop the key if in doubt"
            ),
            (
                "save", "dtype: fp8",
                "save.dtype: got \"fp8\", expected one of bf16, fp16, fp32; drop the key for its default, \"bf16\""
            ),
            (
                "save", "save_every: -1",
                "save.save_every: got -1, expected a whole number from 1 to 1000000000; use 250"
            ),
            (
                "dataset", "num_frames: 5",
                "datasets[0].num_frames: got 5, expected a whole number 1, or from 9 to 2001; use 81 or 121"
            ),
            (
                "dataset", "folder_path: a\nnum_frames: 9\nbuckets: false",
                "datasets[0].buckets: false cannot be used with clips; remove the key"
            ),
            (
                "dataset", "num_frames: 9",
                "datasets[0].folder_path: missing, expected a folder; say where the clips are"
            ),
            (
                "dataset", "resolution: [512, 8]",
                "datasets[0].resolution: got a list, expected a whole number or a list of whole numbers from 32 to 8192; use 512 or [512, 768]"
            ),
            (
                "dataset", "do_i2v: 2",
                "datasets[0].do_i2v: got 2, expected true, false or a number from 0 to 1; use 0.5 to train both"
            ),
            (
                "dataset", "num_fraems: 9",
                "datasets[0].num_fraems: unknown key; did you mean \"num_frames\"?"
            ),
            (
                "dataset", "poi: a",
                "datasets[0].poi: not supported: ai-toolkit has removed it; remove the key"
            ),
            (
                "model", "arch: ltx2",
                "model.name_or_path: missing, expected text that is not empty; name a model, such as Lightricks/LTX-2"
            ),
            (
                "model", "arch: flux",
                "model.arch: got \"flux\", expected one of ltx2, ltx2.3, ltx2.5; drop the key to tell it from the checkpoint"
            ),
            (
                "model", "is_flux: true",
                "model.is_flux: not supported: it belongs to other model families; remove the key; the versions here are ltx2, ltx2.3 and ltx2.5"
            ),
            (
                "model", "quantize: true\nqtype: qint2",
                "model.qtype: got \"qint2\", which is too coarse to train on; use qfloat8, int8, int4 or nf4"
            ),
            (
                "model", "qtype: qflaot8",
                "model.qtype: got \"qflaot8\", expected a quantisation such as qfloat8, int8, int4 or nf4; did you mean \"qfloat8\"?"
            ),
            (
                "model", "quantize: qflot8",
                "model.quantize: got \"qflot8\", expected a quantisation such as qfloat8, int8, int4 or nf4; did you mean \"qfloat8\"?"
            ),
            (
                "model", "layer_offloading_transformer_percent: 56",
                "model.layer_offloading_transformer_percent: got 56, expected a number from 0 to 1; write 0.56 for 56 %"
            ),
            (
                "sample", "prompts: [a, null]",
                "sample.prompts: got a list, expected a list of texts; drop the key for its default, []"
            ),
            (
                "sample", "width: 16",
                "sample.width: got 16, expected a whole number from 32 to 8192; use 512"
            ),
            (
                "sample", "prompts: [\"a --w tall\"]",
                "sample.prompts: got \"tall\" after --w, expected a whole number from 32 to 8192; correct or remove the flag"
            ),
            (
                "sample", "samples: [{seed: 1}]",
                "sample.samples[0].prompt: missing, expected text; write what the preview should show"
            ),
            (
                "sample", "samples: [word]",
                "sample.samples[0]: got \"word\", expected a mapping of keys; write keys and values below the dash"
            ),
            (
                "process", "device: gpu",
                "device: got \"gpu\", expected text such as cuda, cuda:0, cpu or mps; drop the key for its default, \"auto\""
            ),
            (
                "process", "adapter: {a: 1}",
                "adapter: not supported: it belongs to other model families; remove the key"
            ),
            (
                "process", "type: concept_slider",
                "type: got \"concept_slider\", expected one of sd_trainer, diffusion_trainer, ui_trainer, textual_inversion_trainer; write \"type: sd_trainer\""
            ),
            (
                "process", "train: fast",
                "train: got \"fast\", expected a mapping of keys; indent its keys below it"
            ),
            (
                "process", "datasets: clips",
                "datasets: got \"clips\", expected a list; begin each entry with a dash, as in \"- …\""
            ),
            (
                "process", "datasets: []",
                "datasets: got an empty list, expected a dataset; add \"- folder_path: …\""
            ),
        ]
    )
    func sections(section: String, keys: String, message: String) {
        let file = Self.file(section, Self.lines(keys))
        #expect(file.messages.contains(message), "\(file.messages)")
    }

    @Test(
        "what runs otherwise than its author may think",
        arguments: [
            (
                "network", "type: lora",
                "warning: network.linear: not given, so the rank is 4; use 32 for a face and a voice"
            ),
            (
                "network", "linear: 32\nlinear_alpha: 16",
                "warning: network.linear_alpha: is not the rank 32, but the scale is 1, as in ai-toolkit; set honor_linear_alpha: true for a scale of alpha / rank"
            ),
            (
                "network", "linear: 32\nrank: 8",
                "warning: network.rank: wins over linear, so the rank is 8; keep one"
            ),
            (
                "network", "linear: 8\nconv: 16",
                "note: network.conv: has no effect here: there are no convolutions in the transformer's blocks"
            ),
            (
                "save", "dtype: fp16",
                "warning: save.dtype: fp16 overflows above 65504; use bf16 for LTX-2"
            ),
            (
                "save", "push_to_hub: true",
                "warning: save.push_to_hub: has no effect here: nothing is uploaded"
            ),
            (
                "dataset", "folder_path: a\nnum_frames: 80",
                "note: datasets[0].num_frames: got 80, taken as 73, as the model needs 8k + 1"
            ),
            (
                "dataset", "folder_path: a\ndo_audio: true",
                "note: datasets[0].do_audio: has no effect on images"
            ),
            (
                "dataset", "folder_path: a\nauto_frame_count: true\nnum_frames: 81",
                "note: datasets[0].num_frames: has no effect beside auto_frame_count: true"
            ),
            (
                "train", "min_snr_gamma: 5.0",
                "warning: train.min_snr_gamma: has no effect here: flow matching has no signal-to-noise table; timestep_type balances noise levels"
            ),
            (
                "train", "optimizer: prodigy\nlr: 1e-4",
                "warning: train.lr: got 0.0001, taken as 1, as prodigy finds the rate itself; write lr: 1.0"
            ),
            (
                "train", "optimizer: prodigy\nlr: 1e-4\naudio_lr: 5e-5",
                "warning: train.audio_lr: got 5e-05, taken as 0.5, as prodigy finds the rate itself; write it as a share of lr: 1.0"
            ),
            (
                "train", "optimizer: adamw_schedulefree\nlr_scheduler: cosine",
                "warning: train.lr_scheduler: cosine works against adamw_schedulefree, which needs no falling rate; use constant or constant_with_warmup"
            ),
            (
                "train", "optimizer: prodigy\nlr: 1\nlr_scheduler: linear",
                "warning: train.lr_scheduler: linear works against prodigy, which finds the rate itself; use constant or cosine"
            ),
            (
                "train", "lr_scheduler: linear",
                "note: train.lr_scheduler: linear falls from lr to 0; ai-toolkit's rises from a third of lr; give start_factor and end_factor for another course"
            ),
            (
                "train", "lr_scheduler: constant_with_warmup\nsteps: 200",
                "note: train.lr_scheduler: warms up over 20 steps, as num_warmup_steps is not given"
            ),
            (
                "train", "auto_balance_audio_loss: true\naudio_loss_multiplier: 2",
                "warning: train.audio_loss_multiplier: has no effect, as the losses are balanced (loss_average); remove it, or turn the balance off"
            ),
            (
                "train", "auto_balance_audio_loss: true\naudio_balance: gradient_norm",
                "warning: train.audio_balance: wins over auto_balance_audio_loss: true, so the balance is gradient_norm; keep one"
            ),
            (
                "train", "video_loss_multiplier: 0\nauto_balance_audio_loss: true",
                "warning: train.auto_balance_audio_loss: has nothing to balance the sound with, as video_loss_multiplier is 0; remove it"
            ),
            (
                "train", "video_loss_multiplier: 0\naudio_balance: gradient_norm",
                "warning: train.audio_balance: has nothing to balance the sound with, as video_loss_multiplier is 0; remove it"
            ),
            (
                "train", "independent_audio_timestep: false\nmixed_audio_timestep: 0.2",
                "warning: train.mixed_audio_timestep: has no effect, as independent_audio_timestep is false; keep one"
            ),
            (
                "train", "independent_audio_timestep: false\naudio_timestep_type: shifted",
                "warning: train.audio_timestep_type: has no effect, as independent_audio_timestep is false; keep one"
            ),
            (
                "train", "keep_best: true",
                "note: train.keep_best: has no effect, as no clips are held out; set validation_split: 0.1 to hold out a tenth"
            ),
            (
                "train", "held_out_every: 50",
                "note: train.held_out_every: has no effect, as no clips are held out; set validation_split: 0.1 to hold out a tenth"
            ),
            (
                "train", "strict_audio_min_supervised_ratio: 2",
                "warning: train.strict_audio_min_supervised_ratio: got 2.0, taken as 1.0; use a value from 0 to 1"
            ),
            (
                "train", "train_unet: false",
                "warning: train.train_unet: has no effect here: the transformer is what is trained"
            ),
            (
                "train", "noise_scheduler: ddim",
                "warning: train.noise_scheduler: got \"ddim\", but LTX-2 is trained by flow matching"
            ),
            (
                "train", "unload_text_encoder: true",
                "warning: train.unload_text_encoder: every caption is ignored: only the trigger word is encoded; use cache_text_embeddings: true to free the memory and keep the captions"
            ),
            (
                "model", "name_or_path: a\nquantize: convrot8",
                "warning: model.quantize: convrot8 is not here, so the nearest is used, int8; write int8"
            ),
            (
                "model", "name_or_path: a\nquantize: true\nqtype: \"uint4|org/ara\"",
                "warning: model.qtype: \"uint4|org/ara\" asks for an accuracy recovery adapter, which is left out; write uint4"
            ),
            (
                "sample", "width: 500\nprompts: [a]",
                "note: sample.width: got 500, taken as 480, a multiple of 32"
            ),
            (
                "sample", "prompts: [a]\nsamples: [{prompt: b}]",
                "warning: sample.prompts: has no effect beside samples; keep one"
            ),
        ]
    )
    func warnings(section: String, keys: String, message: String) throws {
        let file = Self.file(section, Self.lines(keys))
        _ = try file.parse()
        #expect(file.messages.contains(message), "\(file.messages)")
    }

    @Test(
        "what one section asks of another",
        arguments: [
            (
                ["diff_output_preservation: true", "diff_output_preservation_class: person"], [],
                "train.diff_output_preservation: needs a network, but the run trains the whole transformer; add a network section or remove the key"
            ),
            (
                ["diff_output_preservation: true", "train_text_encoder: true"], [],
                "train.diff_output_preservation: cannot be on together with train_text_encoder; keep one"
            ),
            (
                ["diff_output_preservation: true"], [],
                "warning: train.diff_output_preservation: has no class, so the trigger word is replaced by nothing; set diff_output_preservation_class, such as person"
            ),
            (
                ["strict_audio_mode: true"], ["do_audio: false"],
                "train.strict_audio_mode: asks for sound, but no dataset has any; set num_frames above 1 or auto_frame_count: true on a dataset of clips"
            ),
            (
                ["steps: 5"], ["cache_text_embeddings: true", "- folder_path: b"],
                "datasets: cache_text_embeddings is true for some datasets and false for others; set train.cache_text_embeddings for all"
            ),
            (
                ["cache_text_embeddings: true"], ["cache_text_embeddings: false"],
                "note: datasets[0].cache_text_embeddings: is true, as train.cache_text_embeddings is"
            ),
        ]
    )
    func together(train: [String], dataset: [String], message: String) {
        var file = RunFileText()
        file.network = []
        file.train = train
        file.dataset += dataset
        #expect(file.messages.contains(message), "\(file.messages)")
    }

    @Test(
        "split files and statistics for merging need a network",
        arguments: ["split", "merge_statistics"]
    )
    func adapterFilesWithoutNetwork(key: String) {
        var file = RunFileText()
        file.network = []
        file.save = ["\(key): true"]
        let message =
            "save.\(key): needs a network, but the run trains the whole transformer; add a network section "
            + "or remove the key"
        #expect(file.messages.contains(message), "\(file.messages)")
    }

    @Test(
        "a slip of the hand is recognised",
        arguments: [
            ("optimiser", "optimizer"), ("dtyp", "dtype"), ("batchsize", "batch_size"),
            ("timestep_typ", "timestep_type"), ("stesp", "steps"),
            ("auto_balance_audio", "auto_balance_audio_loss"),
            ("independant_audio_timestep", "independent_audio_timestep"), ("LR", "lr"),
            ("gradient_checkpoint", "gradient_checkpointing"),
        ]
    )
    func typos(typo: String, meant: String) {
        var file = RunFileText()
        file.train = ["\(typo): 1"]
        #expect(
            file.messages.contains("train.\(typo): unknown key; did you mean \"\(meant)\"?"),
            "\(file.messages)"
        )
    }

    @Test("all faults come at once, sorted by line, with the file's name")
    func allAtOnce() {
        var file = RunFileText()
        file.network = ["type: lora", "linaer: 8"]
        file.train = ["steps: many", "lr_schedular: cosine"]
        let error = #expect(throws: ConfigError.self) { try file.parse() }
        #expect(
            error?.description == """
                job.yaml:9: network.linaer: unknown key; did you mean "linear"?
                job.yaml:11: train.steps: got "many", expected a whole number from 1 to 100000000; use 2000 to 4000
                job.yaml:12: train.lr_schedular: unknown key; did you mean "lr_scheduler"?
                """
        )
    }

    @Test("a lenient run warns of unknown keys and goes on")
    func lenient() throws {
        var file = RunFileText()
        file.train = ["steps: 7", "zebra: 1"]
        let run = try file.parse(lenient: true)
        #expect(run.train.steps == 7)
        #expect(
            run.diagnostics.map(\.description) == [
                "job.yaml:12: warning: train.zebra: unknown key; remove it, or run with --lenient to go on without it"
            ]
        )
    }

    @Test("a key without effect is noted once, however many datasets have it")
    func notedOnce() throws {
        var file = RunFileText()
        file.dataset.append("num_workers: 4")
        let second = "        - folder_path: b\n          num_workers: 4\n"
        let run = try RunFile.parse(text: file.text + second, fileName: "job.yaml")
        #expect(run.datasets.count == 2)
        #expect(run.diagnostics.map(\.path) == ["datasets[0].num_workers"])
    }

    private static func lines(_ keys: String) -> [String] {
        keys.split(separator: "\n").map(String.init)
    }

    private static func file(_ section: String, _ lines: [String]) -> RunFileText {
        var file = RunFileText()
        switch section {
        case "network": file.network = lines
        case "save": file.save = lines
        case "dataset": file.dataset = lines
        case "model": file.model = lines
        case "sample": file.sample = lines
        case "train": file.train = lines
        default: file.replaceProcess(with: lines)
        }
        return file
    }
}
