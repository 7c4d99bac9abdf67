#!/usr/bin/python3
"""Makes tests/golden/phase_histogram.safetensors: a small phase-histogram network, two windows of evidence, and what
PyTorch says of them: logits, attention, losses, the gradient of every parameter.

Parameters and evidence are float16, so that both sides start from the same numbers; PyTorch computes in float64.
Birth certificate: Debian 12, Python 3.11, torch 1.13.0, numpy 1.24.
Run: /usr/bin/python3 tests/golden/make_phase_histogram_golden.py
"""
import json
import os
import struct

import numpy as np
import torch
import torch.nn.functional as nn

SIZES = [16, 11, 12, 14, 12, 10, 16, 14, 13, 14, 18, 17, 16, 19, 24]
OPTIONS = dict(coefficients=16, bins=8, binWidth=0.75, periods=2, hidden=16, phaseWidth=16, pooledWidth=16, heads=2,
               coefficientWidth=16, trunk=16, secondTable=True)
WINDOWS, ATTENTION_WEIGHT = 2, 0.3
K, B, H, V, D, HEADS, Z, G = (OPTIONS[key] for key in (
    "coefficients", "bins", "hidden", "phaseWidth", "pooledWidth", "heads", "coefficientWidth", "trunk"))
F = B + OPTIONS["periods"]
X = (HEADS + 1) * D + K * (B // 4) + 2 * K
SHAPES = {
    "evidence.weight": [K, F, H], "overall.weight": [K, F, H], "second.weight": [K, 2, H], "hidden.bias": [K, H],
    "hidden.aligned_bias": [K, H], "phase.weight": [K, H, V], "phase.bias": [64, V], "pooled.weight": [V, D],
    "pooled.bias": [D], "attention.weight": [D, HEADS], "attention.bias": [64, HEADS], "trunk.weight": [X, G],
    "trunk.bias": [G], "coefficient.weight": [15, H, Z], "coefficient.bias": [15, Z],
    "coefficient.trunk_weight": [G, 15 * Z], "output.weight": [G, 226], "output.bias": [226],
    "output.block_weight": [Z, 226],
}


def forward(p, evidence, overall, second):
    """evidence [n,K,64,F], overall [n,K,F], second [n,64] -> logits [n,226], alpha [n,64,heads]"""
    n = len(evidence)
    s = second[:, :K].clamp(1, 64)
    u = torch.stack([s / 8, 2 / s], -1)
    bracket = torch.einsum("ncf,cfh->nch", overall, p["overall.weight"]) + torch.einsum("ncq,cqh->nch", u, p["second.weight"])
    first_phase = torch.zeros(64, dtype=torch.float64)
    first_phase[0] = 1
    h = torch.einsum("ncpf,cfh->ncph", evidence, p["evidence.weight"]) + (bracket + p["hidden.bias"])[:, :, None]
    h = nn.relu(h + first_phase[None, None, :, None] * p["hidden.aligned_bias"][None, :, None])
    v = nn.relu(torch.einsum("ncph,chv->npv", h, p["phase.weight"]) + p["phase.bias"])
    w = nn.relu(v @ p["pooled.weight"] + p["pooled.bias"])
    alpha = torch.softmax(w @ p["attention.weight"] + p["attention.bias"], 1)
    pooled = torch.einsum("npa,npd->nad", alpha, w).reshape(n, -1)
    histogram = overall[:, :, :B].reshape(n, K * (B // 4), 4).mean(-1)
    g = nn.relu(torch.cat([pooled, w.mean(1), histogram, u.reshape(n, -1)], 1) @ p["trunk.weight"] + p["trunk.bias"])
    e = torch.einsum("np,ncph->nch", alpha[:, :, 0], h[:, :15])
    t = torch.einsum("nch,chz->ncz", e, p["coefficient.weight"]) + p["coefficient.bias"] + (g @ p["coefficient.trunk_weight"]).reshape(n, 15, Z)
    t = nn.relu(t)
    blocks = [t[:, c] @ w5 for c, w5 in enumerate(torch.split(p["output.block_weight"], SIZES, 1))]
    return g @ p["output.weight"] + p["output.bias"] + torch.cat(blocks, 1), alpha


def main():
    rng = np.random.default_rng(20210909)
    half = {}
    for name, shape in SHAPES.items():
        fan = 8 if name.endswith("bias") else max(2, shape[-2])
        half[name] = (rng.standard_normal(shape) / np.sqrt(fan) * (0.3 if name == "phase.weight" else 1)).astype(np.float16)
    inputs = {
        "golden.evidence": rng.uniform(-1, 1, (WINDOWS, K, 64, F)).astype(np.float16),
        "golden.overall": rng.uniform(0, 1, (WINDOWS, K, F)).astype(np.float16),
        "golden.second": rng.integers(1, 100, (WINDOWS, 64)).astype(np.float16),
        "golden.steps": np.stack([[rng.integers(1, s + 1) for s in SIZES] for _ in range(WINDOWS)]).astype(np.float16),
        "golden.phases": np.array([13, 255]).astype(np.float16),
    }
    p = {name: torch.from_numpy(value.astype(np.float64)).requires_grad_() for name, value in half.items()}
    evidence, overall, second, steps, phases = (torch.from_numpy(value.astype(np.float64)) for value in inputs.values())
    logits, alpha = forward(p, evidence, overall, second)
    block = sum(nn.cross_entropy(z, steps[:, c].long() - 1, reduction="sum") for c, z in enumerate(torch.split(logits, SIZES, 1))) / WINDOWS
    known = [(n, int(q)) for n, q in enumerate(phases) if q < 64]
    attention = -sum(torch.log(alpha[n, q, 0]) for n, q in known) / WINDOWS
    alpha.retain_grad()
    (block + ATTENTION_WEIGHT * attention).backward()
    # By how much the terms that the softmax's gradient subtracts are larger than their difference.
    terms = alpha * alpha.grad
    cancellation = terms.abs().max() / (terms - alpha * terms.sum(1, keepdim=True)).abs().max()
    outputs = {"golden.logits": logits, "golden.alpha": alpha[:, :, 0], "golden.losses": torch.stack([block, attention]),
               "golden.cancellation": cancellation[None]}
    outputs.update({"gradient." + name: value.grad for name, value in p.items()})
    full = {name: value.detach().numpy().astype(np.float32) for name, value in outputs.items()}
    write({**half, **inputs, **full}, {
        "architecture": "phase-histogram", "name": "golden", "options": json.dumps(OPTIONS),
        "attentionWeight": str(ATTENTION_WEIGHT), "made_by": "make_phase_histogram_golden.py, torch " + torch.__version__,
    })


def write(tensors, metadata):
    header, at = {"__metadata__": metadata}, 0
    for name, value in tensors.items():
        header[name] = {"dtype": "F16" if value.dtype == np.float16 else "F32", "shape": list(value.shape), "data_offsets": [at, at + value.nbytes]}
        at += value.nbytes
    text = json.dumps(header).encode()
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "phase_histogram.safetensors"), "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for value in tensors.values():
            file.write(value.tobytes())


if __name__ == "__main__":
    main()
