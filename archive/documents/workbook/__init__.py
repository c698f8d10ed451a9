"""Spreadsheets: how each kind of workbook is read, and how a sheet becomes blocks.

``xlsx``   Excel 2007+, from its XML;  ``package`` its zip, shared texts and styles
``xls``    Excel 5–2003, by a library;  ``biff`` what that leaves out, and what it must not see
``markup`` Excel 2003 XML
``formats``, ``patterns``  numbers as their format shows them;  ``text`` other stored values
``sheet_facts``  what is read of a worksheet;  ``merged_ranges`` merged ranges;
           ``hidden_cells`` rows and columns that do not show
``grid``   texts and merged ranges → titles, tables and paragraphs;  ``labels`` labels without merged ranges;
           ``side_notes`` columns that somebody reckons in beside the report
"""
