#!/usr/bin/python3
"""Makes tests/golden/densenet40.json: one training step of DenseNet-40 in double precision by PyTorch.

Birth certificate: Debian 12, Python 3.11, torch 1.13.0, numpy 1.24.
Run: /usr/bin/python3 tests/golden/make_densenet_golden.py
Weights, windows, steps and dropout masks are made by the formulas below, which the test repeats in C#; the file holds
outputs, losses, running statistics and, of every tensor's gradient, its norm, its product with a fixed vector and a few
entries.
"""
import json
import os

import numpy as np
import torch
import torch.nn.functional as F

SIZES = [16, 11, 12, 14, 12, 10, 16, 14, 13, 14, 18, 17, 16, 19, 24]
WINDOWS, DROPOUT, SEED, STEP = 5, 0.2, 11, 3
U64, U32 = np.uint64, np.uint32


def mix(z):
    z = (z ^ (z >> U64(30))) * U64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> U64(27))) * U64(0x94D049BB133111EB)
    return z ^ (z >> U64(31))


def split_mix(seed, count, start=0):
    return mix(U64(seed) + np.arange(start + 1, start + count + 1, dtype=U64) * U64(0x9E3779B97F4A7C15))


def layout(inputs, outputs):
    """Names and shapes in the order of the flat parameter vector."""
    places = [("first.weight", (24, inputs, 3, 3))]
    channels = 24
    for b in range(3):
        for l in range(12):
            name = "block%d.layer%d" % (b + 1, l + 1)
            places += [(name + ".gamma", (channels,)), (name + ".beta", (channels,)), (name + ".weight", (12, channels, 3, 3))]
            channels += 12
        name = "block%d.transition" % (b + 1) if b < 2 else "head"
        places += [(name + ".gamma", (channels,)), (name + ".beta", (channels,)), (name + ".weight", (channels if b < 2 else outputs, channels))]
    return places + [("head.bias", (outputs,))]


