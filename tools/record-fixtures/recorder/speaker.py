"""A tiny speaker model as TorchScript, ones that break the rules, and what torch gives for them."""

import torch
from safetensors.torch import save_file


class Speaker(torch.nn.Module):
    """Strided convolutions and a mean over time: [1, N] to [1, 8]."""

    def __init__(self):
        super().__init__()
        self.first = torch.nn.Conv1d(1, 6, 64, stride=32)
        self.second = torch.nn.Conv1d(6, 8, 5, stride=2)
        self.dropout = torch.nn.Dropout(0.5)

    def forward(self, waveform: torch.Tensor) -> torch.Tensor:
        x = torch.tanh(self.first(waveform.unsqueeze(1)))
        return self.dropout(self.second(x)).mean(-1)


class Flat(Speaker):
    def forward(self, waveform: torch.Tensor) -> torch.Tensor:
        return torch.tanh(self.first(waveform.unsqueeze(1))).mean(-1)[0]


class Frames(torch.nn.Module):
    def forward(self, waveform: torch.Tensor) -> torch.Tensor:
        return waveform.reshape(2, -1)


class NotFinite(torch.nn.Module):
    def forward(self, waveform: torch.Tensor) -> torch.Tensor:
        return waveform[:, :4] / 0.0


class Pair(torch.nn.Module):
    def forward(self, waveform: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return waveform, waveform


def record(target):
    """Writes the models and `speaker_io` into a folder."""
    target.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(41)
    speaker, flat = Speaker(), Flat()
    # Saved as a training script leaves it: dropout on.
    speaker.train()
    models = {"speaker": speaker, "flat": flat, "frames": Frames(), "not-finite": NotFinite(), "pair": Pair()}
    for name, model in models.items():
        torch.jit.save(torch.jit.script(model), str(target / f"{name}.pt"))
    waveforms = {"a": 0.3 * torch.randn(1, 4000), "b": 0.3 * torch.randn(1, 3333)}
    speaker.eval()
    with torch.no_grad():
        outputs = {f"out.{name}": speaker(waveform) for name, waveform in waveforms.items()}
        outputs["out.flat"] = flat(waveforms["a"])
    inputs = {f"in.{name}": waveform for name, waveform in waveforms.items()}
    save_file({key: value.contiguous() for key, value in (inputs | outputs).items()}, target / "speaker_io.safetensors")
