"""A property that is found out when it is first asked for, and stays. It locks nothing and imports nothing of ours."""

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

T = TypeVar("T")


class cached_property(Generic[T]):  # noqa: N801 - it is what functools calls so
    """What functools has under that name, without the lock that it has before Python 3.12. That is one lock for all
    objects of a class: while a thread reads one long message, no other thread could read any. Here two that ask at once
    both find out the same, and one of them stays."""

    def __init__(self, find: Callable[[Any], T]) -> None:
        self._find, self._name, self.__doc__ = find, "", find.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, of: None, owner: type) -> Self: ...
    @overload
    def __get__(self, of: object, owner: type) -> T: ...
    def __get__(self, of: object | None, owner: type) -> Self | T:
        if of is None:
            return self
        found = of.__dict__[self._name] = self._find(of)  # from now on it is found there, before this is asked
        return found
