"""No cookie is kept: what a proxy sets in one answer is not the caller's, and does not go out with the next.

httpx reads the cookies of every answer into its jar, which costs more than all else it does with the head.
"""

from __future__ import annotations

from http.cookiejar import CookieJar
from typing import Any


class NoCookies(CookieJar):
    """A jar that stays empty."""

    def extract_cookies(self, response: Any, request: Any) -> None:
        """Take nothing from an answer."""
