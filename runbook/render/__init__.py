"""Pages as Markdown, HTML and PDF: printed, written into files, and read back."""
