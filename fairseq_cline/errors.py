"""The one exception for bad input: the user can repair it, so no traceback is shown."""


class InputError(ValueError):
    """A file, a flag or a value given by the user is wrong.

    The message is one line. It names the file or the flag and says what to do about it.
    """
