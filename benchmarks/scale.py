#!/usr/bin/env python3
"""What many pictures cost: measures one worker, and reckons the tables of docs/scale.md from what was measured.

    /usr/bin/python3 benchmarks/scale.py --measure           (after a Release build; needs OpenCV and NumPy; some two minutes)
    /usr/bin/python3 benchmarks/scale.py --measure primary   one verb only; the other's numbers stay
    python3 benchmarks/scale.py                              the tables anew, from benchmarks/results/scale.json
    python3 benchmarks/scale.py --check                      status 1 where the tables are not those of the numbers

A worker is `jqe VERB - --json --threads 1`. A picture's seconds are processor time of the process, user and system, reading and
decoding included, over several pictures, less what a run of fewer takes: the start, with the runtime's compiling, is not in them.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
NUMBERS = ROOT / "benchmarks/results/scale.json"
PAGE = ROOT / "docs/scale.md"
BEGIN, END = "<!-- reckoned by benchmarks/scale.py -->\n", "<!-- end -->\n"

# Megapixels: width, height, pictures of a run beside the first.
SIZES = {"1": (1024, 1024, 3), "12": (4000, 3000, 1)}
VERBS = {"quality": "quality", "primary": "primary, stride 8"}
PICTURES = (10**6, 10**9)
CORES = (64, 1024, 10240)


# --- measuring

def write_picture(path, width, height):
    """Waves and noise, compressed at quality 75 and, its grid moved, at 90, as jqe primary wants it."""
    import cv2
    import numpy as np
    y, x = np.mgrid[0:height + 3, 0:width + 5]
    noise = np.random.RandomState(1)
    waves = [128 + 60 * np.sin(x * 0.05 + c) + 40 * np.cos(y * 0.07) for c in range(3)]
    pixels = np.clip(np.stack([w + noise.normal(0, 12, w.shape) for w in waves], -1), 0, 255).astype(np.uint8)
    once = cv2.imdecode(cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 75])[1], cv2.IMREAD_COLOR)
    cv2.imwrite(str(path), once[3:, 5:], [cv2.IMWRITE_JPEG_QUALITY, 90])


def start(tool, verb, names, options=()):
    """A worker that has its names already."""
    given, output = tempfile.TemporaryFile(), tempfile.TemporaryFile()
    given.write("".join(f"{name}\n" for name in names).encode())
    given.seek(0)
    process = subprocess.Popen([*tool, verb, "-", "--json", "--threads", "1", *options], stdin=given, stdout=output, stderr=subprocess.DEVNULL)
    return process, output, len(names)


def finish(started):
    """Processor seconds, peak kilobytes, bytes a line."""
    process, output, count = started
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        sys.exit(f"the worker ended with status {process.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss, output.seek(0, os.SEEK_END) / max(1, count)


def run(*arguments):
    return finish(start(*arguments))


def measure(tool, verb, folder):
    result = {"sizes": {}}
    first = None
    for size, (width, height, more) in SIZES.items():
        picture = folder / f"{size}.jpg"
        if not picture.exists():
            # Elsewhere: a child's peak memory begins with what its parent holds.
            subprocess.run([sys.executable, __file__, "--picture", str(picture), str(width), str(height)], check=True)
        if first is None:
            # The start is told by the small picture, whose runs are short.
            one, _, _ = run(tool, verb, [picture])
            many, memory, line = run(tool, verb, [picture] * (1 + more))
            first = picture
            seconds = (many - one) / more
            result["startSeconds"] = round(one - seconds, 3)
        else:
            many, memory, line = run(tool, verb, [picture] * more)
            seconds = (many - result["startSeconds"]) / more
        result["sizes"][size] = {
            "pixels": width * height, "fileBytes": picture.stat().st_size, "seconds": round(seconds, 3), "peakKilobytes": memory, "lineBytes": round(line),
        }
        print(f"{verb}, {size} megapixels: {result['sizes'][size]}", file=sys.stderr)
    maps = folder / f"maps-{verb}"
    run(tool, verb, [first], ["--maps", str(maps), "--maps-root", str(folder)])
    result["mapBytesPerPixel"] = round(sum(f.stat().st_size for f in maps.iterdir()) / result["sizes"]["1"]["pixels"], 2)
    pair = [start(tool, verb, [first] * 2) for _ in range(2)]
    alone = result["sizes"]["1"]["seconds"]
    beside = sum(finish(worker)[0] - result["startSeconds"] for worker in pair) / 4
    result["besideAnother"] = round(beside / alone, 3)
    names = [f"/data/photos/2019/03/IMG_{n}.jpg" for n in range(200_000)]
    passed, _, _ = run(tool, verb, names, ["--shard", "999999/1000000"])
    none, _, _ = run(tool, verb, [])
    result["secondsPerMillionNamesPassed"] = round((passed - none) * 1e6 / len(names), 2)
    return result


def stored():
    return json.loads(NUMBERS.read_text()) if NUMBERS.exists() else {"verbs": {}}


def measured(tool, verbs):
    numbers = stored()
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "unknown processor")
    numbers["machine"] = f"{model}, {os.cpu_count()} processors, Linux"
    with tempfile.TemporaryDirectory() as folder:
        for verb in verbs:
            numbers["verbs"][verb] = measure(tool, verb, pathlib.Path(folder)) | {"commit": commit()}
            NUMBERS.write_text(json.dumps(numbers, indent=2) + "\n")


def commit():
    return subprocess.run(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()


# --- reckoning

def digits(value):
    """Two digits, thousands set apart."""
    text = f"{value:.2g}"
    return f"{float(text):,.0f}" if value >= 10 else f"{float(text):g}"


def size(count):
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if count < 1000:
            return f"{digits(count)} {unit}"
        count /= 1000
    return f"{digits(count)} PB"


def duration(hours):
    if hours < 1:
        return f"{digits(hours * 60)} min"
    return f"{digits(hours)} h" if hours < 48 else f"{digits(hours / 24)} d"


def tables(numbers):
    verbs = numbers["verbs"]
    if not verbs:
        yield "Not measured yet."
        return
    yield f"Measured on: {numbers['machine']}; commits " + ", ".join(f"{verb['commit']} ({name})" for name, verb in verbs.items()) + "."
    yield "One worker with one thread: processor seconds a picture, its peak memory, the bytes of a line and of the maps.\n"
    yield "| work | picture | file | seconds | worker's memory | line | maps |"
    yield "|---|---|---|---|---|---|---|"
    for name, verb in verbs.items():
        for megapixels, one in verb["sizes"].items():
            maps = verb["mapBytesPerPixel"] * one["pixels"]
            yield (f"| {VERBS[name]} | {megapixels} megapixel{'s' if megapixels != '1' else ''} | {size(one['fileBytes'])} | {one['seconds']:.2f} "
                   f"| {one['peakKilobytes'] / 1024:.0f} MiB | {one['lineBytes']} B | {size(maps)} |")
    yield ""
    yield ("A start takes " + ", ".join(f"{verb['startSeconds']:.1f} s ({name})" for name, verb in verbs.items())
           + "; beside a second worker on the other processor a picture takes "
           + ", ".join(f"{verb['besideAnother']:.2f} ({name})" for name, verb in verbs.items()) + " of that. To pass over a million names of other shards takes "
           + ", ".join(f"{verb['secondsPerMillionNamesPassed']:.1f} s ({name})" for name, verb in verbs.items()) + ".\n")
    yield "| pictures | of | work | core-hours | " + " | ".join(f"{cores:,} cores" for cores in CORES) + " | lines | maps, if kept | read |"
    yield "|---|---|---|---|" + "---|" * (len(CORES) + 3)
    works = [(VERBS[name], [name]) for name in verbs] + ([("both", list(verbs))] if len(verbs) > 1 else [])
    for count in PICTURES:
        for megapixels in SIZES:
            for title, names in works:
                ones = [verbs[name]["sizes"][megapixels] for name in names]
                hours = count * sum(one["seconds"] for one in ones) / 3600
                lines = count * sum(one["lineBytes"] for one in ones)
                maps = count * sum(verbs[name]["mapBytesPerPixel"] * one["pixels"] for name, one in zip(names, ones))
                read = count * sum(one["fileBytes"] for one in ones)
                yield (f"| {count:,} | {megapixels} MP | {title} | {digits(hours)} | " + " | ".join(duration(hours / cores) for cores in CORES)
                       + f" | {size(lines)} | {size(maps)} | {size(read)} |")


def page(numbers):
    text = PAGE.read_text()
    before, rest = text.split(BEGIN)
    return before + BEGIN + "\n".join(tables(numbers)) + "\n" + END + rest.split(END)[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--measure", nargs="*", choices=[*VERBS, []], metavar="VERB")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--picture", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--jqe", default=f"dotnet {ROOT}/src/JpegQualityEstimation.Tool/bin/Release/net10.0/jqe.dll", help="the command, for a build elsewhere")
    chosen = parser.parse_args()
    if chosen.picture is not None:
        write_picture(chosen.picture[0], int(chosen.picture[1]), int(chosen.picture[2]))
        return
    if chosen.measure is not None:
        measured(chosen.jqe.split(), chosen.measure or list(VERBS))
    wanted = page(stored())
    if chosen.check:
        sys.exit(0 if wanted == PAGE.read_text() else "docs/scale.md is not what benchmarks/scale.py reckons: run it")
    PAGE.write_text(wanted)


if __name__ == "__main__":
    main()
