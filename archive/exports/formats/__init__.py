"""How tables leave the archive.

``columns``      what a table is: columns with kind, labels and unit, and rows that come one by one; every column stands
                 once, in ``columns.toml``
``answer_formats`` which formats an answer can be had in (``formats.toml``)
``workbook`` ``parquet`` ``stata``     XLSX, Parquet, Stata, row by row
``describing``   the data dictionary, names in Stata and ``datapackage.json``
"""
