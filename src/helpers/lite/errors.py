"""What stops the making of the site."""


class LiteError(RuntimeError):
    """A site that cannot be made; its text names the place and the remedy."""
