"""What a PDF draws, read from its bytes: enough to see whether a character came out as an empty box."""

import re
import zlib

_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.S)
_SHOWN = re.compile(rb"\[(.*?)\]\s*TJ|(\((?:\\.|[^\\)])*\)|<[0-9A-Fa-f\s]*>)\s*Tj", re.S)
_STRING = re.compile(rb"\(((?:\\.|[^\\)])*)\)|<([0-9A-Fa-f\s]*)>", re.S)
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)", re.S)
_MEANT = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def glyphs(pdf: bytes) -> list[int]:
    """The number of every glyph shown, in the order of the file; each is two bytes, and 0 is the empty box."""
    found: list[int] = []
    for packed in _STREAM.findall(pdf):
        content = _unpacked(packed)
        if b"BT" not in content:
            continue
        for shown in _SHOWN.finditer(content):
            for literal, digits in _STRING.findall(shown[1] or shown[2]):
                codes = bytes.fromhex(digits.decode()) if digits else _ESCAPE.sub(_escaped, literal)
                found += [int.from_bytes(codes[at : at + 2], "big") for at in range(0, len(codes), 2)]
    return found


def empty_boxes(pdf: bytes) -> int:
    """How many characters were drawn as the box that stands for a missing one."""
    found = glyphs(pdf)
    assert found, "no text was found in this PDF"
    return found.count(0)


def _escaped(match: re.Match[bytes]) -> bytes:
    what = match[1]
    return bytes([int(what, 8)]) if what.isdigit() else _MEANT.get(what, what)


def _unpacked(packed: bytes) -> bytes:
    """A stream as it is, unpacked, or from digits and then unpacked."""
    for unpack in (zlib.decompress, lambda data: zlib.decompress(bytes.fromhex(data.rstrip(b">").decode()))):
        try:
            return unpack(packed)
        except (zlib.error, ValueError):
            continue
    return packed
