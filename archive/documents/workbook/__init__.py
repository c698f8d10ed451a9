"""Spreadsheets: what the library that reads them does not tell, and how a sheet becomes blocks.

``known``  what is known of each sheet beforehand: its extent, blank cells, cells without a stored value
``xlsx``   ... found in the XML of Excel 2007+;  ``biff``  ... in the records of Excel 5–2003
``markup`` Excel 2003 XML and OpenDocument, read without the library
``grid``   values and merged ranges → titles, tables and paragraphs;  ``text``  a stored value as it is shown
"""
