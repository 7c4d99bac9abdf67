#!/usr/bin/env python3
"""Times OpenCV's imencode + imdecode on what JpegRoundTripBenchmarks times: one thread, 4:2:0, quality 75.

    /usr/bin/python3 opencv_jpeg_roundtrip.py        (Debian 12: apt install python3-opencv)

Prints the best of several runs in processor time of the thread, so that a busy machine disturbs little.
"""
import time

import cv2
import numpy as np

CASES = (("patch", 64, 64, 2000, 15), ("megapixel", 1024, 1024, 20, 15), ("photo", 6000, 4000, 1, 10))


def picture(width, height):
    """The picture of JpegRoundTripBenchmarks: waves and four bits of noise."""
    y, x = np.mgrid[0:height, 0:width]
    noise = np.random.RandomState(1)
    waves = [128 + 80 * np.sin(x * 0.05 + c) + 40 * np.cos(y * 0.07) for c in range(3)]
    return np.clip(np.stack([w + noise.randint(0, 16, (height, width)) for w in waves], -1), 0, 255).astype(np.uint8)


def main():
    cv2.setNumThreads(1)
    print("opencv", cv2.__version__)
    for name, width, height, repeats, runs in CASES:
        pixels, best = picture(width, height), float("inf")
        for _ in range(runs):
            start = time.thread_time()
            for _ in range(repeats):
                cv2.imdecode(cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 75])[1], cv2.IMREAD_COLOR)
            best = min(best, (time.thread_time() - start) / repeats)
        print("%-10s %5dx%-5d %12.1f us %8.1f MP/s" % (name, width, height, best * 1e6, width * height / best / 1e6))


if __name__ == "__main__":
    main()
