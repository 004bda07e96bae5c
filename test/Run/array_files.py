"""safetensors and npz files with Python's standard library only: {name: (shape, flat list)}.

Dtypes: "f4", "f8", "i4", "i8" (little endian).
"""
import array
import ast
import io
import json
import struct
import zipfile

CODES = {"f4": "f", "f8": "d", "i4": "i", "i8": "q"}
SAFETENSORS = {"F32": "f4", "F64": "f8", "I32": "i4", "I64": "i8"}


def _bytes(values, dtype):
    return array.array(CODES[dtype], values).tobytes()


def _values(data, dtype):
    values = array.array(CODES[dtype])
    values.frombytes(data)
    return list(values)


def write_safetensors(path, arrays, dtype="f8", metadata=None):
    names = {short: name for name, short in SAFETENSORS.items()}
    header, body = {}, b""
    if metadata:
        header["__metadata__"] = metadata
    for name, (shape, values) in arrays.items():
        data = _bytes(values, dtype)
        header[name] = {"dtype": names[dtype], "shape": list(shape),
                        "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + body)


def read_metadata(path):
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        return json.loads(file.read(length)).get("__metadata__", {})


def read_safetensors(path):
    with open(path, "rb") as file:
        data = file.read()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + length])
    arrays = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        values = _values(data[8 + length + begin:8 + length + end], SAFETENSORS[entry["dtype"]])
        arrays[name] = (tuple(entry["shape"]), values)
    return arrays


def write_npz(path, arrays):
    """arrays: {name: (shape, values, dtype)}"""
    with zipfile.ZipFile(path, "w") as archive:
        for name, (shape, values, dtype) in arrays.items():
            text = repr({"descr": "<" + dtype, "fortran_order": False, "shape": tuple(shape)})
            text += " " * (-(len(text) + 11) % 64) + "\n"
            header = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode()
            archive.writestr(name + ".npy", header + _bytes(values, dtype))


def read_npz(path):
    arrays = {}
    with zipfile.ZipFile(path) as archive:
        for entry in archive.namelist():
            data = io.BytesIO(archive.read(entry))
            data.read(8)
            (length,) = struct.unpack("<H", data.read(2))
            header = ast.literal_eval(data.read(length).decode())
            values = _values(data.read(), header["descr"][1:])
            arrays[entry[:-4]] = (header["shape"], values)
    return arrays


def error(found, wanted, floor=1e-12):
    """max |a - b| / (max |b| + floor) of two flat lists; infinite where the sizes differ."""
    if len(found) != len(wanted):
        return float("inf")
    scale = max((abs(b) for b in wanted), default=0.0) + floor
    worst = 0.0
    for a, b in zip(found, wanted):
        worst = max(worst, abs(a - b)) if a == a and b == b else float("inf")
    return worst / scale
