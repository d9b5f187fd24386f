"""What all models share.

Generated from `openapi-rest.yaml` by `make generate`; do not edit.
"""

from collections.abc import Mapping, MutableMapping
from http import HTTPStatus
from typing import IO, Any, BinaryIO, Generic, Literal, TypeVar

from attrs import define, fields


class Unset:
    """The type of `UNSET`, the value of a field that nobody set."""

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "UNSET"

    def __reduce__(self) -> str:
        """Stay the same object in copies and pickles, because `to_dict` compares by identity."""
        return "UNSET"


UNSET: Unset = Unset()


class ModelType(type):
    """The type of all models; `dir` and `help` of a model leave out what attrs adds to it."""

    def __dir__(cls) -> list[str]:
        return [name for name in super().__dir__() if not name.startswith("_")]


# With six digits or more it may be a phone number.
_LEAST_NUMBER = 100_000


def masked_repr(self: Any) -> str:
    """Name the fields of a model that are set, without their texts and numbers."""
    values = [(field.name, getattr(self, field.name)) for field in fields(type(self))]
    shown = [
        f"{name}={_masked(value)}"
        for name, value in values
        if not isinstance(value, Unset) and (name != "additional_properties" or value)
    ]
    return f"{type(self).__name__}({', '.join(shown)})"


def _masked(value: object) -> str:
    if value is None or (isinstance(value, (bool, int, float)) and abs(value) < _LEAST_NUMBER):
        return repr(value)
    if isinstance(value, (str, bytes)):
        return f"<{len(value)} characters>"
    if isinstance(value, (list, tuple, dict)):
        return f"<{type(value).__name__} of {len(value)}>"
    return f"<{type(value).__name__}>"


def refuse_unknown(model: type, rest: Mapping[str, object]) -> None:
    """Refuse the fields of a JSON object that a request does not have.

    Raises:
        TypeError: If there are any; names them.
    """
    if rest:
        names = [repr(n) if n.isidentifier() and len(n) <= 40 else "another name" for n in rest]
        raise TypeError(f"{model.__name__} has no field {', '.join(sorted(names))}")


FileContent = IO[bytes] | bytes | str
FileTypes = (
    tuple[str | None, FileContent, str | None]
    | tuple[str | None, FileContent, str | None, Mapping[str, str]]
)
RequestFiles = list[tuple[str, FileTypes]]


@define
class File:
    """A file of a multipart request."""

    payload: BinaryIO
    file_name: str | None = None
    mime_type: str | None = None

    def to_tuple(self) -> FileTypes:
        """Return the file as httpx takes it."""
        return self.file_name, self.payload, self.mime_type


T = TypeVar("T")


@define
class Response(Generic[T]):
    """An answer, and what was parsed of it."""

    status_code: HTTPStatus
    content: bytes
    headers: MutableMapping[str, str]
    parsed: T | None


__all__ = [
    "UNSET",
    "File",
    "FileTypes",
    "ModelType",
    "RequestFiles",
    "Response",
    "Unset",
    "masked_repr",
    "refuse_unknown",
]
