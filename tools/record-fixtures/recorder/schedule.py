"""Sampling sigmas."""

import numpy
from diffusers import FlowMatchEulerDiscreteScheduler

from .folder import MODULE

SETTINGS = ((1536, 30), (6144, 40), (18, 8))  # video tokens, steps


def make():
    return FlowMatchEulerDiscreteScheduler(
        base_image_seq_len=1024, base_shift=0.95, max_image_seq_len=4096, max_shift=2.05, shift=1.0,
        shift_terminal=0.1, use_dynamic_shifting=True, time_shift_type="exponential",
    )


def record(folder):
    """Writes `schedule_io`."""
    tensors = {}
    for tokens, steps in SETTINGS:
        slope = (2.05 - 0.95) / (4096 - 1024)
        scheduler = make()
        scheduler.set_timesteps(
            steps, sigmas=numpy.linspace(1.0, 1 / steps, steps), mu=0.95 + slope * (tokens - 1024)
        )
        tensors[f"sigmas.{tokens}.{steps}"] = scheduler.sigmas
    folder.save("schedule_io", tensors, tolerances={"*": MODULE})
