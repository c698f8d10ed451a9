"""Open files of every format as one model, ``Document``: one module per format.

``kinds``       recognises the format of some bytes and calls the module that opens it
``model``       the paragraphs, tables and cells that every format becomes; limits; why a document is unreadable
``html``        web pages, with ``page_facts`` (metadata, menus, attachments) and ``style_visibility`` (hidden text)
``charset``     decodes bytes into text
``docx``        Word, its styles and lists; ``doc`` and ``rtf`` become Word XML first; ``packages`` opens zip packages
``sheet``       workbooks
``pdf``, ``ofd``  read what is drawn on a page, for ``layout/``; ``ocr/`` reads the same from images
``text``        plain text; ``archive_files`` zip and MHTML
"""
