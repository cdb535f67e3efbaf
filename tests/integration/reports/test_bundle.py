"""The evidence bundle: a reader can check it offline, and no altered byte gets past."""

import json
import random
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command
from django.utils import timezone

from analysis.claims.services import extract_repository
from analysis.models import Achievement, Claim
from analysis.reports import bundle, verify_bundle
from evidence.canonical import canonical_bytes, canonical_text
from evidence.services import load_methods
from tests.factories.achievements import AchievementChangeFactory, AchievementFactory
from tests.factories.collection import ChangeFactory, ChangeTextFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def published(django_user_model: type) -> Achievement:
    load_methods()
    user = django_user_model.objects.create(username="curator")  # type: ignore[attr-defined]
    now = timezone.now()
    made = AchievementFactory(state="published", approved_by=user, approved_at=now, published_by=user, published_at=now)
    change = ChangeFactory()
    ChangeTextFactory(change=change, text="Sorting the shelf takes 2 s instead of 30 s, “measured” on our machine.")
    AchievementChangeFactory(achievement=made, change=change)
    extract_repository(repository_id=change.repository_id)
    return made


@pytest.fixture
def signed(published: Achievement) -> bytes:
    return bundle.sign(bundle.collect_payload(), Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


def test_a_good_bundle_is_in_order_and_its_sums_are_computed_again(signed: bytes) -> None:
    complaints, summary = verify_bundle.check(signed)
    assert complaints == []
    assert summary["recomputed"] == 3
    assert summary["quotations"] == Claim.objects.count() == 1


@pytest.mark.parametrize("flips", [60, pytest.param(1000, marks=pytest.mark.long)])
def test_no_altered_byte_gets_past(signed: bytes, flips: int) -> None:
    chance = random.Random(8032)
    for _ in range(flips):
        place = chance.randrange(len(signed))
        flipped = bytearray(signed)
        flipped[place] ^= 1 << chance.randrange(8)
        complaints, _ = verify_bundle.check(bytes(flipped))
        assert complaints, f"byte {place} of {len(signed)} was altered and nothing was said"


def altered(signed: bytes, change: Callable[[dict[str, Any]], object]) -> list[str]:
    """What the verifier says of a bundle whose payload was changed under the old signature."""
    envelope = json.loads(signed)
    payload = json.loads(envelope["payload"])
    change(payload)
    complaints, _ = verify_bundle.check(canonical_bytes({**envelope, "payload": canonical_text(payload)}))
    return complaints


def test_the_verifier_names_what_was_altered(signed: bytes) -> None:
    payload = json.loads(json.loads(signed)["payload"])
    receipt, text = next(iter(payload["receipts"])), next(iter(payload["texts"]))
    key = payload["claims"][0]["key"]
    cases = {
        f"receipt {receipt}": lambda now: now["receipts"].update({receipt: now["receipts"][receipt] + " "}),
        f"text {text}": lambda now: now["texts"].update({text: "2 s instead of 900 s"}),
        f"claim {key}: the quotation": lambda now: now["claims"][0].update(quote="1 s instead of 30 s"),
        f"claim 1 ({key}): altered": lambda now: now["claims"][0].update(state="corroborated"),
        "figure 2 (": lambda now: now["figures"][1].update(subject="achievement:somebody/else#1"),
        "figures: one was added": lambda now: now["figures"].pop(),
    }
    for named, change in cases.items():
        complaints = altered(signed, change)
        assert "signature does not hold" in complaints[0]
        assert any(line.startswith(named) for line in complaints[1:]), (named, complaints)
    broken = signed.replace(b'"public_key"', b'"public_kez"', 1)
    assert "the file is no bundle" in verify_bundle.check(broken)[0][0]
    assert "byte 0" not in verify_bundle.check(signed + b" ")[0][0]


def test_another_key_is_named(signed: bytes) -> None:
    complaints, _ = verify_bundle.check(signed, "ab" * 32)
    assert "not with the one you expect" in complaints[0]


def test_a_forger_with_a_key_of_their_own_cannot_change_a_sum_or_a_quotation(published: Achievement) -> None:
    key = Ed25519PrivateKey.generate()
    payload = bundle.collect_payload()
    name, text = next(iter(payload["receipts"].items()))
    payload["receipts"][name] = text.replace('"value":1', '"value":9', 1)
    payload["claims"][0]["quote"] = "2 s instead of 300 s"
    complaints, _ = verify_bundle.check(bundle.sign(payload, key))
    assert any(line.startswith(f"receipt {name}") for line in complaints)
    assert any("quotation does not stand" in line for line in complaints)


def test_verifier_agrees_with_the_vectors_of_rfc_8032() -> None:
    vectors = [
        ("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
         "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
        ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
         "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
    ]  # fmt: skip
    for key, message, signature in vectors:
        arguments = bytes.fromhex(key), bytes.fromhex(message), bytes.fromhex(signature)
        assert verify_bundle.signature_holds(*arguments)
        assert not verify_bundle.signature_holds(arguments[0], arguments[1] + b"x", arguments[2])


def test_command_writes_a_bundle_that_a_bare_python_accepts(
    published: Achievement, tmp_path: Path, settings: object
) -> None:
    settings.ATTEST_SIGNING_KEY = str(tmp_path / "key")  # type: ignore[attr-defined]
    with pytest.raises(CommandError, match="--make-key"):
        call_command("bundle", str(tmp_path / "out"))
    out = StringIO()
    call_command("bundle", str(tmp_path / "out"), "--make-key", stdout=out, stderr=StringIO())
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    with pytest.raises(CommandError, match="not overwritten"):
        call_command("bundle", "--make-key")
    command = [sys.executable, "-I", "-S", "verify_bundle.py", "bundle.json", out.getvalue().strip()]
    result = subprocess.run(command, cwd=tmp_path / "out", capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout.splitlines()[0][:9]) == (0, "In order.")
