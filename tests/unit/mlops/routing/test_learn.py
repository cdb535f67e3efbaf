import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.routing.learn.features import OPTION_SIZE, SIZE, hand
from mlops.routing.learn.metrics import curve
from mlops.routing.learn.stacked import Stacked
from mlops.routing.learn.student import Student, teach

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


@pytest.mark.long
def test_the_stack_finds_the_gain() -> None:
    """Boosted and extra trees take their time on a busy machine."""
    prompts, gains, domains = made_up(300)
    unseen, truth, _domains = made_up(200)
    assert curve(Stacked().fit(prompts, gains, domains).predict(unseen), [0] * 200, truth).apgr > 0.6


def test_the_student_finds_the_gain() -> None:
    prompts, gains, _domains = made_up(300)
    unseen, truth, _domains = made_up(200)
    student = teach(prompts, gains)
    assert curve([student.predict(prompt) for prompt in unseen], [0] * 200, truth).apgr > 0.6


def test_a_saved_student_says_the_same(tmp_path: Path) -> None:
    prompts, gains, _ = made_up(120)
    student = teach(prompts, gains)
    student.save(tmp_path / "student.json")
    again = Student.load(tmp_path / "student.json")
    assert [again.predict(prompt) for prompt in prompts] == [student.predict(prompt) for prompt in prompts]
    assert (tmp_path / "student.json").stat().st_size < 10_000_000
