"""The board paper: what the change board decides on."""
