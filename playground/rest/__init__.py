"""Discord's REST API, version 10, as far as a bot of this kind goes."""

from playground.rest.core import Route, install

__all__ = ["Route", "install"]
