"""Words that commands and reports share."""


def plural(count: int, noun: str) -> str:
    """Count a noun: ``1 student``, ``2 students``."""
    return f"{count} {noun}{'s' * (count != 1)}"
