"""Make the version that ships: fit on public histories, measure on repositories kept out whole, write the card.

    python -m analysis.change_types.shipping DIR

DIR holds a mirror for each repository, as OWNER+NAME (a bare clone) or OWNER+NAME/repo. The card names repositories
and tips, so that the same folder gives the same bytes; the texts themselves go nowhere.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from analysis.change_types import network
from analysis.change_types.classify import NETWORK_VERSION, bare, with_rules
from analysis.change_types.evaluate import Judged, calibration, figures, judge
from analysis.change_types.fitting import ACCEPTED_SHARE, SETTINGS, LabelledChange, fit
from analysis.change_types.histories import DamagedMirror, History, Taken, mirrors_in, rows_of
from analysis.change_types.labels import TYPES
from analysis.change_types.network import TypePrediction
from analysis.change_types.watching import baseline

MOST_PER_TYPE = 150
MOST_HELD_OUT = 60
DRAWS = 200
READERS = 4
SEED = 1
CARD = Path(__file__).with_name("card.json")


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Whole histories kept out of the training: the ones of version 2, and more since version 3.
_SINCE_2 = _names(
    """
    apache/opendal argoproj/argo-cd clap-rs/clap denoland/deno eslint/eslint goreleaser/goreleaser
    great-expectations/great_expectations mikro-orm/mikro-orm nodejs/undici nuxt/nuxt openfga/openfga rack/rack
    rolldown/rolldown scipy/scipy snakemake/snakemake wagtail/wagtail
    """
)
_SINCE_3 = _names(
    """
    Automattic/mongoose aio-libs/aiohttp bytedance/sonic felangel/bloc lancedb/lance minio/minio networkx/networkx
    openai/openai-python ory/hydra prettier/prettier ratatui/ratatui sidorares/node-mysql2 stevearc/conform.nvim
    supabase/supabase-flutter uutils/coreutils vitest-dev/vitest
    """
)
HELD_OUT = _SINCE_2 | _SINCE_3
# The development titles come from these: neither trained on nor counted as held out.
DEVELOPMENT = _names(
    """
    celery/celery django/djangoproject.com octokit/webhooks oxc-project/oxc pallets/flask pydantic/pydantic
    pypi/warehouse simonw/datasette vitamin33/threads-agent vitejs/vite
    """
)
SELF_EVIDENT = ("revert", "dependency")  # titles that give themselves away, reported apart


def gather(folder: Path, say: Callable[[str], object]) -> tuple[list[LabelledChange], dict[str, str]]:
    """Rows of every mirror of a folder but the development ones, and the tips by repository. Raises ValueError.

    A damaged mirror is left out whole, and said.
    """
    histories = [found for found in mirrors_in(folder) if found.repository not in DEVELOPMENT]
    rows: list[LabelledChange] = []
    tips: dict[str, str] = {}
    with ThreadPoolExecutor(READERS) as pool:  # the work is git's, in processes of its own
        for history, taken in zip(histories, pool.map(_taken, histories), strict=True):
            if isinstance(taken, DamagedMirror):
                say(f"left out: {taken}")
                continue
            rows.extend(taken.rows)
            tips[history.repository] = taken.tip
            say(f"{history.repository}: {len(taken.rows)} rows")
    if not tips.keys() - HELD_OUT or not tips.keys() & HELD_OUT:
        raise ValueError(
            f"{folder} holds {len(tips)} mirrors named OWNER+NAME, and training needs some that are held out "
            f"(such as {min(_SINCE_2).replace('/', '+')}) and some that are not."
        )
    return rows, tips


def _taken(history: History) -> Taken | DamagedMirror:
    try:
        return rows_of(history, most=MOST_HELD_OUT if history.repository in HELD_OUT else MOST_PER_TYPE, seed=SEED)
    except DamagedMirror as error:
        return error


# What a reader of the card has to know before trusting its figures.
LIMITS = (
    "Labels are the authors' own prefixes, and many titles admit two types: no reader reaches 1.",
    "Security labels come in part from the same wording as the rules, so that its held-out figure flatters.",
    "Only the title and paths are read, never the diff.",
    "Every type counts alike in training, so that on a history with few security changes security is "
    "predicted too often.",
    "The probability is that a reader accepts the type; the share of accepted misses was read by one person.",
)


def ship(
    rows: Sequence[LabelledChange], *, tips: Mapping[str, str], held_out: frozenset[str] = HELD_OUT, seed: int = SEED
) -> tuple[bytes, dict[str, Any]]:
    """Fit and measure; return the parameters' bytes and the card."""
    train = [row for row in rows if row.group not in held_out]
    test = [row for row in rows if row.group in held_out]
    document = fit(train, seed=seed)
    payload = json.dumps(document, separators=(",", ":"), sort_keys=True).encode()
    changes = [(row.text, row.files) for row in test]
    answers = network.predict(network.load(document), changes)
    since_2 = [index for index, row in enumerate(test) if row.group in _SINCE_2]
    card = {
        "model": "change-type",
        "version": NETWORK_VERSION,
        "purpose": "Predict which of ten types a change has, from its title and the paths that it touches.",
        "parameters_sha256": hashlib.sha256(payload).hexdigest(),
        "settings": {
            **asdict(SETTINGS),
            "seed": seed,
            "accepted_share": ACCEPTED_SHARE,
            "most_per_type": MOST_PER_TYPE,
        },
        "training": _provenance(train, tips),
        "held_out": {
            "repositories": {name: tips.get(name, "") for name in sorted({row.group for row in test})},
            "rows": len(test),
            "rows_by_type": _count(test),
        },
        "metrics": {
            "network": measure(test, answers),
            "rules": measure(test, with_rules(changes)),
            "network on the held-out repositories of version 2": measure(
                [test[i] for i in since_2], [answers[i] for i in since_2]
            ),
        },
        "f1_by_type": _by_type(test, answers),
        "watched": baseline(changes, answers),
        "limits": list(LIMITS),
    }
    return payload, card


