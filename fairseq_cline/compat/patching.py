"""The one way in which this package changes what fairseq or Python does."""

import functools
import inspect
from collections.abc import Callable
from typing import Any

Wrapper = Callable[..., Any]
"""Takes the stock function, then the arguments of a call."""


def patch(owner: Any, name: str, wrapper: Wrapper) -> None:
    """Puts ``wrapper(stock, ...)`` in the place of ``owner.name``; a second call changes nothing.

    Another wrapper of the same function goes around the first. ``stock_function`` gives back what
    was there before all of them.

    Args:
        owner: a module or a class.
    """
    stock = getattr(owner, name)
    inner = stock
    while hasattr(inner, "wrapper_of_fairseq_cline"):
        if inner.wrapper_of_fairseq_cline is wrapper:
            return
        inner = inner.__wrapped__

    @functools.wraps(stock)
    def patched(*args: Any, **kwargs: Any) -> Any:
        return wrapper(stock, *args, **kwargs)

    @functools.wraps(stock)
    def patched_for_class(kind: type, *args: Any, **kwargs: Any) -> Any:
        return wrapper(functools.partial(stock.__func__, kind), *args, **kwargs)

    found = inspect.getattr_static(owner, name)
    function = patched_for_class if isinstance(found, classmethod) else patched
    function.wrapper_of_fairseq_cline = wrapper  # type: ignore[attr-defined]
    is_bound = isinstance(found, classmethod | staticmethod)
    setattr(owner, name, type(found)(function) if is_bound else function)


def stock_function(owner: Any, name: str) -> Callable[..., Any]:
    """The function that ``owner.name`` was before ``patch``; itself when it was not patched."""
    function = getattr(owner, name)
    while hasattr(function, "wrapper_of_fairseq_cline"):
        function = function.__wrapped__
    return function
