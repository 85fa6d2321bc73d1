"""Encodes clips as the Python trainers do: PyAV, torch's resize, a log-mel spectrogram, diffusers' VAEs, safetensors.

All clips of a folder for each line that is read, answered by a line of JSON; caching.py asks. One process, float32,
no gradients. With --worker the clips are decoded by one worker of a DataLoader while this process encodes.
"""

import argparse
import json
import os
import resource
import sys
import time

import av
import numpy
import torch
from diffusers import AutoencoderKLLTX2Audio, AutoencoderKLLTX2Video
from safetensors.torch import save_file

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "record-fixtures"))
from recorder.mel import mel_bank  # noqa: E402

RATE, WINDOW, HOP = 16000, 1024, 160


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("vaes", help="folder with vae and audio_vae")
    parser.add_argument("clips", help="folder of clips")
    parser.add_argument("output", help="folder for the latents")
    parser.add_argument("--width", type=int, default=512)
    parser.add_argument("--height", type=int, default=320)
    parser.add_argument("--frames", type=int, default=81)
    parser.add_argument("--worker", action="store_true", help="decode in a worker of a DataLoader")
    return parser.parse_args()


class Clips(torch.utils.data.Dataset):
    """Decoded clips: name, pictures [3, T, H, W] in -1...1, sound [2, N]."""

    def __init__(self, o):
        self.o, self.names = o, sorted(name for name in os.listdir(o.clips) if name.endswith(".mp4"))

    def __len__(self):
        return len(self.names)

    def __getitem__(self, number):
        path = os.path.join(self.o.clips, self.names[number])
        return self.names[number], self.pictures(path), self.sound(path)

    def pictures(self, path):
        with av.open(path) as file:
            stream = file.streams.video[0]
            stream.thread_type = "AUTO"
            frames = []
            for frame in file.decode(stream):
                frames.append(frame.to_ndarray(format="rgb24"))
                if len(frames) == self.o.frames:
                    break
        x = torch.from_numpy(numpy.stack(frames)).permute(0, 3, 1, 2)  # [T, 3, H, W]
        x = torch.nn.functional.interpolate(
            x.float(), size=(self.o.height, self.o.width), mode="bicubic", antialias=True).clamp_(0, 255)
        return (x / 127.5 - 1).permute(1, 0, 2, 3).contiguous()

    def sound(self, path):
        with av.open(path) as file:
            resampler = av.AudioResampler(format="fltp", layout="stereo", rate=RATE)
            parts = [part.to_ndarray() for frame in file.decode(audio=0) for part in resampler.resample(frame)]
            parts += [part.to_ndarray() for part in resampler.resample(None)]
        count = round(self.o.frames / 25 * RATE)
        return torch.from_numpy(numpy.concatenate(parts, axis=1)[:, :count])


class Encoders:
    def __init__(self, folder):
        self.video = AutoencoderKLLTX2Video.from_pretrained(os.path.join(folder, "vae")).eval()
        self.audio = AutoencoderKLLTX2Audio.from_pretrained(os.path.join(folder, "audio_vae")).eval()
        self.bank = mel_bank(RATE, WINDOW, self.audio.config.mel_bins).float()

    @property
    def parameters(self):
        return {name: sum(x.numel() for x in vae.encoder.parameters())
                for name, vae in [("video", self.video), ("audio", self.audio)]}

    def mel(self, sound):
        """As torchaudio's MelSpectrogram with Slaney's scale and norm, of magnitudes; [1, 2, Tm, bands]."""
        spectrum = torch.stft(sound, WINDOW, HOP, window=torch.hann_window(WINDOW), center=True,
                              pad_mode="reflect", return_complex=True).abs()
        return (self.bank @ spectrum).clamp(min=1e-5).log().transpose(1, 2)[None]

    def encode(self, pictures, sound):
        video, audio = self.video, self.audio
        wide = lambda x: x.view(1, -1, 1, 1, 1)
        latent = video.encode(pictures[None]).latent_dist.mode()
        latent = (latent - wide(video.latents_mean)) / wide(video.latents_std)
        heard = audio.encode(self.mel(sound)).latent_dist.mode().transpose(1, 2).flatten(2)
        heard = (heard - audio.latents_mean) / audio.latents_std
        return {"latent": latent[0].contiguous(), "audio_latent": heard[0].contiguous()}


def clips(o):
    found = Clips(o)
    if not o.worker:
        return (found[number] for number in range(len(found)))
    return torch.utils.data.DataLoader(found, batch_size=None, num_workers=1)


@torch.inference_mode()
def fill(o, encoders):
    os.makedirs(o.output, exist_ok=True)
    count = 0
    for name, pictures, sound in clips(o):
        save_file(encoders.encode(pictures, sound), os.path.join(o.output, name + ".safetensors"))
        count += 1
    return count


def memory():
    own, worker = (resource.getrusage(who).ru_maxrss * 1024
                   for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own + worker


def main():
    o = options()
    encoders = Encoders(o.vaes)
    for _ in sys.stdin:
        begun = time.perf_counter()
        count = fill(o, encoders)
        seconds = time.perf_counter() - begun
        print(json.dumps({"seconds": seconds, "clips": count, "processBytes": memory(),
                          "parameters": encoders.parameters}), flush=True)


if __name__ == "__main__":
    main()
