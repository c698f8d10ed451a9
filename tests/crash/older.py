"""A later version of this program makes an archive its own: ``python -m tests.crash.older ARCHIVE``.

It has one migration more, which makes a table, fills it from another and changes it, as those to come may have to.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

from storage import database
from storage.home import init_home

_LATER = '''
"""A migration that does not exist yet."""
import sqlalchemy as sa
from alembic import op
revision, down_revision, branch_labels, depends_on = "9999", "{head}", None, None

def upgrade() -> None:
    op.create_table("later", sa.Column("id", sa.LargeBinary(16), primary_key=True), sa.Column("url", sa.Text()))
    op.execute("INSERT INTO later (id, url) SELECT c.id, a.url FROM captures c JOIN addresses a ON a.no = c.address")
    op.execute("ALTER TABLE later ADD COLUMN seen TEXT")
    op.execute("UPDATE later SET seen = url")
    op.execute("CREATE TABLE later_still (url TEXT)")
    op.execute("DROP TABLE later_still")
'''


def main(archive: Path) -> None:
    """Bring an archive to the later version."""
    plain = database._alembic()
    head = ScriptDirectory.from_config(plain).get_current_head()
    with tempfile.TemporaryDirectory() as folder:
        scripts = Path(folder) / "migrations"
        shutil.copytree(Path(database.__file__).parent / "migrations", scripts)
        (scripts / "versions" / "9999_later.py").write_text(_LATER.format(head=head), encoding="utf-8")

        def later() -> Config:
            plain.set_main_option("script_location", str(scripts))
            return plain

        database._alembic = later
        init_home(archive, simulated=True).close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
