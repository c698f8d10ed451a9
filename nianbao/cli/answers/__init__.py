"""Answers that need more than a table on a terminal: ``duties.py``, ``figures.py``, ``lists.py``, ``reports.py``."""
