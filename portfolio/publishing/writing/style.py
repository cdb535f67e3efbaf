"""The style of the house for drafted sentences (no Django): plain, without superlatives and self-praise."""

import re

# Words that praise instead of saying what happened. A stem ends in "*".
PRAISE = (
    "amazing", "awesome", "best", "best-in-class", "best-practice*", "blazing*", "bleeding-edge", "breakthrough*",
    "brilliant*", "bulletproof", "comprehensive*", "cutting-edge", "dramatic*", "effortless*", "elegant*",
    "enterprise-grade", "excellent*", "exceptional*", "expert*", "extraordinar*", "extremely", "fantastic*",
    "flawless*", "game-chang*", "groundbreaking", "guru", "highly", "huge*", "impressive*", "incredibl*",
    "industry-leading", "innovative*", "insane*", "leverag*", "lightning-fast", "massive*", "ninja", "outstanding*",
    "passionate*", "perfect*", "phenomenal*", "powerful", "production-ready", "radical*", "remarkabl*",
    "revolution*", "robust*", "rockstar", "seamless*", "significant*", "sophisticated", "spectacular*",
    "state-of-the-art", "stellar", "stunning*", "super", "superior", "synerg*", "top-notch", "tremendous*",
    "ultimate*", "unparalleled", "unprecedented", "utiliz*", "vast*", "very", "world-class",
)  # fmt: skip
SUPERLATIVES = (
    "biggest", "cleanest", "deepest", "easiest", "fastest", "finest", "greatest", "hardest", "highest", "largest",
    "lightest", "quickest", "safest", "simplest", "smartest", "strongest",
)  # fmt: skip
_STEMS = "|".join(re.escape(word[:-1]) + r"\w*" if word.endswith("*") else re.escape(word) for word in PRAISE)
_LOUD = re.compile(
    rf"(?<![\w-])(?:{_STEMS}|{'|'.join(SUPERLATIVES)}|most \w+(?:ed|ive|ful|ent|ant|ic|al|ous))(?![\w-])"
    r"|!+(?=\s|$)|[\U0001F300-\U0001FAFF\u2705\u2728\u26A1\u2B50]",
    re.I,
)


def praise_in(sentence: str) -> list[str]:
    """The words, marks and pictures of a sentence that the style forbids; code spans are not looked at."""
    return [match[0] for match in _LOUD.finditer(re.sub(r"`[^`]*`", " ", sentence))]
