"""Every exception that Noonward raises on purpose.

::

    NoonwardError
    ├── UsageError              the caller asked for something that cannot be (exit code 2)
    ├── PolicyError             a folder of policies does not load; carries every problem found
    ├── StateError              the state store cannot be read or written
    └── DriverError             a device did not do what it was asked
        ├── Unavailable         no answer: retry
        ├── Rejected            the device answered "no": do not retry blindly
        ├── Unsupported         this device cannot do that, ever
        └── AuthFailed          the device wants other credentials

Trouble that is expected is data, not an exception: a meter without a value is ``None``, a relay that does not
answer is unconfirmed, a sleeping car is a state. Anything else that is raised is a bug and takes the loads to their
fail-safe position.
"""


class NoonwardError(Exception):
    """Base of every exception in this tree."""


class UsageError(NoonwardError):
    """What was asked for cannot be done; the message says what to do instead."""


class PolicyError(NoonwardError):
    """A folder of policies does not load.

    Attributes:
        problems: Every problem found, in order of place (``noonward.policy.problems.Problem``).
    """

    def __init__(self, message: str, problems: tuple[object, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems


class StateError(NoonwardError):
    """The state store cannot be read or written."""


class DriverError(NoonwardError):
    """A device did not do what it was asked."""


class Unavailable(DriverError):
    """No answer from the device; asking again may help."""


class Rejected(DriverError):
    """The device answered and said no."""


class Unsupported(DriverError):
    """The device can never do this."""


class AuthFailed(DriverError):
    """The device refused the credentials."""
