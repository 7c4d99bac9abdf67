#!/usr/bin/env python3
"""Writes jpeg_round_trip.txt: what libjpeg-turbo makes of synthetic pictures (compress, then decompress).

Run with Debian 12's python3-opencv and libjpeg-turbo-progs, in this folder:
    /usr/bin/python3 make_jpeg_golden.py
Pictures come from picture() below, which GoldenPicture.cs repeats sample for sample; none is stored.
One case a line: oracle width height source sampling tables seed sha256-of-the-decoded-samples[:24]
  oracle    opencv: imencode + imdecode;  cjpeg: cjpeg | djpeg
  source    rgb or gray: the samples of both the picture and the result (RGB order)
  sampling  444 422 420 440 gray
  tables    qN: libjpeg quality N, steps limited to 255;  cN: custom tables of seed N, see tables() below
Lines that start with "raw" carry the decoded samples in hexadecimal instead of the hash.
"""
import hashlib
import json
import subprocess
import sys
import tempfile

import cv2
import numpy as np

SIZES = [(1, 1), (1, 17), (17, 1), (2, 2), (3, 3), (4, 5), (5, 4), (7, 5), (8, 8), (9, 16), (16, 9), (17, 33),
         (33, 17), (61, 77), (64, 64), (100, 3)]
FACTORS = {"444": "1x1", "422": "2x1", "420": "2x2", "440": "1x2", "gray": "1x1"}


class Lcg:
    def __init__(self, seed):
        self.state = seed & 0xFFFFFFFF

    def next(self):
        self.state = (self.state * 1664525 + 1013904223) & 0xFFFFFFFF
        return self.state >> 16


def picture(width, height, channels, seed):
    lcg, kind = Lcg(seed), seed % 4
    out = np.zeros((height, width, channels), np.uint8)
    for y in range(height):
        for x in range(width):
            for c in range(channels):
                noise = lcg.next()
                if kind == 0:
                    value = noise & 255
                elif kind == 1:
                    ramp = (x * (3 + c) + y * (5 - c) + 40 * c) & 511
                    value = (ramp if ramp < 256 else 511 - ramp) + (noise & 15) - 8
                elif kind == 2:
                    value = 255 if ((x // 5 + y // 3 + c) & 1) == 0 else noise & 3
                else:
                    value = 128 + ((x * x + 3 * y * y + 7 * c * x) // 16 & 31) - (noise & 7)
                out[y, x, c] = min(max(value, 0), 255)
    return out


def tables(seed):
    """Two tables of 64 steps in natural order; every third seed has steps above 255."""
    lcg = Lcg(seed)
    most = 1000 if seed % 3 == 2 else 255 if seed % 3 == 1 else 30
    return [[1 + lcg.next() % most for _ in range(64)] for _ in range(2)]


def by_opencv(pixels, quality):
    flat = pixels[:, :, 0] if pixels.shape[2] == 1 else np.ascontiguousarray(pixels[:, :, ::-1])
    ok, data = cv2.imencode(".jpg", flat, [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert ok
    if pixels.shape[2] == 1:
        return cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)
    return cv2.imdecode(data, cv2.IMREAD_COLOR)[:, :, ::-1]


def by_cjpeg(pixels, sampling, table_case):
    height, width, channels = pixels.shape
    head = "P%d\n%d %d\n255\n" % (5 if channels == 1 else 6, width, height)
    command = ["cjpeg", "-dct", "int", "-sample", FACTORS[sampling]]
    if sampling == "gray":
        command.append("-grayscale")
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        if table_case[0] == "q":
            command += ["-baseline", "-quality", table_case[1:]]
        else:
            for table in tables(int(table_case[1:])):
                file.write("\n".join(" ".join(map(str, table[i:i + 8])) for i in range(0, 64, 8)) + "\n\n")
            file.flush()
            command += ["-quality", "50", "-qtables", file.name, "-qslots", "0,1"]
        jpeg = subprocess.run(command, input=head.encode() + pixels.tobytes(), stdout=subprocess.PIPE, check=True).stdout
    decode = ["djpeg", "-dct", "int", "-pnm"] + (["-rgb"] if channels == 3 else [])
    pnm = subprocess.run(decode, input=jpeg, stdout=subprocess.PIPE, check=True).stdout
    return np.frombuffer(pnm[len(head):], np.uint8).reshape(height, width, channels)


def cases():
    number = 0
    for quality in range(1, 101):
        for sampling in FACTORS:
            width, height = SIZES[(number * 7) % 16]
            number += 1
            source = "gray" if sampling == "gray" and quality % 2 else "rgb"
            oracle = "opencv" if (sampling == "420" or source == "gray") and quality % 4 else "cjpeg"
            yield oracle, width, height, source, sampling, "q%d" % quality, number
    for width, height in SIZES:
        for sampling in FACTORS:
            for quality in (35, 75, 98):
                number += 1
                yield ("opencv" if sampling == "420" else "cjpeg"), width, height, "rgb", sampling, "q%d" % quality, number
    for seed in range(1, 16):
        for sampling in FACTORS:
            width, height = SIZES[(number * 7) % 16]
            number += 1
            yield "cjpeg", width, height, "rgb", sampling, "c%d" % seed, number


def decoded(oracle, width, height, source, sampling, table_case, seed):
    pixels = picture(width, height, 1 if source == "gray" else 3, seed)
    result = by_opencv(pixels, int(table_case[1:])) if oracle == "opencv" else by_cjpeg(pixels, sampling, table_case)
    return np.ascontiguousarray(result).tobytes()


def main():
    with open("jpeg_round_trip.txt", "w") as out:
        for case in cases():
            out.write(" ".join(map(str, case)) + " " + hashlib.sha256(decoded(*case)).hexdigest()[:24] + "\n")
        for sampling, seed in (("gray", 1), ("444", 2), ("422", 4), ("420", 3), ("440", 5)):
            case = ("cjpeg", 7, 5, "rgb", sampling, "q60", seed)
            out.write("raw " + " ".join(map(str, case)) + " " + decoded(*case).hex() + "\n")
    versions = subprocess.run(["cjpeg", "-version"], stderr=subprocess.PIPE).stderr.decode().strip()
    with open("jpeg_round_trip.json", "w") as out:
        json.dump({
            "command": "/usr/bin/python3 make_jpeg_golden.py",
            "python": sys.version.split()[0],
            "opencv": cv2.__version__,
            "opencv_jpeg": [line.strip() for line in cv2.getBuildInformation().split("\n") if line.strip().startswith("JPEG:")],
            "cjpeg": versions,
            "djpeg": subprocess.run(["djpeg", "-version"], stderr=subprocess.PIPE).stderr.decode().strip(),
        }, out, indent=2)
        out.write("\n")


if __name__ == "__main__":
    main()
