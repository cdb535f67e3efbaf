"""Who the site is about. Everything here is empty until the owner fills it: nothing is invented."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q


class Portrait(models.Model):
    """A photo of the owner as the site keeps it: a small JPEG by its hash, so that what was published stays."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    jpeg = models.BinaryField()

    hash_fields = ("sha256",)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(sha256=""), name="portrait_has_hash")]

    def __str__(self) -> str:
        return self.sha256[:12]


class Profile(models.Model):
    """The one person of this site. There is at most one row."""

    singleton = models.PositiveSmallIntegerField(default=1, unique=True, editable=False)
    name = models.CharField(max_length=120, blank=True)
    role = models.CharField(max_length=120, blank=True, help_text="What you do, in the words of a job title.")
    since = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1950), MaxValueValidator(2100)], help_text="Year."
    )
    place = models.CharField(max_length=120, blank=True)
    statement = models.TextField(blank=True, help_text="Two or three sentences. Markdown; figures by embed.")
    outcomes = models.TextField(
        blank=True,
        help_text="Up to three lines, one outcome a line; each needs a figure by embed, such as "
        "[[figure change:owner/name#12 landed_additions]].",
    )
    links = models.JSONField(
        default=list, blank=True, help_text='A list such as [{"label": "Code", "url": "https://…"}].'
    )
    portrait = models.ForeignKey(
        Portrait, null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    updated_at = models.DateTimeField(auto_now=True)

    hash_fields = ("name", "role", "since", "place", "statement", "outcomes", "links", "portrait")

    class Meta:
        verbose_name_plural = "profile"
        constraints = [
            models.CheckConstraint(condition=Q(singleton=1), name="profile_only_one"),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True, published_by__isnull=True)
                | Q(published_at__isnull=False, published_by__isnull=False),
                name="profile_published_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(since__isnull=True) | Q(since__gte=1950, since__lte=2100), name="profile_since_is_a_year"
            ),
        ]

    def __str__(self) -> str:
        return self.name or "Profile (empty)"


class Position(models.Model):
    """A line of the résumé: work, study or a talk, as the owner declares it."""

    class Kind(models.TextChoices):
        WORK = "work", "Work"
        EDUCATION = "education", "Education"
        OTHER = "other", "Other"

    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.WORK)
    title = models.CharField(max_length=160, help_text="Role, degree or title.")
    organisation = models.CharField(max_length=160)
    place = models.CharField(max_length=120, blank=True)
    start = models.DateField()
    end = models.DateField(null=True, blank=True, help_text="Empty means: until today.")
    summary = models.TextField(blank=True, help_text="Markdown; figures by embed.")
    approved = models.BooleanField(default=False, help_text="Only approved lines appear on the résumé.")

    hash_fields = ("kind", "title", "organisation", "place", "start", "end", "summary", "approved")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(end__isnull=True) | Q(end__gte=models.F("start")), name="position_ends_after_start"
            ),
            models.UniqueConstraint(fields=["kind", "organisation", "title", "start"], name="position_once"),
        ]

    def __str__(self) -> str:
        return f"{self.title}, {self.organisation}"


class Skill(models.Model):
    """Something the owner can do, worth showing only with the changes that show it."""

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=80)
    category = models.CharField(max_length=60, blank=True)
    position = models.PositiveSmallIntegerField(default=0, help_text="Lower stands first.")

    hash_fields = ("slug", "name", "category", "position")

    def __str__(self) -> str:
        return self.name


class SkillEvidence(models.Model):
    """A change that shows a skill, by its reference, such as change:owner/name#12."""

    skill = models.ForeignKey(Skill, on_delete=models.CASCADE, related_name="evidence")
    ref = models.CharField(max_length=300)
    note = models.CharField(max_length=200, blank=True)

    hash_fields = ("skill", "ref", "note")

    class Meta:
        verbose_name_plural = "evidence"
        constraints = [
            models.UniqueConstraint(fields=["skill", "ref"], name="skill_evidence_once"),
            models.CheckConstraint(condition=Q(ref__startswith="change:"), name="skill_evidence_is_a_change"),
        ]

    def __str__(self) -> str:
        return self.ref
