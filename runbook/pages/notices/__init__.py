"""The notices: what is sent to whom, planned or not, and the pages that show it."""
