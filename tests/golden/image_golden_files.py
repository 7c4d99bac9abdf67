"""Lays out PNG, TIFF and BMP files byte by byte, in the variants that no common tool writes.

Used by make_image_golden.py. Pixels are integer arrays [h,w,samples].
"""
import struct
import zlib

import numpy as np


def pack(lines, bits, big=True):
    """Rows of samples [h,n] as bytes, most significant bit first; 16 bits in either byte order."""
    if bits == 16:
        return [row.astype(">u2" if big else "<u2").tobytes() for row in lines]
    if bits == 8:
        return [row.astype(np.uint8).tobytes() for row in lines]
    unpacked = ((lines[..., None] >> np.arange(bits - 1, -1, -1)) & 1).astype(np.uint8)
    return [np.packbits(row.reshape(-1)).tobytes() for row in unpacked]


# PNG
def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def filtered(lines, step):
    """Filter number y % 5 on row y, so that all five occur."""
    out, up = b"", None
    for y, line in enumerate(lines):
        row = np.frombuffer(line, np.uint8).astype(int)
        up = np.zeros_like(row) if up is None else up
        pad = np.zeros(min(step, len(row)), int)
        left, corner = np.concatenate([pad, row[:-step]]), np.concatenate([pad, up[:-step]])
        p = left + up - corner
        pa, pb, pc = abs(p - left), abs(p - up), abs(p - corner)
        paeth = np.where((pa <= pb) & (pa <= pc), left, np.where(pb <= pc, up, corner))
        guess = [0 * row, left, up, (left + up) // 2, paeth][y % 5]
        out += bytes([y % 5]) + ((row - guess) % 256).astype(np.uint8).tobytes()
        up = row
    return out


def png(values, bits, colour, interlaced=False, palette=None, extra=b"", pieces=1):
    height, width, channels = values.shape
    step = max(1, bits * channels // 8)
    passes = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
    raw = b""
    for x, y, dx, dy in passes if interlaced else ((0, 0, 1, 1),):
        part = values[y::dy, x::dx]
        if part.size:
            raw += filtered(pack(part.reshape(part.shape[0], -1), bits), step)
    data = zlib.compress(raw, 9)
    cuts = [len(data) * i // pieces for i in range(pieces + 1)]
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, int(interlaced))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra
            + (chunk(b"PLTE", palette.astype(np.uint8).tobytes()) if palette is not None else b"")
            + b"".join(chunk(b"IDAT", data[a:b]) for a, b in zip(cuts, cuts[1:])) + chunk(b"IEND", b""))


# TIFF
def tiff(values, bits, photometric, big=False, colormap=None, extra=(), compression=1, data=None, drop=()):
    """One strip; fields in extra replace those of the same tag."""
    height, width, samples = values.shape
    e = ">" if big else "<"
    data = b"".join(pack(values.reshape(height, -1), bits, big)) if data is None else data
    fields = {256: (3, [width]), 257: (3, [height]), 258: (3, [bits] * samples), 259: (3, [compression]),
              262: (3, [photometric]), 273: (4, [8]), 277: (3, [samples]), 278: (3, [height]), 279: (4, [len(data)])}
    base = 3 if photometric == 2 else 1
    if samples > base and photometric < 4:
        fields[338] = (3, [0] * (samples - base))
    if colormap is not None:
        fields[320] = (3, [int(v) for v in colormap])
    fields.update(extra)
    fields = {tag: field for tag, field in fields.items() if tag not in drop}
    start = 8 + len(data) + len(data) % 2
    late = start + 2 + 12 * len(fields) + 4
    entries, tail = b"", b""
    for tag in sorted(fields):
        kind, numbers = fields[tag]
        body = struct.pack(e + str(len(numbers)) + {1: "B", 3: "H", 4: "I"}[kind], *numbers)
        where = body.ljust(4, b"\0")
        if len(body) > 4:
            where = struct.pack(e + "I", late + len(tail))
            tail += body + bytes(len(body) % 2)
        entries += struct.pack(e + "HHI", tag, kind, len(numbers)) + where
    return ((b"MM\0*" if big else b"II*\0") + struct.pack(e + "I", start) + data + bytes(len(data) % 2)
            + struct.pack(e + "H", len(fields)) + entries + bytes(4) + tail)


# BMP
def bmp(data, width, height, bits, palette=b"", compression=0, header=40, masks=b"", used=0, gap=0):
    if header == 12:
        dib = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        dib = struct.pack("<IiiHHIIiiII", header, width, height, 1, bits, compression, len(data), 2835, 2835, used, 0)
        if header > 40:
            dib += masks.ljust(header - 40, b"\0")
            masks = b""
    offset = 14 + len(dib) + len(masks) + len(palette) + gap
    return b"BM" + struct.pack("<IHHI", offset + len(data), 0, 0, offset) + dib + masks + palette + bytes(gap) + data


def padded(lines, top_down=False):
    return b"".join(line + bytes(-len(line) % 4) for line in (lines if top_down else lines[::-1]))


def entries(palette, size=4):
    return b"".join(bytes([int(b), int(g), int(r)] + [0] * (size - 3)) for r, g, b in palette)


def rle(index, four):
    """Runs where three or more are equal, literal stretches otherwise."""
    out = b""
    for line in index[::-1]:
        row, x = [int(v) for v in line], 0
        while x < len(row):
            n = 1
            while x + n < len(row) and row[x + n] == row[x] and n < 255:
                n += 1
            if n >= 3 or len(row) - x < 3:
                out += bytes([n, row[x] * 17 if four else row[x]])
                x += n
                continue
            n = 3
            while x + n < len(row) and n < 60 and len(set(row[x + n:x + n + 3])) > 1:
                n += 1
            part = row[x:x + n]
            body = bytes((a << 4) | b for a, b in zip(part[::2], (part + [0])[1::2])) if four else bytes(part)
            out += bytes([0, n]) + body + bytes(len(body) % 2)
            x += n
        out += b"\0\0"
    return out + b"\0\1"
