"""Export answers as files: tables, releases, citations, feeds.

``tables.py``            makes each table, with the description that its file contains; a table for Python
``report_rows.py`` ``edition_rows.py``  make the rows of tables, portal by portal; ``panel.py`` the rows of the panel,
                         ``panel_figures.py`` its columns of figures
``formats/``             columns, and how a table is written as XLSX, Parquet and Stata
``writing.py``           CSV and JSON lines; writes a table to a file, with its dictionary, completely or not at all;
                         checks where files may be written
``release/``             makes, checks and compares data sets that can be cited
``citations.py``         GB/T 7714 and BibTeX
``atom.py``              news and freshness as feeds
``plain_values.py``      converts values to JSON, text of a cell, exact numbers
``safe_text.py``         replaces control characters in the texts of portals
"""
