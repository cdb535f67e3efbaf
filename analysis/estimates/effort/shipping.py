"""Make the shipped effort model from the data set: its parameters, and the card of what was measured.

python -m analysis.estimates.effort.shipping DIR
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from analysis.estimates.effort import fit, sip
from analysis.estimates.effort.measure import measure
from analysis.estimates.methods.effort_1 import PARAMETERS, SHIPPED

CALIBRATION_WINDOW = 0.125
"""Share of what comes before the test part that calibrates the bands: the latest tenth of all tasks."""


def train(parts: sip.Split) -> dict[str, Any]:
    """Return the parameters: quantiles from the first 70% of the tasks, bands from the next 10%."""
    known = [*parts.train, *parts.validation]
    cut = round(len(known) * (1 - CALIBRATION_WINDOW))
    parameters = fit.fit(known[:cut], known[cut:])
    parameters["provenance"] = {
        "data_set": "sip",
        "source": "https://arxiv.org/abs/1901.01621",
        "tasks": {"fitted": cut, "window": len(known) - cut, "test": len(parts.test)},
        "learned_up_to": parts.validation[-1].completed.isoformat(),
    }
    return parameters


def main(data: Path) -> None:
    """Write parameters and card beside each other."""
    parts = sip.split(sip.load(data))
    parameters = train(parts)
    parameters["provenance"]["files"] = {
        name: hashlib.sha256((data / name).read_bytes()).hexdigest() for name in (sip.TASKS_FILE, sip.DATES_FILE)
    }
    _write(PARAMETERS / f"{SHIPPED}.json", parameters)
    _write(PARAMETERS / f"{SHIPPED}.card.json", measure(parameters, parts))


def _write(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, separators=(",", ":"), sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
