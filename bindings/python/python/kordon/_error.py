from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .types import ProblemDict


class KordonError(ValueError):
    """Why there is no answer. Its code, path and place are those of the first of its problems."""

    message: str
    problems: list[ProblemDict]

    def __init__(self, message: str, problems: list[ProblemDict]) -> None:
        super().__init__(message, problems)
        self.message = message
        self.problems = problems

    def __str__(self) -> str:
        return self.message

    @property
    def code(self) -> str:
        """A stable name such as `unknown-field`."""
        return self.problems[0]["code"]

    @property
    def path(self) -> str | None:
        """The field path of the value at fault."""
        return self.problems[0].get("path")

    @property
    def file(self) -> str | None:
        return self.problems[0].get("file")

    @property
    def line(self) -> int | None:
        """From 1."""
        return self.problems[0].get("line")

    @property
    def column(self) -> int | None:
        """From 1, in characters."""
        return self.problems[0].get("column")

    @property
    def span(self) -> tuple[int, int] | None:
        """First byte of the text and the one past the last."""
        span = self.problems[0].get("span")
        return (span[0], span[1]) if span else None

    @property
    def help(self) -> str | None:
        return self.problems[0].get("help")
