"""The parser: Pages → Reading. Pure.

``reader``     the whole reader as one function; never raises
``blocks``     all blocks of a document → logical rows · ``rows`` those of a grid · ``stream`` those of loose lines
``labels``     a printed label → the row, column or heading it names in any form
``values``     a printed cell → its value
``recognise``  which form the tables follow
``place``      rows → cells of the form · ``walk`` where each row stands · ``shapes`` shifted rows ·
               ``gaps`` rows without a label · ``remedies`` the table of 复议 and 诉讼 · ``cells`` one cell ·
               ``fit`` the values of one row → its columns
``sections``   the main text by its headings · ``evidence`` whose report and which year, as the document says it
``verdict``    whether it is a report, and what else
``checks``     勾稽关系 over the cells · ``narrative`` the text against the table
``glued``      tables whose figures ran together
``content``    the digest of what the report says
``findings``   the findings of this room, worded once
"""
