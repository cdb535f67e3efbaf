"""What a demo says when it cannot run."""


class DemoError(Exception):
    """The input cannot be used, or the part that the demo needs is not there yet; one line for the visitor."""
