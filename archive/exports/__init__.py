"""Answers as files: whole tables, releases, and what other programs rely on.

``tables.py``            what each table is: its rows, and what a file says of where it comes from; a table for Python
``report_rows.py`` ``edition_rows.py``  the rows of the tables, portal after portal; ``panel.py`` those of the panel
``formats/``             columns, and how a table is written as XLSX, Parquet and Stata
``writing.py``           CSV and JSON lines; a table to a file, with its dictionary; ``files.py`` where files may go,
                         whole or not at all
``release/``             a data set that can be cited: made and checked
``citations.py``         GB/T 7714 and BibTeX
``atom.py``              a feed of what is new
``plain_values.py``      a value as JSON, as a cell of text, as a float; ``safe_text.py`` text without characters that
                         steer
"""
