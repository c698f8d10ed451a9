"""The Word 97–2003 binary format ([MS-DOC]) as far as its printed text, tables and images need it.

``paragraphs`` the main text in order, put together from
``pieces``     where the text lies (the piece table);  ``property_pages`` the pages of properties (PAPX and CHPX FKPs)
``modifiers``  what single property modifiers (sprms) say;  ``lists``  numbers that Word writes before paragraphs
``header``     where the file information block (FIB) says that all this lies;  ``images``  its pictures
``model``      what comes out: paragraphs with their marks, rows with their edges
"""
