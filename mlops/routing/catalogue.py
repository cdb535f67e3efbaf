"""The tasks that a model may do here. Stages add their own with `register_task`, and with it their local worker."""

from __future__ import annotations

from mlops.routing.records import TargetSpec, Task

_TASKS: dict[str, Task] = {}

LOCAL_TARGETS = (
    TargetSpec("local-extractive", "local", prior_quality=0.55, prior_latency=0.02),
    TargetSpec("local-rules", "local", prior_quality=0.35, prior_latency=0.005),
)


def register_task(task: Task) -> None:
    """Make a task known under its name."""
    _TASKS[task.name] = task


def task(name: str) -> Task:
    """The task of that name; KeyError with the known names otherwise."""
    try:
        return _TASKS[name]
    except KeyError:
        raise KeyError(f"no task {name!r}; known are {', '.join(sorted(_TASKS))}") from None


def tasks() -> tuple[Task, ...]:
    return tuple(_TASKS[name] for name in sorted(_TASKS))


register_task(
    Task(
        "summarise",
        "Summarise what this change does and why, in at most five plain sentences for an engineer. Give figures"
        " only in sentences that you quote whole and word for word.",
        max_output_tokens=300, min_chars=10, max_chars=1500, grounding="figures",
    )
)  # fmt: skip
register_task(
    Task(
        "draft-case-study",
        "Draft a case study of this work: problem, approach, result; plain sentences. Give figures"
        " only in sentences that you quote whole and word for word.",
        max_output_tokens=900, min_chars=20, max_chars=6000, grounding="figures",
    )
)  # fmt: skip
register_task(
    Task(
        "label",
        "Label the change: feature, fix, refactoring, performance, documentation, test, maintenance or unknown.",
        max_output_tokens=60, max_chars=400, local="local-rules", needs=frozenset({"json_schema"}),
        schema={
            "type": "object", "required": ["label"],
            "properties": {"label": {"enum": ["feature", "fix", "refactoring", "performance", "documentation", "test",
                                              "maintenance", "unknown"]}},
        },
    )
)  # fmt: skip
register_task(
    Task(
        "playground",
        "Say in one or two sentences what this text is about.",
        max_output_tokens=120, min_chars=5, max_chars=800,
    )
)  # fmt: skip
