#!/usr/bin/env python3
"""The networks of this library in PyTorch on one GPU, and OpenCV's double JPEG on all cores: what `jqe bench` is held against.

    python3 benchmarks/peers/torch_gpu.py [--device cuda] [--filter NAME] [--seconds 2]
    python3 benchmarks/peers/torch_gpu.py --device cpu --small        # that it runs, not how fast

One JSON object a line: case, size, precision, mode, milliseconds (median), repeats, perSecond, unit; "skipped" with the reason
where something cannot be had. Weights are drawn: they do not change the time. All tensors are channels_last.
    precision  fp32 (TF32 off), tf32, fp16 and bf16 by autocast
    mode       eager, compile (torch.compile), graph (the whole pass captured as a CUDA graph)
Copies between host and device are in the time of maps and windows, from page-locked memory, as they are in ours. A primary map
is made window by window, since nothing here shares what windows have in common: a share of the windows is timed and the rest
reckoned from it ("extrapolated").
"""
import argparse
import contextlib
import json
import multiprocessing
import os
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

SIZES = [16, 11, 12, 14, 12, 10, 16, 14, 13, 14, 18, 17, 16, 19, 24]
DILATIONS = [1, 2, 3, 4, 3, 2, 1]
PRECISIONS = {"fp32": None, "tf32": None, "fp16": torch.float16, "bf16": torch.bfloat16}


class QualityNetwork(nn.Module):
    """Uchida, Tanaka, Okutomi 2019: seven dilated 3x3 convolutions, 64 channels, two maps."""

    def __init__(self):
        super().__init__()
        widths = [3] + [64] * 6 + [2]
        self.convs = nn.ModuleList(nn.Conv2d(a, b, 3, padding=d, dilation=d) for a, b, d in zip(widths, widths[1:], DILATIONS))

    def forward(self, x):
        for conv in self.convs[:-1]:
            x = F.relu(conv(x), inplace=True)
        return self.convs[-1](x)


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


def block_loss(logits, steps):
    total, at = 0, 0
    for i, size in enumerate(SIZES):
        total = total + F.cross_entropy(logits[:, at:at + size].float(), steps[:, i])
        at += size
    return total / len(SIZES)


