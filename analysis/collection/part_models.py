"""What a change has: commits, files, texts, people, links, and which source said what. Only this stage writes here."""

from django.db import models
from django.db.models import Q

from analysis.collection.models import Change, Collection, Contributor


class Provenance(models.Model):
    """What a source said of a change last: the same fingerprint means that there is nothing new to read."""

    change = models.ForeignKey(Change, models.CASCADE, related_name="provenances")
    source = models.CharField(max_length=16, choices=Collection.Source)
    fingerprint = models.CharField(max_length=64)
    version = models.CharField(max_length=120, help_text="Version of the source's method")
    incomplete = models.JSONField(default=list, help_text="Parts that the source failed to give, with the reason")

    hash_fields = ("change", "source", "fingerprint", "version", "incomplete")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["change", "source"], name="provenance_once_per_source")]

    def __str__(self) -> str:
        return f"{self.source} of {self.change_id}"


class Commit(models.Model):
    """A commit that belongs to a change; a commit may belong to several (a stacked pull)."""

    change = models.ForeignKey(Change, models.CASCADE, related_name="commit_rows")
    sha = models.CharField(max_length=64)
    author = models.ForeignKey(Contributor, models.SET_NULL, null=True, blank=True, related_name="commits")
    authored_at = models.DateTimeField()
    committed_at = models.DateTimeField()
    is_merge = models.BooleanField(default=False)

    hash_fields = ("change", "sha", "author", "authored_at", "committed_at", "is_merge")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["change", "sha"], name="commit_once_per_change")]

    def __str__(self) -> str:
        return self.sha[:12]


class ChangeLink(models.Model):
    """How a change relates to another: found by its natural key, or by a commit that no change claims."""

    class Kind(models.TextChoices):
        DOUBLE_LANDING = "double_landing", "the same diff landed already"
        BACKPORT = "backport", "another commit names the same pull"
        CONTAINS = "contains"
        CONTAINED_IN = "contained_in", "contained in"
        REVERTS = "reverts"
        ALSO_NAMED = "also_named", "named by another commit"

    change = models.ForeignKey(Change, models.CASCADE, related_name="links")
    kind = models.CharField(max_length=16, choices=Kind)
    key = models.CharField(max_length=80, blank=True, help_text="Natural key of the other change, if it is one")
    sha = models.CharField(max_length=64, blank=True)
    note = models.CharField(max_length=200, blank=True)

    hash_fields = ("change", "kind", "key", "sha", "note")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["change", "kind", "key", "sha"], name="change_link_once"),
            models.CheckConstraint(condition=~Q(key="") | ~Q(sha="") | ~Q(note=""), name="change_link_leads_somewhere"),
        ]
        indexes = [
            # What says that it reverts or contains this change.
            models.Index(fields=["key", "kind"], name="change_link_by_target", condition=~Q(key="")),
            models.Index(fields=["sha", "kind"], name="change_link_by_sha", condition=~Q(sha="")),
        ]

    def __str__(self) -> str:
        return f"{self.change_id} {self.kind} {self.key or self.sha[:12]}"


class ChangeContributor(models.Model):
    """Who took part in a change, and how."""

    class Role(models.TextChoices):
        AUTHOR = "author"
        CO_AUTHOR = "co_author", "co-author"
        MERGER = "merger"
        REVIEWER = "reviewer"
        OPENER = "opener"

    change = models.ForeignKey(Change, models.CASCADE, related_name="participations")
    contributor = models.ForeignKey(Contributor, models.CASCADE, related_name="participations")
    role = models.CharField(max_length=16, choices=Role)
    commits = models.PositiveIntegerField(default=0)

    hash_fields = ("change", "contributor", "role", "commits")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["change", "contributor", "role"], name="participation_once_per_role")
        ]

    def __str__(self) -> str:
        return f"{self.contributor_id} {self.role} of {self.change_id}"


class ChangedFile(models.Model):
    """One file of what landed (or, for an unlanded change, of what was proposed)."""

    class Category(models.TextChoices):
        SOURCE = "source"
        TEST = "test"
        DOCS = "docs"
        CONFIG = "config"
        GENERATED = "generated"
        VENDORED = "vendored"

    change = models.ForeignKey(Change, models.CASCADE, related_name="files")
    path = models.TextField()
    old_path = models.TextField(blank=True)
    status = models.CharField(max_length=10)
    additions = models.PositiveIntegerField(null=True, help_text="Null for a binary file")
    deletions = models.PositiveIntegerField(null=True, help_text="Null for a binary file")
    is_binary = models.BooleanField(default=False)
    category = models.CharField(max_length=10, choices=Category)
    language = models.CharField(max_length=40, blank=True)

    hash_fields = (
        "change", "path", "old_path", "status", "additions", "deletions", "is_binary", "category", "language",
    )  # fmt: skip

    class Meta:
        constraints = [models.UniqueConstraint(fields=["change", "path"], name="changed_file_once_per_change")]

    def __str__(self) -> str:
        return self.path


class ChangeText(models.Model):
    """One version of a text of a change, redacted; spans of claims refer to exactly this text."""

    class Kind(models.TextChoices):
        TITLE = "title"
        BODY = "body"
        COMMIT = "commit"

    change = models.ForeignKey(Change, models.CASCADE, related_name="texts")
    kind = models.CharField(max_length=8, choices=Kind)
    ref = models.CharField(max_length=64, blank=True, help_text="The commit's SHA for a commit message")
    version = models.PositiveIntegerField(default=1)
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    source = models.CharField(max_length=32, help_text="Where it was taken from: merge-body, commit, api, …")
    written_at = models.DateTimeField(null=True, blank=True, help_text="When it was written, as far as is known")
    redactions = models.PositiveIntegerField(default=0)
    is_current = models.BooleanField(default=True)

    hash_fields = ("change", "kind", "ref", "version", "sha256", "source", "redactions", "is_current")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["change", "kind", "ref", "source", "version"], name="change_text_version_once"
            ),
            models.UniqueConstraint(
                fields=["change", "kind", "ref", "source"],
                condition=Q(is_current=True),
                name="change_text_one_current",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} v{self.version} of {self.change_id}"
