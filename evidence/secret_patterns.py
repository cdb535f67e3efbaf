"""What secrets look like (no Django here): one row per kind, each with a literal that must be present first.

Every expression begins with a literal or a fixed look-behind and has bounded repetitions, so that searching a text
takes time proportional to its length. Group 1, where there is one, is the part that is secret.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

_START = r"(?<![A-Za-z0-9_])"
_END = r"(?![A-Za-z0-9_])"


@dataclass(frozen=True, slots=True)
class Pattern:
    """One kind of secret: ``literals`` of which one must occur, then ``expression``.

    ``mixed`` asks for a digit and a letter, ``behind`` for a literal in the 200 characters of the line before it.
    """

    kind: str
    literals: tuple[str, ...]
    expression: re.Pattern[str]
    mixed: bool = False
    behind: str = ""


def _row(kind: str, literals: str, expression: str, *, mixed: bool = False, behind: str = "") -> Pattern:
    return Pattern(kind, tuple(literals.split()), re.compile(expression), mixed, behind)


TOKENS = (
    _row("github-token", "ghp_ gho_ ghu_ ghs_ ghr_", rf"{_START}gh[pousr]_[A-Za-z0-9_]{{20,255}}"),
    _row("github-token", "github_pat_", rf"{_START}github_pat_[A-Za-z0-9_]{{22,255}}"),
    _row("gitlab-token", "glpat- gldt- glrt-", rf"{_START}gl(?:pat|dt|rt)-[A-Za-z0-9_-]{{20,255}}"),
    _row("aws-key", "AKIA ASIA ABIA ACCA", rf"{_START}A(?:KIA|SIA|BIA|CCA)[A-Z0-9]{{16}}{_END}"),
    _row("google-key", "AIza", rf"{_START}AIza[0-9A-Za-z_-]{{35}}"),
    _row("google-key", "GOCSPX-", r"GOCSPX-[0-9A-Za-z_-]{20,64}"),
    _row("google-key", "ya29.", rf"{_START}ya29\.[0-9A-Za-z_-]{{20,1024}}"),
    _row("slack-token", "xox xapp-", r"x(?:ox[abeoprs]|app)-[A-Za-z0-9-]{10,255}"),
    _row("slack-webhook", "hooks.slack.com", r"hooks\.slack\.com/(?:services|workflows)/([A-Za-z0-9/_-]{20,255})"),
    _row("stripe-key", "k_live_ k_test_", rf"{_START}[srp]k_(?:live|test)_[0-9A-Za-z]{{16,255}}"),
    _row("stripe-key", "whsec_", rf"{_START}whsec_[0-9A-Za-z+/=]{{20,255}}"),
    _row("openai-key", "sk-", rf"{_START}sk-[A-Za-z0-9_-]{{20,300}}", mixed=True),
    _row("huggingface-token", "hf_", rf"{_START}hf_[A-Za-z0-9]{{30,64}}{_END}"),
    _row("npm-token", "npm_", rf"{_START}npm_[A-Za-z0-9]{{36}}{_END}"),
    _row("pypi-token", "pypi-", rf"{_START}pypi-[A-Za-z0-9_-]{{50,500}}"),
    _row("sendgrid-key", "SG.", rf"{_START}SG\.[A-Za-z0-9_-]{{16,40}}\.[A-Za-z0-9_-]{{30,64}}"),
    _row("twilio-key", "AC SK", rf"{_START}(?:AC|SK)[0-9a-f]{{32}}{_END}"),
    _row("digitalocean-token", "dop_v1_ doo_v1_ dor_v1_", r"do[por]_v1_[a-f0-9]{64}"),
    _row("telegram-token", ":AA", rf"{_START}[0-9]{{8,10}}:AA[A-Za-z0-9_-]{{33}}"),
    _row("azure-key", "AccountKey= SharedAccessKey=", r"(?:AccountKey|SharedAccessKey)=([A-Za-z0-9+/=]{20,128})"),
    _row("url-password", "://", r"://[^\s:/@'\"<>]{0,100}:([^\s@/'\"<>]{1,200})@"),
    _row("bearer", "earer EARER", r"[Bb](?:earer|EARER)[ \t]{1,4}([A-Za-z0-9._~+/-]{16,2048}=*)", mixed=True),
    _row("basic-auth", "asic ASIC", r"[Uu]thorization['\"]?:[ \t]{0,4}['\"]?[Bb]asic[ \t]{1,4}([\w+/]{8,1024}=*)"),
    _row("curl-password", "curl", r"[ \t]-(?:u|-user)[ =]['\"]?[^\s:'\"]{1,60}:([^\s'\"]{3,200})", behind="curl"),
)

# (literal, the kind of secret that it may begin), for one pass over a text.
LITERALS = tuple((literal, pattern) for pattern in TOKENS for literal in pattern.literals)

# A JSON web token is found by its second part; its first part is looked for backwards, in at most 2,051 characters.
JWT_BODY = re.compile(r"\.eyJ[\w-]{8,8192}(?:\.[\w-]{0,2048})?")
JWT_HEAD_REVERSED = re.compile(r"[\w-]{11,2051}+")
JWT_START = re.compile(rf"{_START}eyJ")

PRIVATE_KEY = re.compile(r"-----BEGIN (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?-----")
PRIVATE_KEY_END = re.compile(r"-----END (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?-----")

# Words that name a secret, by their first letters, so that each place of a text is left at once. The expressions made
# of them take a folded text: one that folds the case of each place (re.IGNORECASE) costs five times as much.
_WORDS = (
    r"p(?:ass(?:words?|wd|phrase)|wd|rivate[_-]?keys?)|a(?:pi|ccess|uth|ccount)[_-]?keys?|s(?:ecrets?|igning[_-]?keys?)|tokens?|"
    r"(?:encryption|master)[_-]?keys?|c(?:redentials?|onnection[_-]?string)"
)
# name, separator, value: the name may go on (SECRET_ACCESS_KEY) and so may say that it is no secret (TOKEN_COUNT).
ASSIGNMENT = re.compile(
    rf"(?P<word>{_WORDS})(?=[a-z0-9_-]{{0,42}}+['\"`\x20\t:=])(?P<more>[a-z0-9_-]{{0,40}})['\"`]?[ \t]{{0,4}}"
    r"(?:(?P<sep>:=|=>|==|=|:)[ \t]{0,4}|(?P<is>\bis\b)[ \t]{1,4})"
    r"(?:(?P<quote>['\"`])(?P<quoted>[^'\"`\n]{4,500})(?P=quote)|(?P<bare>[^\s'\"`,;)}\]<>]{6,500}))"
)
ASSIGNMENT_LITERALS = ("pass", "pwd", "secret", "token", "key", "credential", "string")

# A random-looking token that stands close behind a word such as "key", without an assignment between: the runs of what
# a token and its neighbours are made of, those of them that are tokens, and the word with what stands between (searched
# up to the token).
RUN = re.compile(r"[a-z0-9+/_=.-]{20,}+")
TOKEN = re.compile(r"[a-z0-9+/_-]{20,200}={0,2}")
WORD_BEFORE = re.compile(rf"(?:{_WORDS}|keys?)\b[^\n]{{0,40}}\Z")
WORD_BEFORE_LENGTH = 40 + len("connection-string")


def folded(text: str) -> str:
    """Return ``text`` in lower case, character by character, as re.IGNORECASE folds what may stand for a to z."""
    lower = text.replace("\u0130", "i").lower()
    return lower if lower.isascii() else lower.replace("\u017f", "s").replace("\u0131", "i")


_NOT_A_SECRET_NAME = re.compile(
    r"(?:sha\d*|hash(?:es)?|digest|checksum|fingerprint|ids?|names?|urls?|uris?|paths?|files?|types?|counts?|limits?|expir\w*|ttl|"
    r"len(?:gth)?|size|versions?|used|usage|budget|per|fields?|class|prefix|suffix|index|env|var|header|param(?:eter)?s?|"
    r"scopes?|issuer|algorithm|policy|provider|manager|service|storage|store|usd|cost|price)$",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(
    r"[\$%<{\[(*]|\.{3}|x{4,}|\*{3,}|your|example|placeholder|change.?me|redacted|dummy|fake|todo|none$|null$|true$|false$",
    re.IGNORECASE,
)
_CODE = re.compile(r"[()\[\]{}$]|^[A-Za-z_][A-Za-z0-9_]*(?:(?:\.|->|::)[A-Za-z_][A-Za-z0-9_]*)+$")
_HEX = re.compile(r"[0-9a-f]{7,128}|[0-9A-F]{7,128}")
_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


def names_no_secret(more: str) -> bool:
    """True when the rest of a name says that the value is about a secret, not one: token_count, secret_name."""
    return bool(_NOT_A_SECRET_NAME.search(more.strip("_-"))) if more.strip("_-") else False


def is_placeholder(value: str) -> bool:
    """True for ``${PASSWORD}``, ``<token>``, ``xxxx``, ``changeme`` and what was redacted before."""
    return bool(_PLACEHOLDER.match(value)) or value.startswith("[redacted") or len(set(value)) <= 2


def is_code(value: str) -> bool:
    """True for an expression such as ``os.environ["X"]`` or ``settings.token``."""
    return bool(_CODE.search(value))


def is_hash(value: str) -> bool:
    """True for what git, checksums and databases are full of: hexadecimal digests and UUIDs."""
    return bool(_HEX.fullmatch(value) or _UUID.fullmatch(value))


def has_digit_and_letter(value: str) -> bool:
    """True when both occur, as in nearly every generated token and hardly any word."""
    return any(map(str.isdigit, value)) and any(map(str.isalpha, value))


def entropy(value: str) -> float:
    """Return the Shannon entropy of the characters in bits."""
    total = len(value)
    shares = [value.count(character) / total for character in dict.fromkeys(value)]
    return -sum([share * math.log2(share) for share in shares])


def is_random(value: str) -> bool:
    """True for a long token of mixed characters that no person would type and no path or identifier looks like."""
    if is_hash(value) or not has_digit_and_letter(value) or value.count("/") > 2 or value.count("-") > 3:
        return False
    has_case = any(map(str.islower, value)) and any(map(str.isupper, value))
    return has_case and sum(map(str.isdigit, value)) >= 2 and entropy(value) >= 3.6