class Bench:
    def __init__(self, arguments):
        self.device, self.small, self.filter = torch.device(arguments.device), arguments.small, arguments.filter
        self.seconds = 0 if arguments.small else arguments.seconds
        self.cuda = self.device.type == "cuda"

    def synchronize(self):
        if self.cuda:
            torch.cuda.synchronize()

    def median(self, run):
        for _ in range(1 if self.small else 3):
            run()
        self.synchronize()
        times, begun = [], time.perf_counter()
        while len(times) < (1 if self.small else 3) or (time.perf_counter() - begun < self.seconds and len(times) < 200):
            start = time.perf_counter()
            run()
            self.synchronize()
            times.append(time.perf_counter() - start)
        return sorted(times)[len(times) // 2], len(times)

    def case(self, case, size, unit, items, precisions, modes, prepare, scale=1):
        """prepare(precision, mode) -> run; what it raises is the reason for which the line is skipped."""
        if self.filter and self.filter.lower() not in case.lower():
            return
        for precision in precisions:
            for mode in modes:
                line = {"case": case, "size": size, "precision": precision, "mode": mode}
                try:
                    if mode == "compile" and not hasattr(torch, "compile"):
                        raise RuntimeError("this PyTorch has no torch.compile")
                    if mode == "graph" and not self.cuda:
                        raise RuntimeError("CUDA graphs need a GPU")
                    if not self.cuda and precision in ("tf32", "fp16"):
                        raise RuntimeError("not on the processor")
                    self.set_math(precision)
                    seconds, repeats = self.median(prepare(precision, mode))
                    seconds *= scale
                    line.update(milliseconds=round(seconds * 1e3, 4), repeats=repeats, perSecond=round(items / seconds, 4), unit=unit)
                    if scale != 1:
                        line["extrapolated"] = "one window in %d timed" % round(scale)
                except Exception as error:  # a peer that fails is a line, not an end
                    line["skipped"] = (type(error).__name__ + ": " + str(error)).splitlines()[0][:300]
                print(json.dumps(line), flush=True)
                if self.cuda:
                    torch.cuda.empty_cache()

    @staticmethod
    def set_math(precision):
        torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"
        torch.backends.cudnn.allow_tf32 = precision == "tf32"
        torch.backends.cudnn.benchmark = True

    def autocast(self, precision):
        kind = PRECISIONS[precision]
        return torch.autocast(self.device.type, dtype=kind) if kind is not None else contextlib.nullcontext()

    def network(self, module, mode):
        module = module.to(self.device, memory_format=torch.channels_last)
        return torch.compile(module) if mode == "compile" else module

    def pinned(self, tensor):
        return tensor.pin_memory() if self.cuda else tensor

    def captured(self, work, mode):
        """The work itself, or its capture as a CUDA graph."""
        if mode != "graph":
            return work
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(3):
                work()
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            work()
        return graph.replay

    def inference(self, module, given, precision, mode):
        """uint8 [n,h,w,3] on the host -> float results on the host."""
        module = self.network(module, mode).eval()
        there = torch.empty_like(given, device=self.device)
        there.copy_(given)

        def forward():
            with torch.no_grad(), self.autocast(precision):
                return self.outputs(module, there)

        holder = {}

        def work():
            holder["out"] = forward()

        run = self.captured(work, mode)
        run()
        self.synchronize()
        result = self.pinned(torch.empty(holder["out"].shape, dtype=torch.float32))

        def whole():
            there.copy_(given, non_blocking=True)
            run()
            result.copy_(holder["out"], non_blocking=True)

        return whole

    @staticmethod
    def outputs(module, windows):
        """In groups, so that concatenations of thousands of windows fit."""
        return torch.cat([module(group.permute(0, 3, 1, 2).float().mul_(1 / 255)).float() for group in windows.split(1024)])

    def training(self, module, loss, precision, mode):
        """One step: forward, backward, Adam."""
        module = self.network(module, mode).train()
        fused = {"fused": True} if self.cuda else {}
        capturable = {"capturable": True} if mode == "graph" else {}
        optimizer = torch.optim.Adam(module.parameters(), lr=1e-4, **fused, **capturable)

        def work():
            optimizer.zero_grad(set_to_none=mode != "graph")
            with self.autocast(precision):
                value = loss(module)
            value.backward()
            optimizer.step()

        return self.captured(work, mode)

    def quality_maps(self, precisions, modes):
        for width, height in [(96, 64)] if self.small else [(1000, 1000), (4000, 3000), (6000, 4000)]:
            picture = self.pinned(torch.randint(0, 256, (1, height, width, 3), dtype=torch.uint8))
            self.case("quality map", "%dx%d" % (width, height), "megapixels", width * height / 1e6, precisions, modes,
                      lambda precision, mode: self.inference(QualityNetwork(), picture, precision, mode))

    def windows(self, precisions, modes):
        count = 2 if self.small else 4096
        windows = self.pinned(torch.randint(0, 256, (count, 64, 64, 3), dtype=torch.uint8))
        self.case("DenseNet-40 windows", "[%d,64,64,3]" % count, "windows", count, precisions, modes,
                  lambda precision, mode: self.inference(densenet40(), windows, precision, mode))

    def primary_map(self, precisions, modes):
        width, height = (200, 136) if self.small else (4000, 3000)
        columns, rows = (width - 64) // 8 + 1, (height - 64) // 8 + 1
        group = 2 if self.small else 4096
        picture = torch.randint(0, 256, (height, width, 3), dtype=torch.uint8)

        def prepare(precision, mode):
            there = picture.to(self.device)
            # Windows are cut on the device, from a picture that is there already.
            every = there.unfold(0, 64, 8).unfold(1, 64, 8).permute(0, 1, 3, 4, 2).reshape(rows * columns, 64, 64, 3) if self.small \
                else there[:64 + 8 * ((group + columns - 1) // columns)].unfold(0, 64, 8).unfold(1, 64, 8).permute(0, 1, 3, 4, 2).reshape(-1, 64, 64, 3)
            cut = every[:group].contiguous()
            module = self.network(densenet40(), mode).eval()
            holder = {}

            def work():
                with torch.no_grad(), self.autocast(precision):
                    holder["out"] = self.outputs(module, cut)

            return self.captured(work, mode)

        self.case("primary map, stride 8, DenseNet-40", "%dx%d" % (width, height), "windows", rows * columns, precisions, modes, prepare,
                  scale=rows * columns / group)

    def training_steps(self, precisions, modes):
        patches, side, count = (2, 48, 2) if self.small else (128, 48, 32)
        pictures = torch.rand(patches, 3, side, side, device=self.device).to(memory_format=torch.channels_last)
        targets = torch.rand(patches, 2, side, side, device=self.device)
        self.case("training step, quality network", "[%d,48,48,3]" % patches, "patches", patches, precisions, modes,
                  lambda precision, mode: self.training(QualityNetwork(), lambda module: F.mse_loss(module(pictures).float(), targets) * 2, precision, mode))
        windows = torch.rand(count, 3, 64, 64, device=self.device).to(memory_format=torch.channels_last)
        steps = torch.zeros(count, len(SIZES), dtype=torch.long, device=self.device)
        self.case("training step, DenseNet-40", "[%d,64,64,3]" % count, "windows", count, precisions, modes,
                  lambda precision, mode: self.training(densenet40(), lambda module: block_loss(module(windows), steps), precision, mode))

    def double_jpeg(self):
        name = "double-JPEG windows drawn and made"
        if self.filter and self.filter.lower() not in name.lower():
            return
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        line = {"case": name, "size": "[n,64,64,3]", "precision": "bytes", "mode": "OpenCV, %d processes" % cores}
        try:
            import cv2
            each = 50 if self.small else 4000
            with multiprocessing.get_context("spawn").Pool(cores) as pool:
                pool.map(compress_twice, [(1, 10)] * cores)
                start = time.perf_counter()
                pool.map(compress_twice, [(i, each) for i in range(cores)], chunksize=1)
                seconds = time.perf_counter() - start
            line.update(peer="opencv " + cv2.__version__, milliseconds=round(seconds * 1e3, 2), repeats=1, perSecond=round(each * cores / seconds, 1), unit="windows")
        except ImportError as error:
            line["skipped"] = str(error)
        print(json.dumps(line), flush=True)


def compress_twice(task):
    """Windows cut from noise and waves, compressed, shifted, compressed again: imencode and imdecode twice each."""
    import cv2
    import numpy as np
    cv2.setNumThreads(1)
    seed, count = task
    random = np.random.RandomState(seed)
    y, x = np.mgrid[0:768, 0:768]
    picture = np.stack([128 + 80 * np.sin(x * 0.05 + c) + 40 * np.cos(y * 0.07) for c in range(3)], -1)
    picture = np.clip(picture + random.randint(0, 16, picture.shape), 0, 255).astype(np.uint8)
    for _ in range(count):
        top, left, down, right = random.randint(0, 680), random.randint(0, 680), random.randint(0, 8), random.randint(0, 8)
        first = cv2.imdecode(cv2.imencode(".jpg", picture[top:top + 80, left:left + 80], [cv2.IMWRITE_JPEG_QUALITY, int(random.randint(51, 100))])[1], 1)
        cv2.imdecode(cv2.imencode(".jpg", first[down:down + 64, right:right + 64], [cv2.IMWRITE_JPEG_QUALITY, 90])[1], 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--filter")
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--modes", default="eager,compile,graph")
    parser.add_argument("--precisions", default="fp32,tf32,fp16,bf16")
    arguments = parser.parse_args()
    bench = Bench(arguments)
    name = torch.cuda.get_device_name(bench.device) if bench.cuda else "processor, %d threads" % torch.get_num_threads()
    print("torch %s, CUDA %s, cuDNN %s, %s" % (torch.__version__, torch.version.cuda, torch.backends.cudnn.version(), name), file=sys.stderr)
    modes, precisions = arguments.modes.split(","), arguments.precisions.split(",")
    bench.quality_maps(precisions, modes)
    bench.windows(precisions, modes)
    bench.primary_map(precisions, modes)
    bench.training_steps([p for p in precisions if p != "fp16"], modes)
    bench.double_jpeg()


if __name__ == "__main__":
    main()
