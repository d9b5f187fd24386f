"""Test a program that sends messages, against a sandbox (`smsmanager[sandbox]`).

With pytest, import nothing: the fixtures `smsmanager_sandbox`, `smsmanager_client` and
`async_smsmanager_client` come with the package (see `pytest_plugin`). Without pytest:

    from smsmanager.testing import SandboxServer

    with SandboxServer() as server:
        sandbox = server.isolated()
        ...  # set sandbox.environment(), or use sandbox.client()
        sandbox.assert_sent(to="777123456", containing="code")
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smsmanager.testing._isolated import IsolatedSandbox, SandboxServer

__all__ = ["IsolatedSandbox", "SandboxServer"]


# Lazy, because pytest imports `pytest_plugin` in every run if this package is installed.
def __getattr__(name: str) -> object:
    if name not in __all__:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    from smsmanager.testing import _isolated  # noqa: PLC0415  see above

    return getattr(_isolated, name)
