"""The exceptions that a user can repair: every command turns them into one line."""


class InputError(ValueError):
    """A file, an option or a value given by the user is wrong.

    The message is one line that names the file or the option and says what to do about it.
    """


class ResourceError(RuntimeError):
    """A language resource is missing or is not what it should be; the message is one line."""


class DownloadError(RuntimeError):
    """A published file cannot be had or is damaged; the message is one line."""
