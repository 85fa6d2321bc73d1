extension RunFile {
    /// What a new run file begins with: all that must be there, and the preset that does the rest.
    public static let template = """
        job: extension
        config:
          name: my_character
          process:
            - type: sd_trainer
              training_folder: output
              preset: face+voice
              # A word that no caption needs otherwise; it stands for the character.
              trigger_word: ohwx
              datasets:
                - folder_path: clips
                  resolution: [512]
                  num_frames: 81
                  fps: 24
                  do_audio: true
              train:
                # A share of the clips is only measured: it shows whether face and voice are learned.
                validation_split: 0.1
              model:
                name_or_path: Lightricks/LTX-2

        """
}
