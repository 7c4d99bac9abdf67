#!/usr/bin/python3
"""Makes tests/golden/images: small pictures in every variant the readers know, and expected.tsv beside them.

Birth certificate: Debian 12, Python 3.11, numpy 1.24, Pillow 9.4, OpenCV 4.6.0, ImageMagick 6.9.11-60,
libtiff-tools 4.5.0. Run: /usr/bin/python3 tests/golden/make_image_golden.py
The pixels are synthetic and made here. What a file must decode to is known before it is written: the array it was made
from, spread or rounded to 8 bits. Pillow and OpenCV are asked too; the last column names those that agree to the byte
(they scale some depths differently, and read not every variant).

expected.tsv: file, width x height, gray8 or rgb24, first 16 hex digits of the pixels' sha256, maker, readers that agree;
or: file, refused, error code, words of the reason, maker, nothing.
"""
import hashlib
import os
import struct
import subprocess
import zlib

import cv2
import numpy as np
from PIL import Image

from image_golden_files import bmp, chunk, entries, pack, padded, png, rle, tiff

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "images")
W, H = 21, 13
rows = []


def picture(width, height, channels, largest, seed=1):
    """Smooth ground, an edge and some noise, 0..largest."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    out = []
    for c in range(channels):
        plane = 0.5 + 0.4 * np.sin(x * (0.11 + 0.05 * c) + c) * np.cos(y * 0.17 - c)
        plane = np.where(x + 2 * y > width + 3 * c, plane, plane * 0.6 + 0.2) + rng.normal(0, 0.02, plane.shape)
        out.append(np.clip(np.rint(plane * largest), 0, largest))
    return np.stack(out, -1).astype(np.int64)


def spread(values, largest):
    return ((values * 255 + largest // 2) // largest).astype(np.uint8)


def by_pillow(path, channels):
    image = Image.open(path)
    return None if image.mode.startswith("I") else np.asarray(image.convert("RGB" if channels == 3 else "L"))


def by_opencv(path, channels):
    got = cv2.imread(path, cv2.IMREAD_UNCHANGED)
    got = spread(got.astype(np.int64), 65535 if got.dtype == np.uint16 else 255)
    if got.ndim == 2:
        return np.repeat(got[..., None], channels, -1)
    return got[..., 2::-1] if channels == 3 else got[..., :1]


def expect(name, expected, maker):
    expected = np.atleast_3d(expected).astype(np.uint8)
    height, width, channels = expected.shape
    agree = []
    for reader, label in ((by_pillow, "Pillow"), (by_opencv, "OpenCV")):
        try:
            if np.array_equal(reader(os.path.join(HERE, name), channels).reshape(expected.shape), expected):
                agree.append(label)
        except Exception:
            pass
    rows.append((name, f"{width}x{height}", "rgb24" if channels == 3 else "gray8",
                 hashlib.sha256(np.ascontiguousarray(expected).tobytes()).hexdigest()[:16], maker, ", ".join(agree)))


def file(name, data, expected, maker="laid out by hand"):
    store(name, data)
    expect(name, expected, maker)


def refuse(name, code, words, data=None, maker="laid out by hand"):
    if data is not None:
        store(name, data)
    rows.append((name, "refused", code, words, maker, ""))


def store(name, data):
    with open(os.path.join(HERE, name), "wb") as f:
        f.write(data)


def run(*command):
    subprocess.run(command, check=True, cwd=HERE, stderr=subprocess.DEVNULL)


def make_png():
    names = {0: "gray", 2: "rgb", 3: "palette", 4: "graya", 6: "rgba"}
    for colour, channels, depths in ((0, 1, (1, 2, 4, 8, 16)), (2, 3, (8, 16)), (3, 1, (1, 2, 4, 8)), (4, 2, (8, 16)), (6, 4, (8, 16))):
        for bits in depths:
            largest = (1 << bits) - 1
            values = picture(W, H, channels, largest, seed=bits)
            palette = np.random.default_rng(3).integers(0, 256, (largest + 1, 3)) if colour == 3 else None
            expected = palette[values[..., 0]] if colour == 3 else spread(values[..., :3 if colour in (2, 6) else 1], largest)
            for interlaced in (False, True):
                file(f"png-{names[colour]}{bits}{'-adam7' if interlaced else ''}.png", png(values, bits, colour, interlaced, palette), expected)
    values = picture(W, H, 3, 255, seed=20)
    file("png-pieces.png", png(values, 8, 2, extra=chunk(b"gAMA", struct.pack(">I", 45455)) + chunk(b"tEXt", b"a\0b"), pieces=9),
         values, "laid out by hand: nine IDAT chunks, gAMA and tEXt before them")
    file("png-gray-trns.png", png(values[..., :1], 8, 0, extra=chunk(b"tRNS", b"\0\x40")), values[..., :1], "laid out by hand: with tRNS")
    for w, h in ((1, 1), (1, 9), (3, 2), (9, 1)):
        tiny = picture(w, h, 3, 255, seed=w)
        file(f"png-{w}x{h}-adam7.png", png(tiny, 8, 2, True), tiny)
    deep = picture(W, H, 3, 65535, seed=22)
    store("raw.rgb", values.astype(np.uint8).tobytes())
    store("raw16.rgb", deep.astype("<u2").tobytes())
    run("convert", "-size", f"{W}x{H}", "-depth", "8", "rgb:raw.rgb", "-interlace", "PNG", "PNG24:png-imagemagick-adam7.png")
    expect("png-imagemagick-adam7.png", values, "ImageMagick")
    run("convert", "-size", f"{W}x{H}", "-depth", "16", "-endian", "LSB", "rgb:raw16.rgb", "PNG48:png-imagemagick-48.png")
    expect("png-imagemagick-48.png", spread(deep, 65535), "ImageMagick")
    Image.fromarray(values.astype(np.uint8)).save(os.path.join(HERE, "png-pillow.png"), optimize=True)
    expect("png-pillow.png", values, "Pillow")
    good = png(values, 8, 2)
    at = good.index(b"IDAT") + 20
    refuse("bad-png-crc.png", "Corrupt", "checksum", good[:at] + bytes([good[at] ^ 1]) + good[at + 1:])
    refuse("bad-png-critical.png", "Unsupported", "QQQQ", good[:33] + chunk(b"QQQQ", b"?") + good[33:])
    refuse("bad-png-palette.png", "Corrupt", "palette entry", png(picture(W, H, 1, 15), 4, 3, palette=np.zeros((3, 3))))
    refuse("bad-png-bomb.png", "Truncated", "cannot hold", good[:8] + chunk(b"IHDR", struct.pack(">IIBBBBB", 20000, 20000, 8, 2, 0, 0, 0))
           + chunk(b"IDAT", zlib.compress(bytes(50))) + chunk(b"IEND", b""))


def make_tiff():
    names = ["white", "gray", "rgb", "palette"]
    for photometric, samples, depths in ((1, 1, (1, 2, 4, 8, 16)), (0, 1, (1, 8, 16)), (2, 3, (8, 16)), (3, 1, (4, 8)), (1, 2, (8,)), (2, 4, (8, 16))):
        for bits in depths:
            largest = (1 << bits) - 1
            values = picture(W, H, samples, largest, seed=40 + bits + photometric)
            palette = np.random.default_rng(5).integers(0, 256, (largest + 1, 3)) if photometric == 3 else None
            expected = palette[values[..., 0]] if photometric == 3 else spread(values[..., :3 if photometric == 2 else 1], largest)
            for big in (False, True):
                file(f"tiff-{names[photometric]}{'a' if samples in (2, 4) else ''}{bits}-{'mm' if big else 'ii'}.tif",
                     tiff(values, bits, photometric, big, palette.T.reshape(-1) * 257 if photometric == 3 else None),
                     255 - expected if photometric == 0 else expected)
    for bits in (8, 16):
        for samples, photometric, kind in ((1, 1, "gray"), (3, 2, "rgb"), (4, 2, "rgba")):
            values = picture(W, H, samples, (1 << bits) - 1, seed=60 + bits)
            values = values // 512 * 512 if bits == 16 else values
            store("base.tif", tiff(values, bits, photometric))
            for compression in ("none", "lzw:1", "lzw:2", "zip:1", "zip:2", "packbits"):
                for layout, options in (("strips", ["-r", "5"]), ("tiles", ["-t", "-w", "16", "-l", "16"])):
                    if samples == 4 and compression != "lzw:2":
                        continue
                    big = (len(compression) + bits // 8 + samples) % 2 == 0
                    planar = samples > 1 and bits == 8 and layout == "strips" and compression in ("lzw:2", "zip:1", "none")
                    name = f"tiff-{kind}{bits}-{compression.replace(':', '')}-{layout}{'-planar' if planar else ''}-{'mm' if big else 'ii'}.tif"
                    run("tiffcp", "-c", compression, *options, "-B" if big else "-L", *(["-p", "separate"] if planar else []), "base.tif", name)
                    expect(name, spread(values[..., :3 if photometric == 2 else 1], (1 << bits) - 1), "tiffcp")
    make_odd_tiff()


def make_odd_tiff():
    noise = np.random.default_rng(7).integers(0, 200, (64, 100, 1))
    store("base.tif", tiff(noise, 8, 1))
    run("tiffcp", "-c", "lzw", "-r", "64", "base.tif", "tiff-noise-lzw.tif")
    expect("tiff-noise-lzw.tif", noise, "tiffcp: over 4096 codes, so that the table fills and is cleared")
    values = picture(W, H, 3, 255, seed=70)
    Image.fromarray(values.astype(np.uint8)).save(os.path.join(HERE, "tiff-pillow-lzw.tif"), compression="tiff_lzw")
    expect("tiff-pillow-lzw.tif", values, "Pillow")
    run("convert", "-size", f"{W}x{H}", "-depth", "8", "rgb:raw.rgb", "-compress", "Zip", "tiff-imagemagick-zip.tif")
    expect("tiff-imagemagick-zip.tif", picture(W, H, 3, 255, seed=20), "ImageMagick")
    file("tiff-old-deflate.tif", tiff(values, 8, 2, compression=32946, data=zlib.compress(values.astype(np.uint8).tobytes())), values)
    deep = picture(W, H, 3, 65535, seed=72)
    planes = b"".join(b"".join(pack(deep[..., c], 16)) for c in range(3))
    file("tiff-rgb16-planar-mm.tif", tiff(deep, 16, 2, True, data=planes, extra={
        273: (4, [8 + c * 2 * W * H for c in range(3)]), 279: (4, [2 * W * H] * 3), 284: (3, [2])}), spread(deep, 65535))
    file("tiff-no-counts.tif", tiff(values, 8, 2, drop=(279, 278)), values, "laid out by hand: without StripByteCounts and RowsPerStrip")
    small = np.random.default_rng(6).integers(0, 256, (16, 3))
    index = picture(W, H, 1, 15, seed=71)
    file("tiff-palette-8bit-map.tif", tiff(index, 4, 3, colormap=small.T.reshape(-1)), small[index[..., 0]], "laid out by hand: a colour map of 8-bit values")
    store("base.tif", tiff(picture(64, 64, 3, 255), 8, 2))
    run("tiffcp", "-c", "jpeg", "-r", "64", "base.tif", "bad-tiff-jpeg.tif")
    refuse("bad-tiff-jpeg.tif", "Unsupported", "JPEG (7)", maker="tiffcp")
    store("base.tif", tiff(picture(64, 8, 1, 1), 1, 0))
    run("tiffcp", "-c", "g4", "base.tif", "bad-tiff-g4.tif")
    refuse("bad-tiff-g4.tif", "Unsupported", "Group 4", maker="tiffcp")
    gray = picture(8, 8, 1, 255)
    refuse("bad-tiff-cmyk.tif", "Unsupported", "CMYK", tiff(picture(8, 8, 4, 255), 8, 5))
    refuse("bad-tiff-ycbcr.tif", "Unsupported", "YCbCr", tiff(picture(8, 8, 3, 255), 8, 6))
    refuse("bad-tiff-float.tif", "Unsupported", "floating-point", tiff(gray, 16, 1, extra={339: (3, [3])}))
    refuse("bad-tiff-old-lzw.tif", "Unsupported", "old-style", tiff(gray, 8, 1, compression=5, data=b"\x00\x81\x02\x04" + bytes(60)))
    refuse("bad-tiff-depths.tif", "Unsupported", "different depths", tiff(picture(8, 8, 3, 255), 8, 2, extra={258: (3, [8, 8, 4])}))
    refuse("bad-tiff-fill-order.tif", "Unsupported", "bit order", tiff(gray, 8, 1, extra={266: (3, [2])}))
    refuse("bad-tiff-big.tif", "UnknownFormat", "BigTIFF", b"II+\0\x08\0\0\0\x10\0\0\0\0\0\0\0")
    refuse("bad-tiff-bomb.tif", "Truncated", "cannot hold", tiff(gray, 8, 1, compression=5, extra={256: (4, [20000]), 257: (4, [20000]), 278: (4, [20000])}))


def make_bmp():
    values = picture(W, H, 3, 255, seed=80)
    lines = pack(values[..., ::-1].reshape(H, -1), 8)
    file("bmp-24.bmp", bmp(padded(lines), W, H, 24), values)
    file("bmp-24-topdown.bmp", bmp(padded(lines, True), W, -H, 24), values)
    file("bmp-24-core.bmp", bmp(padded(lines), W, H, 24, header=12), values)
    file("bmp-24-v5.bmp", bmp(padded(lines), W, H, 24, header=124, gap=6), values)
    file("bmp-24-os2.bmp", bmp(padded(lines), W, H, 24, header=64), values)
    bgrx = np.concatenate([values[..., ::-1], picture(W, H, 1, 255)], -1).reshape(H, -1)
    file("bmp-32.bmp", bmp(padded(pack(bgrx, 8)), W, H, 32), values)
    for bits in (1, 4, 8):
        palette = np.random.default_rng(bits).integers(0, 256, (1 << bits, 3))
        index = picture(W, H, 1, (1 << bits) - 1, seed=81 + bits)[..., 0]
        lines = pack(index, bits)
        file(f"bmp-{bits}.bmp", bmp(padded(lines), W, H, bits, entries(palette)), palette[index])
        file(f"bmp-{bits}-core.bmp", bmp(padded(lines), W, H, bits, entries(palette, 3), header=12), palette[index])
        file(f"bmp-{bits}-topdown.bmp", bmp(padded(lines, True), W, -H, bits, entries(palette)), palette[index])
        if bits > 1:
            flat = index // (3 if bits == 4 else 40)
            file(f"bmp-rle{bits}.bmp", bmp(rle(flat, bits == 4), W, H, bits, entries(palette), compression=2 if bits == 4 else 1), palette[flat])
    palette = np.random.default_rng(9).integers(0, 256, (100, 3))
    index = picture(W, H, 1, 99, seed=90)[..., 0]
    file("bmp-8-used100.bmp", bmp(padded(pack(index, 8)), W, H, 8, entries(palette), used=100), palette[index])
    moved = np.zeros((5, 9), int)
    moved[4, :3], moved[2, 4:6], moved[0, 8] = 1, 2, 3
    file("bmp-rle8-moves.bmp", bmp(bytes.fromhex("0301 0002 0102 0202 0000 0002 0801 0103 0001"), 9, 5, 8, entries(palette[:4]), compression=1, used=4),
         palette[moved], "laid out by hand: moves, and rows that end early")
    for name, masks, bits, compression in (("555", (0x7C00, 0x03E0, 0x001F), 16, 0), ("565", (0xF800, 0x07E0, 0x001F), 16, 3),
                                           ("444", (0x0F00, 0x00F0, 0x000F), 16, 3), ("8888", (0xFF000000, 0x00FF0000, 0x0000FF00), 32, 3),
                                           ("101010", (0x3FF00000, 0x000FFC00, 0x000003FF), 32, 3)):
        pixel, expected = np.zeros((H, W), np.int64), []
        for c, mask in enumerate(masks):
            shift = (mask & -mask).bit_length() - 1
            plane = picture(W, H, 3, mask >> shift, seed=95)[..., c]
            pixel |= plane << shift
            expected.append(spread(plane, mask >> shift))
        lines = [row.astype("<u2" if bits == 16 else "<u4").tobytes() for row in pixel]
        for header in (40, 108):
            data = bmp(padded(lines), W, H, bits, compression=compression, header=header, masks=struct.pack("<III", *masks) if compression else b"")
            file(f"bmp-{name}-{header}.bmp", data, np.stack(expected, -1))
    run("convert", "-size", f"{W}x{H}", "-depth", "8", "rgb:raw.rgb", "-colors", "64", "-compress", "RLE", "BMP3:bmp-imagemagick-rle8.bmp")
    run("convert", "bmp-imagemagick-rle8.bmp", "-depth", "8", "rgb:raw16.rgb")
    with open(os.path.join(HERE, "raw16.rgb"), "rb") as f:
        expect("bmp-imagemagick-rle8.bmp", np.frombuffer(f.read(), np.uint8).reshape(H, W, 3), "ImageMagick, which pads the rows; pixels by ImageMagick")
    run("convert", "-size", f"{W}x{H}", "-depth", "8", "rgb:raw.rgb", "BMP2:bmp-imagemagick-os2.bmp")
    expect("bmp-imagemagick-os2.bmp", picture(W, H, 3, 255, seed=20), "ImageMagick")
    refuse("bad-bmp-jpeg.bmp", "Unsupported", "JPEG inside BMP", bmp(bytes(64), 8, 8, 24, compression=4))
    refuse("bad-bmp-masks.bmp", "Corrupt", "mask", bmp(bytes(256), 8, 8, 32, compression=3, masks=struct.pack("<III", 0xF0F, 0xF0, 0xF000)))
    refuse("bad-bmp-run.bmp", "Corrupt", "below the last row", bmp(b"\x09\x01\0\0\x01\x01\0\1", 9, 1, 8, entries(palette[:4]), compression=1, used=4))
    refuse("bad-bmp-bomb.bmp", "Truncated", "do not hold", bmp(b"\0\1", 20000, 20000, 8, entries(palette[:4]), compression=1, used=4))


def make_pnm():
    bitmap = picture(W, H, 1, 1, seed=100)[..., 0]
    text = "\n".join("".join(str(v) for v in row) for row in bitmap)
    file("pnm-1.pbm", f"P1\n# packed digits\n{W} {H}\n{text}\n".encode(), 255 - 255 * bitmap)
    file("pnm-4.pbm", f"P4\n{W} {H}\n".encode() + b"".join(pack(bitmap, 1)), 255 - 255 * bitmap)
    for largest in (1, 15, 100, 255, 1000, 65535):
        for channels, plain, raw, end in ((1, 2, 5, "pgm"), (3, 3, 6, "ppm")):
            values = picture(W, H, channels, largest, seed=101)
            lines = values.reshape(H, -1)
            if largest in (15, 255, 1000):
                numbers = "\n".join(" ".join(str(v) for v in row) for row in lines)
                file(f"pnm-{plain}-{largest}.{end}", f"P{plain} # comment\n{W}\t# another\n{H}\r\n{largest}\n{numbers}".encode(), spread(values, largest))
            file(f"pnm-{raw}-{largest}.{end}", f"P{raw}\n#c\n{W} {H}\n{largest}\n".encode() + b"".join(pack(lines, 16 if largest > 255 else 8)), spread(values, largest))
    for depth, kind in ((1, "GRAYSCALE"), (2, "GRAYSCALE_ALPHA"), (3, "RGB"), (4, "RGB_ALPHA")):
        values = picture(W, H, depth, 255, seed=102)
        header = f"P7\nWIDTH {W}\nHEIGHT {H}\n# c\nDEPTH {depth}\nMAXVAL 255\nTUPLTYPE {kind}\nENDHDR\n"
        file(f"pnm-7-{depth}.pam", header.encode() + values.astype(np.uint8).tobytes(), values[..., :3 if depth > 2 else 1])
    refuse("bad-pnm-sample.pgm", "Corrupt", "101", b"P5 2 1 100\n\x64\x65")
    refuse("bad-pnm-bomb.ppm", "Truncated", "need", b"P6 20000 20000 255\n" + bytes(40))


os.makedirs(HERE, exist_ok=True)
for old in os.listdir(HERE):
    os.remove(os.path.join(HERE, old))
make_png()
make_tiff()
make_bmp()
make_pnm()
for scratch in ("raw.rgb", "raw16.rgb", "base.tif"):
    os.remove(os.path.join(HERE, scratch))
with open(os.path.join(HERE, "expected.tsv"), "w") as f:
    f.writelines("\t".join(row) + "\n" for row in rows)
size = sum(os.path.getsize(os.path.join(HERE, name)) for name in os.listdir(HERE))
print(f"{len(rows)} files, {size} bytes; no other reader agrees: {[r[0] for r in rows if r[1] != 'refused' and not r[5]]}")
