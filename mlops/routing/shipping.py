"""Make the version of the router's model that ships: fitted, and judged on prompts kept apart, by whole domains.

    python -m mlops.routing.shipping DIR

DIR holds gsm8k.csv.gz and mmlu.csv.gz of the RouteLLM project (Apache-2.0), as `evaluate router` reads them.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import sys
from pathlib import Path

FILES = ("gsm8k.csv.gz", "mmlu.csv.gz")
SEED = 1


def main(folder: Path) -> None:
    from mlops.routing import gain
    from mlops.training.run import judge
    from mlops.training.splitting import split

    paths = [folder / name for name in FILES]
    parts = split(gain.SPEC, list(gain.examples(*paths)), seed=SEED)
    payload = gain.fit(parts.train, SEED)
    predict = gain.load_predictor(json.loads(payload))
    judged = judge(gain.SPEC, parts, payload, predict, None, seed=SEED, simulated=False)
    card = {
        **judged.card,
        "metrics": {"gain_1": judged.metrics["test"], "baselines": judged.metrics["baselines"]},
        "held_out": dict(parts.facts),
        "training": {
            "origin": "RouteLLM, github.com/lm-sys/RouteLLM, Apache-2.0: two models' answers to GSM8K and MMLU",
            "files": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths},
        },
        "settings": {"seed": SEED},
    }
    gain.SHIPPED.write_bytes(gzip.compress(payload, 9, mtime=0))
    gain.CARD.write_text(json.dumps(card, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    for name, figure in judged.metrics["test"].items():
        sys.stdout.write(f"{name}: {figure['value']} {figure['interval']}\n")
    sys.stdout.write(f"{len(payload)} bytes, {SHARE.format(**parts.facts)}\n")


SHARE = "{train} prompts learned from, {test} judged on, whole domains kept apart"

if __name__ == "__main__":
    import django

    django.setup()
    main(Path(sys.argv[1]))
