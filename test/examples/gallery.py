"""The gallery of examples/ against programs that are not ours: the same task in plain Python, at small sizes."""
import collections
import math
import random
import re
import struct
import zlib
from fractions import Fraction
from pathlib import Path

MASK32 = 0xFFFFFFFF
ROOT = Path(__file__).resolve().parents[2]


def english(path, copies=1):
    """English text that every Debian has: licences, and the pages of this project."""
    parts = [p.read_bytes() for p in sorted(Path("/usr/share/common-licenses").glob("*")) if p.is_file() and not p.is_symlink()]
    parts += [p.read_bytes() for p in sorted((ROOT / "docs").rglob("*.md"))]
    path.write_bytes(b"\n".join(parts) * copies)
    return path.read_bytes()


def philox_words(seed, i, stream=0):
    """Philox4x32-10 as its paper gives it."""
    c = [i & MASK32, i >> 32 & MASK32, stream, 0]
    k = [seed & MASK32, seed >> 32 & MASK32]
    for _ in range(10):
        p, q = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [q >> 32 ^ c[1] ^ k[0], q & MASK32, p >> 32 ^ c[3] ^ k[1], p & MASK32]
        k = [(k[0] + 0x9E3779B9) & MASK32, (k[1] + 0xBB67AE85) & MASK32]
    return c


def uniform(seed, i):
    w = philox_words(seed, i)
    return ((w[0] | w[1] << 32) >> 11) / 2**53


def normal(seed, i):
    w = philox_words(seed, i, 1)
    u, v = ((w[0] | w[1] << 32) + 1) / 2**64, (w[2] | w[3] << 32) / 2**64
    return math.sqrt(-2 * math.log(u)) * math.cos(2 * math.pi * v)


def numbers(text):
    return [float(n) for n in re.findall(r"-?\d+\.\d+(?:e[-+]\d+)?", text)]


