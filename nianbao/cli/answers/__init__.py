"""How the answer of each question reads on a terminal: a function for each that needs more than a table."""
