"""Under what conditions submissions run."""

from dataclasses import dataclass, field

from helpers.kernels.limits import Limits


@dataclass(frozen=True)
class Policy:
    """The conditions that every submission of a run shares.

    Attributes
    ----------
    seconds
        How long one notebook may run.
    limits
        What else it may use.
    confined
        Whether it runs in a sandbox.
    fresh
        Whether each kernel is a new process, where it could be a fork of a warmed one.
    """

    seconds: float = 60.0
    limits: Limits = field(default_factory=Limits)
    confined: bool = True
    fresh: bool = False
