"""Documents: bytes → Pages, blocks of text and tables in reading order, each with a locator. Pure.

``kinds``      the one table kind → module, limits; ``sniff(data)``; ``read_pages(data)`` never raises
``pages``      what every module gives (the contract)
``charset``    bytes → text: BOM, strict UTF-8, declared, GB18030
``grid``       rows of spanned cells → Table, shared by html, docx and doc
``findings``   the findings of this room, worded once
``container``  zip opened within bounds; ``ole`` compound files
``html``       HTML, its parts in ``markup/`` (scan, content, blocks, tables, meta, parts, scripts; data in markup.toml)
``docx``       Word 2007+ · ``doc``  Word 97 and WPS (``word97``: the binary format) · ``text``  plain text
``pdf``        digital PDF, its parts in ``ruled/`` (rulings → grid, shared with OFD and scans later)
"""
