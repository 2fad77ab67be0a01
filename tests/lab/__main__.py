"""A lab for people: `python -m lab N` brings up N hosts, says how to use them, and removes them at Ctrl-C."""

import sys
import time

from lab.hosts import HostSpec
from lab.lab import lab, missing

PATTERN = (("mta",), ("mail-filter",), ("mail-filter",), ("euwi", "gwi"))


def specs(count: int) -> list[HostSpec]:
    """The Database/CSM server, then transfer agents, filters and web servers by turns; a single one is all."""
    if count == 1:
        return [HostSpec("all1", roles=("database", "csm", "mta", "mail-filter", "euwi", "gwi"))]
    chosen = [HostSpec("db1", roles=("database", "csm"))]
    for place in range(count - 1):
        roles = PATTERN[place % len(PATTERN)]
        short = {"mta": "mta", "mail-filter": "filter", "euwi": "web"}[roles[0]]
        number = 1 + sum(spec.roles == roles for spec in chosen)
        chosen.append(HostSpec(f"{short}{number}", roles=roles, first=roles[0] == "mta" and number == 1))
    return chosen


def main() -> int:
    reason = missing()
    if reason:
        print(reason, file=sys.stderr)
        return 1
    began = time.monotonic()
    with lab(specs(int(sys.argv[1]) if len(sys.argv) > 1 else 5)) as hosts:
        deployment, ssh = hosts.folder / "deployment.yaml", hosts.ssh
        print(f"{len(hosts.hosts)} hosts up in {time.monotonic() - began:.1f} s: {' '.join(hosts.hosts)}")
        print(f"deployment  {deployment}\nssh         {ssh}\n\ntry:")
        print(f"  {ssh} {hosts.specs[0].name} uname -n")
        print(f"  .venv/bin/pmx-preflight collect {deployment} -o {hosts.folder}/facts --via ssh --ssh {ssh}")
        print(f"  .venv/bin/pmx-preflight check {deployment} --facts {hosts.folder}/facts")
        print("\nCtrl-C or end of input removes them.", flush=True)
        try:
            sys.stdin.read()
        except KeyboardInterrupt:
            print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
