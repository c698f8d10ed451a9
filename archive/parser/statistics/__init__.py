"""The 政府信息公开情况统计表 of the reports before 2019: the figures of its rows, where they are certain. Pure.

``headers``   header cells → what a column is: label, unit, the year's figure, what added up over years, or nobody knows
``row``   a row as it is printed: label, unit, figures, and what speaks against taking them
``grids``     tables → printed rows
``lines``     running text in which label, unit and figure stand apart → printed rows
``places``    pages without rulings → printed rows, by where words and figures stand
``titles``    what stands above a table: of this year, of another, of a part of one
``naming``    printed labels → rows of the form; labels of several rows by what they stand under
``cells``    named rows → cells, and what was not taken with the reason; the sums the table states

A figure is taken only where its row is one the form knows, it stands in a cell of its own below a header that says what
it is, and every unit printed is the row's. Labels and headers are data: ``archive/forms/pre2019.toml``.
"""
