"""Glyphs and rulings → tables and paragraphs: the one solver for PDF, OFD and scans. Pure.

``page``          a page as glyphs and rulings
``ruled_grids``   rulings → grids of merged cells
``page_blocks``   one page → lines, paragraphs and tables in reading order
``page_joining``  pages → blocks: tables and sentences that run over a page break are joined once
"""
