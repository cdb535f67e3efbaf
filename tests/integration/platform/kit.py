"""A small model for the platform's tests: naive Bayes over words, as plain JSON, on a generated history's changes."""

import json
import math
import random
import subprocess
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from analysis.change_types import spec as change_types
from mlops.training.figures import classification
from mlops.training.spec import Answer, Example, Gate, Inputs, TrainingSpec

MODEL = "story"
_VERBS = {
    "feat": ("Add", "Support", "Allow", "Introduce"),
    "fix": ("Fix", "Correct", "Handle", "Close"),
    "docs": ("Explain", "Describe", "Say", "Spell"),
    "test": ("Cover", "Check", "Assert", "Try"),
}
_PATHS = {"feat": "src/new_{n}.py", "fix": "src/core.py", "docs": "docs/page_{n}.md", "test": "tests/test_{n}.py"}
_NOUNS = ("the parser", "a cache", "the index", "the queue", "a reader", "the clock", "the list", "a lock")


def history(folder: Path, commits: int = 320, seed: int = 5) -> Path:
    """A git repository whose commits say by prefix what they are; a third of the verbs mislead, the paths do not."""
    draw = random.Random(seed)
    lines: list[str] = []
    for number in range(commits):
        kind = draw.choice(sorted(_VERBS))
        verb = draw.choice(_VERBS[kind if draw.random() > 0.33 else draw.choice(sorted(_VERBS))])
        title = f"{kind}: {verb} {draw.choice(_NOUNS)} {draw.choice(_NOUNS)} {number}"
        path = _PATHS[kind].format(n=number % 40)
        when = 1_900_000_000 + number * 3600
        author = f"Mira Example <mira@example.org> {when} +0000"
        content = f"line {number}\n"
        lines += [
            "commit refs/heads/main",
            f"author {author}",
            f"committer {author}",
            f"data {len(title)}",
            title,
            f"M 100644 inline {path}",
            f"data {len(content)}",
            content,
        ]
    subprocess.run(["git", "init", "-q", "-b", "main", str(folder)], check=True)
    subprocess.run(["git", "-C", str(folder), "fast-import", "--quiet"], input="\n".join(lines).encode(), check=True)
    return folder


def tokens(inputs: Inputs, *, paths: bool) -> list[str]:
    """Words of the title, and the folders where asked for."""
    words = [word.lower() for word in str(inputs["text"]).split()]
    return words + ([f"in {path.split('/')[0]}" for path in inputs["files"]] if paths else [])


def fitter(*, paths: bool = False, shuffle: bool = False) -> Callable[[Sequence[Example], int], bytes]:
    """A fit function: with paths it is better, with shuffled labels it is worse."""

    def fit(examples: Sequence[Example], seed: int) -> bytes:
        labels = [example.label for example in examples]
        if shuffle:
            random.Random(seed).shuffle(labels)
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for example, label in zip(examples, labels, strict=True):
            counts[label].update(tokens(example.inputs, paths=paths))
        document = {"paths": paths, "totals": Counter(labels), "counts": counts}
        return json.dumps(document, sort_keys=True).encode()

    return fit


def load(document: Any) -> Callable[[Sequence[Inputs]], list[Answer]]:
    def predict(rows: Sequence[Inputs]) -> list[Answer]:
        return [_answer(document, row) for row in rows]

    return predict


def _answer(document: Any, row: Inputs) -> Answer:
    scores: dict[str, float] = {}
    for label, total in document["totals"].items():
        seen = document["counts"].get(label, {})
        size = sum(seen.values()) + 200
        scores[label] = math.log(total) + sum(
            math.log((seen.get(token, 0) + 0.5) / size) for token in tokens(row, paths=document["paths"])
        )
    best = max(scores, key=lambda label: scores[label])
    share = 1 / sum(math.exp(score - scores[best]) for score in scores.values())
    return {"type": best, "probability": round(share, 4)}


def rules(rows: Sequence[Inputs]) -> list[Answer]:
    return [{"type": "fix", "probability": 0.25} for _ in rows]


def rows_of() -> Iterator[Example]:
    """The changes of every collected repository, as the change-type classifier sees them."""
    return change_types.dataset()


def spec(**changes: Any) -> TrainingSpec:
    """The story's spec; `changes` are fields of it."""
    values: dict[str, Any] = {
        "model": MODEL,
        "version": "1",
        "purpose": "Tell what a made-up change is.",
        "input_names": ("files", "text"),
        "dataset": rows_of,
        "fit": fitter(),
        "load": load,
        "rules": rules,
        "evaluate": classification,
        "headline": "accuracy",
        "watch": lambda inputs, answer: {"words": float(len(inputs["text"].split())), "type": str(answer["type"])},
        "baselines": lambda examples: {"always fix": rules},
        "correct": lambda label, answer: answer["type"] == label,
        "split": "time",
        "minimum_rows": 200,
        "gates": (Gate("right often enough", "accuracy", ">=", 0.4),),
        **changes,
    }
    return TrainingSpec(**values)


def examples(count: int = 300, seed: int = 2) -> list[Example]:
    """Made-up rows without any repository, for tests that only need some."""
    draw = random.Random(seed)
    found = []
    for number in range(count):
        kind = draw.choice(sorted(_VERBS))
        inputs = {"text": f"{draw.choice(_VERBS[kind])} {draw.choice(_NOUNS)} {number}", "files": [_PATHS[kind]]}
        label = {"feat": "feature"}.get(kind, kind)
        found.append(Example(f"row {number:04}", inputs, label, group=f"group {number % 9}", at=f"2031-01-{number:06}"))
    return found
