"""Requests that stand in the scripts of a page, and the answers of interfaces (pure)."""
