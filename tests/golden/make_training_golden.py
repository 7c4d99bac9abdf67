#!/usr/bin/python3
"""Makes tests/golden/training.json: Adam updates by PyTorch, and scaled pictures by Pillow.

Birth certificate: Debian 12, Python 3.11, torch 1.13.0, Pillow 9.4, numpy 1.24.
Run: /usr/bin/python3 tests/golden/make_training_golden.py
"""
import json
import os

import numpy as np
import torch
from PIL import Image

COUNT, STEPS = 37, 6


def adam(name, **settings):
    rng = np.random.default_rng(len(name))
    start = rng.standard_normal(COUNT).astype(np.float32)
    gradients = (rng.standard_normal((STEPS, COUNT)) * 10.0 ** rng.integers(-6, 3, (STEPS, COUNT))).astype(np.float32)
    gradients[2, :5] = 0
    p = torch.nn.Parameter(torch.from_numpy(start.copy()))
    optimizer = torch.optim.AdamW([p], foreach=False, **settings)
    after = []
    for gradient in gradients:
        p.grad = torch.from_numpy(gradient.copy())
        optimizer.step()
        after.append(p.detach().numpy().copy())
    return {
        "name": name, "learningRate": settings["lr"], "beta1": settings["betas"][0], "beta2": settings["betas"][1],
        "epsilon": settings["eps"], "weightDecay": settings["weight_decay"],
        "start": floats(start), "gradients": [floats(g) for g in gradients], "after": [floats(a) for a in after],
    }


def scaled(kernel, size, target):
    rng = np.random.default_rng(target)
    # Mid-grays: Pillow clips between its two passes, we at the end.
    picture = rng.integers(64, 192, (size, size, 3)).astype(np.uint8)
    resized = Image.fromarray(picture).resize((target, target), getattr(Image, kernel))
    return {"kernel": kernel, "size": size, "target": target, "picture": picture.tobytes().hex(),
            "expected": np.asarray(resized).tobytes().hex()}


def floats(values):
    return [float("%.9g" % v) for v in values]


golden = {
    "adam": [
        adam("paper", lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0),
        adam("fast second moment", lr=2e-3, betas=(0.9, 0.99), eps=1e-6, weight_decay=0),
        adam("decoupled decay", lr=1e-2, betas=(0.8, 0.95), eps=1e-8, weight_decay=0.05),
    ],
    # No box at 3/4: its taps lie exactly on the edge of the kernel, which Pillow counts by other rules.
    "scaled": [scaled(k, 24, t) for k in ("BOX", "BILINEAR", "BICUBIC") for t in (12, 18, 32) if (k, t) != ("BOX", 18)],
}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "training.json"), "w") as file:
    json.dump(golden, file, separators=(",", ":"))
    file.write("\n")
