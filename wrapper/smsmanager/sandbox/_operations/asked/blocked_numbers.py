"""Keep the lists of blocked numbers, and hand out their files.

A file has an address of its own, which needs no key, is signed, and is valid for 60 seconds of the sandbox's
clock: as a presigned address of a store.
"""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import attrs

from smsmanager.sandbox._operations.answers import Answer
from smsmanager.sandbox.engine.records.unix_time import iso, moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from smsmanager.sandbox._operations.asked.rest_operations import Question
    from smsmanager.sandbox.engine.accounts import Account
    from smsmanager.sandbox.engine.processing import Engine
    from smsmanager.sandbox.engine.rest_settings import ListLayout

DOWNLOADS_PREFIX = "/downloads"
"""Where the files are."""

_VALID_S = 60
_NATIONAL_DIGITS = 9
_CZECH = "420"
_DIGITS = range(8, 16)
_OPTOUT, _BLACKLIST = LISTS = ("optout", "blacklist")


def numbers_of(account: Account, name: str) -> set[str]:
    """Return one of the lists of an account, to read or to change."""
    return account.opted_out if name == _OPTOUT else account.blacklisted


def download_optout(question: Question) -> Answer:
    """Return the address of the opt-out list."""
    return _download(question, _OPTOUT)


def download_blacklist(question: Question) -> Answer:
    """Return the address of the blacklist."""
    return _download(question, _BLACKLIST)


def add_to_optout(question: Question) -> Answer:
    """Add numbers to the opt-out list."""
    return _add(question, _OPTOUT)


def add_to_blacklist(question: Question) -> Answer:
    """Add numbers to the blacklist."""
    return _add(question, _BLACKLIST)


def remove_from_optout(question: Question) -> Answer:
    """Remove numbers from the opt-out list, or all."""
    return _remove(question, _OPTOUT)


def remove_from_blacklist(question: Question) -> Answer:
    """Remove numbers from the blacklist, or all."""
    return _remove(question, _BLACKLIST)


def _download(question: Question, name: str) -> Answer:
    if not numbers_of(question.account, name):
        # It is a success all the same.
        return Answer(404, {"success": True, "message": "The list is empty"})
    account = question.account.fingerprint
    address = question.downloads.address(question.origin, name, account, question.now)
    return Answer(200, {"success": True, "url": address})


def _add(question: Question, name: str) -> Answer:
    numbers, invalid = _read(question.given["to"])
    if not numbers:
        reason = "No valid phone numbers"
        refused = {"success": False, "message": reason, "invalid": invalid}
        return Answer(400, refused, reason=f"/to: {reason}")
    numbers_of(question.account, name).update(numbers)
    _publish(question)
    return Answer(200, {"success": True, "accepted": len(numbers), "invalid": invalid})


def _remove(question: Question, name: str) -> Answer:
    listed, given = numbers_of(question.account, name), question.given
    if given.get("all"):
        listed.clear()
        _publish(question)
        return Answer(200, {"success": True, name: {"wiped": True}})
    if "to" not in given:
        return _nothing_removed(400, name, "Neither to nor all is given")
    numbers, invalid = _read(given["to"])
    if not numbers:
        return _nothing_removed(400, name, "No valid phone numbers")
    removed = listed & numbers
    if not removed:
        return _nothing_removed(404, name, "No numbers found")
    listed -= removed
    _publish(question)
    done = {"removed": len(removed), "remaining": len(listed), "invalid": invalid}
    return Answer(200, {"success": True, name: done})


def _nothing_removed(status_code: int, name: str, reason: str) -> Answer:
    return Answer(status_code, {"success": False, name: {"message": reason}}, reason=f"/: {reason}")


def _publish(question: Question) -> None:
    question.engine.feed.publish("settings", question.account.fingerprint)


def _read(text: str) -> tuple[set[str], list[str]]:
    """Return the numbers of a text with one in each line, and the lines that are none."""
    numbers: set[str] = set()
    invalid: list[str] = []
    for line in filter(str.strip, text.split("\n")):
        digits = "".join(char for char in line if char in "0123456789").lstrip("0")
        if len(digits) == _NATIONAL_DIGITS:
            # Whatever the country of the account is, unlike in a message.
            digits = _CZECH + digits
        if len(digits) in _DIGITS:
            numbers.add(digits)
        else:
            invalid.append(line)
    return numbers, invalid


@attrs.frozen(eq=False)
class Downloads:
    """The files of the lists.

    Attributes:
        engine: Whose lists these are.
    """

    engine: Engine
    _secret: bytes = attrs.field(factory=lambda: secrets.token_bytes(32), repr=False)

    def address(self, origin: str, name: str, account: str, now: float) -> str:
        """Return the address of a file, which can be read with it for 60 seconds.

        Args:
            origin: Scheme, host and port of the sandbox.
            name: Name of the list.
            account: Fingerprint of the API key.
            now: Unix seconds.
        """
        expires = str(int(now) + _VALID_S)
        query = {
            "account": account,
            "expires": expires,
            "signature": self._signature(name, account, expires),
        }
        return f"{origin}{DOWNLOADS_PREFIX}/{name}.csv?{urlencode(query)}"

    def file(self, name: str, query: Mapping[str, str]) -> bytes | None:
        """Return a file; `None` if its address is wrong, or has expired."""
        account, expires = query.get("account", ""), query.get("expires", "")
        given = query.get("signature", "").encode()
        if not hmac.compare_digest(given, self._signature(name, account, expires).encode()):
            return None
        with self.engine.lock:
            now = self.engine.clock.now()
            if now >= int(expires):
                return None
            numbers = sorted(numbers_of(self.engine.accounts.of(account), name))
            return written(numbers, self.engine.settings.rest.list_layout, now)

    def _signature(self, name: str, account: str, expires: str) -> str:
        signed = f"{name}\n{account}\n{expires}".encode()
        return hmac.new(self._secret, signed, "sha256").hexdigest()


def written(numbers: Iterable[str], layout: ListLayout, now: float) -> bytes:
    """Return the file of a list; its layout is not documented."""
    if layout == "numbers":
        lines = [*numbers]
    elif layout == "heading":
        lines = ["phone_number", *numbers]
    else:
        separator, plus = (",", "") if layout == "columns" else (";", "+")
        rows = [(plus + number, iso(moment(now)), "api") for number in numbers]
        lines = [separator.join(row) for row in (("phone_number", "created_at", "source"), *rows)]
    text = "".join(f"{line}\r\n" for line in lines)
    return text.encode("utf-8-sig" if layout == "semicolons" else "utf-8")
