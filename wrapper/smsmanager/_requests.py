"""The former place of prepared calls: results that were pickled earlier name it."""

from smsmanager._message.requests import Content, Operation, Prepared

Route = Operation
__all__ = ["Content", "Prepared", "Route"]
