"""Messages that visitors send to the owner."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class ContactMessage(models.Model):
    """One message from the contact form, kept until the owner deletes it."""

    name = models.CharField(max_length=120)
    reply_to = models.EmailField(help_text="Given by the sender, for the answer only.")
    text = models.TextField()
    received_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True, blank=True, editable=False)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )

    hash_fields: tuple[str, ...] = ()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(handled_at__isnull=True, handled_by__isnull=True)
                | Q(handled_at__isnull=False, handled_by__isnull=False),
                name="contact_handled_at_and_by",
            ),
            models.CheckConstraint(condition=~Q(text=""), name="contact_has_text"),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.received_at:%Y-%m-%d}"
