"""Speed of claim extraction: sentences a second, the cost of a megabyte, and each hostile text.

python -m benchmarks.claims
"""

import random
import time

from analysis.claims.extractor import extract
from benchmarks.claims_texts import HOSTILE
from benchmarks.measures import exponent, measure

RATE = 3000  # sentences a second on one core
HOSTILE_MS = 200

TEMPLATES = (
    "This reduces the build time of the made-up {noun} by {n}% on average.",
    "- {noun}: {n} ms → {m} ms (-{p}%)",
    "| `{noun}` | {n}.5 ms | {m}.2 ms | {p}% faster |",
    "Fix the {noun} of the {noun} so that it does not open the file again (#{n}).",
    "Bump the {noun} from 1.{n}.0 to 1.{m}.0 and raise its timeout to {p} s.",
    "The {noun} is kept as it was, since nothing in the {noun} depends on its order.",
    "Add {n} tests for the {noun}, covering both of its branches.",
    "Refactor the {noun} into a module of its own.",
)
NOUNS = ("parser", "shelf", "cache", "scheduler", "ledger", "importer")


def sentences(count: int, seed: int = 1) -> list[str]:
    """Made-up sentences: three in eight claim something, which is far more than in real texts."""
    rng = random.Random(seed)
    return [
        rng.choice(TEMPLATES).format(
            noun=rng.choice(NOUNS), n=rng.randint(20, 90), m=rng.randint(2, 19), p=rng.randint(20, 80)
        )
        for _ in range(count)
    ]


def rate(count: int = 6000) -> float:
    """Sentences a second, each read on its own, on one core."""
    texts = sentences(count)
    extract(texts[0])
    began = time.process_time()
    for text in texts:
        extract(text)
    return count / (time.process_time() - began)


def milliseconds(text: str) -> float:
    """How long one text takes."""
    began = time.process_time()
    extract(text)
    return 1000 * (time.process_time() - began)


def main() -> None:
    """Print the tables as Markdown."""
    rates = [rate(2000) for _ in range(3)]
    measure("claims", "sentences a second, one core", rates, "", goal=RATE, lower_is_better=False)
    print(f"sentences a second on one core: {sorted(rates)[1]:.0f} (at least {RATE})\n")
    print("| text | size | ms |\n|---|---|---|")
    sizes = (62_500, 250_000, 1_000_000)
    grown = [milliseconds("\n".join(sentences(size // 60))[:size]) for size in sizes]
    for size, taken in zip(sizes, grown, strict=True):
        print(f"| made-up prose | {size:,} | {taken:.0f} |")
    measure("claims", "growth with the text, exponent", exponent(sizes, grown), "", goal=1.2)
    hostile = {name: milliseconds(text) for name, text in HOSTILE.items()}
    for name, taken in hostile.items():
        print(f"| hostile: {name} | {len(HOSTILE[name]):,} | {taken:.0f} |")
    measure("claims", "worst hostile text", max(hostile.values()), "ms", goal=200)


if __name__ == "__main__":
    main()
