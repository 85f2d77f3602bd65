from collections.abc import Iterable, Sequence
from os import PathLike
from typing import Any, Literal, final

from ._error import KordonError
from .types import (
    AdmittedDict,
    CheckDict,
    Object,
    Operation,
    Policy,
    ProblemDict,
    ReportDict,
    User,
    View,
)

__all__ = [
    "CheckResult",
    "Decision",
    "Engine",
    "Evaluation",
    "Program",
    "Report",
    "Status",
    "__version__",
    "admit",
    "check_files",
    "compile",
    "run",
]

__version__: str

@final
class Engine:
    def __new__(
        cls,
        policies: Policy | Sequence[Policy],
        *,
        kubernetes_version: str | None = None,
        view: View | None = None,
        require_bindings: bool = False,
        user: User | None = None,
        namespace: str | None = None,
    ) -> Engine: ...
    @staticmethod
    def from_files(
        paths: Sequence[str | PathLike[str]],
        *,
        kubernetes_version: str | None = None,
        view: View | None = None,
        require_bindings: bool = False,
        user: User | None = None,
        namespace: str | None = None,
    ) -> Engine: ...
    @property
    def problems(self) -> list[ProblemDict]: ...
    def evaluate(
        self,
        object: Object,
        *,
        operation: Operation | None = None,
        old_object: Object | None = None,
        user: User | None = None,
        namespace: str | None = None,
        name: str | None = None,
        sub_resource: str | None = None,
        dry_run: bool = False,
        options: Object | None = None,
    ) -> Report: ...
    def evaluate_many(
        self,
        objects: Iterable[Object],
        *,
        operation: Operation | None = None,
        old_object: Object | None = None,
        user: User | None = None,
        namespace: str | None = None,
        name: str | None = None,
        sub_resource: str | None = None,
        dry_run: bool = False,
        options: Object | None = None,
        threads: int | None = None,
    ) -> list[Report | KordonError]: ...
    def review(self, review: bytes) -> bytes: ...

@final
class Report:
    @property
    def allowed(self) -> bool: ...
    @property
    def status(self) -> Status | None: ...
    @property
    def warnings(self) -> list[str]: ...
    @property
    def audit_annotations(self) -> dict[str, str]: ...
    @property
    def decisions(self) -> list[Decision]: ...
    @property
    def denials(self) -> list[Decision]: ...
    @property
    def cost(self) -> int: ...
    def to_json(self) -> str: ...
    def to_dict(self) -> ReportDict: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...

@final
class Status:
    @property
    def code(self) -> int: ...
    @property
    def reason(self) -> str: ...
    @property
    def message(self) -> str: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...

@final
class Decision:
    @property
    def policy(self) -> str: ...
    @property
    def binding(self) -> str: ...
    @property
    def param(self) -> str: ...
    @property
    def index(self) -> int | None: ...
    @property
    def audit_annotation(self) -> str | None: ...
    @property
    def action(self) -> Literal["admit", "deny"]: ...
    @property
    def evaluation(self) -> Literal["admit", "deny", "error"]: ...
    @property
    def message(self) -> str: ...
    @property
    def reason(self) -> str: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...

@final
class CheckResult:
    def render(
        self,
        format: Literal[
            "text", "json", "sarif", "github", "junit", "markdown", "html", "openreports", "policyreport"
        ] = "text",
    ) -> str: ...
    def to_json(self) -> str: ...
    def to_dict(self) -> CheckDict: ...

def check_files(
    files: Sequence[str | PathLike[str]],
    *,
    policies: Sequence[str | PathLike[str]] = ...,
    old_objects: Sequence[str | PathLike[str]] = ...,
    operation: Operation | None = None,
    user: User | None = None,
    kubernetes_version: str | None = None,
    view: View | None = None,
    namespace: str | None = None,
    require_bindings: bool = False,
    hidden: bool = False,
    explain: bool = False,
    decisions: bool = False,
) -> CheckResult: ...
def admit(
    object: Object, *, kubernetes_version: str | None = None, namespace: str | None = None
) -> AdmittedDict: ...
def run(arguments: Sequence[str]) -> int: ...
@final
class Evaluation:
    @property
    def value(self) -> Any: ...
    @property
    def cost(self) -> int: ...
    def to_json(self) -> str: ...

@final
class Program:
    @property
    def result_type(self) -> str: ...
    def eval(self, variables: dict[str, Any] | None = None) -> Evaluation: ...

def compile(
    expression: str,
    *,
    variables: Iterable[str] | dict[str, str] | None = None,
    kubernetes_version: str | None = None,
) -> Program: ...
