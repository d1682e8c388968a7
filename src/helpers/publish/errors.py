"""What can go wrong for a reason that the reader of the message can mend."""


class PublishError(Exception):
    """The book cannot be written in this form; the message is one sentence with the remedy."""
