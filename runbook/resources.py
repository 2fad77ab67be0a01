"""Where the shipped templates and samples lie: inside the wheel, or beside the packages in a checkout."""

from pathlib import Path
from typing import Literal


def resource(name: Literal["templates", "samples"]) -> Path:
    """Return the directory of shipped data; RuntimeError if this installation has lost it."""
    package = Path(__file__).parent
    # The wheel is asked first: beside an installed package lies site-packages, where another
    # project may have a directory of the same name.
    places = (package / "shipped" / name, package.parent / name)
    for place in places:
        if place.is_dir():
            return place
    raise RuntimeError(f"the {name} are missing from this installation: neither {places[0]} nor {places[1]} exists")
