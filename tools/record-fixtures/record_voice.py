#!/usr/bin/env python3
"""Records pitch and spectral centroid of the example clips from Praat and librosa.

Usage: record_voice.py      (needs the ffmpeg program and the packages of requirements-voice.txt)
"""

import importlib.metadata
import json
import subprocess
from pathlib import Path

import librosa
import numpy as np
import parselmouth

REPOSITORY = Path(__file__).resolve().parent.parent.parent
TARGET = REPOSITORY / "Tests" / "SoundAnalysisTests" / "Fixtures" / "voices.json"
CLIPS = ["01-greeting.mp4", "05-desert.mp4", "09-stage.mp4"]


def samples(path):
    """One channel at 16 kHz, as the file's first stream decodes."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-ac", "1", "-ar", "16000", "-f", "f32le", "-"]
    return np.frombuffer(subprocess.run(command, check=True, capture_output=True).stdout, dtype=np.float32)


def percentiles(values):
    return [round(float(np.percentile(values, share)), 2) for share in (5, 50, 95)]


def praat(sound):
    """Pitch in Hz at the middles of frames of 10 ms, 0 where there is none."""
    pitch = parselmouth.Sound(sound.astype(np.float64), 16000).to_pitch_ac(
        time_step=0.01, pitch_floor=60, pitch_ceiling=500
    )
    values = np.array([pitch.get_value_at_time((frame + 0.5) * 0.01) for frame in range(len(sound) // 160)])
    return np.nan_to_num(values)


def pyin(sound):
    values, voiced, _ = librosa.pyin(sound, fmin=60, fmax=500, sr=16000, frame_length=1024, hop_length=160)
    return percentiles(values[voiced])


def centroids(sound):
    """Of the middles of frames of 10 ms; [T] in Hz, up to 7.6 kHz."""
    magnitudes = np.abs(librosa.stft(sound[80:], n_fft=1024, win_length=512, hop_length=160, center=True))
    frequencies = librosa.fft_frequencies(sr=16000, n_fft=1024)
    low = frequencies <= 7600
    return librosa.feature.spectral_centroid(S=magnitudes[low], freq=frequencies[low])[0]


def main():
    voices = {}
    for clip in CLIPS:
        sound = samples(REPOSITORY / "Examples" / "clips" / clip)
        pitches = praat(sound)
        voices[clip] = {
            "pitches": [round(float(value), 2) for value in pitches],
            "praat": percentiles(pitches[pitches > 0]), "pyin": pyin(sound),
            "centroids": [round(float(value), 1) for value in centroids(sound)],
        }
    packages = {name: importlib.metadata.version(name) for name in ("librosa", "praat-parselmouth")}
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(json.dumps({"packages": packages, "voices": voices}) + "\n")


main()
