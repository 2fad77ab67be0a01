"""What each reader sees: the page model, and a file for each page."""
