"""What can go wrong for a reason that whoever runs a command can put right."""


class BookError(Exception):
    """An error whose text is one sentence for that person: what is wrong, where, and what helps."""


class EditionError(BookError):
    """The built book cannot be written in another form."""


class LiteError(BookError, RuntimeError):
    """The site that runs notebooks in a browser cannot be made."""
