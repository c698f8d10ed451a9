"""How a county comes into the archive: found, probed, written, recorded; or brought in by hand.

* ``probe.py`` ``probing/``    a portal nobody knows: what is found there, in a process and a scratch archive of its own
* ``adding.py`` ``adding_many.py``    what a probe found becomes a portal; many of them, resumable
* ``portal_writer.py``   the files of a portal, written from checked values only
* ``recording.py`` ``recording_again.py`` ``replay.py``    its recorded pages, and looking at them offline
* ``drift.py`` ``gone_lists.py``   the recording against today; what to do about lists that are gone
* ``directory.py``       the project's directory of portals (``directory.csv``)
* ``importing.py`` ``imported_lists.py``   what people saved by hand becomes captures of their own kind
"""
