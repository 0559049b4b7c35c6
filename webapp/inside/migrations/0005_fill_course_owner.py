from django.db import migrations
from django.db.models import OuterRef, Subquery


def fill(apps, schema_editor):
    """Until now, only the owner of a model had a course of it."""
    course, study = apps.get_model("inside", "Course"), apps.get_model("studies", "Study")
    owners = study.objects.filter(pk=OuterRef("study")).values("owner")
    course.objects.update(owner=Subquery(owners))


class Migration(migrations.Migration):
    # by itself: PostgreSQL changes no table in a transaction that has changed its rows
    dependencies = [("inside", "0004_course_owner")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
