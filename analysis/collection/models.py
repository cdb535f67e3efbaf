"""Repositories, their collections, people and changes. Only this stage writes here; part_models.py has the rest."""

from django.db import models
from django.db.models import Q


class Repository(models.Model):
    """A repository whose changes are collected; ``key`` is "github.com/owner/name" or a local path's name."""

    key = models.CharField(max_length=300, unique=True)
    name = models.CharField(max_length=200, help_text="owner/name, or the folder's name for a local clone")
    url = models.CharField(max_length=500, blank=True, help_text="Where it is collected from (https URL or local path)")
    web_url = models.URLField(max_length=500, blank=True, help_text="Where a visitor may look at it")
    default_branch = models.CharField(max_length=255, blank=True)
    tip_sha = models.CharField(max_length=64, blank=True, help_text="Tip of the default branch at the last collection")
    licence = models.CharField(max_length=64, blank=True, help_text="SPDX identifier; empty is unknown")
    is_private = models.BooleanField(default=False)
    published_at = models.DateTimeField(
        null=True, blank=True, help_text="When the owner put a private repository on the site; never by itself"
    )
    is_hidden = models.BooleanField(default=False, help_text="Kept off the public site")
    is_fork = models.BooleanField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    hash_fields = ("key", "name", "default_branch", "tip_sha", "licence", "is_private", "is_hidden", "is_fork")

    class Meta:
        verbose_name_plural = "repositories"
        permissions = (("publish_repository", "Can put a private repository on the site"),)
        constraints = [
            # Publishing is said of a private repository: once it is public nothing is left of it to come back later.
            models.CheckConstraint(
                condition=Q(published_at__isnull=True) | Q(is_private=True), name="repository_published_while_private"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Collection(models.Model):
    """One run of a source over a repository, with its ledger: what the source holds and what is stored."""

    class State(models.TextChoices):
        RUNNING = "running"
        COMPLETE = "complete"
        PARTIAL = "partial"
        FAILED = "failed"

    class Source(models.TextChoices):
        GIT = "git"
        GITHUB = "github"
        WEBHOOK = "webhook"

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="collections")
    source = models.CharField(max_length=16, choices=Source)
    state = models.CharField(max_length=16, choices=State, default=State.RUNNING)
    held = models.JSONField(default=dict, help_text="What the source holds: {kind of item: count}")
    stored = models.JSONField(default=dict, help_text="What is stored: {kind of item: count}")
    incomplete = models.JSONField(default=list, help_text="[{item, reason}] of what is missing")
    checkpoint = models.JSONField(default=dict, help_text="Where a killed run resumes")
    written = models.PositiveIntegerField(default=0, help_text="Domain rows created or updated by this run")
    reason = models.TextField(blank=True, help_text="Why it is partial or failed, and what to do")
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    hash_fields = ()  # a run, not its result

    class Meta:
        indexes = [models.Index(fields=["repository", "-id"], name="collection_latest_of_repo")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="running", finished_at__isnull=True)
                | (~Q(state="running") & Q(finished_at__isnull=False)),
                name="collection_finished_at_iff_ended",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["partial", "failed"]) | ~Q(reason=""),
                name="collection_short_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} of {self.repository_id}: {self.state}"


class Contributor(models.Model):
    """A person, bot or AI assistant that took part: third parties under a keyed pseudonym, no e-mail stored."""

    class Kind(models.TextChoices):
        HUMAN = "human"
        BOT = "bot"
        AI = "ai"

    identity = models.CharField(max_length=80, unique=True, help_text="Keyed HMAC of the e-mail, or github:<id>")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.HUMAN)
    display_name = models.CharField(max_length=200, help_text="The pseudonym, or the name where it may be shown")
    login = models.CharField(max_length=64, blank=True)
    github_id = models.BigIntegerField(null=True, blank=True, unique=True)
    is_owner = models.BooleanField(default=False, help_text="This is the engineer whose portfolio it is")
    same_as = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="aliases")
    kind_reason = models.CharField(max_length=120, blank=True, help_text="What made us call it a bot or an AI")
    label_overridden = models.BooleanField(default=False, help_text="The kind was set by a person")
    link_decided = models.BooleanField(
        default=False, db_default=False, help_text="A person said whom this is another name of; collections leave it"
    )

    hash_fields = ("identity", "kind", "kind_reason", "display_name", "login", "github_id", "is_owner", "same_as")

    def __str__(self) -> str:
        return self.display_name


