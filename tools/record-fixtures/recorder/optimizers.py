"""Learning rates of torch's schedules and trajectories of its optimizers."""

import torch
from torch.optim import lr_scheduler
from transformers import (
    get_constant_schedule_with_warmup, get_cosine_schedule_with_warmup, get_linear_schedule_with_warmup,
)

from .folder import EXACT

RATE, RATE_STEPS = 1e-3, 20
SIZE, STEPS = 12, 50

SCHEDULES = {
    "constant": lambda o: lr_scheduler.ConstantLR(o, factor=1.0, total_iters=RATE_STEPS),
    "constant_with_warmup_5": lambda o: get_constant_schedule_with_warmup(o, 5),
    "linear_decay": lambda o: lr_scheduler.LinearLR(o, 1.0, 0.0, total_iters=RATE_STEPS),
    "linear_torch_default": lambda o: lr_scheduler.LinearLR(o, total_iters=RATE_STEPS),
    "cosine": lambda o: lr_scheduler.CosineAnnealingLR(o, T_max=RATE_STEPS),
    "cosine_eta_min_1e-4": lambda o: lr_scheduler.CosineAnnealingLR(o, T_max=RATE_STEPS, eta_min=1e-4),
    "cosine_with_warmup_5": lambda o: get_cosine_schedule_with_warmup(o, 5, RATE_STEPS),
    "cosine_with_restarts_7": lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, T_0=7),
    "cosine_with_restarts_4_2": lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, T_0=4, T_mult=2),
    "linear_with_warmup_5": lambda o: get_linear_schedule_with_warmup(o, 5, RATE_STEPS),
    "polynomial": lambda o: lr_scheduler.PolynomialLR(o, total_iters=RATE_STEPS, power=1.0),
    "polynomial_12_2": lambda o: lr_scheduler.PolynomialLR(o, total_iters=12, power=2.0),
    "step_6_half": lambda o: lr_scheduler.StepLR(o, step_size=6, gamma=0.5),
}

OPTIMIZERS = {
    "adamw": lambda p: torch.optim.AdamW(p, lr=1e-2),
    "adamw_eps_1e-6": lambda p: torch.optim.AdamW(p, lr=1e-2, eps=1e-6),
    "adamw_decay": lambda p: torch.optim.AdamW(p, lr=1e-2, betas=(0.8, 0.95), weight_decay=0.3),
    "adam": lambda p: torch.optim.Adam(p, lr=1e-2),
}


def record(folder):
    """Writes `optimizer_io`; a rate is the one that its step uses."""
    generator = torch.Generator().manual_seed(31)
    start = torch.randn(SIZE, generator=generator)
    sizes = 10.0 ** torch.linspace(-7, 1, SIZE)  # from below epsilon to far above
    gradients = sizes * (0.5 + torch.randn(STEPS, SIZE, generator=generator))
    tensors = {f"lr.{name}": rates(make) for name, make in SCHEDULES.items()}
    tensors |= {"in.start": start, "in.gradients": gradients}
    tensors |= {f"path.{name}": path(make, start, gradients) for name, make in OPTIMIZERS.items()}
    tolerances = {"in.*": EXACT, "lr.*": 1e-6, "path.*": 1e-5}
    folder.save("optimizer_io", tensors, tolerances=tolerances, seed=31)


def rates(make):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=RATE)
    schedule = make(optimizer)
    used = []
    for _ in range(RATE_STEPS):
        used.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return torch.tensor(used, dtype=torch.float64)


def path(make, start, gradients):
    """The vector after each step, [STEPS, SIZE]."""
    parameter = torch.nn.Parameter(start.clone())
    optimizer = make([parameter])
    positions = []
    for gradient in gradients:
        parameter.grad = gradient.clone()
        optimizer.step()
        positions.append(parameter.detach().clone())
    return torch.stack(positions)
