"""Document → Reading: cells, findings, text, and evidence of agency and year. Pure.

``reader``      all stages as one function; ``reading`` combines the readings of several documents into one
``table_rows``  finds rows of the form in tables; ``flat_text`` in running text
``headers``     reads the lines above a row: its columns and their unit
``placement``   gives printed rows their places in the form; ``values`` reads the text of a cell
``checks``      reports sums that do not hold, figures that were not read, and what is missing
``stated``      finds figures in prose
``text``        finds the main text and its sections, and tells whether two documents have the same content
``evidence``    collects what a document says about itself; ``verdict`` decides whether it is a report
``masking``     masks private persons in text that is given out
"""