class Change(models.Model):
    """The unit of work: a pull request (it has a number) or a direct commit to the default branch."""

    class Kind(models.TextChoices):
        MERGE = "merge"
        SQUASH = "squash"
        REBASE = "rebase"
        ANCESTOR = "ancestor"
        DIRECT = "direct"
        UNLANDED_OR_UNKNOWN = "unlanded_or_unknown", "unlanded or unknown"

    class Certainty(models.TextChoices):
        CERTAIN = "certain"
        LIKELY = "likely"
        UNKNOWN = "unknown"

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="changes")
    key = models.CharField(max_length=80, help_text="pull:<number> or commit:<sha>; the natural key in its repository")
    number = models.PositiveIntegerField(null=True, blank=True)
    kind = models.CharField(max_length=24, choices=Kind)
    certainty = models.CharField(max_length=8, choices=Certainty)
    certainty_reason = models.CharField(max_length=300, blank=True, help_text="What the kind and certainty rest on")
    merged = models.BooleanField(null=True)
    title = models.TextField(blank=True)
    title_source = models.CharField(max_length=32, blank=True)
    body = models.TextField(null=True, blank=True)  # noqa: DJ001  null is unknown, empty is empty
    body_source = models.CharField(max_length=32, blank=True)
    merge_commit = models.CharField(max_length=64, blank=True)
    base_sha = models.CharField(max_length=64, blank=True)
    head_sha = models.CharField(max_length=64, blank=True)
    commit_count = models.PositiveIntegerField(null=True, blank=True)
    landed_additions = models.PositiveIntegerField(null=True, blank=True)
    landed_deletions = models.PositiveIntegerField(null=True, blank=True)
    landed_files = models.PositiveIntegerField(null=True, blank=True)
    proposed_additions = models.PositiveIntegerField(null=True, blank=True)
    proposed_deletions = models.PositiveIntegerField(null=True, blank=True)
    proposed_files = models.PositiveIntegerField(null=True, blank=True)
    diff_method = models.CharField(max_length=120, blank=True, help_text="Flags of the diff: they change the figures")
    proposed_lines = models.JSONField(
        default=dict, help_text="Proposed [added, deleted, files] by category; empty where nothing is known"
    )
    patch_id = models.CharField(max_length=64, blank=True, help_text="Hash of paths and contents that landed")
    is_credited = models.BooleanField(
        default=True, help_text="False: its landed lines are counted with another change (see links)"
    )
    same_as = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="double_landings")
    language = models.CharField(max_length=40, blank=True, help_text="Language of most landed source lines")
    size_class = models.CharField(max_length=2, blank=True)
    first_commit_at = models.DateTimeField(null=True, blank=True)
    last_commit_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    merged_at = models.DateTimeField(null=True, blank=True)
    landed_at = models.DateTimeField(null=True, blank=True, help_text="When it reached the default branch")
    sorted_at = models.DateTimeField(help_text="Sort key: merged, else last commit, else opened, else 1970")
    unknown = models.JSONField(default=dict, help_text="{field: reason} of what no source could say")
    said_by = models.JSONField(default=dict, help_text="{field: source} of what may come from more than one")
    web_url = models.URLField(max_length=500, blank=True)
    is_hidden = models.BooleanField(default=False, help_text="Kept off the public site")
    vanished_at = models.DateTimeField(null=True, blank=True)
    vanished_reason = models.CharField(max_length=200, blank=True)
    content_sha256 = models.CharField(max_length=64, help_text="Hash of the record as collected")

    hash_fields = (
        "repository", "key", "number", "kind", "certainty", "certainty_reason", "merged", "title", "title_source",
        "body", "body_source", "merge_commit", "base_sha", "head_sha", "commit_count", "landed_additions",
        "landed_deletions", "landed_files", "proposed_additions", "proposed_deletions", "proposed_files",
        "diff_method", "proposed_lines", "patch_id", "is_credited", "same_as", "language", "size_class",
        "first_commit_at", "last_commit_at", "opened_at", "closed_at", "merged_at", "landed_at", "sorted_at",
        "unknown", "said_by", "is_hidden", "vanished_reason", "content_sha256",
    )  # fmt: skip

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["repository", "key"], name="change_key_once_per_repository"),
            models.CheckConstraint(
                condition=Q(kind="direct", number__isnull=True) | (~Q(kind="direct") & Q(number__isnull=False)),
                name="change_number_iff_pull",
            ),
            models.CheckConstraint(
                condition=~(Q(kind="unlanded_or_unknown") & Q(merged=True) & Q(certainty="certain")),
                name="change_unlanded_never_certainly_merged",
            ),
            models.CheckConstraint(
                condition=Q(vanished_at__isnull=True, vanished_reason="")
                | (Q(vanished_at__isnull=False) & ~Q(vanished_reason="")),
                name="change_vanished_at_with_reason",
            ),
        ]
        indexes = [
            # The public list and the API, newest first, keyset on (sorted_at, id).
            models.Index(fields=["-sorted_at", "-id"], name="change_newest", condition=Q(is_hidden=False)),
            models.Index(fields=["repository", "-sorted_at", "-id"], name="change_newest_of_repository"),
            # Double landings: the same landed diff under another change (collection.linking).
            models.Index(fields=["repository", "patch_id"], name="change_same_patch", condition=~Q(patch_id="")),
            # Who landed this commit (reverts, fixes).
            models.Index(fields=["repository", "merge_commit"], name="change_by_commit"),
        ]

    def __str__(self) -> str:
        return f"#{self.number} {self.title}" if self.number else f"{self.key[7:17]} {self.title}"
