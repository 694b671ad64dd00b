"""Whether a URL answers at this very moment."""

import httpx


def answers(url: str) -> bool:
    """Tell whether a server answers a GET well."""
    try:
        return httpx.get(url, timeout=2, trust_env=False).is_success
    except httpx.TransportError:
        return False
