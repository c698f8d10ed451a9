"""Answers that need more than a table on a terminal: ``figures.py``, ``lists.py``, ``reports.py``."""
