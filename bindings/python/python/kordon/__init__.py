"""Kubernetes' own policy engine, in your process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import cel
from ._error import KordonError
from ._kordon import (
    CheckResult,
    Decision,
    Engine,
    Report,
    Status,
    __version__,
    admit,
    check_files,
)

if TYPE_CHECKING:
    from .types import Object

__all__ = [
    "CheckResult",
    "Decision",
    "Engine",
    "KordonError",
    "Report",
    "Status",
    "__version__",
    "admit",
    "cel",
    "check_files",
    "default",
]


def default(
    object: Object, *, kubernetes_version: str | None = None, namespace: str | None = None
) -> dict[str, Any]:
    """The object as a cluster would have it: what `admit` gives, without the warnings."""
    return admit(object, kubernetes_version=kubernetes_version, namespace=namespace)["object"]
