"""`python -m dispatch load_skills`: put the taxonomy of fixtures/skills.json into the database, as owner."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from dispatch.people.models import Skill


class Command(BaseCommand):
    help = "Load or refresh the taxonomy of skills."

    def handle(self, *args: Any, **options: Any) -> None:
        data = json.loads((settings.FIXTURES / "skills.json").read_text())
        groups = {group["code"]: group["name"] for group in data["groups"]}
        fields = ("code", "name", "level", "mode", "icon", "isco08", "esco", "validity_months")
        for row in data["skills"]:
            values = {name: row[name] for name in fields}
            values |= {
                "group": row["group"],
                "group_name": groups[row["group"]],
                "specialty": row.get("specialty") or "",
            }
            Skill.objects.using("owner").update_or_create(id=row["id"], defaults=values)
        if options["verbosity"]:
            self.stdout.write(f"{len(data['skills'])} skills")
