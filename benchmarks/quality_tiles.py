# Rounding of Winograd's tiles in the quality network: the five 64-to-64 layers in float32 by F(m x m, 3x3) on the interleaved
# dense convolutions, against everything in float64; the largest error of the two raw maps over 96x96 crops.
#   python3 quality_tiles.py WEIGHTS.safetensors PICTURE...
import json
import struct
import sys

import numpy as np
from PIL import Image

DILATIONS = [1, 2, 3, 4, 3, 2, 1]
POINTS = {2: [0, 1, -1], 4: [0, 1, -1, 2, -2], 6: [0, 1, -1, 2, -2, .5, -.5]}


def load(path):
    data = open(path, 'rb').read()
    length = struct.unpack('<Q', data[:8])[0]
    tensors = {}
    for name, entry in json.loads(data[8:8 + length]).items():
        if name != '__metadata__':
            start, end = entry['data_offsets']
            tensors[name] = np.frombuffer(data[8 + length + start:8 + length + end], np.float32).reshape(entry['shape'])
    ordered = [tensors[name] for name in sorted(tensors)]
    return [t for t in ordered if t.ndim == 4], [t for t in ordered if t.ndim == 1]


def matrices(m):
    """At [m, n], G [n, 3], Bt [n, n] of F(m, 3), n = m + 2, from its points and infinity."""
    n, points = m + 2, POINTS[m]
    a, g = np.zeros((n, m)), np.zeros((n, 3))
    for i, p in enumerate(points):
        a[i] = [p ** j for j in range(m)]
        g[i] = [p ** j for j in range(3)]
        g[i] /= np.prod([p - q for q in points if q != p])
    a[n - 1, m - 1] = g[n - 1, 2] = 1
    products, wanted = np.zeros((m * 3, n)), np.zeros((m * 3, n))
    for j in range(m):
        for r in range(3):
            products[j * 3 + r] = a[:, j] * g[:, r]
            wanted[j * 3 + r, j + r] = 1
    b = np.linalg.lstsq(products, wanted, rcond=None)[0]
    assert np.abs(products @ b - wanted).max() < 1e-9
    return a.T.astype(np.float32), g, b.astype(np.float32)


def direct(x, w, b, d, kind):
    _, height, width = x.shape
    padded = np.pad(x, ((0, 0), (d, d), (d, d)))
    out = np.zeros((w.shape[0], height, width), kind)
    for r in range(3):
        for s in range(3):
            out += np.tensordot(w[:, :, r, s].astype(kind), padded[:, r * d:r * d + height, s * d:s * d + width], 1)
    return out + b.astype(kind)[:, None, None]


def tiled(x, w, b, d, down, across):
    (av, gv, bv), (ah, gh, bh) = matrices(down), matrices(across)
    u = np.einsum('ir,kcrs,js->ijkc', gv, w.astype(np.float64), gh).astype(np.float32)
    out = np.zeros((w.shape[0],) + x.shape[1:], np.float32)
    for py in range(d):
        for px in range(d):
            phase = x[:, py::d, px::d]
            channels, height, width = phase.shape
            ty, tx = -(-height // down), -(-width // across)
            padded = np.zeros((channels, ty * down + 2, tx * across + 2), np.float32)
            padded[:, 1:1 + height, 1:1 + width] = phase
            t = np.empty((down + 2, across + 2, channels, ty, tx), np.float32)
            for i in range(down + 2):
                for j in range(across + 2):
                    t[i, j] = padded[:, i:i + (ty - 1) * down + 1:down, j:j + (tx - 1) * across + 1:across]
            t = np.einsum('jb,ibcyx->ijcyx', bh, np.einsum('ia,abcyx->ibcyx', bv, t))
            p = np.matmul(u, t.reshape(down + 2, across + 2, channels, ty * tx))
            p = np.einsum('bj,ajkt->abkt', ah, np.einsum('ai,ijkt->ajkt', av, p))
            y = p.reshape(down, across, -1, ty, tx).transpose(2, 3, 0, 4, 1).reshape(-1, ty * down, tx * across)
            out[:, py::d, px::d] = y[:, :height, :width]
    return out + b[:, None, None]


def network(x, weights, biases, tiles, kind):
    x = x.astype(kind)
    for layer in range(7):
        tile = tiles(layer) if 0 < layer < 6 else None
        d = DILATIONS[layer]
        x = direct(x, weights[layer], biases[layer], d, kind) if tile is None else tiled(x, weights[layer], biases[layer], d, *tile)
        if layer < 6:
            x = np.maximum(x, 0)
    return x


plans = {'direct': lambda _: None}
for size in [(2, 2), (4, 2), (4, 4), (6, 6)]:
    plans['F(%dx%d) in all five' % size] = lambda _, size=size: size
for only in range(1, 6):
    plans[f'F(4x4) in layer {only + 1} only'] = lambda layer, only=only: (4, 4) if layer == only else None
weights, biases = load(sys.argv[1])
worst = dict.fromkeys(plans, 0.0)
for path in sys.argv[2:]:
    picture = np.asarray(Image.open(path).convert('RGB'))
    top, left = max(0, (picture.shape[0] - 96) // 2), max(0, (picture.shape[1] - 96) // 2)
    pixels = (picture[top:top + 96, left:left + 96].astype(np.float32) * np.float32(1 / 255)).transpose(2, 0, 1)
    exact = network(pixels, weights, biases, lambda _: None, np.float64)
    for name, tiles in plans.items():
        worst[name] = max(worst[name], np.abs(network(pixels, weights, biases, tiles, np.float32) - exact).max())
for name, error in worst.items():
    print(f'{name:26s} {error:.1e}')
