"""CEL alone, as Kubernetes runs it."""

from ._kordon import Evaluation, Program, compile

__all__ = ["Evaluation", "Program", "compile"]
