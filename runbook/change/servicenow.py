"""The change record as the tables of ServiceNow have it: the change, its tasks, and the items that it affects.

Names, and what kind of task there is, are those of the tables change_request, change_task and task_ci; a reference is
the name that people see, as it was declared. Not tried on an instance.
"""

from typing import Any, Literal

from pydantic import ConfigDict, Field

from checker.legible import cut
from checker.values import Value
from runbook.change.record import TITLE, Record
from runbook.change.tasks import Task, TaskKind
from runbook.pages.times import utc

STEP = 100  # between the order of two tasks: room for what somebody puts between them


class ChangeRequest(Value):
    """The change. Fields of the form's own (u_…) stand beside these."""

    model_config = ConfigDict(extra="allow")

    number: str
    short_description: str = Field(max_length=TITLE)
    description: str
    type: str
    risk: str
    impact: str
    assignment_group: str
    requested_by: str
    start_date: str
    end_date: str
    cmdb_ci: str
    justification: str
    implementation_plan: str
    risk_impact_analysis: str
    backout_plan: str
    test_plan: str
    parent: str = ""


class ChangeTask(Value):
    """One task of the change; times in UTC, empty where there are none."""

    change_request: str
    short_description: str = Field(max_length=TITLE)
    description: str
    change_task_type: TaskKind
    order: int
    planned_start_date: str
    planned_end_date: str
    cmdb_ci: str


class AffectedItem(Value):
    """One item of the configuration database that the change affects."""

    task: str
    ci_item: str


class ServiceNow(Value):
    """What the loader sends, table by table."""

    schema_version: Literal[1] = 1
    tool: Literal["pmx-preflight"] = "pmx-preflight"
    change_request: ChangeRequest
    change_task: tuple[ChangeTask, ...]
    task_ci: tuple[AffectedItem, ...]


def servicenow(record: Record) -> ServiceNow:
    """The record for ServiceNow; what is not declared is empty."""
    deployment, change = record.edition.deployment, record.edition.deployment.change
    nights = change.nights
    request = ChangeRequest(
        number=change.number,
        short_description=record.title,
        description=record.text("decision"),
        type=change.type or "",
        risk=change.risk or "",
        impact=change.impact or "",
        assignment_group=change.assignment_group or "",
        requested_by=change.requested_by or "",
        start_date=utc(nights[0][0]),
        end_date=utc(nights[-1][1]),
        cmdb_ci=change.service or "",
        justification=change.reason or "",
        implementation_plan=record.text("order", "tasks"),
        risk_impact_analysis=record.text("impact", "risks"),
        backout_plan=record.text("backout"),
        test_plan=record.text("test"),
        **change.fields,
    )
    rows = tuple(_task(task, at, change.number) for at, task in enumerate(record.tasks, start=1))
    items = tuple(AffectedItem(task=change.number, ci_item=s.ci) for s in deployment.servers if s.ci)
    return ServiceNow(change_request=request, change_task=rows, task_ci=items)


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of `change/servicenow.json`."""
    own = ServiceNow.model_json_schema()
    own["$defs"]["ChangeRequest"]["additionalProperties"] = False
    own["$defs"]["ChangeRequest"]["patternProperties"] = {"^u_[a-z0-9_]+$": {"type": "string"}}
    return own | {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "servicenow of pmx-preflight"}


def _task(task: Task, at: int, number: str) -> ChangeTask:
    own = (task.number,) if task.number else ()
    return ChangeTask(
        change_request=number,
        short_description=cut(task.title, TITLE),
        description="\n".join((*own, *task.lines)),
        change_task_type=task.kind,
        order=at * STEP,
        planned_start_date=utc(task.starts),
        planned_end_date=utc(task.ends),
        cmdb_ci=task.ci or "",
    )
