"""The generated request types, made picklable and with a `repr` that shows no text and no number."""

from __future__ import annotations

import copyreg
import re
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

import attrs

from smsmanager_jsonapi.types import Unset

if TYPE_CHECKING:
    from collections.abc import Mapping

# With six digits or more it may be a phone number.
_LEAST_NUMBER = 100_000

# Without this, `pickle` and `copy.deepcopy` return an object other than UNSET for an unset field, and the
# generated `to_dict` compares by identity.
copyreg.pickle(Unset, lambda _: "UNSET")


def _shown(value: object) -> str:
    if value is None or (isinstance(value, (bool, int, float)) and abs(value) < _LEAST_NUMBER):
        return repr(value)
    if isinstance(value, (str, bytes)):
        return f"<{len(value)} characters>"
    if isinstance(value, (list, tuple, dict)):
        return f"<{type(value).__name__} of {len(value)}>"
    return f"<{type(value).__name__}>"


def _masked_repr(self: attrs.AttrsInstance) -> str:
    """Name the fields that are set, without their texts and numbers."""
    values = [(field.name, getattr(self, field.name)) for field in attrs.fields(type(self))]
    shown = [
        f"{name}={_shown(value)}"
        for name, value in values
        if not isinstance(value, Unset) and (name != "additional_properties" or value)
    ]
    return f"{type(self).__name__}({', '.join(shown)})"


def _mask_nested_on_reading(model: type[attrs.AttrsInstance]) -> None:
    """Make `from_dict` mask the classes of nested values, which nobody loads by name."""
    names = re.findall(r"[A-Z]\w+", str([field.type for field in attrs.fields(model)]))
    nested = set(names) & set(import_module("smsmanager_jsonapi.models").__all__) - {model.__name__}
    original = model.__dict__["from_dict"].__func__

    def from_dict(cls: type[Any], src_dict: Mapping[str, Any]) -> Any:
        for name in nested:
            load_model(name)
        return original(cls, src_dict)

    from_dict.__doc__ = original.__doc__
    model.from_dict = classmethod(from_dict)  # type: ignore[attr-defined]


@cache
def load_model(name: str) -> Any:
    """Return a name of `smsmanager_jsonapi.models`, with a `repr` that shows no number and no text."""
    model = getattr(import_module("smsmanager_jsonapi.models"), name)
    if attrs.has(model):
        model.__repr__ = _masked_repr  # type: ignore[assignment,method-assign]
        _mask_nested_on_reading(model)
    return model
