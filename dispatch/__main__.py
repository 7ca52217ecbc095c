"""`python -m dispatch COMMAND`: the one command line of the service (Django's management commands)."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dispatch.settings")
    execute_from_command_line(["python -m dispatch", *sys.argv[1:]])
