"""The nearest known name, for errors about unknown ones."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def nearest(name: str, known: Iterable[str]) -> str:
    """The end of a sentence, such as "; nearest: model"; empty where nothing is near."""
    near = get_close_matches(name, list(known), 1, 0.4)
    return f"; nearest: {near[0]}" if near else ""


def checked(function: Callable[P, T]) -> Callable[P, T]:
    """The function, whose TypeError for an unknown keyword names the nearest one."""
    known = [name for name in inspect.signature(function).parameters if name != "self"]

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        for name in kwargs:
            if name not in known:
                raise TypeError(f"{function.__qualname__}() has no parameter {name!r}{nearest(name, known)}")
        return function(*args, **kwargs)

    return call
