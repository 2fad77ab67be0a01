"""The command `pmx-preflight`."""