def promises(judged: Path, trained: network.Network) -> dict[str, dict[str, Any]]:
    """How what each version says of its certainty held on a file of judged titles ({text, files, label, label_ok}).

    Only judged titles name every type that a reader accepts, which is what the probability speaks of.
    """
    rows = [json.loads(line) for line in judged.read_text(encoding="utf-8").splitlines() if line.strip()]
    changes = [(str(row["text"]), tuple(row.get("files") or ())) for row in rows]
    note = (
        f"Of {len(rows)} judged titles, on which settings were chosen: not held out. Of the held-out repositories only "
        "the authors' own labels are known, and the probability speaks of every type that a reader accepts."
    )
    told = network.predict(trained, [(bare(text), files) for text, files in changes])
    answers = {"network": told, "rules": with_rules(changes)}
    return {name: {"bins": calibration(judge(rows, found)), "note": note} for name, found in answers.items()}


def measure(rows: Sequence[LabelledChange], answers: Sequence[TypePrediction]) -> dict[str, Any]:
    """Figures where every type counts alike, with 95% intervals from resampling whole repositories.

    The calibration error here is that of the largest share against the author's own label, since nobody read which
    other types a reader accepts.
    """
    sure = [
        TypePrediction(answer.type, max(answer.shares.values(), default=0.0), answer.abstained, answer.shares)
        for answer in answers
    ]
    judged = judge([{"label": row.label} for row in rows], sure)
    by_group: dict[str, list[int]] = defaultdict(list)
    for index, row in enumerate(rows):
        by_group[row.group].append(index)
    names = sorted(by_group)
    found: dict[str, Any] = {}
    for suffix, types in (
        ("", TYPES),
        (" without revert and dependency", tuple(name for name in TYPES if name not in SELF_EVIDENT)),
    ):
        random = np.random.Generator(np.random.PCG64(11))
        drawn = [
            _balanced(
                judged,
                np.concatenate([by_group[names[i]] for i in random.integers(0, len(names), len(names))]),
                random,
                types,
            )
            for _ in range(DRAWS)
        ]
        for key in ("strict", "macro_f1", "abstained", "calibration_error"):
            values = [draw[key] for draw in drawn]
            interval = np.percentile(values, [2.5, 97.5]).round(4).tolist()
            found[key + suffix] = {"value": round(float(np.mean(values)), 4), "interval": interval}
    return found


def _balanced(judged: Judged, index: Any, random: np.random.Generator, types: Sequence[str]) -> dict[str, float]:
    by_label = [index[judged.label[index] == name] for name in types]
    size = min(200, max(len(part) for part in by_label))
    return figures(judged, np.concatenate([random.choice(part, size) for part in by_label if len(part)]))


def _by_type(rows: Sequence[LabelledChange], answers: Sequence[TypePrediction]) -> dict[str, float]:
    """F1 of each type where every type counts alike: recall against precision among equally many of each."""
    share: dict[tuple[str, str | None], float] = defaultdict(float)
    total = _count(rows)
    for row, answer in zip(rows, answers, strict=True):
        share[row.label, answer.type] += 1 / total[row.label]
    return {name: round(2 * share[name, name] / (1 + sum(share[label, name] for label in total)), 4) for name in total}


def _provenance(rows: Sequence[LabelledChange], tips: Mapping[str, str]) -> dict[str, Any]:
    digest = hashlib.sha256()
    for row in rows:
        digest.update(json.dumps([row.group, row.label, row.text, row.files]).encode())
    return {
        "rows": len(rows),
        "rows_by_type": _count(rows),
        "repositories": {name: tips.get(name, "") for name in sorted({row.group for row in rows})},
        "rows_sha256": digest.hexdigest(),
        "labels": "conventional, bracket and upper-case prefixes, bots' titles, test-only and docs-only paths",
        "text": "public commit messages; not distributed with this model",
    }


def _count(rows: Sequence[LabelledChange]) -> dict[str, int]:
    return dict(sorted(Counter(row.label for row in rows).items()))


def main(arguments: Sequence[str]) -> None:
    """Read the mirrors, fit, measure, and write parameters and card beside this module."""
    parser = argparse.ArgumentParser(description="Train the change-type network that ships, from mirrors of histories.")
    parser.add_argument("folder", type=Path, help="a folder of mirrors named OWNER+NAME")
    parser.add_argument("--into", type=Path, default=CARD.parent, help="where parameters.json and card.json go")
    parser.add_argument("--judged", type=Path, help="a file of judged titles, for the plot of calibration")
    options = parser.parse_args(arguments)
    if not options.folder.is_dir():
        parser.error(f"{options.folder} is not a folder. Name one that holds mirrors named OWNER+NAME.")
    try:
        rows, tips = gather(options.folder, lambda line: print(line, flush=True))
    except ValueError as error:
        parser.error(str(error))
    payload, card = ship(rows, tips=tips)
    (options.into / network.SHIPPED.name).write_bytes(payload)
    if options.judged:
        card["calibration"] = promises(options.judged, network.load(json.loads(payload)))
    (options.into / CARD.name).write_text(json.dumps(card, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print(f"{card['training']['rows']} rows, {len(payload):,} bytes; held out: {card['metrics']['network']['strict']}")


if __name__ == "__main__":
    main(sys.argv[1:])
