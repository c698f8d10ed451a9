"""One content-management system (CMS) = one spider class; a portal is attributes on top of it.

* ``classes.py``       makes the classes
* ``signatures.toml``  what is known of each system: marks by which it is recognised, the shapes of its addresses
                       (:mod:`crawler.signatures` reads it)

Portal files of earlier versions import each class from a module of the system's name; these names go on to work.
"""

import sys

from crawler.cms import classes

sys.modules |= {f"{__name__}.{family}": classes for family in classes.family_classes()}
