"""Ask: what the public site knows about its owner and its own texts."""

from portfolio.models import Profile


def profile() -> Profile:
    """The profile as the owner left it; an unsaved empty one before that."""
    return Profile.objects.first() or Profile()