def png_pixels(data):
    """(width, height, channels, rows of bytes): every chunk, checksum and filter of a PNG without interlacing."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n", "no PNG"
    at, packed, head = 8, b"", None
    while at < len(data):
        length, name = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + length]
        assert zlib.crc32(name + body) == struct.unpack(">I", data[at + 8 + length:at + 12 + length])[0], "checksum"
        head = struct.unpack(">IIBBBBB", body) if name == b"IHDR" else head
        packed += body if name == b"IDAT" else b""
        at += 12 + length
    width, height = head[:2]
    channels = {0: 1, 4: 2, 2: 3, 6: 4}[head[3]]
    raw, rows, row = zlib.decompress(packed), [], bytes(width * channels)
    for y in range(height):
        kind, *line = raw[y * (width * channels + 1):(y + 1) * (width * channels + 1)]
        above, row = row, bytearray(line)
        for i in range(len(row)):
            a = row[i - channels] if i >= channels else 0
            b, c = above[i], above[i - channels] if i >= channels else 0
            paeth = min((abs(b - c), 0, a), (abs(a - c), 1, b), (abs(a + b - 2 * c), 2, c))[2]
            row[i] = (row[i] + (0, a, b, (a + b) // 2, paeth)[kind]) & 255
        rows.append(bytes(row))
    return width, height, channels, rows


# ---- path tracer: vectors are tuples

def dot(a, b):
    return sum(p * q for p, q in zip(a, b))


def plus(a, b, k=1.0):
    return tuple(p + k * q for p, q in zip(a, b))


def unit(a):
    return tuple(p / math.sqrt(dot(a, a)) for p in a)


SPHERES = [((0, -1000, 0), 999, (0.8, 0.8, 0.75), 0, 0), ((-2.1, 0, 0), 1, (0.85, 0.3, 0.25), 0, 0),
           ((0, 0, -0.6), 1, (0.95, 0.95, 0.95), 0, 0.9), ((2.1, 0, 0), 1, (0.3, 0.5, 0.85), 0, 0.3),
           ((-0.8, -0.6, 1.4), 0.4, (1, 0.8, 0.4), 4, 0)]


def along(sphere, start, way):
    to = plus(sphere[0], start, -1)
    b = dot(to, way)
    room = b * b - dot(to, to) + sphere[1] ** 2
    hits = [b - math.sqrt(room), b + math.sqrt(room)] if room >= 0 else []
    return next((t for t in hits if t > 1e-4), 1e9)


def light_of(start, way, dice):
    light, weight = (0, 0, 0), (1, 1, 1)
    for _ in range(6):
        t, hit = min((along(s, start, way), k) for k, s in enumerate(SPHERES))
        if t == 1e9:
            up = 0.5 * (way[1] + 1)
            sky = [p + up * (q - p) for p, q in zip((0.9, 0.9, 1), (0.25, 0.45, 0.9))]
            return plus(light, [w * s for w, s in zip(weight, sky)], 0.6)
        middle, radius, tint, glow, gloss = SPHERES[hit]
        start = plus(start, way, t)
        n = tuple(p / radius for p in plus(start, middle, -1))
        weight = tuple(w * c for w, c in zip(weight, tint))
        light = plus(light, weight, glow)
        if next(dice) < gloss:
            way = plus(way, n, -2 * dot(way, n))
        else:
            z, turn = 1 - 2 * next(dice), 2 * math.pi * next(dice)
            r = math.sqrt(max(1 - z * z, 0))
            way = unit(plus(n, (r * math.cos(turn), r * math.sin(turn), z)))
    return light


def path_tracer(bench, demand):
    width, height, samples = 24, 16, 2
    said = bench.both("path_tracer", str(width), str(height), str(samples), "picture.png")
    want = []
    for y in range(height):
        for x in range(width):
            total = (0, 0, 0)
            for s in range(samples):
                dice = (uniform((y * width + x) * samples + s, i) for i in range(1, 1000))
                u = (x + next(dice) - width / 2) / height
                v = (height / 2 - y - next(dice)) / height
                total = plus(total, light_of((0, 0.7, 5.5), unit((u, v - 0.12, -1.2)), dice))
            want.append(tuple(math.sqrt(c / samples) for c in total))
    means = [sum(c[k] for c in want) / len(want) for k in range(3)]
    got = numbers(said)
    demand(max(abs(p - q) for p, q in zip(got, means)) < 1e-6, f"mean colour {got} instead of {means}")
    w, h, channels, rows = png_pixels((bench.folder / "picture.png").read_bytes())
    demand((w, h, channels) == (width, height, 3), f"a picture of {w} x {h}")
    far = max(abs(rows[i // width][3 * (i % width) + k] - min(max(want[i][k], 0), 1) * 255) for i in range(w * h) for k in range(3))
    demand(far < 1, f"a pixel is off by {far}")


def fold(values):
    """A float sum in the order that docs/language.md fixes: 32 partials a block of 4096, a tree over blocks."""
    if len(values) <= 32:
        return sum(values, 0.0)
    if len(values) > 4096:
        blocks = (len(values) + 4095) // 4096
        half = 1 << ((blocks - 1).bit_length() - 1)
        return fold_block(values[:half * 4096]) + fold_block(values[half * 4096:])
    return fold_block(values)


def fold_block(values):
    if len(values) > 4096:
        return fold(values)
    partial = [0.0] * 32
    for i, v in enumerate(values):
        partial[i % 32] += v
    while len(partial) > 1:
        half = len(partial) // 2
        partial = [partial[j] + partial[j + half] for j in range(half)]
    return partial[0]


def monte_carlo(bench, demand):
    n = 10_000
    said = bench.both("monte_carlo", str(n), "42")
    exact = lambda x: float(1 - Fraction(x) * Fraction(x))         # one rounding, as 1 - x * x is fused
    total = fold([4 * math.sqrt(exact(uniform(42, i))) for i in range(n)])
    bits = struct.unpack("<Q", struct.pack("<d", total))[0]
    demand(f"bits {bits:016x}" in said, f"the sum has the bits {bits:016x}, printed is\n{said}")
    inside = sum((2 * uniform(42, 2 * i) - 1) ** 2 + (2 * uniform(42, 2 * i + 1) - 1) ** 2 < 1 for i in range(n))
    demand(f"{inside} of {n} inside" in said, f"{inside} darts are inside, printed is\n{said}")


def kmeans(bench, demand):
    n, k, steps = 1500, 5, 6
    said = bench.both("kmeans", str(n), str(k), str(steps))
    points = [[10 * uniform(1, i % k * 4 + d) + uniform(2, 4 * i + d) + uniform(3, 4 * i + d) for d in range(4)] for i in range(n)]
    centres = points[:k]
    for _ in range(steps):
        parts = collections.defaultdict(list)
        for p in points:
            parts[min(range(k), key=lambda c: math.dist(p, centres[c]))].append(p)
        centres = [[sum(column) / len(parts[c]) for column in zip(*parts[c])] for c in range(k)]
    error = sum(min(math.dist(p, c) for c in centres) ** 2 for p in points) / n
    got, want = numbers(said), [v for c in centres for v in c] + [error]
    demand(len(got) == len(want) and max(abs(p - q) for p, q in zip(got, want)) < 2e-6, f"{got} instead of {want}")


def conjugate_gradient(bench, demand):
    n = 15
    said = bench.both("conjugate_gradient", str(n))
    h, cells = 1 / (n + 1), [(i, j) for i in range(n) for j in range(n)]
    exact = {(i, j): math.sin(math.pi * h * (i + 1)) * math.sin(2 * math.pi * h * (j + 1)) for i, j in cells}
    source = {c: 5 * math.pi**2 * h * h * exact[c] for c in cells}
    source[n // 3, n // 2] += 1
    solutions = []
    for b in (source, {(n // 3, n // 2): 1.0}):      # Gauss and Seidel, overrelaxed: another method to the same end
        u = collections.defaultdict(float)
        for _ in range(200):
            for i, j in cells:
                near = u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1]
                u[i, j] += 1.6 * ((b.get((i, j), 0) + near) / 4 - u[i, j])
                u.update({key: 0.0 for key in ((i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1)) if min(key) < 0 or max(key) >= n})
        solutions.append(u)
    u, spike = solutions
    off = max(abs(u[c] - spike[c] - exact[c]) for c in cells)
    got, want = numbers(said), [off, spike[n // 3, n // 2], u[n // 2, n // 2]]
    demand(abs(got[0] - want[0]) < 1e-3 * want[0] and max(abs(p - q) for p, q in zip(got[1:], want[1:])) < 1e-7, f"{got} instead of {want}")


def heat(bench, demand):
    n, steps = 32, 20
    said = bench.both("heat", str(n), str(steps), "1", ".")
    a = [[0.0] * n for _ in range(n)]
    b = [[0.0] * n for _ in range(n)]
    for _ in range(steps):
        for k in range(n // 4, 3 * n // 4):
            a[n // 4][k] = a[k][n // 2] = 1.0
        for i in range(1, n - 1):
            for j in range(1, n - 1):
                b[i][j] = a[i][j] + 0.2 * (a[i - 1][j] + a[i + 1][j] + a[i][j - 1] + a[i][j + 1] - 4 * a[i][j])
        a, b = b, a
    got, want = numbers(said), [sum(map(sum, a)), a[n // 4 + 3][n // 4 + 3]]
    demand(max(abs(p - q) for p, q in zip(got, want)) < 1e-8, f"{got} instead of {want}")
    width, height, _, rows = png_pixels((bench.folder / f"heat_{steps:04}.png").read_bytes())
    shades = lambda t: [min(max(v, 0), 1) * 255 for v in (3 * t, 3 * t - 1, 3 * t - 2)]
    far = max(abs(rows[i][3 * j + k] - shades(a[i][j])[k]) for i in range(height) for j in range(width) for k in range(3))
    demand((width, height) == (n, n) and far < 1, f"{width} x {height}, a pixel is off by {far}")


def log_analysis(bench, demand):
    dice, lines = random.Random(5), []
    for i in range(20_000):
        lines.append(f"10.0.0.{dice.randrange(40)} - - [01/Mar/2024:12:00:00 +0000] \"GET /p{int(dice.expovariate(0.05))} HTTP/1.1\" "
                     f"{dice.choice([200, 200, 200, 404])} {dice.randrange(100, 5000)}")
        if i % 999 == 0:
            lines.append("nothing to see here")
    (bench.folder / "access.log").write_text("\n".join(lines) + "\n")
    said = bench.both("log_analysis", "access.log").splitlines()
    found = [re.fullmatch(r'(\S+) .*"GET (\S+) \S+" (\d+) (\d+)', line) for line in lines]
    pages = collections.Counter(m[2] for m in found if m)
    volumes = collections.Counter()
    for m in found:
        if m:
            volumes[m[1]] += int(m[4])
    statuses = collections.Counter(m[3] for m in found if m)
    want = [f"{n:8} {page}" for page, n in pages.most_common(5)] + [f"{n:12} bytes to {host}" for host, n in volumes.most_common(5)]
    want += [f"{n:8} answers {status}" for status, n in statuses.items()] + [f"{found.count(None)} broken lines"]
    demand(said == want, f"prints {said}\ninstead of {want}")


def fft_blur(bench, demand):
    w, h, radius = 30, 22, 3
    dice = random.Random(3)
    picture = [[dice.randrange(256) for _ in range(w)] for _ in range(h)]
    (bench.folder / "from.pgm").write_bytes(b"P5\n%d %d\n255\n" % (w, h) + bytes(v for row in picture for v in row))
    bench.both("fft_blur", "from.pgm", "to.pgm", str(radius))
    weights = [[math.exp(-0.5 * ((min(y, h - y) / radius) ** 2 + (min(x, w - x) / radius) ** 2)) for x in range(w)] for y in range(h)]
    total = sum(map(sum, weights))
    got = (bench.folder / "to.pgm").read_bytes()
    head, got = got[:13], got[13:]
    demand(head == b"P5\n%d %d\n255\n" % (w, h) and len(got) == w * h, f"another picture: {head}")
    for y in range(h):
        for x in range(w):
            soft = sum(weights[v][u] * picture[y - v][x - u] for v in range(h) for u in range(w)) / total
            demand(abs(got[y * w + x] - soft) < 0.51, f"pixel {y}, {x} is {got[y * w + x]} instead of {soft}")


def kmers(bench, demand):
    k, dice = 5, random.Random(9)
    sequences = ["".join(dice.choice("AACGTNacgt" if i % 7 else "ACGT") for i in range(dice.randrange(3000))) for _ in range(9)]
    wrap = lambda s: "\n".join(s[i:i + 60] for i in range(0, len(s), 60))
    (bench.folder / "dna.fasta").write_text("".join(f">sequence {i} ACGT\n{wrap(s)}\n" for i, s in enumerate(sequences)))
    said = bench.both("kmers", str(k), "dna.fasta").splitlines()
    counts = collections.Counter()
    for s in sequences:
        for i in range(len(s) - k + 1):
            kmer = s[i:i + k].upper()
            if "N" not in kmer:
                counts[min(kmer, kmer[::-1].translate(str.maketrans("ACGT", "TGCA")))] += 1
    want = [f"{n:7} {kmer}" for kmer, n in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:10]]
    want.append(f"{len(counts)} different of {counts.total()}")
    demand(said == want, f"prints {said}\ninstead of {want}")


def text_index(bench, demand):
    lines = english(bench.folder / "book.txt").decode("utf-8", "ignore").splitlines()[:4000]
    lines = [line for line in lines if len(line.splitlines()) <= 1 and line.isascii()]
    (bench.folder / "book.txt").write_text("\n".join(lines) + "\n")
    said = bench.both("text_index", "book.txt", "free", "software,", "the", "license", "work,", "zyzzyva")
    index = collections.defaultdict(list)
    for i, line in enumerate(lines):
        for word in set(re.findall("[a-z]+", line.lower())):
            index[word].append(i)
    want = [f"{len(lines)} lines, {len(index)} words, {sum(map(len, index.values()))} places"]
    for query in ("free software", "the license work", "zyzzyva"):
        hits = sorted(set.intersection(*(set(index[w]) for w in query.split())))
        want += [f"{query}: {len(hits)} lines"] + [f"{i + 1:7}: {lines[i]}" for i in hits[:3]]
    demand(said.splitlines() == want, f"prints {said[:500]}\ninstead of {want}")


def spiral(s):
    side = 1 if s % 2 == 0 else -1
    t = 0.3 + 5 * uniform(1, s)
    return [0.2 * side * t * math.cos(t), 0.2 * side * t * math.sin(t)], side


def training(bench, demand):
    steps, width, rate = 3, 4, 0.3
    texts = {ways: bench.both("training", ways, str(steps), str(width), "curve.png") for ways in ("-", "d", "t", "p", "dtp")}
    demand(len(set(texts.values())) == 1, f"the ways differ: {texts}")
    sizes = [(2, 2, width), (3, width, width), (4, width, 1)]
    net = [([[normal(seed, j * ins + k) / math.sqrt(ins) for k in range(ins)] for j in range(outs)], [0.0] * outs) for seed, ins, outs in sizes]
    points, losses = [spiral(s) for s in range(512)], []
    for _ in range(steps):
        slopes = [([[0.0] * len(w[0]) for _ in w], [0.0] * len(b)) for w, b in net]
        loss = 0.0
        for x, side in points:
            seen = [x]
            for w, b in net:
                seen.append([math.tanh(b[j] + dot(w[j], seen[-1])) for j in range(len(b))])
            loss += (seen[-1][0] - side) ** 2
            back = [2 * (seen[-1][0] - side)]
            for (w, b), (dw, db), x_in, y in reversed(list(zip(net, slopes, seen, seen[1:]))):
                d = [g * (1 - v * v) for g, v in zip(back, y)]
                for j in range(len(d)):
                    db[j] += d[j]
                    dw[j] = [p + d[j] * q for p, q in zip(dw[j], x_in)]
                back = [sum(d[j] * w[j][k] for j in range(len(d))) for k in range(len(x_in))]
        losses.append(loss / len(points))
        net = [([[p - rate * q / 512 for p, q in zip(*rows)] for rows in zip(w, dw)], [p - rate * q / 512 for p, q in zip(b, db)])
               for (w, b), (dw, db) in zip(net, slopes)]
    got = numbers(texts["-"])
    demand(abs(got[0] - losses[0]) < 2e-9 and abs(got[1] - losses[-1]) < 2e-9, f"losses {got} instead of {losses}")
    width, height, _, rows = png_pixels((bench.folder / "curve.png").read_bytes())
    demand((width, height) == (2 * steps, 120) and set(b"".join(rows)) == {51, 255}, "the curve is another picture")


TESTS = [path_tracer, monte_carlo, kmeans, conjugate_gradient, heat, log_analysis, fft_blur, kmers, text_index, training]
