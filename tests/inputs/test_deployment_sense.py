"""What a site may well mean is no fault of its file."""

from pathlib import Path

import pytest

from checker.inputs.deployment_file import load

FILE = """deployment: acme-mail
change:
  number: CHG0031337
  timezone: Europe/Berlin
  windows: [{{start: 2026-12-05T22:00, end: 2026-12-06T04:00}}]
{line}
servers:
  - {{name: db1, roles: [database]}}
  - {{name: mx1, roles: [mta]}}
  - {{name: mx2, roles: [mail-filter, euwi]}}
"""


@pytest.mark.parametrize(
    "line",
    [
        "paths: {source: /opt/pmx, target: /opt/pmx6}",
        "paths: {source: /srv/a/pmx, target: /srv/a/pmx6}",
        "paths: {target: /opt/pmx-6/v6}",
        'paths: {backup: "/srv/the old tree/x"}',
        "procedure: {source: TODO-list of A. Example}",
        "procedure: {upgrade: [{text: 'The installer asks “Continue?”'}]}",
        "mail_paths: [{name: inbound, via: mx, members: [mx1, mx2]}]",
        "procedure: {upgrade: [{text: a, minutes: {low: 1, likely: 1, high: 9999}}, "
        "{text: b, minutes: {low: 1, likely: 1, high: 1}}]}",
    ],
)
def test_a_healthy_file_has_no_fault(tmp_path: Path, line: str) -> None:
    path = tmp_path / "deployment.yaml"
    path.write_text(FILE.format(line=line))
    assert load(path).deployment == "acme-mail"
