"""What evidence keeps: frozen receipts with their links, and the audit log. All of it is append-only by trigger."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from evidence.receipts import Kind


class Receipt(models.Model):
    """A frozen receipt: the computation behind a figure that was published, reported or referred to.

    The id is the SHA-256 of ``document``. Content never changes; it can only be erased, and then the hash stays.
    """

    hash_fields = ("id", "kind", "subject", "method", "version", "document")

    id = models.CharField(primary_key=True, max_length=64, editable=False)
    kind = models.CharField(max_length=9, choices=[(kind.value, kind.value) for kind in Kind])
    subject = models.CharField(max_length=400, help_text=_("Reference of what the figure is about, as kind:id."))
    method = models.CharField(max_length=100)
    version = models.CharField(max_length=40)
    document = models.TextField(blank=True, help_text=_("Canonical JSON; empty once erased."))
    frozen_at = models.DateTimeField(auto_now_add=True)
    erased_at = models.DateTimeField(null=True, blank=True)
    erased_by = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="receipt_kind_known", condition=Q(kind__in=[kind.value for kind in Kind])),
            models.CheckConstraint(name="receipt_id_is_sha256", condition=Q(id__regex=r"^[0-9a-f]{64}$")),
            models.CheckConstraint(
                name="receipt_erased_when_and_by",
                condition=Q(erased_at__isnull=True, erased_by="") & ~Q(document="")
                | Q(erased_at__isnull=False, document="") & ~Q(erased_by=""),
            ),
        ]
        indexes = [
            # The page of a change or claim lists its figures: evidence.queries.about().
            models.Index(name="receipt_subject_idx", fields=["subject", "id"]),
            # The page of a method shows what it computed, and verify --method walks it.
            models.Index(name="receipt_method_idx", fields=["method", "version", "id"]),
            # The list of receipts, newest first: evidence.queries.latest().
            models.Index(name="receipt_newest_idx", fields=["-frozen_at", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.version} of {self.subject} ({self.id[:12]})"


class ReceiptInput(models.Model):
    """A link from a frozen receipt to one of its inputs, so that one can ask what stands on a change or assumption."""

    hash_fields = ("receipt", "position", "name", "ref", "sha256")

    receipt = models.ForeignKey(Receipt, on_delete=models.PROTECT, related_name="inputs")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=100)
    ref = models.CharField(max_length=400)
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="receipt_input_position_once", fields=["receipt", "position"]),
        ]
        indexes = [
            # "What would change if this were wrong": evidence.queries.standing_on().
            models.Index(name="receipt_input_ref_idx", fields=["ref", "receipt"]),
        ]

    def __str__(self) -> str:
        return f"{self.name} = {self.ref}"


class AuditEntry(models.Model):
    """Who did what to which object, when, why, and what it changed. Entries are never edited and never deleted.

    The actor is kept as text: an entry outlives the account. Erasing a person empties label and changes, once.
    """

    hash_fields = ()

    at = models.DateTimeField(auto_now_add=True)
    actor = models.CharField(max_length=150, help_text=_("User name, or system:<part> for background work."))
    actor_id = models.CharField(max_length=40, blank=True)
    action = models.CharField(max_length=100, help_text=_("Verb with its room, such as claims.confirm."))
    target = models.CharField(max_length=400, blank=True, help_text=_("Reference of the object, as kind:id."))
    label = models.CharField(max_length=200, blank=True)
    changes = models.JSONField(default=dict, help_text=_("Field to [before, after]."))
    reason = models.TextField(blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = _("audit entries")
        constraints = [
            models.CheckConstraint(name="audit_actor_and_action_given", condition=~Q(actor="") & ~Q(action="")),
            models.CheckConstraint(
                name="audit_erased_after_entry", condition=Q(erased_at__isnull=True) | Q(erased_at__gte=F("at"))
            ),
        ]
        indexes = [
            # The history of one object: evidence.audit.history().
            models.Index(name="audit_target_idx", fields=["target", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.actor} {self.action} {self.target}".strip()
