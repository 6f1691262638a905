"""The web application as `app:app`; run as a program it starts everything on this machine."""

from __future__ import annotations

import sys

from webapp import create_app

if __name__ == "__main__":
    from webapp.everything import main

    sys.exit(main())

app = create_app()
