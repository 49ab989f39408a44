"""How a night goes: one line while it runs, and a table for who asks."""

from __future__ import annotations

from pathlib import Path

from night import storage
from night.findings import Findings
from night.state import DONE, FUZZING, State


def short_count(number: float) -> str:
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{number / size:.3g}{unit}"
    return f"{number:.0f}"


def short_time(seconds: float) -> str:
    minutes, rest = divmod(int(max(0, seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes:02}m"
    return f"{minutes}m{rest:02}s" if minutes else f"{rest}s"


def covered_edges(state: State) -> tuple[int, int]:
    """Of the files, at the last look."""
    files = state.history[-1]["files"] if state.history else {}
    return sum(each[0] for each in files.values()), sum(each[1] for each in files.values())


def last_find(state: State, now: float) -> str:
    last = max((target.last_find for target in state.targets.values()), default=0)
    if not last:
        return "no find yet"
    name = max(state.targets, key=lambda each: state.targets[each].last_find)
    return f"last find {short_time(now - last)} ago ({name})"


def format_line(state: State, findings: int, pending: int, now: float) -> str:
    """The state of a night in one line."""
    covered, total = covered_edges(state)
    parts = [f"{short_time(state.spent)} of {short_time(state.planned)}",
             f"{short_count(state.executions())} executions",
             f"{short_count(sum(each.rate for each in state.running))}/s"]
    if total:
        parts.append(f"coverage {covered / total:.1%}")
    parts += [last_find(state, now), f"{findings} finding{'' if findings == 1 else 's'}"]
    if pending:
        parts.append(f"{pending} to look at")
    if state.waiting:
        parts.append(f"WAITING: {state.waiting}")
    else:
        parts.append(", ".join(f"{each.target} {each.kind}" if each.kind != "fuzz"
                               else each.target + (" (AFL++)" if each.engine == "AFL++" else "")
                               for each in state.running) or state.phase)
    return " | ".join(parts)


def format_table(state: State) -> str:
    """A line for each target."""
    width = max(map(len, state.targets), default=6)
    lines = [f"{'target':{width}} {'executions':>10} {'core time':>9} {'per second':>10} "
             f"{'edges':>6} {'inputs':>6}  last find"]
    current: dict[str, int] = {}
    for each in state.running:
        current[each.target] = current.get(each.target, 0) + each.executions
    for name, target in sorted(state.targets.items()):
        rate = target.executions / target.seconds if target.seconds else 0
        find = f"{short_time(state.saved - target.last_find)} ago" if target.last_find else "-"
        lines.append(f"{name:{width}} {short_count(target.executions + current.get(name, 0)):>10} "
                     f"{short_time(target.seconds):>9} {short_count(rate):>10} {target.edges:>6} "
                     f"{target.corpus:>6}  {target.problem or find}")
    return "\n".join(lines)


def describe(night: Path, state: State, now: float) -> str:
    """All that `./dev fuzz --status` says."""
    findings = Findings(night)
    open_findings = findings.open()
    if storage.is_held(night):
        mode = "running"
    elif state.phase == DONE:
        mode = "done"
    else:
        mode = "stopped; the command that started it goes on with it"
        if state.phase == FUZZING and state.saved and now - state.saved > 60:
            mode += f" (last heard of {short_time(now - state.saved)} ago)"
    if mode != "running":
        state.running = []
    lines = [f"night: {mode}",
             format_line(state, len(open_findings), len(findings.pending()), now), "",
             format_table(state)]
    for finding in open_findings:
        lines += ["", f"finding: {finding.target}: {finding.kind}: {finding.title}",
                  f"  {findings.folder_of(finding.target, finding.id)}"]
    page = night / "night.html"
    if page.exists():
        lines += ["", f"page: {page}"]
    return "\n".join(lines)
