#!/usr/bin/env python3
"""Writes jpeg_decode.txt (JPEG files and what djpeg makes of them) and jpeg_encode.txt (what cjpeg writes).

Run with Debian 12's libjpeg-turbo-progs, python3-pil and python3-opencv, in this folder:
    /usr/bin/python3 make_codec_golden.py
Pictures and tables are those of make_jpeg_golden.py. All files here are synthetic.
jpeg_decode.txt, one case a line: name width height channels sha256-of-djpeg's-samples[:24] file-in-base64
jpeg_encode.txt, one case a line: width height source sampling tables seed options sha256-of-cjpeg's-file[:24]
  source, sampling, tables, seed as in make_jpeg_golden.py; options: "-", or "optimize" and "restart=N" joined by ","
"""
import base64
import hashlib
import io
import json
import os
import subprocess
import sys
import tempfile

import PIL
from PIL import Image

from make_jpeg_golden import FACTORS, SIZES, picture, tables

SCRIPTS = {
    "planes": "0; 1; 2;",
    "planes-reversed": "2; 1; 0;",
    "two-scans": "0 2; 1;",
    "spectral": "0 1 2: 0-0, 0, 0; 0: 1-5, 0, 0; 2: 1-63, 0, 0; 1: 1-63, 0, 0; 0: 6-63, 0, 0;",
    "many-bits": "0: 0-0, 0, 3; 1: 0-0, 0, 2; 2: 0-0, 0, 1; 0: 0-0, 3, 2; 1: 0-0, 2, 1; 0: 0-0, 2, 1; 0 1 2: 0-0, 1, 0;"
                 "0: 1-1, 0, 3; 0: 2-63, 0, 2; 0: 1-1, 3, 2; 0: 1-63, 2, 1; 0: 1-63, 1, 0;"
                 "1: 1-63, 0, 1; 2: 1-63, 0, 4; 1: 1-63, 1, 0; 2: 1-63, 4, 3; 2: 1-63, 3, 2; 2: 1-63, 2, 1; 2: 1-63, 1, 0;",
}


def run(command, data):
    return subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True).stdout


def cjpeg(pixels, *options, script=None, table_pair=None):
    height, width, channels = pixels.shape
    head = "P%d\n%d %d\n255\n" % (5 if channels == 1 else 6, width, height)
    with tempfile.TemporaryDirectory() as folder:
        command = ["cjpeg", "-dct", "int", *options]
        if script:
            path = os.path.join(folder, "script")
            open(path, "w").write(SCRIPTS[script])
            command += ["-scans", path]
        if table_pair:
            path = os.path.join(folder, "tables")
            open(path, "w").write("\n".join(" ".join(map(str, table)) for table in table_pair) + "\n")
            command += ["-quality", "50", "-qtables", path, "-qslots", "0,1"]
        return run(command, head.encode() + pixels.tobytes())


def segments(file):
    """The marker segments before the first scan, as [marker, payload], and the rest from SOS on."""
    at, found = 2, []
    while True:
        assert file[at] == 0xFF
        marker, length = file[at + 1], int.from_bytes(file[at + 2:at + 4], "big")
        if marker == 0xDA:
            return found, file[at:]
        found.append([marker, bytearray(file[at + 4:at + 2 + length])])
        at += 2 + length


def join(parts, rest):
    return b"\xff\xd8" + b"".join(
        bytes([0xFF, m]) + (len(p) + 2).to_bytes(2, "big") + bytes(p) for m, p in parts) + rest


def without(file, *markers):
    parts, rest = segments(file)
    return join([part for part in parts if part[0] not in markers], rest)


def with_frame(file, change):
    parts, rest = segments(file)
    for marker, payload in parts:
        if marker in (0xC0, 0xC1, 0xC2):
            change(payload)
    return join(parts, rest)


def same_identifiers(file):
    parts, rest = segments(file)
    rest = bytearray(rest)
    for marker, payload in parts:
        if marker == 0xC0:
            payload[6] = payload[9] = payload[12] = 7
    rest[5] = rest[7] = rest[9] = 7
    return join(parts, bytes(rest))


