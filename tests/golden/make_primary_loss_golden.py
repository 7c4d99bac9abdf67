#!/usr/bin/python3
"""Makes tests/golden/primary_loss.json: losses of the 15 softmax blocks and their gradients, by PyTorch in double precision.

Birth certificate: Debian 12, Python 3.11, torch 1.13.0, numpy 1.24.
Run: /usr/bin/python3 tests/golden/make_primary_loss_golden.py
"""
import json
import os

import numpy as np
import torch

SIZES = [16, 11, 12, 14, 12, 10, 16, 14, 13, 14, 18, 17, 16, 19, 24]


def blocks(logits, steps, cross_entropy, distance, power=1, tau=0.0):
    ends = np.cumsum(SIZES)
    loss = 0
    for size, end, step in zip(SIZES, ends, steps):
        z = logits[end - size:end].unsqueeze(0)
        away = (torch.arange(1, size + 1) - int(step)).abs().double()
        if tau > 0:
            target = torch.softmax(-away / tau, 0).unsqueeze(0)
        else:
            target = torch.tensor([int(step) - 1])
        loss = loss + cross_entropy / len(SIZES) * torch.nn.functional.cross_entropy(z, target)
        loss = loss + distance * (torch.softmax(z, 1) * away ** power).sum()
    return loss


def case(index, name, **settings):
    rng = np.random.default_rng(index)
    width = 15 if name == "regression" else sum(SIZES)
    values = (rng.standard_normal(width) * [1, 5, 40][index % 3]).astype(np.float32)
    steps = [int(rng.integers(1, size + 1)) for size in SIZES]
    logits = torch.tensor(values, dtype=torch.float64, requires_grad=True)
    if name == "regression":
        loss = torch.nn.functional.mse_loss(logits, torch.tensor(steps, dtype=torch.float64))
    else:
        loss = blocks(logits, steps, **settings)
    loss.backward()
    return {"name": name, "power": settings.get("power", 1), "tau": settings.get("tau", 0), "c": settings.get("cross_entropy", 1),
            "logits": [float("%.9g" % v) for v in values], "steps": steps,
            "loss": loss.item(), "gradient": [float("%.9g" % v) for v in logits.grad.numpy()]}


cases = []
for i in range(3):
    cases.append(case(i, "crossEntropy", cross_entropy=1.0, distance=0.0))
    cases.append(case(3 + i, "combined", cross_entropy=0.8, distance=1 - 0.8))
    cases.append(case(6 + i, "combined", cross_entropy=0.3, distance=1 - 0.3, power=2))
    cases.append(case(9 + i, "smooth", cross_entropy=1.0, distance=0.0, tau=0.7))
    cases.append(case(12 + i, "regression"))
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "primary_loss.json"), "w") as file:
    json.dump(cases, file, separators=(",", ":"))
    file.write("\n")
