#!/usr/bin/env python3
"""Check an evidence bundle offline. One file, the standard library only: read it before you trust it.

usage: python3 verify_bundle.py BUNDLE.json [PUBLIC_KEY_HEX]

A bundle is one JSON object {"payload", "public_key", "signature"}; the payload is canonical JSON as text, signed with
Ed25519 (RFC 8032). Checked are: the file's form byte for byte; the signature (and, where given, that the key is the one
you expect); that each receipt has the hash that names it; that each quotation stands in its text exactly; that each sum
comes out again. A simulated range is checked by its hash alone, and listed as needing the full program.
Exit status: 0 all holds, 1 something does not, 2 wrong use.
"""

import hashlib
import json
import sys

# --- Ed25519 verification, after RFC 8032, section 5.1 -----------------------------------------------------------
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def _add(one, two):
    """Sum of two points in extended coordinates (X, Y, Z, T)."""
    a = (one[1] - one[0]) * (two[1] - two[0]) % P
    b = (one[1] + one[0]) * (two[1] + two[0]) % P
    c = 2 * one[3] * two[3] * D % P
    d = 2 * one[2] * two[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(scalar, point):
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = _add(result, point)
        point = _add(point, point)
        scalar >>= 1
    return result


def _same(one, two):
    return not ((one[0] * two[2] - two[0] * one[2]) % P or (one[1] * two[2] - two[1] * one[2]) % P)


def _x_of(y, sign):
    """The x coordinate that belongs to y and the sign bit, or None (section 5.1.3)."""
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if square == 0:
        return None if sign else 0
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P:
        return None
    return P - x if x & 1 != sign else x


def _point(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    x = _x_of(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = _x_of(BASE_Y, 0)
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def signature_holds(public_key, message, signature):
    """Whether the 64 bytes ``signature`` over ``message`` were made with the key of the 32 bytes ``public_key``."""
    if len(public_key) != 32 or len(signature) != 64:
        return False
    a, r = _point(public_key), _point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public_key + message).digest(), "little") % L
    return _same(_times(s, BASE), _add(r, _times(h, a)))


# --- canonical JSON: keys sorted by UTF-16, no white space, numbers as they are written --------------------------
class Number(str):
    """A number kept as the text that stood in the document."""


def parse(text):
    return json.loads(text, parse_float=Number, parse_int=Number, parse_constant=_refuse)


def _refuse(name):
    raise ValueError(name + " is no number")


def canonical(value):
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return "{" + ",".join(canonical(key) + ":" + canonical(value[key]) for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(canonical(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def sha256(text):
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


# --- sums that can be done here; a name that is missing needs the full program ---------------------------------------
def _number(text):
    return float(text) if any(mark in text for mark in ".eE") else int(text)


def _total(inputs, parameters):
    column = {"changes": None, "added": 1, "deleted": 2, "source": 3, "tests": 4}[parameters["column"]]
    rows = inputs["changes"]
    return len(rows) if column is None else sum(_number(row[column]) for row in rows if row[column] is not None)


def _stated(inputs, parameters):
    return _number(inputs["diff"][parameters["column"]])


def _lines(inputs, parameters):
    column = {"added": 1, "deleted": 2}[parameters["column"]]
    rows = [row for row in inputs["files"] if row[3] == parameters["category"]]
    return sum(_number(row[column]) for row in rows if row[column] is not None)


SUMS = {"achievements.total": _total, "facts.stated": _stated, "facts.lines": _lines}


def check_receipt(name, text):
    """(complaints, how): how is "recomputed" or "hash only"."""
    if sha256(text) != name:
        return ["receipt " + name + ": its content has another hash"], "hash only"
    document = parse(text)
    complaints = []
    if canonical(document) != text:
        complaints.append("receipt " + name + ": not in canonical form")
    for entry in document["inputs"]:
        if "value" in entry and sha256(canonical(entry["value"])) != entry["sha256"]:
            complaints.append("receipt " + name + ": input " + entry["name"] + " has another hash")
    compute = SUMS.get(document["method"]["name"])
    if compute is None or any("value" not in entry for entry in document["inputs"]):
        return complaints, "hash only"
    found = compute({entry["name"]: entry["value"] for entry in document["inputs"]}, document["parameters"])
    if found != _number(document["result"]["value"]):
        complaints.append("receipt " + name + ": computes to " + str(found) + ", not " + document["result"]["value"])
    return complaints, "recomputed"


def check_quotes(payload):
    """Each quotation against its text, code point by code point."""
    complaints = []
    for name, text in payload["texts"].items():
        if sha256(text) != name:
            complaints.append("text " + name + ": its content has another hash")
    for claim in payload["claims"]:
        text = payload["texts"].get(claim["text"])
        if text is None or text[int(claim["start"]) : int(claim["end"])] != claim["quote"]:
            complaints.append("claim " + claim["key"] + ": the quotation does not stand in its text")
    return complaints


def check_parts(payload):
    """Each figure and each claim against its hash, so that the altered one is named."""
    complaints = []
    for kind in ("figures", "claims"):
        hashes = payload.get("parts", {}).get(kind)
        if hashes is None:
            continue
        if len(hashes) != len(payload[kind]):
            complaints.append(kind + ": one was added or taken out")
        for number, (entry, name) in enumerate(zip(payload[kind], hashes), 1):  # noqa: B905
            if sha256(canonical(entry)) != name:
                called = entry.get("label") or entry.get("key") or ""
                complaints.append(kind[:-1] + " " + str(number) + " (" + called + "): altered")
    return complaints


def check_content(payload):
    """(complaints, how many figures were checked in which way)."""
    complaints = []
    how = {"recomputed": 0, "hash only": 0}
    for name, text in payload["receipts"].items():
        found, way = check_receipt(name, text)
        complaints += found
        how[way] += 1
    complaints += check_quotes(payload) + check_parts(payload)
    for figure in payload["figures"]:
        if figure["receipt"] not in payload["receipts"]:
            complaints.append("figure " + figure["label"] + ": its receipt is missing")
    return complaints, how


def first_difference(data, expected):
    """The place of the first byte that differs."""
    for place, (one, two) in enumerate(zip(data, expected)):  # noqa: B905
        if one != two:
            return place
    return min(len(data), len(expected))


def altered_inside(payload_text):
    """What of a payload does not hold, for a bundle whose signature does not; nothing where it cannot be read."""
    try:
        return check_content(parse(payload_text))[0]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, IndexError):
        return ["the payload cannot be read: its form was altered"]


def check(data, expected_key=""):
    """(complaints, summary) for the bytes of a bundle."""
    try:
        envelope = parse(data.decode("utf-8"))
        payload_text, key, signature = (envelope[name] for name in ("payload", "public_key", "signature"))
        written = canonical(envelope).encode("utf-8")
        if written != data or len(envelope) != 3:
            place = str(first_difference(data, written))
            return ["the file is not in canonical form: byte " + place + " was altered, or what follows it"], {}
        if key != key.lower() or signature != signature.lower():
            return ["the file is not in canonical form: the key or the signature was altered"], {}
        if not signature_holds(bytes.fromhex(key), payload_text.encode("utf-8"), bytes.fromhex(signature)):
            complaint = "the signature does not hold: the bundle was altered, or signed with another key"
            inside = altered_inside(payload_text)
            return [complaint, *(inside or ["all content agrees with its hashes: key or signature was altered"])], {}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        return ["the file is no bundle: " + str(error)], {}
    complaints = []
    if expected_key and key != expected_key.lower():
        complaints.append("the bundle is signed with the key " + key + ", not with the one you expect")
    payload = parse(payload_text)
    found, how = check_content(payload)
    return complaints + found, {"public key": key, "quotations": len(payload["claims"]), **how}


def main():
    if len(sys.argv) not in (2, 3):
        print(__doc__)
        return 2
    try:
        with open(sys.argv[1], "rb") as file:
            data = file.read()
    except OSError as error:
        print(error)
        return 2
    complaints, summary = check(data, *sys.argv[2:])
    for line in complaints:
        print("NOT IN ORDER: " + line)
    if complaints:
        return 1
    print("In order. Signed with " + summary["public key"])
    print(str(summary["quotations"]) + " quotations are exact.")
    print(str(summary["recomputed"]) + " figures were computed again and agree.")
    print(str(summary["hash only"]) + " figures are checked by their hash; computing them needs the full program.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
