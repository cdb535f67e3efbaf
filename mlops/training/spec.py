"""What a model is to the platform: a plain dataclass of functions. Only this module is known to those who own a model.

A spec names its dataset, the features that are watched, how to fit, to predict and to evaluate, how the rows may be
split, and what a version has to reach. The platform never looks inside a row: what an input is, the owner knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from django.utils.module_loading import autodiscover_modules

Inputs = Mapping[str, Any]
Answer = Mapping[str, Any]
Format = Literal["json", "skops"]
Comparison = Literal[">=", "<="]


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled row. `inputs` and `label` are JSON values; rows of one `group` are never split; `at` is ISO time."""

    id: str
    inputs: Inputs
    label: Any
    group: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class Gate:
    """A bound on one figure of a candidate: `figure comparison bound`, such as strict >= 0.7."""

    name: str
    figure: str
    comparison: Comparison
    bound: float

    def holds(self, value: float | None) -> bool:
        """Unknown never passes."""
        if value is None or value != value:
            return False
        return value >= self.bound if self.comparison == ">=" else value <= self.bound


@dataclass(frozen=True, slots=True)
class TrainingSpec:
    """Everything that the platform needs to train, judge, serve and watch one model.

    * `dataset()` yields the labelled rows of now.
    * `fit(examples, seed)` returns the artefact's bytes: JSON, or a skops dump made of `trusted_types` only. The same
      examples and seed give the same bytes.
    * `load(raw)` makes a predictor of what safe loading returned: the JSON document, or the skops object. A predictor
      takes a sequence of inputs and returns one answer (a JSON object) for each.
    * `rules(inputs)` is the version that always exists: no artefact, no store.
    * `evaluate(labels, answers)` returns figures by name; `headline` names the one that decides between versions, where
      higher is better.
    * `watch(inputs, answer)` names the values whose distribution is watched: text is a category, a number a quantity.
    * `baselines(examples)` returns naive predictors by name, fitted on the training rows.
    """

    model: str
    version: str
    purpose: str
    input_names: tuple[str, ...]
    dataset: Callable[[], Iterable[Example]]
    fit: Callable[[Sequence[Example], int], bytes]
    load: Callable[[Any], Callable[[Sequence[Inputs]], list[Answer]]]
    rules: Callable[[Sequence[Inputs]], list[Answer]]
    evaluate: Callable[[Sequence[Any], Sequence[Answer]], dict[str, float]]
    headline: str
    watch: Callable[[Inputs, Answer], Mapping[str, str | float]]
    baselines: Callable[[Sequence[Example]], Mapping[str, Callable[[Sequence[Inputs]], list[Answer]]]]
    correct: Callable[[Any, Answer], bool]
    split: Literal["group", "time"] = "group"
    artefact: Format = "json"
    trusted_types: tuple[str, ...] = ()
    test_share: float = 0.25
    minimum_rows: int = 200
    minimum_per_label: int = 0
    gates: tuple[Gate, ...] = ()
    limits: tuple[str, ...] = ()
    shipped: tuple[Shipped, ...] = field(default=())

    def schema(self) -> dict[str, Any]:
        """What must not change under a version: the names of the inputs and the version of the spec."""
        return {"inputs": sorted(self.input_names), "spec": self.version}


@dataclass(frozen=True, slots=True)
class Shipped:
    """A version that comes with the code: its bytes and card, registered at the first start. Empty bytes: the rules."""

    name: str
    read: Callable[[], bytes]
    card: Callable[[], dict[str, Any]]


class UnknownModel(LookupError):
    """No spec of this name is registered."""


_specs: dict[str, TrainingSpec] = {}


def register(spec: TrainingSpec) -> TrainingSpec:
    """Make a model known; an app does it in its `methods.py`. Registering again replaces it (tests, reloads)."""
    _specs[spec.model] = spec
    return spec


def get(model: str) -> TrainingSpec:
    """The spec of a model, or UnknownModel."""
    if model not in _specs:
        autodiscover_modules("methods")
    try:
        return _specs[model]
    except KeyError:
        raise UnknownModel(f"No model is called {model}. Known: {', '.join(sorted(_specs)) or 'none'}.") from None


def known() -> tuple[TrainingSpec, ...]:
    """Every registered spec, by name."""
    autodiscover_modules("methods")
    return tuple(_specs[name] for name in sorted(_specs))
