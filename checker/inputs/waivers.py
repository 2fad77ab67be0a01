"""A named person's decision to go on although a check fails: for what was observed then, or up to a bound."""

import re
from typing import Annotated

from pydantic import AfterValidator, PrivateAttr, StringConstraints, model_validator

from checker.inputs.scalars import Day, LongText, Name, Text
from checker.values import Value

BOUND = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?([A-Za-z%].*)")


def _bound(text: str) -> str:
    if not BOUND.fullmatch(text):
        raise ValueError("is not a bound: expected a number with its unit, such as 80 minutes")
    return text


def folded(text: str) -> str:
    """A text as it is compared: blanks and letter case do not matter."""
    return " ".join(text.split()).casefold()


Bound = Annotated[Text, AfterValidator(_bound)]
Line = Annotated[LongText, StringConstraints(max_length=4000), AfterValidator(lambda text: " ".join(text.split()))]


class Waiver(Value):
    """What is waived on which server: the whole line that was observed, or a value that may not get worse than a bound.

    It holds to the end of the day `until`, in the change's zone, and only where the last window ends by then.
    """

    check: Name
    server: Name | None = None
    observed: Line | None = None
    at_most: Bound | None = None
    at_least: Bound | None = None
    reason: Text
    by: Text
    ticket: Text
    until: Day
    _line: int | None = PrivateAttr(None)

    @model_validator(mode="after")
    def _one_of_them(self) -> "Waiver":
        if sum(said is not None for said in (self.observed, self.at_most, self.at_least)) != 1:
            raise ValueError("needs what is waived: expected one of observed, at_most, at_least")
        return self

    @property
    def line(self) -> int | None:
        """The line of the file on which it stands; None where it is not from a file."""
        return self._line

    def from_line(self, line: int) -> "Waiver":
        """The same waiver with the line of the file on which it stands."""
        placed = self.model_copy()
        placed._line = line
        return placed

    def bound(self) -> tuple[float, str]:
        """The number and the unit of its bound; KeyError where it names what was observed."""
        found = BOUND.fullmatch(self.at_most or self.at_least or "")
        if found is None:
            raise KeyError("bound")
        return float(found[1]), found[2]
