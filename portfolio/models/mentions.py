"""Pages elsewhere that say they link to a text of this site."""

from urllib.parse import urlsplit

from django.db import models
from django.db.models import Q

LONGEST_ADDRESS = 1_000


class Mention(models.Model):
    """One page that told the site of its link. Nothing of it is shown before its link was seen and the owner agreed."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waits to be looked at"
        LINKED = "linked", "Links here; the owner decides"
        SHOWN = "shown", "Shown under the text"
        REFUSED = "refused", "Refused by the owner"
        ABSENT = "absent", "Has no link to the text"

    source = models.URLField(max_length=LONGEST_ADDRESS)
    kind = models.CharField(max_length=20)
    document = models.PositiveBigIntegerField(help_text="The id of the text, which outlives its address.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    title = models.CharField(max_length=200, blank=True, help_text="As the page calls itself.")
    reason = models.CharField(max_length=200, blank=True, help_text="Why there is no link, as far as is known.")
    received_at = models.DateTimeField(help_text="Of the last notice.")
    checked_at = models.DateTimeField(null=True, blank=True)

    hash_fields = ("source", "kind", "document", "state", "title")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "kind", "document"], name="mention_once"),
            models.CheckConstraint(condition=Q(kind__in=["case-study", "post"]), name="mention_of_a_text"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "refused"]) | Q(checked_at__isnull=False),
                name="mention_is_looked_at",
            ),
        ]
        indexes = [models.Index(fields=["kind", "document", "state"], name="mention_of_text")]

    def __str__(self) -> str:
        return self.source[:80]

    @property
    def host(self) -> str:
        """The site that the page is on."""
        return urlsplit(self.source).hostname or ""
