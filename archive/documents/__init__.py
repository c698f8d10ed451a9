"""Bytes → Document: one module per format, and one model that all of them fill.

``kinds``       which kind bytes are, and which module opens them
``model``       the paragraphs, tables and cells of all kinds; bounds, and why a document could not be read
``html``        web pages, with ``page_facts`` (metadata, menus, files) and ``style_visibility`` (what styles hide)
``charset``     bytes → text
``docx``        Word, its styles and lists; ``doc`` and ``rtf`` become Word XML first; ``packages`` opens zip packages
``sheet``       workbooks
``pdf``, ``ofd``  what is drawn on a page, for ``layout/``; ``ocr/`` the same from images
``text``        plain text; ``archive_files`` zip and MHTML
"""
