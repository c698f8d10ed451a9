"""Glyphs and rulings → tables and paragraphs, in the same way for PDF, OFD and scans. Pure functions.

``page``          a page as glyphs and rulings
``ruled_grids``   rulings → grids of merged cells
``page_blocks``   one page → lines, paragraphs and tables in reading order
``page_joining``  pages → blocks: joins tables and sentences that run over a page break
"""
