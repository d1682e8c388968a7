"""The root of what can go wrong for the person who marks."""


class GradingError(Exception):
    """An error whose text is one sentence for that person: what is wrong, where, and what helps."""
