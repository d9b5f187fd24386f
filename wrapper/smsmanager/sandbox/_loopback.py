"""Tell which hosts are loopback."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Tell whether a host, without port or brackets, is loopback."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
