"""Redaction: canaries of every kind go, what only looks like a secret stays. All secrets here are made up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.identities import identity, pseudonym
from evidence.redaction import redact, redact_bytes

MIXED = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
CANARIES = {
    "github-token": [f"ghp_{MIXED}", f"gho_{MIXED}", f"github_pat_{MIXED}_{MIXED}"],
    "gitlab-token": [f"glpat-{MIXED[:20]}"],
    "aws-key": ["AKIA" + "Q7" * 8, "ASIA" + "Z3" * 8],
    "google-key": ["AIza" + MIXED[:35], "GOCSPX-" + MIXED[:28], "ya29." + MIXED],
    "slack-token": ["xoxb-" + "12345678901-" + MIXED, "xapp-1-" + MIXED],
    "slack-webhook": ["T0000AAAA/B0000BBBB/" + MIXED[:24]],
    "stripe-key": ["sk_live_" + MIXED, "rk_test_" + MIXED, "whsec_" + MIXED],
    "openai-key": ["sk-proj-" + MIXED, "sk-" + MIXED, "sk-ant-api03-" + MIXED],
    "huggingface-token": ["hf_" + MIXED[:34]],
    "npm-token": ["npm_" + MIXED],
    "pypi-token": ["pypi-" + MIXED * 2],
    "sendgrid-key": ["SG." + MIXED[:22] + "." + MIXED + "abcdef0"],
    "twilio-key": ["AC" + "0123456789abcdef" * 2],
    "digitalocean-token": ["dop_v1_" + "0123456789abcdef" * 4],
    "telegram-token": ["123456789:AA" + MIXED[:33]],
    "jwt": ["eyJ" + MIXED + ".eyJ" + MIXED + "." + MIXED],
}
CONTEXTS = {"slack-webhook": "https://hooks.slack.com/services/{}"}


@pytest.mark.parametrize(("kind", "secret"), [(kind, s) for kind, secrets in CANARIES.items() for s in secrets])
@pytest.mark.parametrize("around", ["{}", "see {} here", '"{}"', "key={};", "({})", "a\n{}\nb"])
def test_canary_is_gone_and_its_kind_is_told(kind, secret, around):
    text = around.format(CONTEXTS.get(kind, "{}").format(secret))
    found = redact(text)
    assert secret not in found.text
    assert "[redacted:" in found.text and found.findings
    assert redact(found.text).text == found.text


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("DB_PASSWORD=correcthorse", "correcthorse"),
        ("password: hunter2xyz", "hunter2xyz"),
        ('password = "correct horse battery staple"', "correct horse"),
        ("{'api_key': 'abc-def-123'}", "abc-def-123"),
        ("export GITHUB_TOKEN=0123456789abcdef0123456789abcdef01234567", "0123456789abcdef"),
        ("client_secret => 'x9y8z7w6v5'", "x9y8z7w6v5"),
        ("the password is tr0ub4dor", "tr0ub4dor"),
        ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzKEY1", "wJalrXUtnFEMI"),
        ("postgres://bob:s3cretpw@db.example/app", "s3cretpw"),
        ("redis://:p4ssword@cache:6379/0", "p4ssword"),
        ("Authorization: Bearer " + MIXED, MIXED),
        ("Authorization: Basic Ym9iOnMzY3JldA==", "Ym9iOnMzY3JldA"),
        ("curl -s -u bob:s3cret1 https://x.example", "s3cret1"),
        ("AccountKey=" + MIXED + "==;", MIXED),
        ("our API key (rotated) was zX9kLmQ2pR7tVw4yB8nC1dF6gH3", "zX9kLmQ2"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----", "MIIEow"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaA cut off", "b3BlbnNzaA"),
        ("Co-authored-by: Ann Example <ann@example.org>", "ann@example.org"),
        ("Signed-off-by: Bob <12345+bob@users.noreply.example.com>", "bob@users"),
        ("mail ann%40example.org or ann&#64;example.org", "ann"),
        ("jürgen@exämple.de", "jürgen"),
    ],
)
def test_secret_in_context_is_gone(text, secret):
    found = redact(text)
    assert secret not in found.text and redact(found.text).text == found.text


@pytest.mark.parametrize(
    "text",
    [
        "commit 3f786850e387550fdab836ed7e6dc881de23001b",
        "token of commit 3f786850e387550fdab836ed7e6dc881de23001b",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "id 123e4567-e89b-12d3-a456-426614174000 is the cache key",
        "login(password=password)", "password=${DB_PASSWORD}", "token: <your-token>", "secret = settings.SECRET_KEY",
        "api_key: os.environ['KEY']", "token_count: 128000x", "reduced tokens: 12000 -> 3000", "password: required",
        "git@github.com:owner/name.git", "icon@2x.png", "left-pad@1.3.0", "@decorator.method", "sk-learn-pipeline",
        "postgres://bob:${PASSWORD}@db/app", "a task-list-of-many-dashed-words-in-a-branch-name",
        "p95 latency fell from 450 ms to 120 ms (keys: 3)", "", "AKIAlowercase", "password=xxxxxxxx",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_secret_stays(text):
    assert redact(text).text == text


def test_findings_point_at_their_placeholders():
    found = redact(f"a ghp_{MIXED} b ann@example.org c")
    assert [found.text[f.start : f.end] for f in found.findings] == ["[redacted:github-token]", "[redacted:email]"]
    assert MIXED not in repr(found.findings)


@given(st.text(max_size=300))
def test_redacting_twice_is_redacting_once(text):
    once = redact(text).text
    assert redact(once).text == once


@pytest.mark.parametrize(
    "piece", ["a", "@", "a@", "secret=", "://a:", "eyJ", "curl -u ", "-----BEGIN PRIVATE KEY-----"]
)
def test_hostile_megabyte_ends(piece):
    redact(piece * (300_000 // len(piece)))


def test_bytes_that_are_no_text_pass_unharmed():
    assert redact_bytes(b"\xff\xfe ann@example.org") == b"\xff\xfe [redacted:email]"


def test_identities_are_keyed_and_ignore_case():
    assert identity("email", "Ann@Example.org ", key=b"k") == identity("email", "ann@example.org", key=b"k")
    assert identity("email", "ann", key=b"k") != identity("login", "ann", key=b"k")
    assert identity("email", "ann", key=b"k") != identity("email", "ann", key=b"other")
    assert pseudonym("contributor", "ann", key=b"k").startswith("contributor-")
    with pytest.raises(ValueError, match="empty"):
        identity("email", "ann", key=b"")
