"""How tables leave the archive: one module a format, each of which writes any :class:`~.model.Sheet` row by row.

``model``        what a table is: columns with kind, labels and unit, and rows that come one by one
``columns``      the columns of every table as data (``columns.toml``), and those made of indicators
``text_files`` ``workbook`` ``parquet`` ``stata``     CSV, JSON lines, XLSX, Parquet, Stata
``choosing``     which format a name or a file means; what it needs to be installed
``describing``   the data dictionary and ``datapackage.json``
"""
