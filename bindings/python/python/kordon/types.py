"""Shapes of what goes in and of what `to_dict` gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict, Union

if TYPE_CHECKING:
    from typing_extensions import NotRequired

#: YAML, JSON, or a dict of what JSON can hold.
Object: TypeAlias = Union[str, bytes, dict[str, Any]]
#: A text with any number of documents, or a dict.
Policy: TypeAlias = Union[str, bytes, dict[str, Any]]
#: A name, or a user in full.
User: TypeAlias = Union[str, "UserDict"]
Operation: TypeAlias = Literal["CREATE", "UPDATE", "DELETE", "CONNECT"]
View: TypeAlias = Literal["admitted", "written"]


class UserDict(TypedDict, total=False):
    username: str
    uid: str
    groups: list[str]
    extra: dict[str, list[str]]


class ProblemDict(TypedDict):
    code: str
    severity: Literal["error", "warning", "note"]
    message: str
    path: NotRequired[str]
    file: NotRequired[str]
    line: NotRequired[int]
    column: NotRequired[int]
    span: NotRequired[list[int]]
    help: NotRequired[str]


class StatusDict(TypedDict):
    code: int
    reason: str
    message: str


class DecisionDict(TypedDict):
    policy: str
    binding: str
    param: NotRequired[str]
    index: NotRequired[int]
    auditAnnotation: NotRequired[str]
    action: Literal["admit", "deny"]
    evaluation: Literal["admit", "deny", "error"]
    message: str
    reason: str


class ReportDict(TypedDict):
    allowed: bool
    status: StatusDict | None
    warnings: list[str]
    auditAnnotations: dict[str, str]
    decisions: list[DecisionDict]
    cost: int


class AdmittedDict(TypedDict):
    object: dict[str, Any]
    warnings: list[str]


class RelatedDict(TypedDict):
    message: str
    file: NotRequired[str]
    line: NotRequired[int]
    column: NotRequired[int]


class FindingDict(TypedDict):
    policy: str
    binding: str
    param: NotRequired[str]
    index: NotRequired[int]
    action: Literal["audit", "warn", "deny"]
    evaluation: Literal["deny", "error"]
    message: str
    reason: str
    object: str
    file: str
    line: int
    column: int
    endColumn: int
    path: NotRequired[str]
    view: NotRequired[View]
    defaulted: NotRequired[Any]
    expression: NotRequired[str]
    explanation: NotRequired[list[dict[str, str]]]
    related: NotRequired[list[RelatedDict]]
    fingerprint: str


class SummaryDict(TypedDict):
    files: int
    policies: int
    objects: int
    objectsWithFindings: int
    findings: int
    errors: int
    warnings: int


class ExpressionDict(TypedDict):
    text: str
    file: str
    line: int
    column: int
    endLine: int
    endColumn: int


class DecidedDict(DecisionDict):
    finding: NotRequired[int]
    expression: NotRequired[ExpressionDict]
    explanation: NotRequired[list[dict[str, str]]]


class DecidedPolicyDict(TypedDict):
    policy: str
    matched: bool
    cost: int
    decisions: list[DecidedDict]


class DecidedObjectDict(TypedDict):
    object: str
    file: str
    line: int
    allowed: bool
    status: StatusDict | None
    cost: int
    policies: list[DecidedPolicyDict]


class CheckDict(TypedDict):
    version: int
    summary: SummaryDict
    findings: list[FindingDict]
    problems: list[ProblemDict]
    decisions: NotRequired[list[DecidedObjectDict]]
