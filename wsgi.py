"""What gunicorn serves."""

import os

from portal.app import create_app
from portal.config import Settings
from portal.logs import configure

settings = Settings.from_environ(os.environ)
configure(settings.log_level, for_people=False)
app = create_app(settings)