def tables_between_scans(file):
    """A file of one scan a component, in which table 0 is defined anew before the second scan."""
    parts, rest = segments(file)
    second = next(p for m, p in parts if m == 0xDB and p[0] == 1)
    parts = [[m, p] for m, p in parts if not (m == 0xDB and p[0] == 1)]
    for marker, payload in parts:
        if marker == 0xC0:
            payload[11] = payload[14] = 0
    at = rest.index(b"\xff\xc4")
    again = b"\xff\xdb" + (67).to_bytes(2, "big") + b"\x00" + bytes(second[1:])
    return join(parts, rest[:at] + again + rest[at:])


def inks(width, height, seed, transform=None, adobe=True):
    rgb, black = picture(width, height, 3, seed), picture(width, height, 1, seed + 1)
    import numpy
    out = io.BytesIO()
    Image.fromarray(numpy.dstack([rgb, black]), "CMYK").save(out, "JPEG", quality=80)
    parts, rest = segments(out.getvalue())
    for marker, payload in parts:
        if marker == 0xEE and transform is not None:
            payload[11] = transform
    return join([part for part in parts if adobe or part[0] != 0xEE], rest)


def adobe(transform):
    return [0xEE, bytearray(b"Adobe\x00\x64\x00\x00\x00\x00" + bytes([transform]))]


def with_adobe(file, transform):
    parts, rest = segments(file)
    return join([adobe(transform)] + [part for part in parts if part[0] != 0xE0], rest)


def decode_cases():
    number = 0

    def next_picture(channels=3, width=None, height=None):
        nonlocal number
        number += 1
        return picture(width or SIZES[number * 7 % 16][0], height or SIZES[number * 7 % 16][1], channels, number)

    for sampling in ("1x1", "2x1", "1x2", "2x2", "4x1", "3x1", "1x3", "1x4", "4x2", "2x4"):
        for mode in ("-baseline", "-progressive", "-optimize"):
            quality = str(20 + number * 13 % 80)
            yield f"{sampling}{mode}-q{quality}", cjpeg(next_picture(), mode, "-quality", quality, "-sample", sampling)
    for sampling in ("2x2,2x1,2x1", "2x2,1x2,1x2", "2x2,2x1,1x2", "1x1,2x2,2x2", "1x2,2x1,1x1", "4x1,2x1,1x1", "1x1,1x1,4x2", "1x1,1x4,1x2"):
        for mode in ("-baseline", "-progressive"):
            yield f"{sampling}{mode}", cjpeg(next_picture(width=39, height=29), mode, "-quality", "80", "-sample", sampling)
    for sampling in ("3x3,1x1,1x1", "4x4,1x1,2x2", "2x2,2x2,2x2"):
        yield f"{sampling}-planes", cjpeg(next_picture(width=39, height=41), "-quality", "70", "-sample", sampling, script="planes")
    for script in SCRIPTS:
        for sampling in ("1x1", "2x2"):
            yield f"{script}-{sampling}", cjpeg(next_picture(width=35, height=27), "-quality", "90", "-sample", sampling, script=script)
    for mode in ("-baseline", "-progressive", "-optimize"):
        yield f"gray{mode}", cjpeg(next_picture(1), mode, "-quality", "60")
        yield f"gray-2x2{mode}", cjpeg(next_picture(3, 27, 43), "-grayscale", mode, "-sample", "2x2")
        yield f"rgb{mode}", cjpeg(next_picture(3, 21, 19), "-rgb", mode, "-quality", "85")
        yield f"restart-1B{mode}", cjpeg(next_picture(3, 45, 37), "-restart", "1B", mode)
        yield f"restart-1-row{mode}", cjpeg(next_picture(3, 45, 67), "-restart", "1", mode, "-sample", "2x1")
    for quality in (1, 5, 20):
        yield f"steps-above-255-q{quality}", cjpeg(next_picture(), "-quality", str(quality))
    yield "steps-above-255-progressive", cjpeg(next_picture(), "-progressive", table_pair=tables(2))
    base = cjpeg(next_picture(3, 37, 30), "-quality", "75")
    yield "jpegtran-progressive", run(["jpegtran", "-progressive"], base)
    yield "jpegtran-restart", run(["jpegtran", "-restart", "2B", "-optimize"], base)
    yield "jpegtran-gray", run(["jpegtran", "-grayscale"], base)
    yield "no-jfif", without(base, 0xE0)
    yield "adobe-ycc", with_adobe(base, 1)
    yield "adobe-rgb", with_adobe(base, 0)
    yield "adobe-strange-transform", with_adobe(base, 9)
    yield "jfif-and-adobe-rgb", join([adobe(0)] + segments(base)[0], segments(base)[1])
    yield "equal-identifiers", same_identifiers(without(base, 0xE0))
    yield "no-huffman-tables", without(base, 0xC4)
    yield "comment-and-fill-bytes", join(
        [[0xFE, b"synthetic"]] + segments(base)[0] + [[0xE5, b"\xff\xd9\xff\x00"]], b"\xff\xff\xff" + segments(base)[1])
    yield "bytes-behind-EOI", base + b"\xff\xd8\xff\xe0 more"
    yield "bytes-between-segments", base[:2] + b"\x00\x12\x00" + base[2:]
    yield "tables-between-scans", tables_between_scans(cjpeg(next_picture(3, 37, 30), "-quality", "75", script="planes"))
    yield "cmyk", inks(19, 23, 5)
    yield "cmyk-no-adobe", inks(19, 23, 6, adobe=False)
    yield "ycck", inks(19, 23, 7, transform=2)


