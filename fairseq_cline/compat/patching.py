"""The one way in which this package changes what fairseq or Python does."""

import functools
import inspect
from collections.abc import Callable
from typing import Any

Wrapper = Callable[..., Any]
"""Takes the stock function, then the arguments of a call."""


def patch(owner: Any, name: str, wrapper: Wrapper) -> None:
    """Puts ``wrapper(stock, ...)`` in the place of ``owner.name``; a second call changes nothing.

    ``stock_function`` gives back what was there before.

    Args:
        owner: a module or a class.
    """
    stock = getattr(owner, name)
    if hasattr(stock, "patched_by_fairseq_cline"):
        return

    @functools.wraps(stock)
    def patched(*args: Any, **kwargs: Any) -> Any:
        return wrapper(stock, *args, **kwargs)

    patched.patched_by_fairseq_cline = True  # type: ignore[attr-defined]
    is_static = isinstance(inspect.getattr_static(owner, name), staticmethod)
    setattr(owner, name, staticmethod(patched) if is_static else patched)


def stock_function(owner: Any, name: str) -> Callable[..., Any]:
    """The function that ``owner.name`` was before ``patch``; itself when it was not patched."""
    function = getattr(owner, name)
    return function.__wrapped__ if hasattr(function, "patched_by_fairseq_cline") else function
