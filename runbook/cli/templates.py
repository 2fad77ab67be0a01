"""What a site may put its own files in place of, and what each of them is given."""

import re
import tomllib
from pathlib import Path

from jinja2 import Environment, meta, nodes

from runbook.resources import resource

INTRODUCTION = """\
A file of the same name below --templates DIR stands in place of one of these; of words, each field alone.
`gets`: what it is given. `offers`: what the others take from it, and must still find there.
"""
MACRO = re.compile(r"{%\s*macro (\w+)\(")


def listing() -> str:
    """Every shipped file that a site may replace, with what it gets, ending in a line break."""
    shipped = resource("templates")
    names = sorted(str(path.relative_to(shipped)) for path in shipped.rglob("*") if path.is_file())
    rows = [(name, about(shipped / name)) for name in names if Path(name).suffix != ".txt"]
    width = max(len(name) for name, _ in rows)
    return INTRODUCTION + "\n" + "".join(f"{name:<{width}}  {said}".rstrip() + "\n" for name, said in rows)


def about(path: Path) -> str:
    """What one template gets or offers, read from the template itself."""
    if path.suffix == ".woff2":
        return "a font, named in style/fonts.css"
    if path.suffix == ".svg":
        return "the picture before the title; a site's own may be logo.png instead"
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".toml":
        return f"offers: {', '.join(tomllib.loads(text))}"
    if path.suffix == ".js":
        return "the script of the HTML; gets nothing but the page"
    if path.stem == "blocks":
        return f"offers: {', '.join(MACRO.findall(text))}"
    environment = Environment()
    tree = environment.parse(text)
    # only their names matter here
    environment.filters |= {found.name: str for found in tree.find_all(nodes.Filter)}
    gets = sorted(meta.find_undeclared_variables(tree))
    return f"gets: {', '.join(gets)}" if gets else "gets: nothing"
