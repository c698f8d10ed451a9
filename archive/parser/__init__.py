"""Document → cells and findings. ``rows`` cuts tables into rows, ``placement`` gives rows their places in a form."""
