"""Text documents of OpenDocument 1.1 to 1.4, as LibreOffice Writer, WPS and Word save them (ISO/IEC 26300-1, 3 to 9).

* ``styles``  what the styles of a document hide, raise or print white
* ``body``    the blocks of its content, and what is drawn where
"""
