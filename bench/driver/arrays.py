"""Arrays between rondo's programs and the peers: safetensors, npz and files of raw numbers."""
import array
import ast
import json
import operator
import os
import random
import struct
import zipfile

try:
    import numpy
except ImportError:  # a machine without it is slower, and needs no more than Python
    numpy = None

CODES = {"f32": "f", "f64": "d", "i32": "i", "i64": "q"}
SAFETENSORS = {"F32": "f32", "F64": "f64", "I32": "i32", "I64": "i64"}
NPY = {"<f4": "f32", "<f8": "f64", "<i4": "i32", "<i8": "i64"}


def count(shape):
    product = 1
    for size in shape:
        product *= size
    return product


def read_safetensors(path):
    """{name: (shape, array.array)}"""
    with open(path, "rb") as file:
        data = file.read()
    (length,) = struct.unpack("<Q", data[:8])
    arrays = {}
    for name, entry in json.loads(data[8:8 + length]).items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        values = array.array(CODES[SAFETENSORS[entry["dtype"]]])
        values.frombytes(data[8 + length + begin:8 + length + end])
        arrays[name] = (entry["shape"], values)
    return arrays


def write_safetensors(path, arrays):
    """{name: (shape, array.array of f32)}"""
    header, offset = {}, 0
    for name, (shape, values) in arrays.items():
        size = 4 * len(values)
        header[name] = {"dtype": "F32", "shape": list(shape),
                        "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for _, values in arrays.values():
            values.tofile(file)


def write_npz(path, arrays):
    """{name: (shape, array.array of f32 or i32)}"""
    with zipfile.ZipFile(path, "w") as archive:
        for name, (shape, values) in arrays.items():
            descr = {"f": "<f4", "i": "<i4"}[values.typecode]
            text = repr({"descr": descr, "fortran_order": False, "shape": tuple(shape)})
            text += " " * (-(len(text) + 11) % 64) + "\n"
            header = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode()
            archive.writestr(name + ".npy", header + values.tobytes())


def read_npz(path):
    arrays = {}
    with zipfile.ZipFile(path) as archive:
        for entry in archive.namelist():
            data = archive.read(entry)
            (length,) = struct.unpack("<H", data[8:10])
            header = ast.literal_eval(data[10:10 + length].decode())
            values = array.array(CODES[NPY[header["descr"]]])
            values.frombytes(data[10 + length:])
            arrays[entry[:-4]] = (header["shape"], values)
    return arrays


def write_raw(folder, name, values):
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name + "." + {"f": "f32", "i": "i32"}[values.typecode]),
              "wb") as file:
        values.tofile(file)


def read_raw(path):
    values = array.array("f")
    with open(path, "rb") as file:
        values.frombytes(file.read())
    return values


def draw(seed, shape, low=-1.0, high=1.0):
    """Floats from a period of 65537 draws, a prime, so that no two rows of a matrix are equal."""
    generator = random.Random(seed)
    size = count(shape)
    block = array.array("f", (generator.uniform(low, high) for _ in range(min(size, 65537))))
    return (block * (size // max(1, len(block)) + 1))[:size]


def draw_indices(seed, shape, bound):
    generator = random.Random(seed)
    return array.array("i", (generator.randrange(bound) for _ in range(count(shape))))


def scaled(values, scale):
    """Rows of len(scale) elements, times those of `scale`."""
    if numpy:
        product = numpy.frombuffer(values, "f4").reshape(-1, len(scale)) * numpy.array(scale, "f4")
        return array.array("f", product.tobytes())
    return array.array("f", map(operator.mul, values, scale * (len(values) // len(scale))))


def _extent(found, wanted):
    """The largest |b| and |a - b|, and a sum that is finite where all are."""
    if numpy and len(wanted):
        found, wanted = (numpy.frombuffer(values, values.typecode) for values in (found, wanted))
        return (float(numpy.abs(wanted).max()), float(numpy.abs(found - wanted).max()),
                float(found.sum(dtype="f8") + wanted.sum(dtype="f8")))
    return (max(map(abs, wanted), default=0.0),
            max(map(abs, map(operator.sub, found, wanted)), default=0.0),
            sum(found) + sum(wanted))  # NaN does not show in max()


def error(found, wanted):
    """max |a - b| / max |b|; infinite where sizes differ or something is not a number."""
    if len(found) != len(wanted):
        return float("inf")
    scale, worst, total = _extent(found, wanted)
    if not total - total == 0:
        return float("inf")
    return worst / scale if scale else (0.0 if worst == 0 else float("inf"))