def decode_line(name, file):
    result = subprocess.run(["djpeg", "-dct", "int", "-pnm"], input=file, stdout=subprocess.PIPE)
    assert result.returncode in (0, 2), name  # 2: with warnings
    pnm = result.stdout
    kind, size, depth, samples = pnm.split(b"\n", 3)
    width, height = size.split()
    digest = hashlib.sha256(samples).hexdigest()[:24]
    return " ".join([name, width.decode(), height.decode(), "1" if kind == b"P5" else "3", digest, base64.b64encode(file).decode()])


def encode_cases():
    number = 0
    for quality in (1, 3, 10, 25, 50, 75, 90, 95, 99, 100):
        for sampling in FACTORS:
            for options in ("-", "optimize", "restart=1", "optimize,restart=3"):
                number += 1
                width, height = SIZES[number * 7 % 16]
                yield width, height, "gray" if sampling == "gray" and quality % 2 else "rgb", sampling, f"q{quality}", number, options
    for seed in range(1, 7):
        for sampling in FACTORS:
            number += 1
            width, height = SIZES[number * 7 % 16]
            yield width, height, "rgb", sampling, f"c{seed}", number, "optimize" if seed % 2 else "-"


def encode_line(width, height, source, sampling, table_case, seed, options):
    command = ["-grayscale"] if sampling == "gray" else ["-sample", FACTORS[sampling]]
    for option in options.split(","):
        command += {"-": [], "o": ["-optimize"], "r": ["-restart", option[8:] + "B"]}[option[0]]
    pair = None
    if table_case[0] == "q":
        command += ["-baseline", "-quality", table_case[1:]]
    else:
        pair = tables(int(table_case[1:]))
    file = cjpeg(picture(width, height, 1 if source == "gray" else 3, seed), *command, table_pair=pair)
    return " ".join(map(str, (width, height, source, sampling, table_case, seed, options, hashlib.sha256(file).hexdigest()[:24])))


def main():
    with open("jpeg_decode.txt", "w") as out:
        for name, file in decode_cases():
            out.write(decode_line(name, file) + "\n")
    with open("jpeg_encode.txt", "w") as out:
        for case in encode_cases():
            out.write(encode_line(*case) + "\n")
    with open("jpeg_codec.json", "w") as out:
        json.dump({
            "command": "/usr/bin/python3 make_codec_golden.py",
            "python": sys.version.split()[0],
            "pillow": PIL.__version__,
            **{tool: subprocess.run([tool, "-version"], stderr=subprocess.PIPE, stdin=subprocess.DEVNULL).stderr.decode().split("\n")[0]
               for tool in ("cjpeg", "djpeg")},
            "jpegtran": subprocess.run(["jpegtran", "-verbose", "-version"], stderr=subprocess.PIPE, stdin=subprocess.DEVNULL).stderr.decode().split("\n")[0],
        }, out, indent=2)
        out.write("\n")


if __name__ == "__main__":
    main()
