"""Document → Reading: cells, findings, text and whose report it is. Pure.

``reader``      all of it as one function; ``reading`` its version, and several documents → one reading
``form_choice`` which form fits a document, and the cells that it gives
``table_rows``  tables → printed rows; ``flat_text`` running text → printed rows
``headers``     what the lines above a row say of its columns
``placement``   printed rows → places of the form; ``values`` a printed text → its value
``checks``      sums and limits; what is printed and not read, or missing
``stated``      figures that prose states
``text``        the main text, its sections, and what makes two documents the same
``evidence``    what a document says of itself; ``verdict`` whether it is a report
``masking``     private persons in text that goes out
"""
