"""Bring the form's tables that an office arranged otherwise into the form's own layout, before their rows are read.

``side_by_side``      tables that stand side by side in one grid → each by itself
``continued_tables``  a table cut between its columns → one table
``line_numbers``    columns of line numbers → left out
``glued_names``  labels that name row and column in one cell → a cell for each
``list_tables``     a table printed as a list, a figure a row → rows of several figures
``year_columns``      columns of another year beside this year's → this year's alone
``layout``     the blocks of a document with all that done

Only what labels say decides, never figures. What cannot be told so is left as it stands.
"""
