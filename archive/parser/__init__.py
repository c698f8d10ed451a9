"""Document → Reading: cells, findings, text and whose report it is. Pure.

``reader``       all of it as one function; ``reading`` its version; ``combining`` several documents → one reading
``pipeline``     which form fits a document, and the cells that it gives
``table_rows``   tables → printed rows; ``flat_text`` running text → printed rows; ``value_runs`` values without columns
``form_index``, ``form_rows``, ``labels``  the form as it is looked up: labels, rows, columns
``placement``    printed rows → places of the form
``cells``        places → cells; ``values`` a printed text → its value
``checks``       sums and limits; ``completeness`` what is printed and not read, or missing
``stated``       figures that prose states
``text``         the main text and its sections; ``furniture`` lines that belong to the page around it
``evidence``     what a document says of itself; ``verdict`` whether it is a report
``content``      what makes two documents the same; ``masking`` private persons in text that goes out
"""
