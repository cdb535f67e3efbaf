"""A password made of this site's own words is guessed first."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# Besides these, every part of the host names under which the site is served.
WORDS = ("attest", "portfolio", "evidence", "receipt", "admin", "owner", "curator", "operator", "password")
LEAST_BESIDE = 8  # letters that have to be left when those words, digits and signs are taken away


class OwnWords:
    """Validator of Django's list: refuses what consists of the site's words and some digits."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError."""
        hosts = {
            part for host in settings.ALLOWED_HOSTS for part in re.split(r"[^a-z]+", host.lower()) if len(part) > 2
        }
        words = sorted({*WORDS, *hosts}, key=len, reverse=True)
        found, count = re.subn("|".join(map(re.escape, words)), "", password.lower())
        if count and sum(letter.isalpha() for letter in found) < LEAST_BESIDE:
            raise ValidationError(_("This password consists of words of this site."), code="password_of_own_words")

    def get_help_text(self) -> str:
        return _("Your password must not consist of words of this site, such as its name.")
