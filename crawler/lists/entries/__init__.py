"""The entries of a list page: links with title, date and row, and what stands over them (pure)."""
