import ArgumentParser
import TrainingRun

/// The program: one command for each thing that it does.
@main
struct LikenessCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "likeness",
        abstract: "Trains a character's face and voice into LTX-2 as a LoRA.",
        discussion: """
            Start with `likeness train job.yaml --dry-run`: it checks run file, model and clips and \
            prints the plan. `likeness doctor` says what this machine lacks.
            """,
        version: Likeness.version,
        subcommands: [
            CheckCommand.self, PlanCommand.self, TrainCommand.self, SampleCommand.self,
            CacheCommand.self, ClipCommand.self, LoRACommand.self, ModelCommand.self,
            VoiceCommand.self,
            VerifyCommand.self, StudioCommand.self,
            TinyCommand.self, BenchCommand.self, DoctorCommand.self, SchemaCommand.self,
            KeepCommand.self,
        ]
    )
}
