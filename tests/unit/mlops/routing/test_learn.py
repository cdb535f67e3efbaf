import json
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.routing.learn.features import OPTION_SIZE, SIZE, hand
from mlops.routing.learn.metrics import curve
from mlops.routing.learn.student import Student
from mlops.routing.learn.teach import teach

QUESTION = "Which is NOT a prime?\nA. 2\nB. 9\nC. 3\nD. None of the above\nAnswer:"


@given(st.text(max_size=400))
def test_any_prompt_gives_as_many_features(prompt: str) -> None:
    assert len(hand(prompt)) == SIZE


def test_options_are_read_where_there_are_some() -> None:
    assert any(hand(QUESTION)[-OPTION_SIZE:])
    assert not any(hand("How many apples are left?")[-OPTION_SIZE:])


def made_up(count: int) -> tuple[list[str], list[float], list[str]]:
    """Prompts whose gain depends on a word and on length."""
    rng = random.Random(count)
    prompts, gains, domains = [], [], []
    for _ in range(count):
        hard = rng.random() < 0.5
        filler = " ".join(rng.choice(["red", "blue", "small", "round", "old"]) for _ in range(rng.randint(5, 30)))
        prompts.append(f"{'Derive the integral of' if hard else 'Name the colour of'} {filler}.")
        gains.append(float(rng.random() < (0.6 if hard else 0.1)))
        domains.append("maths" if hard else "colours")
    return prompts, gains, domains


def test_the_student_finds_the_gain() -> None:
    prompts, gains, _domains = made_up(300)
    unseen, truth, _domains = made_up(200)
    student = teach(prompts, [0.0] * 300, gains)
    assert student.domains is None, "without known domains there is none to guess"
    assert curve([student.predict(prompt) for prompt in unseen], [0] * 200, truth).apgr > 0.6


def test_a_student_hears_the_domain() -> None:
    prompts, gains, domains = made_up(300)
    student = teach(prompts, [0.0] * 300, gains, domains)
    assert student.domains is not None and student.trees is not None
    hard, easy = (student.parts(f"{text} red old.")[3] for text in ("Derive the integral of", "Name the colour of"))
    assert hard > easy + 0.1, "what it expects of a domain follows the words"
    assert abs(sum(student.predict(prompt) for prompt in prompts) / 300 - sum(gains) / 300) < 0.05, (
        "on the gain's scale"
    )
    assert student.predict("") == pytest.approx(student.predict("???"), abs=0.2), "nothing known is no failure"


@pytest.mark.parametrize("known", [True, False])
def test_a_saved_student_says_the_same(known: bool) -> None:
    prompts, gains, domains = made_up(120)
    student = teach(prompts, [0.0] * 120, gains, domains if known else None)
    again = Student.read(json.loads(student.dump()))
    assert [again.predict(prompt) for prompt in prompts] == [student.predict(prompt) for prompt in prompts]
    assert len(student.dump()) < 10_000_000


def test_the_trees_say_what_sklearn_says() -> None:
    from sklearn.ensemble import ExtraTreesRegressor

    from mlops.routing.learn.teach import _flat

    draw = np.random.Generator(np.random.PCG64(3))
    rows = draw.normal(size=(200, 5)).astype(np.float32)
    right = np.column_stack([rows[:, 0] > rows[:, 1], rows[:, 2] > 0])
    forest = ExtraTreesRegressor(5, min_samples_leaf=4, random_state=0).fit(rows, right)
    mine = [_flat(forest).predict(list(map(float, row))) for row in rows]
    cheap, dear = forest.predict(rows).T
    assert mine == pytest.approx(dear - cheap, abs=1e-6)
