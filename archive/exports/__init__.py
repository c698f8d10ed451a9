"""Answers as files: whole tables, releases, and what other programs rely on.

``tables.py``            what each table is: its rows, and what a file says of where it comes from
``*_rows.py``            the rows of the tables, portal after portal
``edition_sources.py``   the editions of a portal and where they come from
``export.py``            one table for Python: a data frame or a file
``formats/``             how a table is written: CSV, JSON lines, XLSX, Parquet, Stata
``writing.py``           a table to a file, with its dictionary; ``files.py`` where files may go, whole or not at all
``release/``             a data set that can be cited: made and checked
``citations.py``         GB/T 7714 and BibTeX; ``changed_text.py`` a changed paragraph in pieces
``atom.py``              a feed of what is new
``plain_values.py``      a value as JSON and as a cell of text; ``safe_text.py`` text without characters that steer
"""
