"""So that `python -m runbook` is the command too."""

from runbook.cli.main import main

main()
