"""What a simulation found, as sentences and as lines of a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from webapp.archetypes.rules.simulate import MEASURES, PROFILES, WAYS
from webapp.core.text import number, plural

Document = Mapping[str, Any]
HEAD = ("table", "row", "column", "value", "low", "high")
WORTH_SAYING = 0.01  # of the prices
LABELS = {"acceptance": "Acceptance", "revenue": "Revenue", "fee": "Platform fee"}


def group_name(group: str) -> str:
    """A group of requests by who made them."""
    return "All members" if group == "all" else PROFILES[int(group)]


def verdict(found: Document, version: int, against: int) -> str:
    """The sentence that stands first."""
    who = _who(found)
    if not found["outlook"]:
        return f"{who} What revenue and acceptance would have been cannot be estimated: {found['why_not']}"
    revenue = found["outlook"]["all"]["revenue"]
    accepted = found["outlook"]["all"]["acceptance"]["difference"]
    return f"Version {version} would have brought {_change(revenue, against)}; {_points(accepted)}. {who}"


def caveats(found: Document) -> list[str]:
    """What to bear in mind, from the numbers themselves."""
    told = []
    if found["found"] > found["requests"]:
        told.append(
            f"The newest {number(found['requests'])} of {number(found['found'])} requests were simulated."
        )
    if found["foreign"]:
        left = plural(found["foreign"], "request")
        told.append(f"Left out: {left} in another currency or without a price.")
    if found["broken"]:
        told.append(f"Not counted: {plural(found['broken'], 'member')} whose history cannot be read.")
    model = found["model"]
    if not model:
        return told
    old, new = (sum(one) for one in model["beyond"])
    if max(old, new) >= WORTH_SAYING:
        told.append(
            f"{new * 100:.0f} % of its prices, and {old * 100:.0f} % of those in force, lie beyond nearly "
            "all that was ever offered: there the chance of the nearest such price is used, and nobody knows "
            "the real one."
        )
    slopes = {name: value for name, value in model["coefficients"] if name.startswith("Price")}
    if all(value > 0 for value in slopes.values()):
        told.append(
            "In your history dearer requests were accepted more often: what is estimated is the other "
            "member’s yes. Whether those who ask would pay more is not in these numbers; a rollout tells."
        )
    return told


def lines(found: Document) -> Iterator[Sequence[str]]:
    """Everything as rows of `HEAD`."""
    yield from _matrix("members", PROFILES, found["archetypes"])
    yield from _matrix("defaults", [way.value for way in WAYS], found["ways"])
    for one in found["prices"]:
        for version in ("before", "after"):
            for name, value in (one[version] or {}).items():
                yield "prices", group_name(one["group"]), f"{version} {name}", f"{value:.2f}", "", ""
    for group, measures in (found["outlook"] or {}).items():
        for measure in MEASURES:
            for name, values in measures[measure].items():
                told = (f"{value:.6f}" for value in values)
                yield ("outlook", group_name(group), f"{measure} {name}", *told)


def _matrix(table: str, names: Sequence[str], rows: Sequence[Sequence[int]]) -> Iterator[Sequence[str]]:
    for row, counts in zip(names, rows, strict=True):
        for column, count in zip(names, counts, strict=True):
            yield table, row, column, str(count), "", ""


def signed(share: float, digits: int = 1) -> str:
    """A share with its sign, such as +8.8 %."""
    text = f"{share * 100:+.{digits}f} %".replace("-", "\u2212")
    return text[1:] if float(f"{share * 100:.{digits}f}") == 0 else text


def _who(found: Document) -> str:
    members = plural(found["members"], "member")
    if not found["moved"]:
        return f"None of {members} changes archetype."
    return (
        f"{number(found['moved'])} of {members} {'changes' if found['moved'] == 1 else 'change'} archetype."
    )


def _change(revenue: Mapping[str, Sequence[float]], against: int) -> str:
    value, low, high = revenue["relative"]
    if not revenue["before"][0]:
        now = f"{revenue['after'][0]:.2f} a request" if revenue["after"][0] else "nothing"
        return f"{now}, where version {against} brings nothing"
    span = f"(95 % interval {signed(low)} to {signed(high)})"
    if low > 0 or high < 0:
        word = "more" if value > 0 else "less"
        return f"{abs(value) * 100:.1f} % {word} revenue than version {against} {span}"
    if low == high == 0:
        return f"the same revenue as version {against}"
    return f"no clear difference in revenue to version {against}: {signed(value)} {span}"


def _points(difference: Sequence[float]) -> str:
    value, low, high = (one * 100 for one in difference)
    if low == high == 0:
        return "acceptance stays as it is"
    span = f"({low:+.1f} to {high:+.1f})".replace("-", "\u2212")
    if low <= 0 <= high:
        return f"acceptance shows no clear difference {span}"
    return f"acceptance {'rises' if value > 0 else 'falls'} by {abs(value):.1f} points {span}"
