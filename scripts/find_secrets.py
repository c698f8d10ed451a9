"""Search all files that git tracks for secrets; print the places only, and exit with 1 if there are any.

``scripts/secrets.toml`` lists the kinds of secrets, and invented values that are not secrets.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

from detect_secrets.core.secrets_collection import SecretsCollection
from detect_secrets.settings import transient_settings

RULES = tomllib.loads(Path(__file__).with_name("secrets.toml").read_text(encoding="utf-8"))


def places_of_secrets(files: list[str]) -> list[str]:
    """Return place and kind of each secret in these files, sorted."""
    secrets = SecretsCollection()
    with transient_settings({"plugins_used": [{"name": name} for name in RULES["plugins"]], "filters_used": []}):
        secrets.scan_files(*files, num_processors=2)
    real_secrets = [secret for _, secret in secrets if secret.secret_value not in RULES["invented"]]
    return sorted(f"{secret.filename}:{secret.line_number}: {secret.type}" for secret in real_secrets)


def main() -> None:
    """Check the tracked files that the rules name."""
    listed = subprocess.run(["git", "ls-files", "-z", *RULES["files"]], capture_output=True, text=True, check=True)  # noqa: S603, S607
    places = places_of_secrets(listed.stdout.strip("\0").split("\0"))
    sys.stderr.writelines(f"{place}\n" for place in places)
    sys.exit(bool(places))


if __name__ == "__main__":
    main()
