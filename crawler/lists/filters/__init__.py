"""Choices on a page that show other parts of a list: years, bodies, groups, further columns (pure)."""
