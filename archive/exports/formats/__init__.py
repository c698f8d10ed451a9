"""Write tables in several formats.

``columns``      the formats of answers (``formats.toml``); tables: columns with kind, labels and unit, and rows that
                 come one by one; every column is defined once, in ``columns.toml``
``workbook`` ``parquet`` ``stata``     write XLSX, Parquet, Stata row by row
``describing``   the data dictionary, names in Stata and ``datapackage.json``
"""
