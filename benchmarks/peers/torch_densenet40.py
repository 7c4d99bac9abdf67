#!/usr/bin/python3
"""Times one training step (forward, backward) and inference of DenseNet-40 by PyTorch on the CPU, two threads.

    /usr/bin/python3 benchmarks/peers/torch_densenet40.py [BATCH] [STEPS]
"""
import json
import resource
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

SIZES = [16, 11, 12, 14, 12, 10, 16, 14, 13, 14, 18, 17, 16, 19, 24]


class DenseLayer(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.norm = nn.BatchNorm2d(channels)
        self.conv = nn.Conv2d(channels, 12, 3, padding=1, bias=False)

    def forward(self, x):
        return torch.cat([x, F.dropout(self.conv(F.relu(self.norm(x))), 0.2, self.training)], 1)


class Transition(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.norm = nn.BatchNorm2d(channels)
        self.conv = nn.Conv2d(channels, channels, 1, bias=False)

    def forward(self, x):
        return F.avg_pool2d(F.dropout(self.conv(F.relu(self.norm(x))), 0.2, self.training), 2)


def densenet40():
    layers, channels = [nn.Conv2d(3, 24, 3, padding=1, bias=False)], 24
    for block in range(3):
        for _ in range(12):
            layers.append(DenseLayer(channels))
            channels += 12
        if block < 2:
            layers.append(Transition(channels))
    return nn.Sequential(*layers, nn.BatchNorm2d(channels), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 226))


def median(run, count):
    times = []
    for _ in range(count + 1):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return sorted(times[1:])[count // 2]


torch.set_num_threads(2)
batch = int(sys.argv[1]) if len(sys.argv) > 1 else 32
count = int(sys.argv[2]) if len(sys.argv) > 2 else 5
model = densenet40()
windows = torch.rand(batch, 3, 64, 64)
steps = torch.zeros(batch, 15, dtype=torch.long)


def train():
    model.zero_grad()
    at, loss = 0, 0
    logits = model(windows)
    for i, size in enumerate(SIZES):
        loss = loss + F.cross_entropy(logits[:, at:at + size], steps[:, i])
        at += size
    loss.backward()


def infer():
    with torch.no_grad():
        model(windows)


training = median(train, count)
model.eval()
inference = median(infer, count)
print(json.dumps({"peer": "torch " + torch.__version__, "threads": 2, "batch": batch, "trainingStepSeconds": round(training, 3),
                  "inferenceSeconds": round(inference, 3), "peakMegabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}))
