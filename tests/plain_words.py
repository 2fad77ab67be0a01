"""Words that people do not meet in this product: homely or literary ones where the field has its own, and wrong counts.

What a site wrote, its commands and what a host said are not ours, and are never searched.
"""

import re

HOMELY = re.compile(
    r"""\b(?:
        (?:is|are|all)\ well | put(?:s|ting)?\ (?:\w+\ )?right | by\ and\ by | at\ hand | all\ the\ same | of\ use\ to
      | nobody\ (?:knows|has|is|can\ tell) | knows?\ whom | cannot\ be\ told | told
      | look(?:s|ed|ing)?\ (?:at|into|over|by\ hand) | looked, | could\ not\ look | not\ (?:be\ )?seen
      | a\ person\ saw | touch(?:es|ed)? | way\ back | old\ tree | new\ tree | vouch\w* | astray | left\ aside
      | brought\ over | at\ the\ worst | (?:is|are|be)\ begun | labelled\ blanks? | stands?\ still | left\ behind
      | are\ ours\ to | goes?\ on\ by | the\ way\ on | count\ on | in\ that\ night
    )\b""",
    re.VERBOSE | re.IGNORECASE,
)
COUNTED = (
    "blocker", "warning", "finding", "check", "fact", "server", "item", "file", "message", "line", "job", "night",
    "path", "option", "case", "remark", "clock", "command", "part", "second", "minute", "hour", "day", "answer",
    "Mail Filter", "Mail Transfer Agent", "row", "step", "question", "waiver",
)  # fmt: skip
ONE_OF_MANY = re.compile(rf"(?<![\w.:,/-])1 (?:open |other |more )?(?:{'|'.join(COUNTED)})s\b")
ROLE_OF_THE_FILE = re.compile(r"(?<![\w-])(?:csm|mta|mail-filter|euwi|gwi)(?![\w-])")


def not_plain(*texts: str) -> list[str]:
    """Each text of these with a homely word, a count of one with its plural, or a role by the file's short word."""
    searches = (HOMELY, ONE_OF_MANY, ROLE_OF_THE_FILE)
    return [f"{found[0]!r} in: {text}" for text in texts for search in searches if (found := search.search(text))]
