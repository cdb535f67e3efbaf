"""Text and files of a change as a bag of named features: plain strings, readable in a card and in an explanation.

Only the first line of the text is read: that is where authors say what they did. Names of one repository (paths,
identifiers) are coarsened to shapes and kinds, since the classifier has to work on repositories that it never saw.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from analysis.change_types.files import kind_of
from analysis.change_types.rules import decide

_CODE = re.compile(r"`[^`]*`?")
_TOKEN = re.compile(r"[a-z][a-z']*|\d+(?:\.\d+)*|[^\sa-z\d]", re.I)
_CAMEL = re.compile(r"(?<=[a-z\d])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_VERSION = re.compile(r"^v?\d+\.\d+|^v\d+$")
_PERCENT = re.compile(r"\d\s?%|\b\d+(?:\.\d+)?x\b")
_WORDISH = re.compile(r"[A-Za-z\d]+(?:[._/@:\-][A-Za-z\d]+)*|[^\sA-Za-z\d]")
MAX_CHARACTERS = 300
MAX_WORDS = 40
MAX_FILES = 200
MINOR = 4  # a name in less than one of four files


def words_of(text: str) -> list[str]:
    """The lower-case words of a title; identifiers, versions and numbers become shapes besides their parts."""
    words: list[str] = []
    line = text.strip().split("\n", 1)[0][:MAX_CHARACTERS]
    for chunk in _WORDISH.findall(line):
        if _VERSION.match(chunk):
            words.append("<version>")
        elif chunk.isdigit():
            words.append("<number>")
        elif len(chunk) == 1 and not chunk.isalnum():
            words.append(chunk)
        else:
            parts = [part for piece in re.split(r"[._/@:\-]", chunk) for part in _CAMEL.split(piece) if part]
            if len(parts) > 1:
                words.append("<name>" if not chunk.replace("-", "").islower() else "<joined>")
            words.extend(part.lower() if not part.isdigit() else "<number>" for part in parts)
    return words[:MAX_WORDS]


def features_of(text: str, files: Sequence[str]) -> list[str]:
    """The distinct features of one change, sorted. Works with an empty text or without files."""
    return sorted(feature_set(text, files))


def feature_set(text: str, files: Sequence[str]) -> set[str]:
    """The same without an order."""
    words = words_of(text)
    found: set[str] = {"bias"}
    plain = [w for w in words if w not in "`'\"“”‘’,.;"]
    found.update(f"w:{w}" for w in plain)
    found.update(f"b:{a} {b}" for a, b in pairwise(plain))
    found.update(f"s:{a} _ {c}" for a, c in zip(plain, plain[2:], strict=False))
    found.update(f"t:{a} {b} {c}" for a, b, c in zip(plain, plain[1:], plain[2:], strict=False))
    letters = [w for w in plain if w[0].isalpha()]
    if letters:
        found.update((f"first:{letters[0]}", f"last:{letters[-1]}"))
        found.add("first2:" + " ".join(letters[:2]))
        for word in letters[:6]:
            found.update(f"stem:{word[:n]}" for n in (4, 6) if len(word) > n)
    found.add(f"length:{min(len(plain), 20) // 3}")
    if _CODE.search(text):
        found.add("has:code")
    if _PERCENT.search(text):
        found.add("has:percent")
    ruling = decide(text, files)
    found.update((f"rule:{ruling.rule}", f"ruled:{ruling.type}"))
    return found | _file_features(files, letters[0] if letters else "")


def _file_features(files: Sequence[str], first: str) -> set[str]:
    if not files:
        return {"files:none"}
    files = files[:MAX_FILES]
    kinds = Counter(kind_of(path) for path in files)
    found = {f"files:{min(len(files), 64).bit_length()}"}
    for kind, count in kinds.items():
        share = "all" if count == len(files) else "most" if count * 2 > len(files) else "some"
        found.add(f"kind:{kind}:{share if count * MINOR >= len(files) else 'few'}")
    main = kinds.most_common(1)[0][0] if len(kinds) == 1 else "mixed"
    found.add("kinds:" + "+".join(sorted(kinds)))
    if first:
        found.update(
            (
                f"verb:{first}|{main}",
                *(f"verb:{first}|has {kind}" for kind, n in kinds.items() if n * MINOR >= len(files)),
            )
        )
    return found | _path_features(files[:60])


def _path_features(files: Sequence[str]) -> set[str]:
    """Names and folders; those of a few among many files are marked as minor, for they seldom say what it is about."""
    names: Counter[str] = Counter()
    for path in files:
        parts = path.lower().split("/")
        here = {f"file:{parts[-1]}", *(f"dir:{part}" for part in parts[:-1])}
        if "." in parts[-1][1:]:
            here.add(f"ext:{parts[-1].rsplit('.', 1)[-1]}")
        names.update(here)
    return {name if count * MINOR >= len(files) else f"minor {name}" for name, count in names.items()}