def parameters(seed, inputs, outputs):
    """DenseNet40Network.CreateInitialized, gammas, betas and the bias moved by up to 0.1 and statistics of its own."""
    result, drawn, at = {}, 0, 0
    for name, shape in layout(inputs, outputs):
        count = int(np.prod(shape))
        index = np.arange(at, at + count, dtype=U64)
        values = (((index * U64(2654435761)) & U64(0xFFFF)).astype(np.float64) / 65536 - 0.5) * 0.2
        if name.endswith(".gamma"):
            values += 1
        if name.endswith(".weight"):
            uniform = (split_mix(seed, 12 * count, drawn) >> U64(11)).astype(np.float64) * 2.0 ** -53
            gain = 0.1 if name == "head.weight" else 2
            normal = np.full(count, -6.0)
            for i in range(12):
                normal += uniform[i::12]
            values = normal * np.sqrt(gain / (count // shape[0]))
            drawn += 12 * count
        result[name] = torch.tensor(values.astype(np.float32).astype(np.float64).reshape(shape), requires_grad=True)
        at += count
    return result


def mask(layer, picture, shape):
    """DropoutMask: element = (y * channels + c) * width + x."""
    if DROPOUT == 0:
        return np.ones(shape)
    channels, height, width = shape
    key = mix(mix(mix(mix(np.array([SEED], U64) + U64(0x9E3779B97F4A7C15)) ^ U64(STEP)) + U64(layer)) ^ U64(picture))[0]
    first, second = U32(int(key) & 0xFFFFFFFF), U32(int(key) >> 32)
    h = np.arange(channels * height * width, dtype=np.uint64).astype(U32) * U32(0x9E3779B9) + first
    h = (h ^ (h >> U32(16))) * U32(0x7FEB352D)
    h ^= second
    h = (h ^ (h >> U32(15))) * U32(0x846CA68B)
    h ^= h >> U32(16)
    kept = (h >= U32(int(DROPOUT * 4294967296.0))).astype(np.float64) / (1 - DROPOUT)
    return kept.reshape(height, channels, width).transpose(1, 0, 2)


def dropped(x, layer, training):
    if not training:
        return x
    return x * torch.from_numpy(np.stack([mask(layer, n, x.shape[1:]) for n in range(len(x))]))


def network(p, statistics, x, training):
    def norm(name, block, values):
        # A copy a reader: every batch norm moves its own, all by the same amount.
        c = values.shape[1]
        mean, variance = statistics[block][0][:c].clone(), statistics[block][1][:c].clone()
        result = F.batch_norm(values, mean, variance, p[name + ".gamma"], p[name + ".beta"], training, 0.1, 1e-5)
        if training and c == len(statistics[block][0]):
            statistics[block] = (mean, variance)
        return F.relu(result)

    x = F.conv2d(x, p["first.weight"], padding=1)
    for b in range(3):
        for l in range(12):
            name = "block%d.layer%d" % (b + 1, l + 1)
            new = F.conv2d(norm(name, b, x), p[name + ".weight"], padding=1)
            x = torch.cat([x, dropped(new, b * 13 + l, training)], 1)
        if b < 2:
            name = "block%d.transition" % (b + 1)
            x = F.conv2d(norm(name, b, x), p[name + ".weight"][:, :, None, None])
            x = F.avg_pool2d(dropped(x, b * 13 + 12, training), 2)
    return F.linear(norm("head", 2, x).mean((2, 3)), p["head.weight"], p["head.bias"])


def block_loss(logits, steps):
    loss, at = 0, 0
    for i, size in enumerate(SIZES):
        loss = loss + F.cross_entropy(logits[:, at:at + size], steps[:, i].long() - 1)
        at += size
    return loss


def main():
    pixels = (split_mix(5, WINDOWS * 64 * 64 * 3) >> U64(56)).astype(np.float64).reshape(WINDOWS, 64, 64, 3)
    steps = np.stack([split_mix(6, WINDOWS * 15).reshape(WINDOWS, 15)[:, i] % U64(s) for i, s in enumerate(SIZES)], 1) + U64(1)
    steps = torch.from_numpy(steps.astype(np.int64))
    red, green, blue = (pixels[..., i].astype(np.int64) for i in range(3))
    luma = ((19595 * red + 38470 * green + 7471 * blue + 32768) >> 16).astype(np.float64)[..., None]
    cases = []
    for name, x, inputs in (("rgb", pixels, 3), ("luma", luma, 1)):
        x = torch.from_numpy(x).permute(0, 3, 1, 2) / 255
        p = parameters(7, inputs, 226)
        statistics = [(torch.zeros(c, dtype=torch.float64), torch.ones(c, dtype=torch.float64)) for c in (168, 312, 456)]
        logits = network(p, statistics, x, True)
        loss = block_loss(logits, steps)
        loss.backward()
        gradients = []
        for tensor in p:
            g = p[tensor].grad.numpy().ravel()
            probe = np.sin(np.arange(len(g)) + 1.0)
            at = sorted({0, len(g) - 1, len(g) // 3, len(g) * 5 // 7})
            gradients.append({"name": tensor, "norm": float(np.sqrt((g * g).sum())), "product": float((g * probe).sum()),
                              "at": at, "values": [float("%.9g" % g[i]) for i in at]})
        running = [[[float("%.9g" % v) for v in s.numpy()[::29]] for s in pair] for pair in statistics]
        with torch.no_grad():
            evaluated = network(p, [(m.clone(), v.clone()) for m, v in statistics], x[:2], False)
        cases.append({"input": name, "loss": float(loss), "logits": [float("%.9g" % v) for v in logits.detach().numpy().ravel()],
                      "gradients": gradients, "running": running, "evaluated": [float("%.9g" % v) for v in evaluated.numpy().ravel()]})
    golden = {"tool": "torch %s, float64" % torch.__version__, "command": "/usr/bin/python3 tests/golden/make_densenet_golden.py",
              "windows": WINDOWS, "dropout": DROPOUT, "seed": SEED, "step": STEP, "cases": cases}
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "densenet40.json"), "w") as file:
        json.dump(golden, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    np.seterr(over="ignore")
    main()
