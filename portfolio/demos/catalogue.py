"""The demos by name. A demo is its words, a sample to start from, and a function from a form to a result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from portfolio.demos import claims, compare, estimate, receipt, router, types

Run = Callable[[Mapping[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class Spec:
    """One demo. `sample()` fills the form; `run(form)` gives the template its values and raises DemoError politely."""

    slug: str
    title: str
    sentence: str
    sample: Callable[[], dict[str, Any]]
    run: Run
    per_hour: int = field(default=120)

    @property
    def form_template(self) -> str:
        """The fields of the demo."""
        return f"portfolio/demos/{self.slug}_form.html"

    @property
    def result_template(self) -> str:
        """The result of the demo."""
        return f"portfolio/demos/{self.slug}_result.html"


CATALOGUE: dict[str, Spec] = {
    spec.slug: spec
    for spec in (
        Spec(
            "claims",
            "Find the claims in a description",
            "Paste the description of a change. What it claims is marked with its exact words, and each number that is "
            "no claim is refused with the reason.",
            claims.sample,
            claims.run,
            per_hour=600,  # it reads as one types
        ),
        Spec(
            "types",
            "Classify a change",
            "Give a title and a few paths. The small network that labels every change here says what kind of change it "
            "is, how sure it is, and when it would rather not say.",
            types.sample,
            types.run,
        ),
        Spec(
            "estimate",
            "Play with an estimate",
            "Move the assumptions. The range, what it hangs on, and whether it may be stated in money follow.",
            estimate.sample,
            estimate.run,
        ),
        Spec(
            "router",
            "Switch a target off",
            "Send a text through the router while one of its targets is down, and read how the decision was made.",
            router.sample,
            router.run,
            per_hour=60,
        ),
        Spec(
            "receipt",
            "Compute a receipt again",
            "Take any receipt of this site. Its inputs are read, its method runs, and the bytes are compared.",
            receipt.sample,
            receipt.run,
        ),
        Spec(
            "compare",
            "Compare two versions of a model",
            "The same change, classified by the written rules of the first version and the trained network of the "
            "second, side by side.",
            compare.sample,
            compare.run,
        ),
    )
}
