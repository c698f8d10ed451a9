"""Pictures → tables and paragraphs, through the same solver as PDF.

``recognized_images``  fills a document with what its images show
``page_cleaning``      image file → straight grey page without seals
``ink``                rulings and lines of text on a clean page
``text_recognition``   crops of lines → text, through rapidocr
"""
