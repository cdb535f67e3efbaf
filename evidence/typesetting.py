"""Text from outside as Typst text (no Django): never markup, and no symbol that the typesetter's own fonts lack.

A font without a character prints an empty box, and an emoji in a title would print as one. So such a symbol is set by
its Unicode name in brackets, "[rocket]", on every machine alike, whatever fonts it has. Letters of other scripts are
left as they are: a name in their place would say nothing, and a machine that is used with them has their fonts.
"""

import re
import unicodedata

# Symbols that the fonts inside typst draw under another form that says the same.
_DRAWN_AS = str.maketrans("✅✕✖❌❎❓❔❕❗➕➖➗", "✓✗✗✗✗??!!+−÷")
# Symbols that no font inside typst draws (read off its output; tests/unit/evidence/test_typesetting.py holds it), and
# the coloured discs and squares, which would lose what they mean. Arrows and plain shapes above U+1F780 are drawn.
_SYMBOL = (
    "[\u211f\u2121\u2123-\u2125\u218a\u218b\u2400-\u244a\u2607\u2608\u2630-\u2637\u268c-\u268f\u269d-\u269f\u26a8\u26a9"
    "\u26b0\u26b1\u26b3-\u2700\u270a\u270b\u2727-\u2729\u2753-\u2755\u275f\u2760\u27b0"
    "\U0001f000-\U0001f12e\U0001f130-\U0001f1e5\U0001f200-\U0001f77f\U0001f7d9-\U0001f7ff\U0001f8b2-\U0001fbff]"
)
_FLAG = "[\U0001f1e6-\U0001f1ff]"
# What only changes how the character before it looks: skin tones, the choice of a picture, a key around a digit.
_LOOKS = "[\ufe00-\ufe0f\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]"
_JOINED = re.compile(f"{_FLAG}{{1,2}}|{_SYMBOL}{_LOOKS}*(?:\u200d.{_LOOKS}*)*|{_LOOKS}")


def typst_string(text: str) -> str:
    """A Typst string literal: text from outside can never be markup or code in it."""
    flat = "".join(c if c.isprintable() else " " for c in _JOINED.sub(_named, text.translate(_DRAWN_AS)))
    return '"' + flat.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _named(match: re.Match[str]) -> str:
    """ "[rocket]", "[flag DE]", "[woman, personal computer]"; nothing for what only changes a look."""
    found = match[0]
    if re.match(_FLAG, found):
        return "[flag " + "".join(chr(ord(c) - 0x1F1E6 + ord("A")) for c in found) + "]"
    seen = re.sub(f"{_LOOKS}|\u200d", "", found)
    names = [unicodedata.name(c, "").lower() or f"U+{ord(c):04X}" for c in seen]
    return f"[{', '.join(names)}]" if names else ""
